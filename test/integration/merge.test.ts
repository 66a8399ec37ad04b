import { strict as assert } from 'node:assert';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isHomeportError } from '../../src/core/base/errors.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

const merge: Partial<SyncRequest> = { strategy: 'merge' };

describe('strategy merge', () => {
	let fixture: EngineFixture;

	beforeEach(async () => {
		fixture = await engineFixture(async ({ home, git }) => {
			await git(home, 'config', 'user.name', 'Somebody');
			await git(home, 'config', 'user.email', 'somebody@example.org');
		});
		await fixture.add('alpha', fixture.session);
	});

	afterEach(() => fixture.dispose());

	const subjects = (...args: string[]): Promise<string> => fixture.git(fixture.home, 'log', '--format=%s', ...args);

	it('makes a merge commit by the user on the branch checked out here, and moves its files', async () => {
		const { home, session, commit, git, sync, write } = fixture;
		const theirs = await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		await write(home, { 'dirty.txt': 'mine\n' });
		const result = await sync('alpha', [], merge);
		const tip = await git(home, 'rev-parse', 'main');
		assert.deepStrictEqual(
			{ outcome: result.outcome, refs: result.refs.map(({ ref, from, to, action }) => ({ ref, from, to, action })) },
			{ outcome: 'synced', refs: [{ ref: 'refs/heads/main', from: ours, to: tip, action: 'merge' }] },
		);
		assert.deepStrictEqual(
			[
				await git(home, 'log', '-1', '--format=%P|%an|%ae|%cn|%s', 'main'),
				await git(home, 'status', '--porcelain'),
				existsSync(join(home, 'alpha.txt')),
			],
			[
				`${ours} ${theirs}|Somebody|somebody@example.org|Somebody|Merge branch 'main' of session 'alpha' into main`,
				'?? dirty.txt',
				true,
			],
		);
		await fixture.homeport.undo(null, { accepted: [] });
		assert.deepStrictEqual([await git(home, 'rev-parse', 'main'), existsSync(join(home, 'alpha.txt'))], [ours, false]);
	});

	it('goes forward without a merge commit where it can, and does nothing where all is there', async () => {
		const { home, session, commit, git, sync } = fixture;
		const theirs = await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const first = await sync('alpha', [], merge);
		const again = await sync('alpha', [], merge);
		assert.deepStrictEqual(
			[first.refs[0]!.action, await git(home, 'rev-parse', 'main'), again.outcome],
			['fast-forward', theirs, 'up-to-date'],
		);
	});

	it('puts the commits on top of the branch with --rebase, with their authors', async () => {
		const { home, session, commit, git, sync } = fixture;
		await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		await git(
			session,
			'-c',
			'user.name=Agent',
			'commit',
			'-q',
			'--allow-empty',
			'-m',
			'A2',
			'--author=Agent <a@example.org>',
		);
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const result = await sync('alpha', [], { ...merge, rebase: true });
		assert.deepStrictEqual(
			[result.outcome, result.refs[0]!.gained, await subjects('main'), await git(home, 'rev-parse', 'main~2')],
			['synced', 2, 'A2\nA1\nH1\nX', ours],
		);
		assert.equal(await git(home, 'log', '-1', '--format=%an|%cn', 'main'), 'Agent|Somebody');
	});

	it('reports conflicts with their lines, and leaves everything as it was', async () => {
		const { home, session, commit, git, sync } = fixture;
		await commit(session, 'A1', { 'base.txt': 'theirs\n', 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'base.txt': 'ours\n' });
		const objects = async (): Promise<string> => git(home, 'count-objects', '-v');
		await fixture.homeport.rescue(await fixture.homeport.find('alpha'));
		const before = await objects();
		const result = await sync('alpha', [], merge);
		const [change] = result.refs;
		assert.deepStrictEqual(
			{
				outcome: result.outcome,
				codes: result.warnings.map(({ code, level }) => `${code} ${level}`),
				conflicts: change!.forecast?.conflicts,
				main: await git(home, 'rev-parse', 'main'),
				status: await git(home, 'status', '--porcelain'),
				objects: await objects(),
				scratch: readdirSync(join(home, '.git/homeport/quarantine')),
			},
			{
				outcome: 'refused',
				codes: ['merge-conflict ask'],
				conflicts: [{ path: 'base.txt', kind: 'contents', regions: [{ first: 1, last: 5 }] }],
				main: ours,
				status: '',
				objects: before,
				scratch: [],
			},
		);
	});

	it('settles conflicts by one side where that is asked for, and names the files', async () => {
		const { home, session, commit, git, sync } = fixture;
		await commit(session, 'A1', { 'base.txt': 'theirs\n', 'alpha.txt': 'alpha\n' });
		await commit(home, 'H1', { 'base.txt': 'ours\n' });
		const result = await sync('alpha', [], { ...merge, onConflict: 'auto-theirs' });
		assert.deepStrictEqual(
			[
				result.outcome,
				result.warnings.find(({ code }) => code === 'conflicts-settled')?.details['files'],
				await git(home, 'show', 'main:base.txt'),
				await git(home, 'show', 'main:alpha.txt'),
			],
			['synced', ['base.txt'], 'theirs', 'alpha'],
		);
	});

	it('goes beside where a file is in the way, and says which', async () => {
		const { home, session, commit, git, sync, write } = fixture;
		await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		await write(home, { 'alpha.txt': 'mine\n' });
		const refused = await sync('alpha', [], merge);
		const accepted = await sync('alpha', ['dirty-in-way'], merge);
		assert.deepStrictEqual(
			[
				refused.outcome,
				refused.warnings.find(({ code }) => code === 'dirty-in-way')?.details['files'],
				accepted.outcome,
				await git(home, 'rev-parse', 'main'),
				await git(home, 'log', '-1', '--format=%s', 'claude/alpha'),
			],
			['refused', ['alpha.txt'], 'synced', ours, 'A1'],
		);
	});

	it('offers a branch where a rebase would have to make a beginning again', async () => {
		const { home, session, git, sync, commit } = fixture;
		await git(session, 'checkout', '-q', '--orphan', 'other');
		await commit(session, 'O1', { 'o.txt': 'o\n' });
		await git(session, 'switch', '-q', 'main');
		await git(session, 'merge', '-q', '--allow-unrelated-histories', '-m', 'both', 'other');
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const refused = await sync('alpha', [], { ...merge, rebase: true });
		assert.deepStrictEqual(
			[refused.outcome, refused.warnings.filter(({ level }) => level === 'ask').map(({ code }) => code)],
			['refused', ['unrelated-history']],
		);
		assert.equal(await git(home, 'rev-parse', 'main'), ours);
	});

	it('offers a branch where there is no commit in common', async () => {
		const { home, session, git, sync, commit } = fixture;
		await git(session, 'checkout', '-q', '--orphan', 'other');
		await commit(session, 'O1', { 'o.txt': 'o\n' });
		await git(session, 'branch', '-D', 'main');
		await git(session, 'branch', '-m', 'main');
		const ours = await git(home, 'rev-parse', 'main');
		const refused = await sync('alpha', [], merge);
		const accepted = await sync('alpha', ['unrelated-history'], merge);
		assert.deepStrictEqual(
			[
				refused.outcome,
				accepted.outcome,
				await git(home, 'rev-parse', 'main'),
				await git(home, 'log', '-1', '--format=%s', 'claude/alpha'),
			],
			['refused', 'synced', ours, 'O1'],
		);
	});

	describe('with conflicts, when they are accepted', () => {
		const conflicted = async (): Promise<{ ours: string; theirs: string; path: string; operation: string }> => {
			const { home, session, commit, sync } = fixture;
			const theirs = await commit(session, 'A1', { 'base.txt': 'theirs\n', 'alpha.txt': 'alpha\n' });
			const ours = await commit(home, 'H1', { 'base.txt': 'ours\n' });
			const result = await sync('alpha', ['merge-conflict'], merge);
			assert.equal(result.outcome, 'synced');
			return { ours, theirs, path: result.opened!, operation: result.operation! };
		};

		it('is opened in a working tree of its own, just as git leaves it', async () => {
			const { home, git, sync } = fixture;
			const { ours, theirs, path, operation } = await conflicted();
			const again = await sync('alpha', ['merge-conflict'], merge);
			assert.deepStrictEqual(
				[
					await git(path, 'rev-parse', 'HEAD', 'MERGE_HEAD'),
					(await git(path, 'ls-files', '-u')).split('\n').length,
					readFileSync(join(path, 'base.txt'), 'utf8').split('\n')[0],
					await git(home, 'status', '--porcelain'),
					await git(home, 'rev-parse', 'main'),
					[again.outcome, again.opened, again.operation],
					(await fixture.homeport.list()).sessions.map(({ name }) => name),
					(await fixture.homeport.operation(operation)).isOpen,
				],
				[`${ours}\n${theirs}`, 3, '<<<<<<< HEAD', '', ours, ['up-to-date', path, null], ['alpha'], true],
			);
		});

		it('asks about files that run code before they stand in that tree, also where they came home before', async () => {
			const { home, session, git, commit, sync } = fixture;
			await commit(session, 'A1', { 'base.txt': 'theirs\n', '.vscode/tasks.json': '{"tasks":[]}\n' });
			await commit(home, 'H1', { 'base.txt': 'ours\n' });
			await git(home, 'switch', '-q', '-c', 'side');
			const asked = async (): Promise<string[]> => {
				const { outcome, warnings } = await sync('alpha', ['merge-conflict'], merge);
				return [
					outcome,
					...warnings.filter(({ level, accepted }) => level === 'ask' && !accepted).map(({ code }) => code),
				];
			};
			assert.deepStrictEqual(
				[await asked(), await asked()],
				[
					['refused', 'runs-code'],
					['refused', 'runs-code'],
				],
			);
			assert.equal(existsSync(join(home, '.claude/sync/merges')), false);
		});

		it('is continued when it is settled, and can be undone', async () => {
			const { home, git, write, homeport } = fixture;
			const { ours, theirs, path } = await conflicted();
			const unfinished = homeport.continueMerge(null, { accepted: [] });
			await assert.rejects(unfinished, (error) => isHomeportError(error, 'merge-unfinished'));
			await write(path, { 'base.txt': 'both\n' });
			await assert.rejects(homeport.continueMerge(null, { accepted: [] }), { code: 'merge-unfinished' });
			await git(path, 'add', 'base.txt');
			const done = await homeport.continueMerge(null, { accepted: [] });
			assert.deepStrictEqual(
				[
					done.outcome,
					await git(home, 'log', '-1', '--format=%P|%an|%s', 'main'),
					readFileSync(join(home, 'base.txt'), 'utf8'),
					await git(home, 'status', '--porcelain'),
					existsSync(path),
					await git(home, 'worktree', 'list', '--porcelain').then((text) => text.match(/^worktree /gm)?.length),
				],
				['done', `${ours} ${theirs}|Somebody|Merge branch 'main' of session 'alpha' into main`, 'both\n', '', false, 1],
			);
			await homeport.undo(null, { accepted: [] });
			assert.equal(await git(home, 'rev-parse', 'main'), ours);
		});

		it('asks about markers that are left', async () => {
			const { git, homeport } = fixture;
			const { path } = await conflicted();
			await git(path, 'add', 'base.txt');
			const refused = await homeport.continueMerge(null, { accepted: [] });
			const done = await homeport.continueMerge(null, { accepted: ['markers-left'] });
			assert.deepStrictEqual(
				[refused.outcome, refused.warnings.map(({ code }) => code), done.outcome],
				['refused', ['markers-left'], 'done'],
			);
		});

		it('is dropped by an undo, which asks where it was worked on and keeps what was there', async () => {
			const { home, git, write, homeport } = fixture;
			const { ours, path, operation } = await conflicted();
			await write(path, { 'base.txt': 'half done\n' });
			const refused = await homeport.undo(null, { accepted: [] });
			const there = existsSync(path);
			const done = await homeport.undo(operation, { accepted: ['merge-worked-on'] });
			const log = 'refs/homeport/operations';
			assert.deepStrictEqual(
				[
					refused.outcome,
					refused.warnings.map(({ code }) => code),
					there,
					done.outcome,
					existsSync(path),
					await git(home, 'rev-parse', 'main'),
					await git(home, 'show', `${log}:before-merge-files/base.txt`),
				],
				['refused', ['merge-worked-on'], true, 'done', false, ours, 'half done'],
			);
			await assert.rejects(homeport.undo(null, { accepted: [] }), { code: 'nothing-to-undo' });
		});

		it('is dropped without a question where nobody touched it', async () => {
			const { path } = await conflicted();
			const done = await fixture.homeport.undo(null, { accepted: [] });
			assert.deepStrictEqual([done.outcome, existsSync(path)], ['done', false]);
		});

		it('is not continued onto a branch that has moved since', async () => {
			const { home, git, write, commit, homeport } = fixture;
			const { path } = await conflicted();
			await write(path, { 'base.txt': 'both\n' });
			await git(path, 'add', 'base.txt');
			const moved = await commit(home, 'H2', { 'more.txt': 'more\n' });
			await assert.rejects(homeport.continueMerge(null, { accepted: [] }), { code: 'changed-meanwhile' });
			assert.deepStrictEqual([await git(home, 'rev-parse', 'main'), existsSync(path)], [moved, true]);
		});

		it('is a rebase in the middle where that was asked for', async () => {
			const { home, session, git, write, commit, sync, homeport } = fixture;
			await commit(session, 'A1', { 'base.txt': 'theirs\n' });
			await commit(session, 'A2', { 'alpha.txt': 'alpha\n' });
			const ours = await commit(home, 'H1', { 'base.txt': 'ours\n' });
			const result = await sync('alpha', ['merge-conflict'], { ...merge, rebase: true });
			const path = result.opened!;
			await write(path, { 'base.txt': 'both\n' });
			await git(path, 'add', 'base.txt');
			const done = await homeport.continueMerge(null, { accepted: [] });
			assert.deepStrictEqual(
				[done.outcome, await subjects('main'), await git(home, 'rev-parse', 'main~2'), existsSync(path)],
				['done', 'A2\nA1\nH1\nX', ours, false],
			);
		});
	});

	it('says that git does not know the user, and changes nothing', async () => {
		const { home, session, commit, git, sync } = fixture;
		await git(home, 'config', 'user.name', '');
		await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		await assert.rejects(sync('alpha', [], merge), (error) => isHomeportError(error, 'identity-missing'));
		assert.equal(await git(home, 'rev-parse', 'main'), ours);
	});

	it('tells what is left to settle of an open merge, by side, and takes a file for settled when that is said', async () => {
		const { home, session, commit, git, sync, homeport } = fixture;
		await commit(session, 'A1', { 'base.txt': 'theirs\n', 'shared.txt': 'theirs\n' });
		await git(home, 'rm', '-q', 'shared.txt');
		await commit(home, 'H1', { 'base.txt': 'ours\n' });
		const { opened } = await sync('alpha', ['merge-conflict'], merge);
		const told = (await homeport.conflicts(null)).map(({ path, base, ours, theirs, isLeft }) => ({
			path,
			sides: [base, ours, theirs].map((oid) => oid !== null),
			isLeft,
		}));
		assert.deepStrictEqual(told, [
			{ path: 'base.txt', sides: [true, true, true], isLeft: true },
			{ path: 'shared.txt', sides: [true, false, true], isLeft: true },
		]);
		await assert.rejects(homeport.settleConflicts(null, ['other.txt'], 'as-it-stands'), (error) =>
			isHomeportError(error, 'usage'),
		);
		await homeport.settleConflicts(null, ['shared.txt'], 'deleted');
		assert.ok(!existsSync(join(opened!, 'shared.txt')));
		// What a merge editor saves before anybody has decided.
		await writeFile(
			join(opened!, 'base.txt'),
			await git(
				home,
				'show',
				`${await git(home, 'merge-base', 'main', 'refs/homeport/sessions/local/alpha/heads/main')}:base.txt`,
			).then((text) => `${text}\n`),
		);
		assert.deepStrictEqual(
			(await homeport.conflicts(null)).map(({ isLeft }) => isLeft),
			[true],
		);
		await writeFile(join(opened!, 'base.txt'), 'both\n');
		assert.deepStrictEqual(
			(await homeport.conflicts(null)).map(({ path, isLeft }) => [path, isLeft]),
			[['base.txt', false]],
		);
		await homeport.settleConflicts(null, ['base.txt'], 'as-it-stands');
		const done = await homeport.continueMerge(null, { accepted: [] });
		assert.deepStrictEqual(
			[done.outcome, await git(home, 'show', 'main:base.txt'), existsSync(join(home, 'shared.txt'))],
			['done', 'both', false],
		);
		await assert.rejects(homeport.conflicts(null), (error) => isHomeportError(error, 'usage'));
	});

	it('tells in how many places of a file nobody has decided yet', async () => {
		const { home, session, write, commit, sync, homeport } = fixture;
		const text = (first: string, second: string): string => `${first}\n${'between\n'.repeat(8)}${second}\n`;
		await commit(home, 'B', { 'two.txt': text('first', 'second') });
		await fixture.git(session, 'pull', '-q', '--rebase', home, 'main');
		await commit(session, 'A1', { 'two.txt': text('theirs', 'theirs') });
		await commit(home, 'H1', { 'two.txt': text('ours', 'ours') });
		const { opened } = await sync('alpha', ['merge-conflict'], merge);
		const told: unknown[] = [];
		for (const [first, second] of [
			['first', 'second'],
			['both', 'second'],
			['first', 'theirs'],
			['ours', 'both\nand more'],
		] as const) {
			await write(opened!, { 'two.txt': text(first, second) });
			told.push(
				...(await homeport.conflicts(null)).map(({ isLeft, undecided, places }) => [isLeft, undecided, places]),
			);
		}
		assert.deepStrictEqual(told, [
			[true, 2, 2],
			[false, 1, 2],
			[false, 1, 2],
			[false, 0, 2],
		]);
	});
});
