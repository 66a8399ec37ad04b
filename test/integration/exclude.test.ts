import { strict as assert } from 'node:assert';
import { existsSync, readFileSync, readlinkSync } from 'node:fs';
import { chmod, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { SyncRequest } from '../../src/core/model/plan.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

const exclude: Partial<SyncRequest> = { strategy: 'exclude' };
const long = Array.from({ length: 20 }, (_, row) => `line ${row}`);

function text(lines: readonly string[], changes: Readonly<Record<number, string>> = {}): string {
	return `${lines.map((line, row) => changes[row] ?? line).join('\n')}\n`;
}

describe('strategy exclude', () => {
	let fixture: EngineFixture;
	const read = (path: string): string => readFileSync(join(fixture.home, path), 'utf8');
	const state = async (): Promise<string> =>
		[
			await fixture.git(fixture.home, 'rev-parse', 'HEAD'),
			(await fixture.git(fixture.home, 'status', '--porcelain', '--ignored')).replace('!! .claude/\n', ''),
			await fixture.git(fixture.home, 'diff'),
			await fixture.git(fixture.home, 'diff', '--cached'),
		]
			.map((part) => part.replace(/\n?!! \.claude\/$/, ''))
			.join('\n');

	beforeEach(async () => {
		fixture = await engineFixture(async ({ home, write }) => {
			await write(home, { 'long.txt': text(long), 'gone.txt': 'gone\n', 'dir/old.txt': 'old\n' });
		});
		await fixture.add('alpha', fixture.session);
	});

	afterEach(() => fixture.dispose());

	it('brings files, also those not committed, and leaves HEAD, branches and index alone', async () => {
		const { home, session, commit, git, sync, write } = fixture;
		await rm(join(session, 'gone.txt'));
		await symlink('base.txt', join(session, 'link'));
		await commit(session, 'A1', { 'alpha.txt': 'alpha\n', 'long.txt': text(long, { 2: 'alpha' }) });
		await chmod(join(session, 'shared.txt'), 0o755);
		await write(session, { 'new/loose.txt': 'loose\n' });
		await write(home, { 'staged.txt': 'staged\n', 'own.txt': 'own\n' });
		await git(home, 'add', 'staged.txt');
		const head = await git(home, 'rev-parse', 'HEAD');
		const branches = await git(home, 'for-each-ref', 'refs/heads');
		const result = await sync('alpha', [], exclude);
		assert.deepStrictEqual(
			{
				outcome: result.outcome,
				refs: result.refs.map(({ ref, from, to, action }) => ({ ref, from, to, action })),
				status: await git(home, 'status', '--porcelain', '-uall'),
				staged: await git(home, 'diff', '--cached', '--name-only'),
				branches: await git(home, 'for-each-ref', 'refs/heads'),
				long: read('long.txt'),
			},
			{
				outcome: 'synced',
				refs: [{ ref: 'refs/heads/main', from: head, to: head, action: 'files' }],
				status:
					' D gone.txt\n M long.txt\n M shared.txt\nA  staged.txt\n?? alpha.txt\n?? link\n?? new/loose.txt\n?? own.txt',
				staged: 'staged.txt',
				branches,
				long: text(long, { 2: 'alpha' }),
			},
		);
		assert.equal((await sync('alpha', [], exclude)).outcome, 'up-to-date');
	});

	it('is undone and redone, and the undo stops where a file was changed since', async () => {
		const { home, session, commit, sync, write, homeport } = fixture;
		await rm(join(session, 'gone.txt'));
		await commit(session, 'A1', { 'alpha.txt': 'alpha\n', 'long.txt': text(long, { 2: 'alpha' }) });
		await write(home, { 'own.txt': 'own\n' });
		const before = await state();
		const { operation } = await sync('alpha', [], exclude);
		const after = await state();
		const undone = await homeport.undo(null, { accepted: [] });
		assert.equal(await state(), before);
		await homeport.undo(undone.operation, { accepted: [] });
		assert.equal(await state(), after);
		await write(home, { 'alpha.txt': 'mine now\n' });
		const edited = await state();
		await assert.rejects(homeport.undo(operation, { accepted: [] }), (error: { code: string; details: object }) => {
			assert.deepStrictEqual(
				[error.code, error.details],
				['branch-in-use', { ...error.details, files: ['alpha.txt'] }],
			);
			return true;
		});
		assert.equal(await state(), edited);
	});

	it('merges into what home committed, and asks before it merges into what is not committed', async () => {
		const { home, session, commit, sync, write } = fixture;
		await commit(session, 'A1', { 'long.txt': text(long, { 2: 'alpha' }) });
		await commit(home, 'H1', { 'long.txt': text(long, { 9: 'home' }) });
		await write(home, { 'long.txt': text(long, { 9: 'home', 17: 'not committed' }) });
		const before = await state();
		const refused = await sync('alpha', [], exclude);
		assert.deepStrictEqual(
			[refused.outcome, refused.warnings.map(({ code, level }) => `${code} ${level}`), await state()],
			['refused', ['mixes-with-changes ask'], before],
		);
		const done = await sync('alpha', ['mixes-with-changes'], exclude);
		assert.deepStrictEqual(
			[done.outcome, read('long.txt')],
			['synced', text(long, { 2: 'alpha', 9: 'home', 17: 'not committed' })],
		);
		await fixture.homeport.undo(null, { accepted: [] });
		assert.equal(await state(), before);
	});

	it('reports what both changed, replaces none of it, and applies the rest when that is accepted', async () => {
		const { home, session, commit, sync, write } = fixture;
		await commit(session, 'A1', {
			'base.txt': 'theirs\n',
			'alpha.txt': 'alpha\n',
			'untracked.txt': 'theirs\n',
			'ignored.log': 'theirs\n',
		});
		await commit(home, 'H1', { 'base.txt': 'ours\n', '.gitignore': '*.log\n' });
		await write(home, { 'untracked.txt': 'mine\n', 'ignored.log': 'mine\n' });
		const before = await state();
		const refused = await sync('alpha', [], exclude);
		assert.deepStrictEqual(
			[
				refused.outcome,
				refused.warnings.find(({ code }) => code === 'files-conflict')?.details['files'],
				await state(),
			],
			['refused', ['base.txt', 'ignored.log', 'untracked.txt'], before],
		);
		const done = await sync('alpha', ['files-conflict'], exclude);
		assert.deepStrictEqual(
			[done.outcome, read('base.txt'), read('untracked.txt'), read('ignored.log'), read('alpha.txt')],
			['synced', 'ours\n', 'mine\n', 'mine\n', 'alpha\n'],
		);
	});

	it('goes beside where names are in conflict, where home is in a merge, and where nothing is shared', async () => {
		const { home, session, commit, git, sync, write } = fixture;
		await rm(join(session, 'dir'), { recursive: true });
		await commit(session, 'A1', { dir: 'a file now\n' });
		await commit(home, 'H1', { 'dir/old.txt': 'changed\n', 'dir/more.txt': 'more\n' });
		const before = await state();
		const refused = await sync('alpha', [], exclude);
		const accepted = await sync('alpha', ['files-conflict'], exclude);
		assert.deepStrictEqual(
			[
				[refused.outcome, refused.warnings.map(({ code }) => code)],
				[accepted.outcome, await git(home, 'log', '-1', '--format=%s', 'claude/alpha')],
				await state(),
			],
			[['refused', ['files-conflict']], ['synced', 'A1'], before],
		);
		await git(home, 'checkout', '-q', '-b', 'side', 'HEAD~1');
		await commit(home, 'S1', { 'base.txt': 'side\n' });
		await git(home, 'checkout', '-q', 'main');
		await commit(home, 'H2', { 'base.txt': 'main\n' });
		await git(home, 'merge', 'side').catch(() => undefined);
		await write(home, { 'own.txt': 'own\n' });
		const busy = await sync('alpha', [], exclude);
		assert.deepStrictEqual([busy.outcome, busy.warnings.map(({ code }) => code)], ['refused', ['home-busy']]);
	});

	const inTheWay: readonly (readonly [string, string, (home: string) => Promise<unknown>])[] = [
		['a link in place of a folder', 'inner/new.txt', (home) => symlink('dir', join(home, 'inner'))],
		['a link to nothing in place of a folder', 'inner/new.txt', (home) => symlink('nothing', join(home, 'inner'))],
		['a file in place of a folder', 'inner/new.txt', (home) => fixture.write(home, { inner: 'mine\n' })],
		['a file in place of a folder further up', 'a/b/c.txt', (home) => fixture.write(home, { a: 'mine\n' })],
		['a folder in place of a file', 'inner', (home) => fixture.write(home, { 'inner/deep/own.txt': 'mine\n' })],
	];
	for (const [what, path, lay] of inTheWay) {
		it(`goes beside where home has ${what}, untracked`, async () => {
			const { home, session, commit, git, sync } = fixture;
			await commit(session, 'A1', { [path]: 'theirs\n' });
			await lay(home);
			const before = await state();
			const refused = await sync('alpha', [], exclude);
			assert.deepStrictEqual(
				[refused.outcome, refused.warnings.map(({ code, level }) => `${code} ${level}`), await state()],
				['refused', ['files-conflict ask'], before],
			);
			const done = await sync('alpha', ['files-conflict'], exclude);
			assert.deepStrictEqual(
				[done.outcome, await git(home, 'show', `claude/alpha:${path}`), await state()],
				['synced', 'theirs', before],
			);
		});
	}

	it('leaves a link alone that home has in place of a tracked folder', async () => {
		const { home, session, commit, sync } = fixture;
		await commit(session, 'A1', { 'base.txt': 'theirs\n' });
		await rm(join(home, 'dir'), { recursive: true });
		await symlink('nothing', join(home, 'dir'));
		const before = await state();
		const done = await sync('alpha', [], exclude);
		assert.deepStrictEqual(
			[done.outcome, read('base.txt'), readlinkSync(join(home, 'dir'))],
			['synced', 'theirs\n', 'nothing'],
		);
		await fixture.homeport.undo(null, { accepted: [] });
		assert.equal(await state(), before);
	});

	it('names files that run code before it writes one', async () => {
		const { session, commit, sync, home } = fixture;
		await commit(session, 'A1', { '.vscode/tasks.json': '{"tasks":[]}\n' });
		const refused = await sync('alpha', [], exclude);
		const later = await sync('alpha', [], exclude);
		assert.deepStrictEqual(
			[
				refused.warnings.find(({ level }) => level === 'ask')?.code,
				later.warnings.find(({ level }) => level === 'ask')?.code,
				existsSync(join(home, '.vscode')),
			],
			['runs-code', 'runs-code', false],
		);
	});
});
