import assert from 'node:assert/strict';
import { HomeportError } from '../../../src/core/base/errors.js';
import type { Operation } from '../../../src/core/model/report.js';
import { warningText, findingText } from '../../../src/core/model/words.js';
import type { Finding } from '../../../src/core/model/finding.js';
import { asks, oidA, oidB, plan, runOver, session } from '../../support/memoryHome.js';
import type { MemoryState } from '../../support/memoryHome.js';

const alpha = session('alpha');
const finding: Finding = { code: 'runs-on-open', level: 'warn', path: '.vscode/tasks.json', detail: 'folderOpen' };
const blocker: Finding = { code: 'fsck', level: 'block', path: oidA, detail: 'badTree' };

async function json(state: MemoryState, ...argv: string[]): Promise<unknown> {
	const ran = await runOver(state, [...argv, '--json']);
	// One document on one line.
	assert.equal(ran.out.split('\n').length, 2);
	return ran.json();
}

describe('JSON of the command line', () => {
	it('list', async () => {
		const beta = { ...session('beta', { state: 'missing', reason: 'the folder is gone' }), branch: 'main' };
		assert.deepStrictEqual(await json({ sessions: [alpha, beta], elsewhere: 2 }, 'list'), {
			schemaVersion: 1,
			sessions: [
				{
					id: 'local/alpha',
					name: 'alpha',
					backend: 'local',
					scope: '',
					agent: 'claude',
					state: 'running',
					reason: null,
					branch: null,
					home: '/home/x',
				},
				{
					id: 'local/beta',
					name: 'beta',
					backend: 'local',
					scope: '',
					agent: 'claude',
					state: 'missing',
					reason: 'the folder is gone',
					branch: 'main',
					home: '/home/x',
				},
			],
			elsewhere: 2,
			problems: [],
		});
	});

	it('a push names the refs of the session beside those of home, and other syncs have no such field', async () => {
		const change = {
			ref: 'refs/heads/main',
			from: oidA,
			to: oidB,
			action: 'fast-forward' as const,
			source: 'main',
			checkedOut: true,
			beside: false,
			gained: 1,
			lost: 0,
			lostCommits: [],
		};
		const pushing: MemoryState = { sessions: [alpha], plans: { alpha: plan(alpha, { refs: [], push: [change] }) } };
		const { source, gained, lost, lostCommits, ...told } = change;
		const planned = (await json(pushing, 'push', 'alpha', '--dry-run')) as Record<string, unknown>;
		const plain = (await json({ sessions: [alpha] }, 'sync', 'alpha')) as Record<string, unknown>;
		assert.deepStrictEqual(
			[planned['outcome'], planned['refs'], planned['session_refs'], 'session_refs' in plain],
			['synced', [], [{ ...told, source, gained, lost, lostCommits }], false],
		);
		const { out } = await runOver(pushing, ['push', 'alpha', '--dry-run']);
		assert.match(out, /in the session[^]*fast-forward +main +\S+\.\.\S+ +\+1 +main +its files move/);
	});

	it('add and remove', async () => {
		const added = await json({}, 'add', 'new', 'folder', '--agent', 'codex');
		const removed = await json({ sessions: [alpha] }, 'remove', 'alpha');
		assert.deepStrictEqual(
			[added, removed].map((document) => {
				const { schemaVersion, session } = document as {
					schemaVersion: number;
					session: { id: string; agent: string };
				};
				return [schemaVersion, session.id, session.agent];
			}),
			[
				[1, 'local/new', 'codex'],
				[1, 'local/alpha', 'claude'],
			],
		);
	});

	it('sync: an object for one session, an array for several or --all', async () => {
		const plans = { alpha: plan(alpha, { warnings: asks, findings: [finding] }) };
		const document = {
			schemaVersion: 1,
			session: 'local/alpha',
			outcome: 'synced',
			refs: [{ ref: 'refs/heads/claude/alpha', from: null, to: oidA, action: 'create' }],
			warnings: asks.map((warning) => ({
				code: warning.code,
				level: warning.level,
				message: warningText(warning, 'cli'),
				accepted: warning.level === 'ask',
			})),
			findings: [{ code: 'runs-on-open', level: 'warn', path: '.vscode/tasks.json', message: findingText(finding) }],
			operation: 'op-1',
			ledger: oidB,
		};
		const state = { sessions: [alpha, session('gone', { state: 'missing' })], plans };
		const accept = ['--accept', 'overwrites-commits', '--accept', 'protected-branch'];
		assert.deepStrictEqual(
			[
				await json(state, 'sync', 'alpha', ...accept),
				await json(state, 'sync', 'alpha', '--accept', 'overwrites-commits,protected-branch'),
				await json(state, 'pull', 'alpha', ...accept),
				await json(state, 'sync', '--all', ...accept),
				await json(state, 'sync', 'alpha', 'local/alpha', ...accept),
				await json({ sessions: [] }, 'sync', '--all'),
			],
			[document, document, document, [document], [document], []],
		);
	});

	it('sync that is refused or blocked has no operation, and names the ledger', async () => {
		const plans = {
			alpha: plan(alpha, { warnings: asks, refs: [] }),
			beta: plan(session('beta'), { findings: [blocker] }),
		};
		const state = { sessions: [alpha, session('beta')], plans };
		const documents = (await json(state, 'sync', 'alpha', 'beta')) as Record<string, unknown>[];
		assert.deepStrictEqual(
			documents.map(({ outcome, operation, ledger }) => ({ outcome, operation, ledger })),
			[
				{ outcome: 'refused', operation: null, ledger: oidB },
				{ outcome: 'blocked', operation: null, ledger: oidB },
			],
		);
	});

	it('patches: the mailbox in the document, in files, or alone on stdout', async () => {
		const series = {
			branch: 'main',
			base: oidA,
			tip: oidB,
			commits: 2,
			merges: 1,
			empty: 1,
			uncommitted: null,
			indented: 1,
			file: null,
		};
		const state = { sessions: [alpha], series: [series] };
		const document = { schemaVersion: 1, session: 'local/alpha', series: [{ ...series, mbox: 'From mail\n' }] };
		assert.deepStrictEqual(await json(state, 'patches', 'alpha'), document);
		assert.deepStrictEqual(await json(state, 'patches', 'alpha', '--output', 'out'), {
			...document,
			series: [series],
		});
		const ran = await runOver(state, ['patches', 'alpha', '--from', 'x', '--base', 'y', '--uncommitted']);
		assert.deepStrictEqual(
			[ran.code, ran.out, ran.calls[1]],
			[0, 'From mail\n', 'patches local/alpha {"from":"x","base":"y","uncommitted":true,"output":null,"dryRun":false}'],
		);
		assert.match(
			ran.err,
			/^main: 2 patches onto aaaaaaaa\n {2}1 merge left out[^]*1 commit left out[^]*1 message look/,
		);
	});

	it('overlap', async () => {
		const overlap = {
			sides: [{ id: 'home', branch: 'main', tip: oidA, uncommitted: false, seen: null }],
			pairs: [
				{
					a: 'home',
					b: alpha.id,
					common: ['x'],
					conflicts: [{ path: 'x', kind: 'contents' }],
					unrelated: false,
				},
			],
			order: [alpha.id],
			unseen: ['local/beta'],
		};
		assert.deepStrictEqual(await json({ sessions: [alpha], overlap }, 'overlap'), { schemaVersion: 1, ...overlap });
	});

	it('plan that is blocked says by what, and ends with 3', async () => {
		const plans = { alpha: new HomeportError('blocked', { findings: [blocker] }) };
		const ran = await runOver({ sessions: [alpha], plans }, ['plan', 'alpha', '--json']);
		assert.deepStrictEqual(
			[ran.code, ran.json()],
			[
				3,
				{
					schemaVersion: 1,
					session: 'local/alpha',
					outcome: 'blocked',
					refs: [],
					warnings: [],
					findings: [{ code: 'fsck', level: 'block', path: oidA, message: findingText(blocker) }],
					operation: null,
					ledger: null,
				},
			],
		);
		const text = await runOver({ sessions: [alpha], plans }, ['plan', 'alpha']);
		assert.match(text.out, /block fsck in a+: /);
		assert.match(text.err, /local\/alpha: blocked, nothing of yours was changed: fsck\n$/);
	});

	it('sync that is refused tells which warnings were accepted', async () => {
		const plans = { alpha: plan(alpha, { warnings: asks }) };
		const document = await json({ sessions: [alpha], plans }, 'sync', 'alpha', '--accept', 'protected-branch');
		assert.deepStrictEqual(
			(document as { warnings: { code: string; accepted: boolean }[] }).warnings.map(({ code, accepted }) => [
				code,
				accepted,
			]),
			[
				['overwrites-commits', false],
				['protected-branch', true],
				['session-dirty', false],
			],
		);
	});

	it('plan, and a dry run, which changes nothing', async () => {
		const refs = plan(alpha).refs.map((change) => ({ ...change, lost: 1, lostCommits: ['0123456 of mine'] }));
		const plans = { alpha: plan(alpha, { refs, warnings: asks.slice(0, 1) }) };
		const document = {
			schemaVersion: 1,
			dryRun: true,
			session: 'local/alpha',
			outcome: 'refused',
			request: { strategy: 'branch', direction: 'home', branch: null, from: null },
			epoch: 'epoch-1',
			refs: [
				{
					ref: 'refs/heads/claude/alpha',
					from: null,
					to: oidA,
					action: 'create',
					source: 'main',
					worktree: null,
					gained: 2,
					lost: 1,
					lostCommits: ['0123456 of mine'],
				},
			],
			warnings: [{ code: 'overwrites-commits', level: 'ask', message: warningText(asks[0]!, 'cli'), accepted: false }],
			findings: [],
			accept: ['overwrites-commits'],
			operation: null,
			ledger: null,
		};
		const state = { sessions: [alpha], plans };
		assert.deepStrictEqual(
			[await json(state, 'plan', 'alpha'), await json(state, 'sync', '--all', '--dry-run')],
			[document, [document]],
		);
		const ran = await runOver(state, ['sync', 'alpha', '--dry-run', '--accept', 'overwrites-commits']);
		assert.deepStrictEqual([ran.code, ran.calls], [0, ['open /cwd 5']]);
	});

	it('status', async () => {
		const rungs = { dirty: 0, committed: 1, captured: 2, home: 3, pushed: 4, verified: 5 };
		const status = {
			session: 'local/alpha',
			state: 'running',
			branches: [{ name: 'main', isHead: true, rungs }],
			files: { changed: 1, untracked: 2 },
			changedFiles: [],
			captured: null,
			exposure: { oldestSeconds: 60, commits: 1, files: 3 },
			inProgress: null,
			unknown: { reason: 'pending', since: null },
		} as const;
		assert.deepStrictEqual(await json({ sessions: [alpha], statuses: [status] }, 'status'), {
			schemaVersion: 1,
			sessions: [
				{
					session: 'local/alpha',
					state: 'running',
					branches: [{ name: 'main', rungs }],
					files: { changed: 1, untracked: 2 },
					exposure: { oldestSeconds: 60, commits: 1, files: 3 },
					unknown: { reason: 'pending', since: null },
				},
			],
		});
	});

	it('ledger, also of a session that is registered no more', async () => {
		const entry = {
			oid: oidB,
			time: '2026-11-20T10:00:00Z',
			epoch: 'e',
			head: { branch: 'main', oid: oidA },
			branches: [{ name: 'main', oid: oidA }],
			detached: [],
			stashes: [],
			reflog: [],
			capture: null,
			missing: [{ name: '.env', reason: 'looks-like-credentials', size: 12 }],
		} as const;
		const document = (id: string, ref: string): unknown => ({
			schemaVersion: 1,
			session: id,
			ref: `refs/homeport/ledger/${ref}`,
			entries: [entry],
		});
		assert.deepStrictEqual(
			[
				await json({ sessions: [alpha], ledger: [entry] }, 'ledger', 'alpha'),
				await json({ ledger: [entry] }, 'ledger', 'local/a b'),
			],
			[document('local/alpha', 'local/alpha'), document('local/a b', 'local/a%20b')],
		);
	});

	it('log and show', async () => {
		const operation: Operation = {
			id: 'op-1',
			kind: 'sync',
			session: 'local/alpha',
			request: null,
			time: '2026-11-20T10:00:00Z',
			state: 'done',
			refs: [{ ref: 'refs/heads/claude/alpha', from: null, to: oidA }],
			undoes: null,
			undone: false,
			accepted: ['protected-branch'],
			files: [],
			merge: null,
			isOpen: false,
		};
		const { files: _files, merge: _merge, isOpen: _isOpen, ...shown } = operation;
		assert.deepStrictEqual(
			[await json({ operations: [operation] }, 'log'), await json({ operations: [operation] }, 'show', 'op-1')],
			[
				{ schemaVersion: 1, operations: [shown] },
				{ schemaVersion: 1, ...shown },
			],
		);
	});

	it('undo: done, planned, and nothing to undo, which is no failure', async () => {
		const undo = {
			undoes: 'op-1',
			refs: plan(alpha).refs.map((change) => ({ ...change, from: oidA, to: null })),
			warnings: [],
		};
		const refs = [{ ref: 'refs/heads/claude/alpha', from: oidA, to: null, action: 'create' }];
		const nothing = await runOver({}, ['undo', '--json']);
		assert.deepStrictEqual(
			[await json({ undo }, 'undo'), await json({ undo }, 'undo', 'op-1', '--dry-run'), nothing.code, nothing.json()],
			[
				{ schemaVersion: 1, operation: 'op-2', undoes: 'op-1', refs, warnings: [] },
				{ schemaVersion: 1, operation: null, undoes: 'op-1', refs, warnings: [] },
				0,
				{ schemaVersion: 1, operation: null, undoes: null, refs: [], warnings: [] },
			],
		);
	});

	it('undo of what dropped a merge names where the merge is open again', async () => {
		const undo = { kind: 'redo', undoes: 'op-1', refs: [], warnings: [], opened: '/merges/main' } as const;
		const opened = {
			schemaVersion: 1,
			operation: 'op-2',
			undoes: 'op-1',
			refs: [],
			opened: '/merges/main',
			warnings: [],
		};
		assert.deepStrictEqual(await json({ undo }, 'undo', 'op-1'), opened);
	});

	it('lock, doctor and version', async () => {
		const lock = { held: true, pid: 7, host: 'here', owner: 'gone', ageSeconds: 90, purpose: 'sync' } as const;
		const checks = [{ name: 'git', ok: false, detail: '2.20', fix: 'update' }];
		const doctor = await runOver({ checks }, ['doctor', '--json']);
		assert.deepStrictEqual(
			[
				await json({ lock }, 'lock', 'status'),
				await json({ lock }, 'lock', 'break', '--dry-run'),
				doctor.json(),
				doctor.code,
				await json({}, 'version'),
			],
			[
				{ schemaVersion: 1, ...lock },
				{ schemaVersion: 1, ...lock },
				{ schemaVersion: 1, ok: false, checks },
				1,
				{ schemaVersion: 1, version: '1.2.3', node: process.versions.node },
			],
		);
	});

	it('errors: on stdout in JSON, and in words on stderr', async () => {
		const details = { pid: 7, host: 'here', cause: new Error('x'), bad: '\u001b[31m', missing: undefined };
		const plans = { alpha: new HomeportError('lock-held', details) };
		const ran = await runOver({ sessions: [alpha], plans }, ['sync', 'alpha', '--json']);
		const { schemaVersion, error } = ran.json() as {
			schemaVersion: number;
			error: { code: string; message: string; details: unknown };
		};
		assert.deepStrictEqual(
			[ran.code, schemaVersion, error.code, error.details, ran.err.includes(error.message)],
			[5, 1, 'lock-held', { pid: 7, host: 'here', cause: 'x', bad: '\ufffd[31m' }, true],
		);
	});
});
