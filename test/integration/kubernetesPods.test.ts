import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { type HomeportError, isHomeportError } from '../../src/core/base/errors.js';
import { describeError } from '../../src/core/base/messages.js';
import type { SyncResult } from '../../src/core/model/report.js';
import type { Cluster } from '../support/cluster/cluster.js';
import type { Moved } from '../support/cluster/outlet.js';
import type { SessionOptions } from '../support/cluster/sessions.js';
import { type AnyClusterFixture, anyClusterFixture } from '../support/clusterFixture.js';
import type { TestPod } from '../support/testCluster.js';

const run = promisify(execFile);
const busybox = (process.env['PATH'] ?? '')
	.split(delimiter)
	.map((folder) => join(folder, 'busybox'))
	.find((path) => existsSync(path));

/** Every file and folder below a place in a pod, with mode, size and content. */
async function listing(pod: TestPod, folder: string): Promise<string> {
	const lines = `cd ${folder} && find . -exec stat -c '%n %f %s' {} + | sort && find . -type f -exec cksum {} + | sort`;
	const { stdout, stderr, exitCode } = await pod.run(['sh', '-c', lines]);
	assert.equal(exitCode, 0, stderr);
	return stdout;
}

describe('pods of every kind', function () {
	this.timeout(120_000);
	let fixture: AnyClusterFixture;

	before(async () => {
		fixture = await anyClusterFixture();
	});
	after(() => fixture.dispose());

	/** Works in the pod, syncs it twice, and looks at what came home and at what was left alone; the commit. */
	async function comesHome(name: string, pod: TestPod): Promise<string> {
		const { home, git, sync, captured, commitIn, inPod } = fixture;
		const tip = await commitIn(pod, `work of ${name}`, { [`${name}.txt`]: name });
		await inPod(pod, 'echo dirty >base.txt; rm shared.txt; mkdir -p deep; echo new >deep/new.txt; git add deep');
		const before = await listing(pod, '/pvc/workspace');
		const { outcome, refs, error } = await sync(name);
		assert.deepStrictEqual(
			[outcome, error, refs.map(({ ref, to, action }) => `${action} ${ref} ${to}`)],
			['synced', null, [`create refs/heads/claude/${name} ${tip}`]],
		);
		assert.deepStrictEqual(await captured(name), {
			'base.txt': '100644 dirty',
			'deep/new.txt': '100644 new',
			[`${name}.txt`]: `100644 ${name}`,
		});
		assert.equal((await sync(name)).outcome, 'up-to-date');
		assert.equal(await listing(pod, '/pvc/workspace'), before);
		await git(home, 'fsck', '--strict');
		return tip;
	}

	const kinds: readonly (readonly [string, string, Partial<SessionOptions>])[] = [
		['a user id that nobody has a name for', 'nameless', { uid: 1_000_680_000 }],
		['root', 'root', { uid: 0 }],
		['a root that is read-only', 'readonly', { readOnlyRoot: true }],
		['no HOME', 'homeless', { home: null }],
		['several containers', 'several', { beside: ['proxy', 'logs'] }],
	];
	for (const [what, name, options] of kinds) {
		it(`${what}: comes home whole, and is left as it is`, async () => {
			await comesHome(name, await fixture.addPod(name, options));
		});
	}

	it('whose every program but git is BusyBox: comes home whole, and is left as it is', async function () {
		// `.ci/run` installs it where it may.
		const program = busybox ?? this.skip();
		const path = '/pvc/busybox';
		const own = fixture.double(this);
		await fixture.addPod('busy', { env: { PATH: `${path}:/usr/bin:/bin` } });
		const pod = own.pod(fixture.namespace, 'paude-busy-0');
		mkdirSync(pod.path(path));
		copyFileSync(program, join(pod.path(path), 'busybox'));
		const listed = await run(program, ['--list']);
		for (const name of listed.stdout.split('\n').filter((one) => one !== '' && one !== 'busybox')) {
			symlinkSync('busybox', join(pod.path(path), name));
		}
		const { stdout } = await pod.run(['sh', '-c', 'readlink /proc/$$/exe']);
		assert.equal(stdout, `${path}/busybox\n`);
		await comesHome('busy', pod);
	});

	it('of the oldest versions, at /workspace: comes home', async () => {
		const { cluster, session, sync } = fixture;
		const pod = await cluster.addLegacyPod({ id: 'oldest', repo: session });
		// The folder is that of the volume, which is root's.
		const trust = "export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'";
		const script = `cd /workspace; ${trust}; git -c user.name=A -c user.email=a@localhost commit -q --allow-empty -m O1`;
		const { stdout } = await pod.run(['sh', '-c', `${script}; git rev-parse HEAD; echo new >new.txt`]);
		const { outcome, refs } = await sync('oldest');
		assert.deepStrictEqual(
			[outcome, refs.map(({ ref, to }) => [ref, to])],
			['synced', [['refs/heads/claude/oldest', stdout.trim()]]],
		);
		assert.equal((await fixture.captured('oldest'))['new.txt'], '100644 new');
	});

	it('whose repository is elsewhere: comes home where there is one alone, and is asked for where there are more', async () => {
		const { sync, addPod, inPod, homeport, idOf } = fixture;
		await fixture.commit(fixture.home, 'work of home', { 'home.txt': 'home\n' });
		for (const [name, place] of [
			['below', '/pvc/workspace/project'],
			['beside', '/pvc/project'],
			['said', '/pvc/deep/down/project'],
		] as const) {
			const pod = await addPod(name, place.includes('deep') ? { env: { PAUDE_WORKSPACE: place } } : {});
			const tip = await fixture.commitIn(pod, `work of ${name}`, { [`${name}.txt`]: name });
			await inPod(pod, 'echo loose >loose.txt');
			const move = `cd /pvc; mkdir aside; mv workspace aside/project; mkdir -p workspace '${place}'; rmdir '${place}'`;
			const { exitCode, stderr } = await pod.run(['sh', '-c', `${move}; mv aside/project '${place}'; rmdir aside`]);
			assert.equal(exitCode, 0, stderr);
			const { outcome, refs } = await sync(name);
			assert.deepStrictEqual([outcome, refs.map(({ to }) => to)], ['synced', [tip]], name);
			assert.equal((await fixture.captured(name))['loose.txt'], '100644 loose');
			const pushed = await homeport.sync(
				await homeport.find(name),
				{ strategy: 'overwrite', direction: 'session', branch: null, from: null },
				async ({ warnings }) => ({ proceed: true, accepted: warnings.map(({ code }) => code) }),
			);
			assert.deepStrictEqual([pushed.outcome, pushed.error], ['synced', null], name);
			assert.equal(
				(await pod.run(['git', '-C', place, 'rev-parse', 'HEAD'])).stdout.trim(),
				await fixture.git(fixture.home, 'rev-parse', 'main'),
			);
			await pod.run(['cp', '-a', place, '/pvc/another']);
			if (name === 'beside') {
				const { error } = await sync(name);
				assert.match(describeError(error, 'cli').message, /more than one near it/);
				assert.equal((await homeport.ledger(idOf(name))).length > 0, true);
			}
		}
	});

	it('with bare data at a place that the configuration names: comes home', async () => {
		const { cluster, folder, home, git, commit, sync } = fixture;
		const source = join(folder, 'data');
		await git(folder, 'init', '-q', '-b', 'published', source);
		const published = await commit(source, 'D1', { 'data.json': '{}\n' });
		const pod = await cluster.addDataPod({ namespace: fixture.namespace, name: 'places', repo: source });
		const before = await listing(pod, '/app/data');
		mkdirSync(join(home, '.claude/sync'), { recursive: true });
		const selectors = [{ labels: 'app.kubernetes.io/name=places', path: '/app/data' }];
		const config = JSON.stringify({ homeport: { kubernetes: { selectors } } });
		writeFileSync(join(home, '.claude/sync/sync-config.json'), config);
		const { outcome, refs } = await sync('places');
		assert.deepStrictEqual([outcome, refs.map(({ to }) => to)], ['synced', [published]]);
		const [entry] = await fixture.homeport.ledger(fixture.idOf('places'), 1);
		assert.deepStrictEqual([entry?.head.branch, entry?.capture], ['published', null]);
		assert.equal(await listing(pod, '/app/data'), before);
	});
});

