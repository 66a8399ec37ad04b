import { strict as assert } from 'node:assert';
import { existsSync, readdirSync } from 'node:fs';
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

	it('says that git does not know the user, and changes nothing', async () => {
		const { home, session, commit, git, sync } = fixture;
		await git(home, 'config', 'user.name', '');
		await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		await assert.rejects(sync('alpha', [], merge), (error) => isHomeportError(error, 'identity-missing'));
		assert.equal(await git(home, 'rev-parse', 'main'), ours);
	});
});
