import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { HomeportError } from '../../../src/core/base/errors.js';
import { describeError } from '../../../src/core/base/messages.js';
import type { SyncResult } from '../../../src/core/model/report.js';
import { type ClusterFixture, clusterFixture } from '../../support/clusterFixture.js';

describe('a pod that means harm', function () {
	this.timeout(120_000);
	let fixture: ClusterFixture;

	beforeEach(async () => {
		fixture = await clusterFixture();
	});
	afterEach(() => fixture.dispose());

	const refsOfHome = (): Promise<string> =>
		fixture.git(fixture.home, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads');
	const synced = async (name: string): Promise<SyncResult | HomeportError> =>
		fixture.sync(name).catch((error: unknown) => error as HomeportError);
	const said = (outcome: SyncResult | HomeportError): string => {
		const error = outcome instanceof Error ? outcome : outcome.error;
		return error === null ? '' : describeError(error, 'cli').message;
	};

	// Each takes the place of a program that Homeport runs there.
	const liars: Readonly<Record<string, readonly [string, string]>> = {
		'a git that says nothing and ends well': ['git', 'exit 0'],
		'a git that prints without an end': ['git', 'yes'],
		'a git that fills stderr with control characters': [
			'git',
			`i=0; while [ $i -lt 200 ]; do i=$((i+1)); head -c 500000 /dev/zero | tr '\\0' '\\033' >&2; done; exit 1`,
		],
		'a git that calls itself 99 and knows nothing': [
			'git',
			`case "$1" in --version) echo 'git version 99.0' ;; *) echo '\\033[2J0000000000' ;; esac`,
		],
		'an upload-pack that answers with something else': [
			'git',
			`case "$*" in *upload-pack*) head -c 100000 /dev/urandom ;; *) exec /usr/bin/git "$@" ;; esac`,
		],
		'an upload-pack that ends well in the middle of its answer': [
			'git',
			`case "$*" in *upload-pack*) /usr/bin/git "$@" | head -c 700; exit 0 ;; *) exec /usr/bin/git "$@" ;; esac`,
		],
		'an upload-pack that answers a byte a second': [
			'git',
			`case "$*" in *upload-pack*) while :; do printf 0; sleep 1; done ;; *) exec /usr/bin/git "$@" ;; esac`,
		],
		'a git that leaves its output with somebody who stays': ['git', 'sleep 60 & exit 0'],
		'a shell that says what it likes': ['sh', `printf '@repository\\0git 99.1.2\\0@refs\\0head zz\\0'`],
		'a shell that says too much of everything': [
			'sh',
			`while :; do printf '@refs\\0head %s\\0' "$(head -c 5000 /dev/zero | tr '\\0' 9)"; done`,
		],
		'a find that never ends': ['find', 'while :; do echo ./x; done'],
	};
	for (const [name, [program, lines]] of Object.entries(liars)) {
		it(`is told from one that works: ${name}`, async () => {
			const pod = await fixture.addPod('alpha', { env: { PATH: '/pvc/bin:/usr/bin:/bin' } });
			await fixture.commitIn(pod, 'A1', { 'a.txt': 'one' });
			mkdirSync(pod.path('/pvc/bin'));
			writeFileSync(pod.path(`/pvc/bin/${program}`), `#!/bin/sh\n${lines}\n`);
			chmodSync(pod.path(`/pvc/bin/${program}`), 0o755);
			const config = JSON.stringify({ homeport: { limits: { observeSeconds: 5, fetchSeconds: 10, idleSeconds: 3 } } });
			mkdirSync(join(fixture.home, '.claude/sync'), { recursive: true });
			writeFileSync(join(fixture.home, '.claude/sync/sync-config.json'), config);
			const before = await refsOfHome();
			const outcome = await synced('alpha');
			const text = said(outcome);
			assert.ok(outcome instanceof Error || outcome.outcome === 'failed', JSON.stringify(outcome).slice(0, 300));
			assert.ok(text !== '' && !/\p{Cc}/u.test(text) && text.length < 5000, JSON.stringify(text.slice(0, 300)));
			assert.deepStrictEqual(await refsOfHome(), before);
			await fixture.git(fixture.home, 'fsck', '--no-dangling');
		});
	}

	it('reaches no shell of this machine with the names that it chose', async () => {
		const canary = join(fixture.folder, 'canary');
		const evil = `$(touch ${canary});\`touch ${canary}\``;
		const pod = await fixture.addPod('alpha', {
			agent: evil,
			annotations: { 'paude.io/created-at': evil, __proto__: evil, constructor: evil },
			labels: { 'paude.io/version': evil },
		});
		await fixture.commitIn(pod, 'A1', { 'a.txt': 'one' });
		const outcome = await synced('alpha');
		assert.deepStrictEqual([existsSync(canary), ({} as Record<string, unknown>)['touch']], [false, undefined]);
		assert.ok(!(outcome instanceof Error), said(outcome));
		assert.match(await refsOfHome(), /^refs\/heads\/main /m);
	});

	it('has its repository in a folder whose name is lines of a shell', async () => {
		const canary = join(fixture.folder, 'canary');
		const evil = `/pvc/a b; touch '${canary}' #$(touch ${canary})"\\`;
		const pod = await fixture.addPod('alpha');
		const tip = await fixture.commitIn(pod, 'A1', { 'a.txt': 'one' });
		await pod.run(['mkdir', '-p', evil]);
		await pod.run(['mv', '/pvc/workspace', `${evil}/workspace`]);
		const selectors = [{ labels: 'paude.io/session-name=alpha', path: `${evil}/workspace` }];
		mkdirSync(join(fixture.home, '.claude/sync'), { recursive: true });
		const config = JSON.stringify({ homeport: { kubernetes: { selectors } } });
		writeFileSync(join(fixture.home, '.claude/sync/sync-config.json'), config);
		await fixture.cluster.add({
			kind: 'Pod',
			apiVersion: 'v1',
			metadata: { name: 'other', labels: { 'paude.io/session-name': 'alpha' } },
			spec: pod.object().spec,
		});
		const { outcome, refs } = await fixture.sync('other');
		assert.deepStrictEqual([outcome, refs.map(({ to }) => to), existsSync(canary)], ['synced', [tip], false]);
	});

	it('lives in another year, before or after ours', async () => {
		const { addPod, inPod, homeport, sync, home, git } = fixture;
		for (const [name, date] of [
			['past', '@86400 +0000'],
			['future', '@4102444800 +0000'],
		] as const) {
			const pod = await addPod(name);
			const dates = `GIT_AUTHOR_DATE='${date}' GIT_COMMITTER_DATE='${date}'`;
			const identity = '-c user.name=Agent -c user.email=agent@localhost';
			await inPod(
				pod,
				`echo x >x.txt; git add x.txt; ${dates} git ${identity} commit -qm odd; touch -d '${date.split(' ')[0]}' x.txt`,
			);
			const [status] = await homeport.status([await homeport.find(name)]);
			assert.ok(status!.exposure.oldestSeconds >= 0, JSON.stringify(status!.exposure));
			assert.equal((await sync(name)).outcome, 'synced');
			assert.equal(await git(home, 'rev-parse', `claude/${name}`), await inPod(pod, 'git rev-parse HEAD'));
			assert.deepStrictEqual(
				(await homeport.status([await homeport.find(name)])).map(({ exposure }) => exposure.commits),
				[0],
			);
		}
	});

	it('finds a home whose user has set variables of git, and none of them counts', async () => {
		const { env, home, commitIn, addPod, git, folder } = fixture;
		const canary = join(folder, 'canary');
		const script = join(folder, 'script');
		writeFileSync(script, `#!/bin/sh\ntouch '${canary}'\n`, { mode: 0o755 });
		const tip = await commitIn(await addPod('alpha'), 'A1', { 'a.txt': 'one' });
		const set = {
			GIT_DIR: join(folder, 'nowhere'),
			GIT_WORK_TREE: folder,
			GIT_INDEX_FILE: join(folder, 'index'),
			GIT_OBJECT_DIRECTORY: join(folder, 'objects'),
			GIT_SSH_COMMAND: script,
			GIT_ASKPASS: script,
			GIT_EXTERNAL_DIFF: script,
			GIT_EDITOR: script,
			GIT_CONFIG_COUNT: '1',
			GIT_CONFIG_KEY_0: 'core.fsmonitor',
			GIT_CONFIG_VALUE_0: script,
			GIT_CONFIG_PARAMETERS: `'core.hooksPath'='${folder}'`,
			GIT_TRACE: join(folder, 'trace'),
		};
		const args = [resolve('dist/cli.js'), 'sync', 'alpha'];
		await promisify(execFile)(process.execPath, args, { cwd: home, env: { ...env, ...set } });
		assert.equal(await git(home, 'rev-parse', 'claude/alpha'), tip);
		assert.deepStrictEqual(
			[canary, ...['index', 'objects', 'nowhere'].map((name) => join(folder, name))].filter((path) => existsSync(path)),
			[],
		);
	});

	it('is not believed to be the one that was looked at, once another has its name', async () => {
		const pod = await fixture.addPod('alpha', { storage: 'emptyDir' });
		const a1 = await fixture.commitIn(pod, 'A1', { 'a.txt': 'one' });
		assert.deepStrictEqual((await fixture.sync('alpha')).outcome, 'synced');
		const session = await fixture.homeport.find('alpha');
		await fixture.cluster.replacePod('agents', 'paude-alpha-0');
		const request = { strategy: 'branch', direction: 'home', branch: null, from: null } as const;
		const result = await fixture.homeport
			.sync(session, request, async () => ({ proceed: true, accepted: [] }))
			.catch((error: unknown) => error as HomeportError);
		assert.ok(result instanceof Error || result.outcome === 'unreachable' || result.outcome === 'failed');
		assert.deepStrictEqual(await fixture.git(fixture.home, 'rev-parse', 'claude/alpha'), a1);
	});
});
