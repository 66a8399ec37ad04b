import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Homeport } from '../../src/core/homeport.js';
import { openHome } from '../../src/core/homeport.js';
import { Canary } from '../support/canary.js';
import { type ClusterFixture, clusterFixture } from '../support/clusterFixture.js';
import type { PodHandle } from '../support/cluster/podHandle.js';
import { out, told } from '../support/pushFixture.js';

describe('what paude has of its own', function () {
	this.timeout(120_000);
	let fixture: ClusterFixture;

	beforeEach(async () => {
		fixture = await clusterFixture();
	});
	afterEach(() => fixture.dispose());

	/** A session that does not say itself whose it is. */
	const addSilent = (name: string): Promise<PodHandle> =>
		fixture.addPod(name, { annotations: { 'paude.io/workspace': '' } });

	/** Every session and its home, and how many are left out where only those of this home are asked for. */
	async function homes(homeport: Homeport = fixture.homeport): Promise<[Record<string, string | null>, number]> {
		const { sessions } = await homeport.list({ anyHome: true });
		const { elsewhere } = await homeport.list();
		return [Object.fromEntries(sessions.map(({ name, home }) => [name, home])), elsewhere];
	}

	describe('its registry', () => {
		const folder = (): string => join(fixture.env['XDG_CONFIG_HOME']!, 'paude');
		const file = (): string => join(folder(), 'sessions.json');
		const write = (text: string): void => {
			mkdirSync(folder(), { recursive: true });
			writeFileSync(file(), text);
		};
		/** All that another program would see of it. */
		const seen = (): unknown => {
			const { mtimeMs, ino, mode, size } = statSync(file());
			return [readdirSync(folder()), mtimeMs, ino, mode, size, readFileSync(file(), 'utf8')];
		};

		it('says to which home a session belongs that does not say so itself, and of no session more', async () => {
			const linked = join(fixture.folder, 'linked');
			symlinkSync(fixture.home, linked);
			const entry = (name: string, workspace: string, more: object = {}): object => ({
				[name]: {
					name,
					backend_type: 'openshift',
					workspace,
					agent: 'claude',
					created_at: '2026-07-20T10:00:00+00:00',
					openshift_context: 'double',
					openshift_namespace: 'agents',
					...more,
				},
			});
			const sessions = {
				...entry('ours', linked),
				...entry('unplaced', fixture.home, { openshift_context: null, openshift_namespace: undefined }),
				...entry('theirs', '/elsewhere/project'),
				...entry('namespace', fixture.home, { openshift_namespace: 'other' }),
				...entry('context', fixture.home, { openshift_context: 'other' }),
				...entry('container', fixture.home, { backend_type: 'podman' }),
				...entry('says', '/elsewhere/project'),
				...entry('gone', fixture.home),
				odd: { name: 'odd', workspace: 7 },
				odder: null,
			};
			write(JSON.stringify({ sessions }, null, 2));
			const before = seen();
			for (const name of ['ours', 'unplaced', 'theirs', 'namespace', 'context', 'container', 'forgotten', 'odd']) {
				await addSilent(name);
			}
			await fixture.addPod('says');
			assert.deepStrictEqual(await homes(), [
				{
					ours: fixture.home,
					unplaced: fixture.home,
					theirs: '/elsewhere/project',
					namespace: null,
					context: null,
					container: null,
					forgotten: null,
					odd: null,
					says: fixture.home,
				},
				1,
			]);
			await assert.rejects(fixture.homeport.find('theirs'), { code: 'session-unknown' });
			assert.equal((await fixture.sync('forgotten')).outcome, 'synced');
			assert.equal((await fixture.sync('ours')).outcome, 'synced');
			assert.deepStrictEqual(seen(), before);
		});

		it('is left as it is where it is damaged, and counts for nothing', async () => {
			await addSilent('alpha');
			const entry = { name: 'alpha', backend_type: 'openshift', workspace: '/elsewhere' };
			const whole = JSON.stringify({ sessions: { alpha: entry } });
			for (const text of ['{"sessions": {"alpha"', '[]', '', `${whole}${' '.repeat(5 * 1024 * 1024)}`]) {
				write(text);
				const before = seen();
				const lines: string[] = [];
				const logger = { log: (level: string, line: string) => lines.push(`${level} ${line}`) };
				const homeport = await openHome({ repo: fixture.home, env: fixture.env, logger });
				try {
					assert.deepStrictEqual(await homes(homeport), [{ alpha: null }, 0]);
				} finally {
					homeport.dispose();
				}
				assert.match(lines[0] ?? '', /^warn paude's registry cannot be read, and is left as it is: /);
				assert.deepStrictEqual(seen(), before);
			}
			write(whole);
			assert.deepStrictEqual(await homes(), [{ alpha: '/elsewhere' }, 1]);
		});
	});

	it('its remotes say the same where they lead to the pod, and are never run', async () => {
		const { folder, home, git, sync } = fixture;
		const canary = new Canary(join(folder, 'canary'));
		const run = canary.command('ext');
		const remotes = {
			here: `${run} exec -i paude-here-0 -n agents -- %S /pvc/workspace`,
			full: `${run} --context double exec -i paude-full-0 --namespace=agents -- %S /pvc/workspace`,
			namespace: `${run} exec -i paude-namespace-0 -n other -- %S /pvc/workspace`,
			context: `${run} --context other exec -i paude-context-0 -n agents -- %S /pvc/workspace`,
			container: `${run} exec -i paude-container %S /pvc/workspace`,
		};
		await git(home, 'config', 'protocol.ext.allow', 'always');
		for (const [name, command] of Object.entries(remotes)) {
			await git(home, 'remote', 'add', `paude-${name}`, `ext::${command}`);
			await addSilent(name);
		}
		await git(home, 'remote', 'add', 'paude-plain', join(folder, 'paude-plain-0'));
		await addSilent('plain');
		const config = readFileSync(join(home, '.git/config'), 'utf8');
		assert.deepStrictEqual(await homes(), [
			{ here: home, full: home, namespace: null, context: null, container: null, plain: null },
			0,
		]);
		assert.equal((await sync('here')).outcome, 'synced');
		assert.equal((await sync('here', [], out)).outcome, 'up-to-date');
		assert.deepStrictEqual(
			[canary.ran(), readFileSync(join(home, '.git/config'), 'utf8'), await git(home, 'for-each-ref', 'refs/remotes')],
			[[], config, ''],
		);
		// It does run where git is asked for it.
		await git(home, 'fetch', 'paude-here').catch(() => undefined);
		assert.deepStrictEqual(canary.ran(), ['ext']);
	});

	it('its ref of where a session began is one more commit that comes home, and stays as it is', async () => {
		const { homeport, home, git, sync, addPod, inPod, commitIn } = fixture;
		const alpha = await addPod('alpha');
		const base = await commitIn(alpha, 'B1', { 'b.txt': 'base' });
		await inPod(alpha, 'git update-ref refs/paude/base HEAD; git reset -q --hard HEAD~1');
		const tip = await commitIn(alpha, 'A1', { 'a.txt': 'one' });
		await inPod(alpha, 'git reflog expire --expire=now --all; rm -f .git/ORIG_HEAD');
		const refs = await inPod(alpha, 'git for-each-ref');
		const { outcome, refs: changes } = await sync('alpha');
		assert.deepStrictEqual(
			[outcome, changes.map(({ ref, to }) => [ref, to])],
			['synced', [['refs/heads/claude/alpha', tip]]],
		);
		const [entry] = await homeport.ledger('kubernetes/double/agents/alpha', 1);
		assert.deepStrictEqual(entry?.reflog, [base]);
		assert.deepStrictEqual(
			[await git(home, 'show', `${base}:b.txt`), await git(home, 'branch', '--contains', base)],
			['base', ''],
		);
		assert.equal(await inPod(alpha, 'git for-each-ref'), refs);
		assert.equal((await sync('alpha')).outcome, 'up-to-date');
		await inPod(alpha, 'git update-ref refs/paude/base HEAD');
		assert.deepStrictEqual(
			(await sync('alpha')).refs.map(({ action }) => action),
			['keep'],
		);
		assert.equal(await inPod(alpha, 'git rev-parse refs/paude/base'), tip);
		assert.match(
			await git(home, 'log', '--format=%H', 'refs/homeport/ledger/kubernetes/double/agents/alpha'),
			new RegExp(base),
		);
	});

	it('its setting for pushes stays, and a push goes as to a session without it', async () => {
		const { home, git, commit, sync, addPod, inPod } = fixture;
		const names = ['plain', 'paude'];
		const pods = new Map<string, PodHandle>();
		for (const name of names) {
			pods.set(name, await addPod(name));
		}
		const paude = pods.get('paude')!;
		await inPod(paude, 'git config receive.denyCurrentBranch updateInstead; git update-ref refs/paude/base HEAD');
		const before = await inPod(paude, 'cat .git/config; git rev-parse refs/paude/base');
		const pushed = async (): Promise<unknown[]> => {
			const results: unknown[] = [];
			for (const name of names) {
				const { outcome, codes, push } = told(await sync(name, [], out));
				const state = await inPod(pods.get(name)!, 'git rev-parse HEAD; git status --porcelain; cat home.txt');
				results.push({ outcome, codes, push, state });
			}
			return results;
		};
		const first = await commit(home, 'H1', { 'home.txt': 'one\n' });
		const forward = { outcome: 'synced', codes: [], push: ['fast-forward refs/heads/main'], state: `${first}\none` };
		assert.deepStrictEqual(await pushed(), [forward, forward]);
		for (const pod of pods.values()) {
			await inPod(pod, 'echo dirty >base.txt');
		}
		await commit(home, 'H2', { 'home.txt': 'two\n' });
		const beside = {
			outcome: 'synced',
			codes: ['session-tree-dirty note'],
			push: ['create refs/heads/homeport/main beside'],
			state: `${first}\n M base.txt\none`,
		};
		assert.deepStrictEqual(await pushed(), [beside, beside]);
		assert.equal(await inPod(paude, 'cat .git/config; git rev-parse refs/paude/base'), before);
		assert.equal(await git(home, 'for-each-ref', 'refs/paude'), '');
	});
});
