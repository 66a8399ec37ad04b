import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { type AnyClusterFixture, anyClusterFixture } from '../support/clusterFixture.js';

describe('sessions in pods', function () {
	this.timeout(120_000);
	let fixture: AnyClusterFixture;

	beforeEach(async () => {
		fixture = await anyClusterFixture();
	});
	afterEach(() => fixture.dispose());

	it('are listed with their state beside those of this machine', async () => {
		const { homeport, addPod, idOf } = fixture;
		await fixture.add('local', fixture.session);
		await addPod('alpha');
		await addPod('beta', { replicas: 0 });
		await addPod('other', { workspace: '/home/else/where' });
		const { sessions, elsewhere, problems } = await homeport.list();
		assert.deepStrictEqual(
			[sessions.map(({ id, state }) => `${id} ${state}`), elsewhere, problems],
			[['local/local running', `${idOf('alpha')} running`, `${idOf('beta')} stopped`], 1, []],
		);
	});

	it('come home each to a branch of its own, with what is not committed: BUG-003', async () => {
		const { homeport, home, git, sync, addPod, inPod, commitIn } = fixture;
		const alpha = await addPod('alpha');
		const beta = await addPod('beta', { storage: 'emptyDir' });
		await commitIn(alpha, 'A1', { 'a.txt': 'one' });
		const a2 = await commitIn(alpha, 'A2', { 'shared.txt': 'alpha' });
		await inPod(alpha, 'echo dirty >base.txt; echo new >new.txt');
		const b1 = await commitIn(beta, 'B1', { 'shared.txt': 'beta' });
		const before = [
			await inPod(alpha, 'GIT_OPTIONAL_LOCKS=0 git status --porcelain; find .git | sort | xargs ls -ld'),
			await git(home, 'rev-parse', 'main'),
		];
		const results = [await sync('alpha'), await sync('beta')];
		assert.deepStrictEqual(
			results.map(({ outcome, refs }) => [outcome, refs.map(({ ref, to, action }) => [ref, to, action])]),
			[
				['synced', [['refs/heads/claude/alpha', a2, 'create']]],
				['synced', [['refs/heads/claude/beta', b1, 'create']]],
			],
		);
		assert.deepStrictEqual(
			[
				await inPod(alpha, 'GIT_OPTIONAL_LOCKS=0 git status --porcelain; find .git | sort | xargs ls -ld'),
				await git(home, 'rev-parse', 'main'),
			],
			before,
		);
		const { capture } = (await homeport.ledger(fixture.idOf('alpha'), 1))[0]!;
		assert.deepStrictEqual(await git(home, 'show', `${capture!.oid}:new.txt`), 'new');
		assert.deepStrictEqual(await git(home, 'show', `${capture!.oid}:base.txt`), 'dirty');
		assert.deepStrictEqual((await sync('alpha')).outcome, 'up-to-date');
	});

	it('show what is kept of them by their whole name while their cluster cannot be asked', async function () {
		const cluster = fixture.double(this);
		const { addPod, commitIn, sync, home, env } = fixture;
		const tip = await commitIn(await addPod('alpha'), 'A1', { 'a.txt': 'one' });
		assert.equal((await sync('alpha')).outcome, 'synced');
		cluster.faults.rest({ kind: 'reset' });
		const args = [resolve('dist/cli.js'), 'ledger', 'kubernetes/double/agents/alpha'];
		const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: home, env });
		assert.match(stdout, new RegExp(tip.slice(0, 8)));
	});

	it('spoil no sync of others while their cluster cannot be asked, unless home knows one of them', async function () {
		const cluster = fixture.double(this);
		const { addPod, sync, home, env, add, session } = fixture;
		await add('local', session);
		await addPod('alpha');
		const all = async (...options: readonly string[]): Promise<unknown> => {
			const args = [resolve('dist/cli.js'), 'sync', '--all', ...options];
			const ended = await promisify(execFile)(process.execPath, args, { cwd: home, env }).then(
				({ stderr }) => ({ code: 0, stderr }),
				(error: { code: number; stderr: string }) => error,
			);
			assert.match(ended.stderr, /could not be reached/);
			return ended.code;
		};
		cluster.faults.rest({ kind: 'reset' });
		assert.deepStrictEqual([await all(), await all('--context', 'double')], [0, 4]);
		cluster.faults.clear();
		assert.equal((await sync('alpha')).error, null);
		cluster.faults.rest({ kind: 'reset' });
		assert.deepStrictEqual([await all(), await all('--namespace', 'empty')], [4, 4]);
	});
});
