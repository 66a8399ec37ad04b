import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isHomeportError } from '../../src/core/base/errors.js';
import { createGit } from '../../src/core/git/run.js';
import { openHome } from '../../src/core/homeport.js';
import { beginOperation } from '../../src/core/operations/log.js';
import type { EngineFixture } from '../support/engineFixture.js';
import { out, pushFixture, told } from '../support/pushFixture.js';

describe('direction session, where things change or break off on the way', () => {
	let fixture: EngineFixture;

	beforeEach(async () => {
		fixture = await pushFixture();
	});

	afterEach(() => fixture.dispose());

	const tip = (dir: string, ref = 'HEAD'): Promise<string> => fixture.git(dir, 'rev-parse', ref);
	const status = (dir: string): Promise<string> => fixture.git(dir, 'status', '--porcelain');

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
				onProgress: ({ phase, moved }) => {
					if (phase === 'push' && moved === undefined) {
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
});