describe('pods that come and go', function () {
	this.timeout(120_000);
	let fixture: AnyClusterFixture;

	before(async () => {
		fixture = await anyClusterFixture();
	});
	after(() => fixture.dispose());

	const podName = (name: string): string => `paude-${name}-0`;
	const epochs = async (name: string): Promise<Set<string>> =>
		new Set((await fixture.homeport.ledger(fixture.idOf(name))).map(({ epoch }) => epoch));
	const codeOf = ({ error }: SyncResult): string | undefined => (error as HomeportError | null)?.code;

	/** A session that has a commit and an uncommitted file, and has been synced. */
	async function synced(name: string, options: Partial<SessionOptions> = {}): Promise<{ pod: TestPod; tip: string }> {
		const pod = await fixture.addPod(name, options);
		const tip = await fixture.commitIn(pod, `first of ${name}`, { 'first.txt': name });
		await fixture.inPod(pod, 'echo loose >loose.txt');
		assert.equal((await fixture.sync(name)).outcome, 'synced');
		return { pod, tip };
	}

	/** The user's branch is where it was, and the ledger still names and holds the capture. */
	async function requireKept(name: string, tip: string): Promise<void> {
		const { home, git, homeport } = fixture;
		assert.equal(await git(home, 'rev-parse', `claude/${name}`), tip);
		const first = (await homeport.ledger(fixture.idOf(name))).at(-1)!;
		assert.deepStrictEqual(
			[first.branches, await git(home, 'show', `${first.capture!.oid}:loose.txt`)],
			[[{ name: 'main', oid: tip }], 'loose'],
		);
		await git(home, 'fsck', '--strict');
	}

	/** An agent that begins anew on storage that holds nothing. */
	async function begunAnew(name: string): Promise<string> {
		const { cluster, folder, session, git, commitIn } = fixture;
		const pod = cluster.pod(fixture.namespace, podName(name));
		const bundle = join(folder, 'begin.bundle');
		await git(session, 'bundle', 'create', '-q', bundle, '--all');
		const clone = 'cat >/pvc/begin.bundle && git clone -q -b main /pvc/begin.bundle /pvc/workspace';
		assert.equal((await pod.run(['sh', '-c', clone], readFileSync(bundle))).exitCode, 0);
		return commitIn(pod, `anew of ${name}`, { 'anew.txt': name });
	}

	it('replaced with their claim kept: are the same session, with nothing new', async () => {
		const { tip } = await synced('kept');
		const pod = await fixture.cluster.replacePod(fixture.namespace, podName('kept'));
		assert.equal((await fixture.sync('kept')).outcome, 'up-to-date');
		assert.deepStrictEqual(
			[(await fixture.homeport.ledger(fixture.idOf('kept'))).length, (await epochs('kept')).size],
			[1, 1],
		);
		const next = await fixture.commitIn(pod, 'second', { 'second.txt': 'second' });
		assert.deepStrictEqual(
			(await fixture.sync('kept')).refs.map(({ action, from, to }) => [action, from, to]),
			[['fast-forward', tip, next]],
		);
	});

	for (const [what, name, options, lose] of [
		['gone with their emptyDir', 'empty', { storage: 'emptyDir' }, async () => undefined],
		[
			'whose claim has lost what it held',
			'lost',
			{},
			async () => {
				const pod = fixture.cluster.pod(fixture.namespace, 'paude-lost-0');
				await pod.run(['sh', '-c', 'rm -rf /pvc/workspace/.[!.]* /pvc/workspace/*']);
			},
		],
	] as const) {
		it(`${what}: are not read as deleted, and what comes then comes beside`, async () => {
			const { cluster, sync, homeport, home, git } = fixture;
			const { tip } = await synced(name, options);
			await lose();
			await cluster.replacePod(fixture.namespace, podName(name));
			const nothing = await sync(name);
			assert.deepStrictEqual([nothing.outcome, codeOf(nothing)], ['failed', 'session-damaged']);
			await requireKept(name, tip);
			assert.equal((await homeport.ledger(fixture.idOf(name))).length, 1);
			const anew = await begunAnew(name);
			const { outcome, refs } = await sync(name);
			assert.deepStrictEqual(
				[outcome, refs.map(({ action, ref, to }) => [action, ref, to])],
				['synced', [['create', `refs/heads/claude/${name}-2`, anew]]],
			);
			await requireKept(name, tip);
			assert.deepStrictEqual([(await epochs(name)).size, await git(home, 'rev-parse', `claude/${name}-2`)], [2, anew]);
		});
	}

	it('whose container ends in the middle of a sync: are tried again, and come home', async function () {
		const cluster = fixture.double(this);
		const { commitIn, inPod, sync, addPod, home, git, homeport } = fixture;
		const pod = await addPod('restarted');
		const tip = await commitIn(pod, 'R1', { 'r.txt': 'r' });
		await inPod(pod, 'echo loose >loose.txt');
		cluster.faults.exec({ stallAfterStdoutBytes: 30 }, { name: pod.name, after: 1, times: 1 });
		const syncing = sync('restarted');
		cluster.execs.takeMoved();
		await untilStalled(cluster, 30);
		await cluster.restartContainer(fixture.namespace, pod.name);
		cluster.execs.cut({});
		const done = await syncing;
		assert.deepStrictEqual([done.outcome, done.error], ['synced', null]);
		assert.equal(await git(home, 'rev-parse', 'claude/restarted'), tip);
		const [entry] = await homeport.ledger(fixture.idOf('restarted'), 1);
		assert.equal(await git(home, 'show', `${entry!.capture!.oid}:loose.txt`), 'loose');
	});

	it('deleted in the middle of a sync: fail it as that, move nothing, and come home when they are back', async function () {
		const cluster = fixture.double(this);
		const { commitIn, sync, addPod, home, git } = fixture;
		const pod = await addPod('deleted');
		const tip = await commitIn(pod, 'D1', { 'd.txt': 'd' });
		const before = await git(home, 'for-each-ref');
		cluster.faults.exec({ stallAfterStdoutBytes: 30 }, { name: pod.name, after: 1, times: 1 });
		const syncing = sync('deleted');
		cluster.execs.takeMoved();
		await untilStalled(cluster, 30);
		await cluster.deletePod(fixture.namespace, pod.name, 0);
		cluster.execs.cut({});
		const { outcome, error } = await syncing;
		assert.deepStrictEqual([outcome, isHomeportError(error, 'session-missing')], ['unreachable', true], String(error));
		assert.equal(await git(home, 'for-each-ref'), before);
		await cluster.settled();
		assert.equal((await sync('deleted')).outcome, 'synced');
		assert.equal(await git(home, 'rev-parse', 'claude/deleted'), tip);
	});

	it('scaled to none: show what the ledger has, and a sync says that they are stopped', async () => {
		const { cluster, homeport, sync } = fixture;
		const { tip } = await synced('stopped');
		await cluster.scale(fixture.namespace, 'paude-stopped', 0);
		const session = await homeport.find('stopped');
		const [status] = await homeport.status([session]);
		assert.deepStrictEqual(
			[session.state, status?.state, status?.branches.map(({ name, rungs }) => [name, rungs.home])],
			['stopped', 'stopped', [['main', 2]]],
		);
		assert.match(status?.unknown?.reason ?? '', /scaled to 0/);
		const result = await sync('stopped');
		assert.deepStrictEqual([result.outcome, codeOf(result)], ['unreachable', 'session-unreachable']);
		assert.match(describeError(result.error, 'cli').message, /scaled to 0/);
		await requireKept('stopped', tip);
		await cluster.scale(fixture.namespace, 'paude-stopped', 1);
		assert.equal((await sync('stopped')).outcome, 'up-to-date');
	});

	it('that the cluster lists no more, or cannot be asked about: stay in the list with what the ledger has', async function () {
		const cluster = fixture.double(this);
		const { homeport, session, sync, home, git } = fixture;
		const pod = await cluster.addLegacyPod({ id: 'deleted-for-good', repo: session });
		const { stdout } = await pod.run(['git', '-C', '/workspace', 'rev-parse', 'HEAD']);
		assert.equal((await sync('deleted-for-good')).outcome, 'synced');
		const listed = async (): Promise<unknown[]> => {
			const { sessions, problems } = await homeport.list();
			const kept = sessions.find(({ id }) => id === fixture.idOf('deleted-for-good'));
			const [status] = await homeport.status(kept === undefined ? [] : [kept]);
			const tips = status?.branches.map(({ name }) => name);
			return [kept?.state, kept?.branch, status?.state, tips, status?.unknown?.reason, problems.length];
		};
		const [running, , , tips, unknown] = await listed();
		assert.deepStrictEqual([running, tips, unknown], ['running', ['main'], undefined]);
		await cluster.deletePod(fixture.namespace, pod.name, 0);
		await cluster.settled();
		const reason = 'the cluster does not list it any more';
		assert.deepStrictEqual(await listed(), ['missing', 'main', 'missing', ['main'], reason, 0]);
		cluster.faults.rest({ kind: 'status', status: 403 });
		const refused = await listed();
		assert.deepStrictEqual(refused.slice(0, 4), ['unreachable', 'main', 'unreachable', ['main']]);
		assert.match(String(refused[4]), /does not let this user/);
		assert.equal(refused[5], 1);
		await git(home, 'cat-file', '-e', stdout.trim());
	});

	/** Resolves once an exec that began since the last count has sent so many bytes and stands still. */
	async function untilStalled(cluster: Cluster, bytes: number): Promise<void> {
		const begun: Moved[] = [];
		while (!begun.some(({ stdoutBytes }) => stdoutBytes === bytes)) {
			begun.push(...cluster.execs.takeMoved());
			await new Promise(setImmediate);
		}
	}
});
