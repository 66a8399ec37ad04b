import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { engineFixture, type EngineFixture } from '../support/engineFixture.js';

describe('a session whose repository is', () => {
	let fixture: EngineFixture;
	beforeEach(async () => {
		fixture = await engineFixture();
	});
	afterEach(() => fixture.dispose());

	const fsck = async (): Promise<string> => fixture.git(fixture.home, 'fsck', '--no-dangling', '--no-progress');

	it('full of stashes, detached commits and reflogs: every one comes home', async () => {
		const { session, git, commit, home, write } = fixture;
		await fixture.add('alpha', session);
		const lost = await commit(session, 'lost', { 'lost.txt': 'lost\n' });
		await git(session, 'reset', '-q', '--hard', 'HEAD~1');
		await write(session, { 'base.txt': 'one\n', 'untracked.txt': 'u\n' });
		await git(session, 'stash', 'push', '-q', '-u');
		await write(session, { 'base.txt': 'two\n' });
		await git(session, 'stash', 'push', '-q');
		await git(session, 'checkout', '-q', '--detach');
		const detached = await commit(session, 'detached', { 'detached.txt': 'd\n' });
		await fixture.sync('alpha');
		const entry = await fixture.newest('alpha');
		deepStrictEqual(
			[entry.detached.map((tip) => tip.oid), entry.stashes.length, entry.reflog],
			[[detached], 2, [lost]],
		);
		await git(session, 'stash', 'clear');
		await git(session, 'reflog', 'expire', '--expire=now', '--all');
		await git(session, 'gc', '-q', '--prune=now');
		await git(home, 'gc', '-q', '--prune=now');
		strictEqual(await git(home, 'show', `${lost}:lost.txt`), 'lost');
		strictEqual(await git(home, 'show', `${entry.stashes[0]!.oid}:base.txt`), 'two');
		strictEqual(await git(home, 'show', `${entry.stashes[1]!.oid}^3:untracked.txt`), 'u');
		strictEqual(await fsck(), '');
	});

	it('bare', async () => {
		const { folder, git, commit, session, home } = fixture;
		const bare = join(folder, 'bare.git');
		const tip = await commit(session, 'B1', { 'b.txt': 'b\n' });
		await git(folder, 'clone', '-q', '--bare', session, bare);
		await fixture.add('bare', bare);
		strictEqual((await fixture.sync('bare')).outcome, 'synced');
		strictEqual(await git(home, 'rev-parse', 'claude/bare'), tip);
		strictEqual((await fixture.newest('bare')).capture, null);
	});

	it('without a commit yet', async () => {
		const { folder, git, write } = fixture;
		const fresh = join(folder, 'fresh');
		await git(folder, 'init', '-q', '-b', 'main', fresh);
		await write(fresh, { 'first.txt': 'first\n' });
		await fixture.add('fresh', fresh);
		const result = await fixture.sync('fresh');
		deepStrictEqual([result.outcome, result.refs], ['synced', []]);
		deepStrictEqual(await fixture.captured('fresh'), { 'first.txt': '100644 first' });
		strictEqual((await fixture.sync('fresh')).outcome, 'up-to-date');
	});

	it('a worktree of home: captured and measured, but not branched', async () => {
		const { home, git, folder, commit, write } = fixture;
		const tree = join(folder, 'tree');
		await git(home, 'worktree', 'add', '-q', '-b', 'agent', tree);
		const tip = await commit(tree, 'T1', { 't.txt': 't\n' });
		await write(tree, { 'base.txt': 'changed\n' });
		const listed = await fixture.homeport.list();
		deepStrictEqual(
			listed.sessions.map(({ id, worktreeOfHome, state }) => ({ id, worktreeOfHome, state })),
			[{ id: 'local/worktree/tree', worktreeOfHome: true, state: 'running' }],
		);
		const result = await fixture.sync('tree');
		deepStrictEqual([result.outcome, result.refs, result.operation], ['synced', [], null]);
		const entry = await fixture.newest('tree');
		deepStrictEqual(entry.branches, [{ name: 'agent', oid: tip }]);
		strictEqual((await fixture.captured('tree'))['base.txt'], '100644 changed');
		strictEqual(await git(tree, 'status', '--porcelain'), ' M base.txt');
	});

	it('shallow, of a history that home has', async () => {
		const { folder, git, commit, home } = fixture;
		await commit(home, 'Y', { 'y.txt': 'y\n' });
		const shallow = join(folder, 'shallow');
		await git(folder, 'clone', '-q', '--depth', '1', `file://${home}`, shallow);
		const tip = await commit(shallow, 'S1', { 's.txt': 's\n' });
		await fixture.add('shallow', shallow);
		const result = await fixture.sync('shallow');
		strictEqual(result.outcome, 'synced');
		ok(result.warnings.some((warning) => warning.code === 'incomplete-history'));
		strictEqual(await git(home, 'rev-parse', 'claude/shallow'), tip);
		strictEqual(await fsck(), '');
	});

	it('shallow, of a history that home has not: each commit has a stand-in, and they go on from one another', async () => {
		const { folder, git, commit, home } = fixture;
		const other = join(folder, 'other');
		await git(folder, 'init', '-q', '-b', 'main', other);
		await commit(other, 'O1', { 'o.txt': '1\n' });
		await commit(other, 'O2', { 'o.txt': '2\n' });
		const shallow = join(folder, 'shallow');
		await git(folder, 'clone', '-q', '--depth', '1', `file://${other}`, shallow);
		await commit(shallow, 'S1', { 's.txt': '1\n' });
		await fixture.add('shallow', shallow);
		strictEqual((await fixture.sync('shallow')).outcome, 'synced');
		const second = await commit(shallow, 'S2', { 's.txt': '2\n' });
		await fixture.write(shallow, { 'draft.txt': 'draft\n' });
		deepStrictEqual(
			(await fixture.sync('shallow')).refs.map((change) => change.action),
			['fast-forward'],
		);
		strictEqual(await git(home, 'log', '--format=%s', 'claude/shallow'), 'S2\nS1\nO2');
		ok((await git(home, 'log', '-1', '--format=%B', 'claude/shallow')).includes(`Homeport-Stands-For: ${second}`));
		strictEqual((await fixture.captured('shallow'))['draft.txt'], '100644 draft');
		deepStrictEqual((await fixture.newest('shallow')).missing, [
			{ name: 'older commits', reason: 'shallow-history', size: null },
		]);
		strictEqual(await fsck(), '');
		strictEqual((await fixture.sync('shallow')).outcome, 'up-to-date');
	});

	it('partial, of a history that home has', async () => {
		const { folder, git, commit, home } = fixture;
		await git(home, 'config', 'uploadpack.allowFilter', 'true');
		const partial = join(folder, 'partial');
		await git(folder, 'clone', '-q', '--filter=blob:none', `file://${home}`, partial);
		const tip = await commit(partial, 'P1', { 'p.txt': 'p\n' });
		await fixture.add('partial', partial);
		strictEqual((await fixture.sync('partial')).outcome, 'synced');
		strictEqual(await git(home, 'rev-parse', 'claude/partial'), tip);
		strictEqual(await fsck(), '');
	});

	it('made anew in the same place: a new epoch, and nothing counts as deleted', async () => {
		const { session, git, commit, folder, home } = fixture;
		await fixture.add('alpha', session);
		const first = await commit(session, 'A1', { 'a.txt': 'a\n' });
		await fixture.sync('alpha');
		await rm(session, { recursive: true });
		await git(folder, 'clone', '-q', home, session);
		const result = await fixture.sync('alpha');
		deepStrictEqual(
			[result.outcome, result.warnings.map((warning) => warning.code).includes('epoch-changed')],
			['synced', true],
		);
		ok(!result.warnings.some((warning) => warning.code === 'branch-gone' || warning.code === 'rewound'));
		strictEqual(await git(home, 'rev-parse', 'claude/alpha'), first);
	});

	it('gone: unreachable, and what was seen of it stays', async () => {
		const { session, commit, home, git } = fixture;
		await fixture.add('alpha', session);
		const tip = await commit(session, 'A1', { 'a.txt': 'a\n' });
		await fixture.sync('alpha');
		await rm(session, { recursive: true });
		strictEqual((await fixture.sync('alpha')).outcome, 'unreachable');
		strictEqual(await git(home, 'rev-parse', 'refs/homeport/sessions/local/alpha/heads/main'), tip);
		const [status] = await fixture.homeport.status([await fixture.homeport.find('alpha')]);
		strictEqual(status!.state, 'missing');
		ok(status!.unknown !== null);
	});
});
