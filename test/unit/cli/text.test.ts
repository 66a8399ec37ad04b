import assert from 'node:assert/strict';
import { HomeportError } from '../../../src/core/base/errors.js';
import type { LedgerEntry } from '../../../src/core/model/report.js';
import { asks, oidA, runOver, session } from '../../support/memoryHome.js';
import type { MemoryState, Ran } from '../../support/memoryHome.js';

const alpha = session('alpha');

function oid(number: number): string {
	return number.toString(16).padStart(8, '0').padEnd(40, 'e');
}

function entry(hour: number, parts: Partial<LedgerEntry> = {}): LedgerEntry {
	return {
		oid: oid(0xffff0000 + hour),
		time: `2026-11-20T${String(hour).padStart(2, '0')}:00:00Z`,
		epoch: 'e',
		head: { branch: 'main', oid: oidA },
		branches: [{ name: 'main', oid: oidA }],
		detached: [],
		stashes: [],
		reflog: [],
		capture: null,
		missing: [],
		...parts,
	};
}

async function lines(state: MemoryState, ...argv: string[]): Promise<string[]> {
	return (await runOver(state, argv)).out.split('\n').slice(0, -1);
}

describe('text of the command line', () => {
	it('names the operation that an undo would take back, whatever came after it', async () => {
		const shown = await lines({ sessions: [alpha, session('beta')] }, 'sync', 'alpha', 'beta');
		assert.deepStrictEqual(
			shown.filter((line) => line.includes('undo')),
			Array(2).fill('  operation op-1; `homeport undo op-1` takes it back'),
		);
	});

	it('of a rescue says what is in home, and never more than that', async () => {
		const rescued = (ledger: readonly LedgerEntry[], rescue: 'synced' | 'up-to-date' = 'synced'): Promise<string[]> =>
			lines({ sessions: [alpha], ledger, rescue }, 'rescue', 'alpha');
		const missing = [{ name: '.env', reason: 'looks-like-credentials', size: 12 }] as const;
		assert.deepStrictEqual(
			[
				await rescued([entry(1)]),
				await rescued([entry(1)], 'up-to-date'),
				await rescued([entry(2, { missing }), entry(1)]),
				await rescued([entry(2, { capture: { oid: oidA, quiet: false } })], 'up-to-date'),
			],
			[
				['local/alpha: rescued; everything it has is in home, no branch was touched'],
				['local/alpha: nothing new; everything it has is in home, no branch was touched'],
				[
					'local/alpha: rescued; what could be taken is in home, no branch was touched',
					'  1 item could not be taken; `homeport ledger local/alpha` lists what and why',
				],
				[
					'local/alpha: nothing new; what could be taken is in home, no branch was touched',
					'  it was being written to; rescue it again when it is quiet',
				],
			],
		);
	});

	it('says where a merge is open again, and how to end it', async () => {
		const undo = { kind: 'redo', undoes: 'op-1', refs: [], warnings: [], opened: '/merges/main' } as const;
		assert.deepStrictEqual(await lines({ undo }, 'undo', 'op-1'), [
			'what op-1 undid: redone',
			'  no branch changes',
			'  the merge is open in /merges/main',
			'  settle the conflicts there, `git add` the files, then `homeport continue`',
			'  operation op-2; `homeport undo op-2` takes it back',
		]);
	});

	it('tells an undo from a redo: done, planned and refused', async () => {
		const shown = async (kind: 'undo' | 'redo'): Promise<unknown> => {
			const undo = { kind, undoes: 'op-1', refs: [], warnings: [] };
			const asking = { ...undo, warnings: [{ ...asks[0]!, accepted: false }] };
			const first = (ran: Ran): string => ran.out.split('\n')[0]!;
			const done = await runOver({ undo }, ['undo', 'op-1']);
			const refused = await runOver({ undo: asking }, ['undo', 'op-1']);
			return [
				first(done),
				done.out.split('\n').at(-2),
				first(await runOver({ undo }, ['undo', 'op-1', '--dry-run'])),
				first(refused),
				refused.err.split('\n')[0],
				(await runOver({ undo: asking }, ['undo', 'op-1'], { answers: ['n'] })).err.split('\n')[0],
			];
		};
		assert.deepStrictEqual(
			[await shown('undo'), await shown('redo')],
			[
				[
					'operation op-1: undone',
					'  operation op-2; `homeport undo op-2` brings it back',
					'operation op-1: would be undone',
					'operation op-1: not undone',
					'undo of operation op-1: refused, nothing of yours was changed',
					'undo of operation op-1:',
				],
				[
					'what op-1 undid: redone',
					'  operation op-2; `homeport undo op-2` takes it back',
					'what op-1 undid: would be redone',
					'what op-1 undid: not redone',
					'redo of what op-1 undid: refused, nothing of yours was changed',
					'redo of what op-1 undid:',
				],
			],
		);
	});

	it('names the session in what to do next', async () => {
		const plans = { alpha: new HomeportError('session-missing', { path: '/work/alpha' }) };
		const next = async (...argv: string[]): Promise<string | undefined> =>
			(await runOver({ sessions: [alpha, session('beta')], plans }, argv)).err.split('\n').at(-2);
		const wanted =
			'`homeport ledger local/alpha` shows what is kept; `homeport remove local/alpha` ends the registration and keeps it.';
		assert.deepStrictEqual(
			[await next('sync', 'alpha'), await next('sync', 'alpha', 'beta'), await next('plan', 'alpha')],
			Array(3).fill(wanted),
		);
	});

	it('of the ledger lists what older entries alone name, each once, with the time it was last seen', async () => {
		const [old, gone, stash, detached, reflog, first, second] = Array.from({ length: 7 }, (_, index) => oid(index));
		const ledger = [
			entry(4, { capture: { oid: second!, quiet: true } }),
			entry(3, { branches: [{ name: 'main', oid: old! }], capture: { oid: first!, quiet: false } }),
			entry(2, {
				branches: [
					{ name: 'main', oid: oidA },
					{ name: 'gone', oid: gone! },
					{ name: 'topic', oid: second! },
				],
				detached: [{ name: 'tree', oid: detached! }],
				stashes: [{ name: 'stash@{0}', oid: stash! }],
				reflog: [reflog!, old!],
			}),
			entry(1, { branches: [{ name: 'main', oid: gone! }] }),
		];
		const shown = await lines({ sessions: [alpha], ledger }, 'ledger', 'alpha');
		const at = shown.indexOf('kept of before, and no longer named by the session:');
		assert.deepStrictEqual(
			shown.slice(at + 1).map((line) => line.split(/ {2,}/)),
			[
				['what', 'name', 'commit', 'last seen'],
				['branch', 'main', '00000000', '2026-11-20T03:00:00Z'],
				['capture', 'not quiet', '00000005', '2026-11-20T03:00:00Z'],
				['branch', 'gone', '00000001', '2026-11-20T02:00:00Z'],
				['detached', 'tree', '00000003', '2026-11-20T02:00:00Z'],
				['stash', 'stash@{0}', '00000002', '2026-11-20T02:00:00Z'],
				['reflog', '00000004', '2026-11-20T02:00:00Z'],
			],
		);
		const same = await lines({ sessions: [alpha], ledger: [entry(2), entry(1)] }, 'ledger', 'alpha');
		assert.ok(!same.some((line) => line.startsWith('kept of before')));
	});

	it('of the ledger lists fifty of them, and how many there are beyond', async () => {
		const older = (amount: number): MemoryState => ({
			sessions: [alpha],
			ledger: [entry(2), entry(1, { reflog: Array.from({ length: amount }, (_, index) => oid(index)) })],
		});
		const shown = async (amount: number): Promise<unknown> => {
			const all = await lines(older(amount), 'ledger', 'alpha');
			return [all.filter((line) => line.startsWith('reflog')).length, all.at(-1)?.startsWith('and ') && all.at(-1)];
		};
		assert.deepStrictEqual(
			[await shown(50), await shown(51), await shown(300)],
			[
				[50, false],
				[50, 'and 1 more; `--json` lists all'],
				[50, 'and 250 more; `--json` lists all'],
			],
		);
	});

	it('says of a plan and a dry run that work is fetched and kept all the same', async () => {
		for (const argv of [['--help'], ['plan', '--help']]) {
			const help = (await runOver({}, argv)).out.replace(/\s+/g, ' ');
			assert.match(help, /change nothing of yours; work is still fetched and kept under refs\/homeport/);
		}
	});
});
