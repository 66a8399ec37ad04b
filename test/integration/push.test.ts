import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHomeportError } from '../../src/core/base/errors.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import type { EngineFixture } from '../support/engineFixture.js';
import { out, pushFixture, told } from '../support/pushFixture.js';

describe('direction session', () => {
	let fixture: EngineFixture;

	beforeEach(async () => {
		fixture = await pushFixture();
	});

	afterEach(() => fixture.dispose());

	const tip = (dir: string, ref = 'HEAD'): Promise<string> => fixture.git(dir, 'rev-parse', ref);
	const status = (dir: string): Promise<string> => fixture.git(dir, 'status', '--porcelain');

	it('moves the branch and the files of the session forward, and takes it back', async () => {
		const { home, session, commit, git, sync, homeport } = fixture;
		const before = await tip(session);
		const ours = await commit(home, 'H1', { 'new/home.txt': 'home\n', 'base.txt': 'changed\n' });
		const result = await sync('alpha', [], out);
		assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['fast-forward refs/heads/main'] });
		assert.deepStrictEqual(
			[await tip(session), await status(session), readFileSync(join(session, 'new/home.txt'), 'utf8')],
			[ours, '', 'home\n'],
		);
		assert.match(await git(session, 'reflog', '-1', 'main'), /push|homeport/);
		const [operation] = await homeport.operations();
		assert.deepStrictEqual(
			[operation?.kind, operation?.state, operation?.refs, operation?.sessionRefs],
			['push', 'done', [], [{ ref: 'refs/heads/main', from: before, to: ours }]],
		);
		assert.deepStrictEqual(told(await sync('alpha', [], out)), {
			outcome: 'up-to-date',
			codes: [],
			push: ['keep refs/heads/main'],
		});
		const undone = await homeport.undo(null, { accepted: [] });
		assert.deepStrictEqual(
			[undone.outcome, await tip(session), await status(session), existsSync(join(session, 'new'))],
			['done', before, '', false],
		);
		const redone = await homeport.undo(undone.operation, { accepted: [] });
		assert.deepStrictEqual([redone.kind, await tip(session), await status(session)], ['redo', ours, '']);
	});

	it('puts what has diverged beside, numbered where that is taken, and moves what is there forward', async () => {
		const { home, session, commit, git, sync } = fixture;
		const theirs = await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		assert.deepStrictEqual(told(await sync('alpha', [], out)), {
			outcome: 'synced',
			codes: ['session-diverged note'],
			push: ['create refs/heads/homeport/main beside'],
		});
		assert.deepStrictEqual(
			[await tip(session), await tip(session, 'homeport/main'), await status(session)],
			[theirs, ours, ''],
		);
		const more = await commit(home, 'H2', { 'home.txt': 'more\n' });
		assert.deepStrictEqual(told(await sync('alpha', [], out)), {
			outcome: 'synced',
			codes: ['session-diverged note'],
			push: ['fast-forward refs/heads/homeport/main beside'],
		});
		assert.equal(await tip(session, 'homeport/main'), more);
		await git(session, 'switch', '-q', 'homeport/main');
		await commit(session, 'A2', { 'alpha.txt': 'on it\n' });
		await git(session, 'switch', '-q', 'main');
		await commit(home, 'H3', { 'home.txt': 'again\n' });
		assert.deepStrictEqual(told(await sync('alpha', [], out)), {
			outcome: 'synced',
			codes: ['session-diverged note'],
			push: ['create refs/heads/homeport/main-2 beside'],
		});
		await fixture.homeport.undo(null, { accepted: [] });
		assert.equal(await git(session, 'for-each-ref', '--format=%(refname)', 'refs/heads/homeport/main-2'), '');
	});

	it('merges at home and goes out as a step forward, by the identity of the user', async () => {
		const { home, session, commit, git, sync } = fixture;
		const theirs = await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const result = await sync('alpha', [], { ...out, strategy: 'merge' });
		assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['merge refs/heads/main'] });
		assert.deepStrictEqual(
			[await git(session, 'log', '-1', '--format=%P|%an|%s'), await status(session), await tip(home)],
			[`${theirs} ${ours}|Somebody|Merge home's main into main`, '', ours],
		);
		assert.ok(existsSync(join(session, 'home.txt')) && existsSync(join(session, 'alpha.txt')));
	});

	it('reports conflicts of a merge, and brings the work beside; one side settles them where asked', async () => {
		const { home, session, commit, git, sync } = fixture;
		const theirs = await commit(session, 'A1', { 'base.txt': 'theirs\n' });
		const ours = await commit(home, 'H1', { 'base.txt': 'ours\n' });
		const result = await sync('alpha', [], { ...out, strategy: 'merge' });
		assert.deepStrictEqual(told(result), {
			outcome: 'synced',
			codes: ['merge-conflict note'],
			push: ['create refs/heads/homeport/main beside'],
		});
		assert.deepStrictEqual([await tip(session), await tip(session, 'homeport/main')], [theirs, ours]);
		const settled = await sync('alpha', [], { ...out, strategy: 'merge', onConflict: 'auto-ours' });
		assert.deepStrictEqual(told(settled), {
			outcome: 'synced',
			codes: ['conflicts-settled note'],
			push: ['merge refs/heads/main'],
		});
		assert.deepStrictEqual([await git(session, 'show', 'HEAD:base.txt'), await status(session)], ['ours', '']);
	});

	it('overwrites only when that was accepted, names what leaves the branch, and keeps it', async () => {
		const { home, session, commit, git, sync } = fixture;
		const theirs = await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const request: Partial<SyncRequest> = { ...out, strategy: 'overwrite' };
		const refused = await sync('alpha', [], request);
		assert.deepStrictEqual(told(refused), {
			outcome: 'refused',
			codes: ['overwrites-session ask'],
			push: ['overwrite refs/heads/main'],
		});
		assert.match(String(refused.warnings[0]?.details['commits']), /A1$/);
		assert.equal(await tip(session), theirs);
		const done = await sync('alpha', ['overwrites-session'], request);
		assert.deepStrictEqual(
			[done.outcome, await tip(session), await status(session), existsSync(join(session, 'alpha.txt'))],
			['synced', ours, '', false],
		);
		assert.equal(await git(home, 'cat-file', '-t', theirs), 'commit');
		await fixture.homeport.undo(null, { accepted: [] });
		assert.deepStrictEqual([await tip(session), await status(session)], [theirs, '']);
	});

	it('brings the files without the history, once', async () => {
		const { home, session, commit, git, sync } = fixture;
		const theirs = await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		await commit(home, 'H1', { 'home.txt': 'home\n' });
		await commit(home, 'H2', { 'base.txt': 'changed\n' });
		const request: Partial<SyncRequest> = { ...out, strategy: 'exclude' };
		const result = await sync('alpha', [], request);
		assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['files refs/heads/main'] });
		assert.deepStrictEqual(
			[
				await git(session, 'log', '-1', '--format=%P|%an'),
				await git(session, 'diff', '--name-only', theirs, 'HEAD'),
				await status(session),
			],
			[`${theirs}|Somebody`, 'base.txt\nhome.txt', ''],
		);
		assert.deepStrictEqual(told(await sync('alpha', [], request)), {
			outcome: 'up-to-date',
			codes: [],
			push: ['keep refs/heads/main'],
		});
	});

	it('brings files that conflict beside, as one commit on what both began from, once', async () => {
		const { home, session, commit, git, sync } = fixture;
		const base = await tip(home);
		const theirs = await commit(session, 'A1', { 'base.txt': 'theirs\n' });
		await commit(home, 'H1', { 'base.txt': 'ours\n' });
		await commit(home, 'H2', { 'home.txt': 'home\n' });
		const request: Partial<SyncRequest> = { ...out, strategy: 'exclude' };
		assert.deepStrictEqual(told(await sync('alpha', [], request)), {
			outcome: 'synced',
			codes: ['merge-conflict note'],
			push: ['create refs/heads/homeport/main beside'],
		});
		assert.deepStrictEqual(
			[await git(session, 'log', '--format=%P', '-1', 'homeport/main'), await tip(session)],
			[base, theirs],
		);
		assert.equal(await tip(session, 'homeport/main^{tree}'), await tip(home, 'main^{tree}'));
		assert.deepStrictEqual(
			(await sync('alpha', [], request)).push?.map(({ action }) => action),
			['keep'],
		);
	});

	it('asks where there is nothing in common, and brings it beside', async () => {
		const { home, session, commit, git, sync } = fixture;
		await git(session, 'checkout', '-q', '--orphan', 'other');
		const theirs = await commit(session, 'O1', { 'other.txt': 'other\n' });
		const ours = await tip(home);
		assert.deepStrictEqual(told(await sync('alpha', [], out)), {
			outcome: 'refused',
			codes: ['unrelated-history ask'],
			push: ['create refs/heads/homeport/main beside'],
		});
		const done = await sync('alpha', ['unrelated-history'], out);
		assert.deepStrictEqual(
			[done.outcome, await tip(session), await tip(session, 'homeport/main')],
			['synced', theirs, ours],
		);
	});

	it('fills an empty repository, on the branch that it is on or on one by the template', async () => {
		const { folder, home, git, add, sync } = fixture;
		await git(folder, 'init', '-q', '-b', 'main', 'empty');
		await add('empty', join(folder, 'empty'));
		const result = await sync('empty', [], out);
		assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['create refs/heads/main'] });
		assert.deepStrictEqual(
			[
				await tip(join(folder, 'empty')),
				await status(join(folder, 'empty')),
				existsSync(join(folder, 'empty/base.txt')),
			],
			[await tip(home), '', true],
		);
		await git(folder, 'init', '-q', '-b', 'trunk', 'second');
		await fixture.write(home, {
			'.claude/sync/sync-config.json':
				'{ "homeport": { "branches": { "sessionTemplate": "from-{session}/{branch}" } } }',
		});
		await add('second', join(folder, 'second'));
		assert.deepStrictEqual(told(await sync('second', [], out)), {
			outcome: 'synced',
			codes: [],
			push: ['create refs/heads/from-second/main'],
		});
	});

	it('pushes to a bare repository, and to one whose git folder stands apart', async () => {
		const { folder, home, session, commit, git, add, sync } = fixture;
		await git(folder, 'clone', '-q', '--bare', session, 'bare.git');
		await git(folder, 'clone', '-q', '--separate-git-dir', join(folder, 'apart.git'), session, 'apart');
		await add('bare', join(folder, 'bare.git'));
		await add('apart', join(folder, 'apart'));
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		for (const name of ['bare', 'apart']) {
			const result = await sync(name, [], out);
			assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['fast-forward refs/heads/main'] });
		}
		assert.deepStrictEqual(
			[await tip(join(folder, 'bare.git')), await tip(join(folder, 'apart')), await status(join(folder, 'apart'))],
			[ours, ours, ''],
		);
	});

	it('goes both ways: home first, then out', async () => {
		const { home, session, commit, git, sync } = fixture;
		const theirs = await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const request: Partial<SyncRequest> = { direction: 'both', strategy: 'merge' };
		const plan = await fixture.homeport.plan(await fixture.homeport.find('alpha'), {
			strategy: 'merge',
			direction: 'both',
			branch: null,
			from: null,
		});
		assert.deepStrictEqual(
			[plan.refs.map(({ action }) => action), plan.push?.map(({ ref, action, to }) => ({ ref, action, to }))],
			[['merge'], [{ ref: 'refs/heads/main', action: 'fast-forward', to: null }]],
		);
		const result = await sync('alpha', [], request);
		assert.deepStrictEqual(told(result), {
			outcome: 'synced',
			codes: ['moves-checked-out-branch note'],
			push: ['fast-forward refs/heads/main'],
		});
		const merged = await tip(home);
		assert.deepStrictEqual(
			[await git(home, 'log', '-1', '--format=%P'), await tip(session), await status(session), result.refs[0]?.to],
			[`${ours} ${theirs}`, merged, '', merged],
		);
		await fixture.homeport.undo(null, { accepted: [] });
		await fixture.homeport.undo(null, { accepted: [] });
		assert.deepStrictEqual([await tip(home), await tip(session)], [ours, theirs]);
	});

	it('takes nothing of the agent back with an undo', async () => {
		const { home, session, commit, sync, write } = fixture;
		const before = await tip(session);
		const ours = await commit(home, 'H1', { 'base.txt': 'changed\n' });
		await sync('alpha', [], out);
		await write(session, { 'base.txt': 'edited\n' });
		await assert.rejects(fixture.homeport.undo(null, { accepted: [] }), { code: 'session-built-on' });
		const theirs = await commit(session, 'A1');
		await assert.rejects(fixture.homeport.undo(null, { accepted: ['built-on'] }), { code: 'session-built-on' });
		assert.deepStrictEqual(
			[await tip(session), await tip(session, 'HEAD~'), await tip(session, 'HEAD~2')],
			[theirs, ours, before],
		);
	});

	it('refuses a repository of another user before it writes anything there', async function () {
		if (process.getuid?.() !== 0) {
			this.skip();
		}
		const { home, session, commit, sync, git } = fixture;
		await commit(home, 'H1', { 'home.txt': 'home\n' });
		execFileSync('chown', ['-R', '12345', session]);
		const result = await sync('alpha', [], out);
		execFileSync('chown', ['-R', '0', session]);
		assert.deepStrictEqual(
			[result.outcome, isHomeportError(result.error, 'session-not-owned'), await git(session, 'log', '--format=%s')],
			['failed', true, 'X'],
		);
	});

	it('brings names and files as they are, whatever they hold', async () => {
		const { home, session, commit, git, sync } = fixture;
		const odd = 'odd \u00e9 "name"\twith\nlines';
		await git(home, 'switch', '-q', '-c', "feature/it's-$(id)");
		await commit(home, 'H1', { [`${odd}/file`]: '\u0000binary\r\n', '-x': 'dash\n', ' ': 'blank\n' });
		const result = await sync('alpha', [], out);
		assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['fast-forward refs/heads/main'] });
		assert.deepStrictEqual([await tip(session), await status(session)], [await tip(home), '']);
		await fixture.write(session, { [`${odd}/more`]: 'mine\n' });
		await commit(home, 'H2', { [`${odd}/more`]: 'home\n' });
		assert.deepStrictEqual(told(await sync('alpha', [], out)), {
			outcome: 'synced',
			codes: ['session-tree-dirty note'],
			push: ["create refs/heads/homeport/feature/it's-$(id) beside"],
		});
		assert.equal(readFileSync(join(session, odd, 'more'), 'utf8'), 'mine\n');
	});

	it('goes into a shallow clone, forward and beside', async () => {
		const { folder, home, session, commit, git, add, sync } = fixture;
		await commit(home, 'H0', { 'more.txt': 'more\n' });
		await git(folder, 'clone', '-q', '--depth', '1', `file://${home}`, 'shallow');
		await add('shallow', join(folder, 'shallow'));
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const forward = await sync('shallow', [], out);
		assert.deepStrictEqual(told(forward), { outcome: 'synced', codes: [], push: ['fast-forward refs/heads/main'] });
		assert.deepStrictEqual([await tip(join(folder, 'shallow')), await status(join(folder, 'shallow'))], [ours, '']);
		assert.equal(existsSync(join(session, 'home.txt')), false);
	});

	it('is not for a worktree of home, and says so', async () => {
		const { folder, home, git, sync } = fixture;
		await git(home, 'worktree', 'add', '-q', '-b', 'side', join(folder, 'tree'));
		await assert.rejects(sync('tree', [], out), { code: 'not-supported' });
	});

	it('says which branch there is none of', async () => {
		const { home, git, sync } = fixture;
		await assert.rejects(sync('alpha', [], { ...out, branch: 'nowhere' }), { code: 'usage' });
		await assert.rejects(sync('alpha', [], { ...out, from: '-x' }), { code: 'usage' });
		await git(home, 'checkout', '-q', '--detach');
		await assert.rejects(sync('alpha', [], out), { code: 'usage' });
		assert.equal((await sync('alpha', [], { ...out, branch: 'main' })).outcome, 'up-to-date');
	});
});
