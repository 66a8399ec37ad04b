import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isHomeportError } from '../../src/core/base/errors.js';
import { describeError } from '../../src/core/base/messages.js';
import { openHome } from '../../src/core/homeport.js';
import { createGit } from '../../src/core/git/run.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import type { SyncResult } from '../../src/core/model/report.js';
import { beginOperation } from '../../src/core/operations/log.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

const out: Partial<SyncRequest> = { direction: 'session' };

describe('direction session', () => {
	let fixture: EngineFixture;

	beforeEach(async () => {
		fixture = await engineFixture(async ({ home, git }) => {
			await git(home, 'config', 'user.name', 'Somebody');
			await git(home, 'config', 'user.email', 'somebody@example.org');
		});
		await fixture.add('alpha', fixture.session);
	});

	afterEach(() => fixture.dispose());

	const tip = (dir: string, ref = 'HEAD'): Promise<string> => fixture.git(dir, 'rev-parse', ref);
	const status = (dir: string): Promise<string> => fixture.git(dir, 'status', '--porcelain');
	const told = (result: SyncResult): unknown => ({
		outcome: result.error === null ? result.outcome : describeError(result.error, 'cli').message,
		codes: result.warnings.map(({ code, level }) => `${code} ${level}`),
		push: result.push?.map(({ ref, action, beside }) => `${action} ${ref}${beside ? ' beside' : ''}`),
	});

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

	const hindrances: readonly (readonly [string, string, () => Promise<void>])[] = [
		['an unstaged edit', 'session-tree-dirty', () => fixture.write(fixture.session, { 'shared.txt': 'edited\n' })],
		[
			'a staged edit whose file is as before',
			'session-tree-dirty',
			async () => {
				await fixture.write(fixture.session, { 'shared.txt': 'edited\n' });
				await fixture.git(fixture.session, 'add', 'shared.txt');
				await fixture.write(fixture.session, { 'shared.txt': 'shared\n' });
			},
		],
		[
			'an untracked file in the way',
			'session-tree-dirty',
			() => fixture.write(fixture.session, { 'home.txt': 'mine\n' }),
		],
		[
			'an ignored file in the way',
			'session-tree-dirty',
			async () => {
				await fixture.write(fixture.session, { '.git/info/exclude': 'home.txt\n', 'home.txt': 'mine\n' });
			},
		],
		[
			'an ignored file where a folder is needed',
			'session-tree-dirty',
			async () => {
				await fixture.write(fixture.session, { '.git/info/exclude': 'folder\n', folder: 'mine\n' });
			},
		],
		[
			'a merge that is going on',
			'session-tree-busy',
			async () => {
				await fixture.git(fixture.session, 'update-ref', 'MERGE_HEAD', 'HEAD');
			},
		],
		[
			'a detached HEAD',
			'session-tree-busy',
			async () => {
				await fixture.git(fixture.session, 'checkout', '-q', '--detach');
			},
		],
		[
			'an index that stays locked',
			'session-tree-busy',
			() => fixture.write(fixture.session, { '.git/index.lock': '' }),
		],
		[
			'a filter',
			'session-filters',
			async () => {
				await fixture.commit(fixture.home, 'H2', { '.gitattributes': '*.bin filter=lfs\n', 'a.bin': 'pointer\n' });
			},
		],
		[
			'a filter that only the session names',
			'session-filters',
			() => fixture.write(fixture.session, { '.git/info/attributes': '*.txt filter=odd\n' }),
		],
	];
	for (const [what, code, prepare] of hindrances) {
		it(`goes beside ${what}, and leaves it as it is`, async function () {
			this.timeout(120_000);
			const { home, session, commit, git, sync } = fixture;
			await commit(home, 'H1', { 'home.txt': 'home\n', 'folder/file.txt': 'in it\n', 'base.txt': 'changed\n' });
			const theirs = await tip(session);
			await prepare();
			const look = async (): Promise<string[]> => [
				await tip(session, 'refs/heads/main'),
				await git(session, '--no-optional-locks', 'status', '--porcelain', '--ignored'),
				await git(session, 'diff', 'HEAD'),
				await git(session, 'diff', '--cached', 'HEAD'),
			];
			const before = await look();
			const result = await sync('alpha', [], out);
			assert.deepStrictEqual(told(result), {
				outcome: 'synced',
				codes: [`${code} note`],
				push: ['create refs/heads/homeport/main beside'],
			});
			assert.deepStrictEqual(await look(), before);
			assert.deepStrictEqual([before[0], await tip(session, 'homeport/main')], [theirs, await tip(home)]);
		});
	}

	it('goes beside a branch that a rebase will come back to', async () => {
		const { home, session, commit, git, sync } = fixture;
		await commit(session, 'A1', { 'base.txt': 'theirs\n' });
		await git(session, 'branch', 'other', 'HEAD~');
		await git(session, 'switch', '-q', 'other');
		await commit(session, 'A2', { 'base.txt': 'otherwise\n' });
		await git(session, 'switch', '-q', 'main');
		await git(home, 'fetch', '-q', session, 'main');
		await git(home, 'merge', '-q', '--ff-only', 'FETCH_HEAD');
		const theirs = await tip(session);
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		await assert.rejects(git(session, 'rebase', 'other'));
		for (const from of [null, 'main']) {
			const result = await sync('alpha', [], { ...out, from });
			assert.deepStrictEqual(
				[result.outcome, result.warnings.map(({ code }) => code), await tip(session, 'main')],
				[from === null ? 'synced' : 'up-to-date', ['session-tree-busy'], theirs],
			);
		}
		assert.equal(await tip(session, 'homeport/main'), ours);
	});

	it('goes beside a branch that another working tree of the session has', async () => {
		const { folder, home, session, commit, git, sync } = fixture;
		await git(session, 'branch', 'feature');
		await git(session, 'worktree', 'add', '-q', join(folder, 'second'), 'feature');
		const theirs = await tip(session, 'feature');
		await commit(home, 'H1', { 'home.txt': 'home\n' });
		const result = await sync('alpha', [], { ...out, from: 'feature' });
		assert.deepStrictEqual(told(result), {
			outcome: 'synced',
			codes: ['session-tree-busy note'],
			push: ['create refs/heads/homeport/main beside'],
		});
		assert.deepStrictEqual([await tip(session, 'feature'), await status(join(folder, 'second'))], [theirs, '']);
	});

	it('moves a branch that is checked out nowhere, whatever the files are', async () => {
		const { home, session, commit, git, sync, write } = fixture;
		await git(session, 'branch', 'feature');
		await write(session, { 'base.txt': 'edited\n' });
		const ours = await commit(home, 'H1', { 'base.txt': 'changed\n' });
		const result = await sync('alpha', [], { ...out, from: 'feature' });
		assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['fast-forward refs/heads/feature'] });
		assert.deepStrictEqual(
			[await tip(session, 'feature'), readFileSync(join(session, 'base.txt'), 'utf8')],
			[ours, 'edited\n'],
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

	it('plans again where the agent commits while the plan is being read, and loses none of it', async () => {
		const { home, session, commit, git, homeport } = fixture;
		const before = await tip(session);
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		let theirs = '';
		const alpha = await homeport.find('alpha');
		const done = await homeport.sync(
			alpha,
			{ strategy: 'merge', direction: 'session', branch: null, from: null },
			async (plan) => {
				assert.equal(plan.push?.[0]?.action, 'fast-forward');
				theirs = await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
				return { proceed: true, accepted: [] };
			},
		);
		assert.deepStrictEqual(told(done), { outcome: 'synced', codes: [], push: ['merge refs/heads/main'] });
		assert.deepStrictEqual(
			[await git(session, 'log', '-1', '--format=%P'), await status(session), await tip(session, 'HEAD~2')],
			[`${theirs} ${ours}`, '', before],
		);
		const states = (await homeport.operations()).map(({ kind, state }) => `${kind} ${state}`);
		assert.deepStrictEqual(states, ['push done', 'push rolled-back']);
	});

	it('goes beside where the tree has become dirty while the plan was being read', async () => {
		const { home, session, commit, homeport, write } = fixture;
		const theirs = await tip(session);
		await commit(home, 'H1', { 'base.txt': 'changed\n', 'home.txt': 'home\n' });
		for (const file of ['base.txt', 'home.txt']) {
			const done = await homeport.sync(
				await homeport.find('alpha'),
				{ strategy: 'branch', direction: 'session', branch: null, from: null },
				async () => {
					await write(session, { [file]: 'edited\n' });
					return { proceed: true, accepted: [] };
				},
			);
			assert.deepStrictEqual(
				done.warnings.map(({ code }) => code),
				['session-tree-dirty'],
			);
			assert.deepStrictEqual([await tip(session), readFileSync(join(session, file), 'utf8')], [theirs, 'edited\n']);
			await fixture.git(session, 'clean', '-fdq');
			await fixture.git(session, 'checkout', '-q', '.');
		}
	});

	it('moves the files too where the branch was checked out while the plan was being read', async () => {
		const { home, session, commit, git, homeport } = fixture;
		await git(session, 'branch', 'feature');
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const done = await homeport.sync(
			await homeport.find('alpha'),
			{ strategy: 'merge', direction: 'session', branch: null, from: 'feature' },
			async (plan) => {
				assert.equal(plan.push?.[0]?.checkedOut, false);
				await git(session, 'switch', '-q', 'feature');
				return { proceed: true, accepted: [] };
			},
		);
		assert.deepStrictEqual(told(done), { outcome: 'synced', codes: [], push: ['fast-forward refs/heads/feature'] });
		assert.deepStrictEqual([done.push?.[0]?.checkedOut, await tip(session), await status(session)], [true, ours, '']);
	});

	it('keeps what the agent commits at the very moment in which its files are moved', async () => {
		const { folder, home, session, env, commit, git, write } = fixture;
		const ours = await commit(home, 'H1', { 'base.txt': 'changed\n', 'home.txt': 'home\n' });
		// A git of the session's that lets the agent commit between the last look at the files and their move.
		const real = await git(home, '--exec-path');
		const programs = join(folder, 'programs');
		await write(folder, {
			'programs/git': `#!/bin/sh
export GIT_EXEC_PATH=${programs}
if [ "$1 $2 $3" = "read-tree -m -u" ] && mkdir ${folder}/once 2>/dev/null; then
	(
		unset $(${real}/git rev-parse --local-env-vars)
		cd ${session} && echo agent >shared.txt
		${real}/git -c user.name=A -c user.email=a@localhost commit -qam A1
	)
	${real}/git "$@"
	code=$?
	cp ${session}/shared.txt ${folder}/seen
	exit $code
fi
exec ${real}/git "$@"
`,
		});
		chmodSync(join(programs, 'git'), 0o755);
		for (const name of readdirSync(real).filter((name) => name !== 'git')) {
			symlinkSync(join(real, name), join(programs, name));
		}
		const homeport = await openHome({ repo: home, env: { ...env, PATH: `${programs}:${env['PATH']}` } });
		const result = await homeport.sync(
			await homeport.find('alpha'),
			{ strategy: 'merge', direction: 'session', branch: null, from: null },
			async () => ({ proceed: true, accepted: [] }),
		);
		assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['merge refs/heads/main'] });
		const states = (await homeport.operations()).map(({ kind, state }) => `${kind} ${state}`);
		assert.deepStrictEqual(
			[
				states,
				readFileSync(join(folder, 'seen'), 'utf8'),
				await status(session),
				readFileSync(join(session, 'shared.txt'), 'utf8'),
			],
			[['push done', 'push rolled-back'], 'agent\n', '', 'agent\n'],
		);
		assert.deepStrictEqual(
			[await git(session, 'log', '-1', '--format=%s', 'HEAD^1'), await tip(session, 'HEAD^2')],
			['A1', ours],
		);
	});

	it('asks again before an overwrite takes more from the branch than was named', async () => {
		const { home, session, commit, homeport } = fixture;
		await commit(session, 'A1', { 'alpha.txt': 'alpha\n' });
		await commit(home, 'H1', { 'home.txt': 'home\n' });
		const asked: unknown[] = [];
		let theirs = '';
		const done = await homeport.sync(
			await homeport.find('alpha'),
			{ strategy: 'overwrite', direction: 'session', branch: null, from: null },
			async (plan) => {
				asked.push(plan.warnings.map(({ details }) => details['lost']));
				theirs = asked.length === 1 ? await commit(session, 'A2', { 'alpha.txt': 'more\n' }) : theirs;
				return asked.length === 1 ? { proceed: true, accepted: ['overwrites-session'] } : { proceed: false };
			},
		);
		assert.deepStrictEqual([done.outcome, asked, await tip(session)], ['refused', [[1], [2]], theirs]);
	});

	it('gives up with a code where the session changes every time, and has saved all of it', async () => {
		const { home, session, git, homeport } = fixture;
		await fixture.commit(home, 'H1', { 'home.txt': 'home\n' });
		let number = 0;
		const done = await homeport.sync(
			await homeport.find('alpha'),
			{ strategy: 'merge', direction: 'session', branch: null, from: null },
			async () => ({ proceed: true, accepted: [] }),
			{
				onProgress: ({ phase }) => {
					if (phase === 'apply') {
						number += 1;
						execFileSync('git', ['commit', '-q', '--allow-empty', '-m', `A${number}`], {
							cwd: session,
							env: fixture.env,
						});
					}
				},
			},
		);
		assert.deepStrictEqual(
			[
				done.outcome,
				isHomeportError(done.error, 'changed-meanwhile'),
				number,
				await git(session, 'log', '-1', '--format=%s'),
			],
			['failed', true, 3, 'A3'],
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

	it('puts back the files of a push that was cut off before its branch moved, and goes on', async () => {
		const { home, session, env, commit, git, sync, homeport, write } = fixture;
		const before = await tip(session);
		const ours = await commit(home, 'H1', { 'base.txt': 'changed\n', 'home.txt': 'home\n' });
		await sync('alpha', [], out);
		await homeport.undo(null, { accepted: [] });
		await git(session, 'read-tree', '-m', '-u', before, ours);
		const folder = join(env['XDG_CACHE_HOME']!, 'homeport');
		const [own] = readdirSync(folder).filter((name) => name.startsWith('homeport-'));
		await write(join(folder, own!), { moving: `refs/heads/main ${before} ${ours}\n` });
		await write(session, { 'shared.txt': 'edited\n' });
		const plan = await homeport.plan(await homeport.find('alpha'), {
			strategy: 'branch',
			direction: 'session',
			branch: null,
			from: null,
		});
		assert.deepStrictEqual(
			[plan.warnings.map(({ details }) => details['files']), await git(session, 'status', '--porcelain')],
			[[['shared.txt']], ' M shared.txt'],
		);
		await git(session, 'checkout', '-q', '.');
		assert.deepStrictEqual(told(await sync('alpha', [], out)), {
			outcome: 'synced',
			codes: [],
			push: ['fast-forward refs/heads/main'],
		});
	});

	it('ends a push that was cut off by what the session has, and waits for none that is away', async () => {
		const { home, session, commit, homeport } = fixture;
		const before = await tip(session);
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const begin = async (): Promise<string> => {
			await beginOperation(createGit(home), {
				kind: 'push',
				session: 'local/alpha',
				request: null,
				time: new Date(0).toISOString(),
				worktree: home,
				refs: [],
				sessionRefs: [{ ref: 'refs/heads/main', from: before, to: ours }],
				accepted: [],
				undoes: null,
				snapshots: {},
			});
			const undo = await homeport.undo(null, { accepted: [], dryRun: true }).catch((error: unknown) => error);
			const [operation] = await homeport.operations();
			return `${operation?.state}, ${isHomeportError(undo) ? undo.code : 'planned'}`;
		};
		const there = await begin();
		renameSync(session, `${session}-away`);
		const away = await begin();
		renameSync(`${session}-away`, session);
		const back = await homeport.undo(null, { accepted: [] }).catch((error: unknown) => error);
		assert.deepStrictEqual(
			[there, away, isHomeportError(back, 'nothing-to-undo')],
			['rolled-back, nothing-to-undo', 'done, session-missing', true],
		);
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
