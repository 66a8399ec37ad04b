import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { jsonText, safeDetails } from '../../../src/cli/safe.js';
import { createStyle, wantsColor } from '../../../src/cli/style.js';
import { displayWidth, table } from '../../../src/cli/table.js';
import { asks, plan, runOver, session } from '../../support/memoryHome.js';
import type { MemoryState } from '../../support/memoryHome.js';

// By code point: control characters but the newline, direction marks and characters without width.
const unsafeRanges = [
	[0x00, 0x09],
	[0x0b, 0x1f],
	[0x7f, 0x9f],
	[0x061c, 0x061c],
	[0x200b, 0x200f],
	[0x2028, 0x202e],
	[0x2060, 0x2069],
	[0xfeff, 0xfeff],
] as const;

function isSafe(text: string): boolean {
	return Array.from(text).every((character) => {
		const code = character.codePointAt(0)!;
		return !unsafeRanges.some(([first, last]) => code >= first && code <= last);
	});
}

const plain = createStyle(false);
const seed = 20_261_120;

// Steers the terminal, forges a line, and turns the reading direction round.
const hostile = 'x\u001b[2J\u001b]0;t\u0007\r\nhomeport: all is well\u202e\u0085\u2028';

function hostileState(): MemoryState {
	const name = `h${hostile}`;
	const of = session(name, { agent: hostile, reason: hostile, workspace: hostile, home: hostile, scope: hostile });
	const tip = { name: hostile, oid: hostile };
	const change = { ref: `refs/heads/${hostile}`, from: hostile, to: hostile };
	const refs = [
		{
			...change,
			action: 'overwrite',
			source: hostile,
			worktree: hostile,
			gained: 1,
			lost: 1,
			lostCommits: [hostile],
		} as const,
	];
	const warnings = [{ ...asks[0]!, details: { ref: hostile, lost: 2 } }];
	return {
		sessions: [of],
		elsewhere: 1,
		plans: {
			[name]: plan(of, {
				refs,
				warnings,
				findings: [{ code: 'runs-on-open', level: 'warn', path: hostile, detail: hostile }],
			}),
		},
		statuses: [
			{
				session: of.id,
				state: 'running',
				branches: [
					{
						name: hostile,
						isHead: true,
						rungs: { dirty: 1, committed: 1, captured: 1, home: 1, pushed: 1, verified: 1 },
					},
				],
				files: { changed: 1, untracked: 1 },
				changedFiles: [],
				captured: null,
				exposure: { oldestSeconds: 1, commits: 1, files: 1 },
				inProgress: null,
				unknown: { reason: hostile, since: hostile },
			},
		],
		ledger: [
			{
				oid: hostile,
				time: hostile,
				epoch: hostile,
				head: { branch: hostile, oid: hostile },
				branches: [tip],
				detached: [tip],
				stashes: [tip],
				reflog: [hostile],
				capture: { oid: hostile, quiet: false },
				missing: [{ name: hostile, reason: 'unreadable', size: 1 }],
			},
		],
		operations: [
			{
				id: hostile,
				kind: 'sync',
				session: hostile,
				request: null,
				time: hostile,
				state: 'done',
				refs: [change],
				undoes: hostile,
				undone: true,
				accepted: [hostile],
				files: [],
				merge: null,
				isOpen: false,
			},
		],
		undo: { undoes: hostile, refs, warnings: warnings.map((warning) => ({ ...warning, accepted: false })) },
		overlap: {
			sides: [{ id: hostile, branch: hostile, tip: hostile, uncommitted: true, seen: hostile }],
			pairs: [
				{ a: hostile, b: hostile, common: [], conflicts: [{ path: hostile, kind: hostile }], unrelated: false },
				{ a: hostile, b: hostile, common: [hostile], conflicts: [], unrelated: false },
				{ a: hostile, b: hostile, common: [], conflicts: [], unrelated: true },
			],
			order: [hostile, hostile],
			unseen: [hostile],
		},
		series: [
			{
				branch: hostile,
				base: hostile,
				tip: hostile,
				commits: 1,
				merges: 1,
				empty: 1,
				uncommitted: hostile,
				indented: 1,
				file: hostile,
			},
		],
		forget: { session: of.id, entries: 1, lastCopies: [{ oid: hostile, subject: hostile }] },
		lock: { held: true, pid: 1, host: hostile, owner: 'alive', ageSeconds: 1, purpose: hostile },
		checks: [{ name: hostile, ok: false, detail: hostile, fix: hostile }],
	};
}

describe('output of the command line', () => {
	it('never carries a control or direction character of a session, in text or in JSON', async () => {
		const state = hostileState();
		const name = state.sessions![0]!.name;
		const commands = [
			['list'],
			['status'],
			['plan', name],
			['sync', name],
			['sync', name, '--accept', 'overwrites-commits'],
			['sync', '--all', '--dry-run'],
			['sync', '--all'],
			['overlap'],
			['patches', name],
			['rescue', name],
			['remove', name],
			['add', name, hostile, '--agent', hostile],
			['ledger', name],
			['log'],
			['show', hostile],
			['show', `${hostile}?`],
			['undo'],
			['undo', '--dry-run'],
			['forget', name],
			['forget', name, '--dry-run'],
			['lock', 'status'],
			['lock', 'break'],
			['doctor'],
			['find', hostile],
			['sync', hostile],
			['list', `--${hostile}`],
		];
		for (const argv of commands) {
			for (const answers of [undefined, []]) {
				for (const more of [[], ['--json']]) {
					const { out, err, questions } = await runOver(state, [...argv, ...more], {
						...(answers === undefined ? {} : { answers }),
						terminal: { env: { TERM: 'dumb' } },
					});
					assert.ok((out + err).length > 0);
					for (const text of [out, err, ...questions]) {
						assert.ok(isSafe(text), `${argv[0]} ${more.join()}: ${JSON.stringify(text)}`);
						assert.doesNotMatch(text, /^homeport: all is well/m);
					}
				}
			}
		}
	});

	it('as JSON gives every string back exactly', () => {
		fc.assert(
			fc.property(fc.jsonValue(), fc.string({ unit: 'binary' }), (value, text) => {
				const line = jsonText({ value, text });
				assert.ok(isSafe(line) && !line.includes('\n'));
				assert.deepStrictEqual(JSON.parse(line), JSON.parse(JSON.stringify({ value, text })));
			}),
			{ seed, numRuns: 300 },
		);
	});

	it('can show the details of any error', () => {
		fc.assert(
			fc.property(fc.anything({ withBigInt: true, withDate: true, withMap: true, withSet: true }), (value) => {
				const details = safeDetails(value);
				assert.deepStrictEqual(JSON.parse(JSON.stringify(details)), details);
			}),
			{ seed, numRuns: 300 },
		);
		const circle: { self?: unknown } = {};
		circle.self = circle;
		assert.doesNotThrow(() => JSON.stringify(safeDetails(circle)));
	});

	it('as a table keeps to the width, and loses nothing where there is none', () => {
		const cell = fc.string({ unit: 'grapheme', maxLength: 60 });
		fc.assert(
			fc.property(
				fc.array(fc.tuple(cell, cell, cell), { maxLength: 6 }),
				fc.integer({ min: 24, max: 120 }),
				(rows, width) => {
					for (const line of table(['one', 'two', 'three'], rows, plain, width)) {
						assert.ok(displayWidth(line) <= width, line);
					}
				},
			),
			{ seed, numRuns: 300 },
		);
		const wide = 'w'.repeat(300);
		assert.deepStrictEqual(
			table(
				['a', 'none', 'b'],
				[
					[wide, '', '漢字'],
					['x', '', { text: 'y', tone: 'bad' }],
				],
				plain,
			),
			[`${'a'.padEnd(300)}  b`, `${wide}  漢字`, `${'x'.padEnd(300)}  y`],
		);
		assert.deepStrictEqual(table(['a', 'b'], [['漢字漢字漢字', 'y']], plain, 12), ['a          b', '漢字漢字…  y']);
	});

	it('is coloured on a terminal alone, as NO_COLOR and --color say', async () => {
		assert.deepStrictEqual(
			[
				wantsColor(undefined, {}, true),
				wantsColor(undefined, {}, false),
				wantsColor(undefined, { NO_COLOR: '1' }, true),
				wantsColor(undefined, { NO_COLOR: '' }, true),
				wantsColor(undefined, { TERM: 'dumb' }, true),
				wantsColor(true, { NO_COLOR: '1' }, false),
				wantsColor(false, {}, true),
			],
			[true, false, false, true, false, true, false],
		);
		const coloured = async (argv: readonly string[], env: NodeJS.ProcessEnv): Promise<boolean> => {
			const state = { sessions: [session('alpha')] };
			return (await runOver(state, ['sync', 'alpha', ...argv], { answers: [], terminal: { env } })).out.includes(
				'\u001b[',
			);
		};
		assert.deepStrictEqual(
			[
				await coloured([], {}),
				await coloured([], { NO_COLOR: '1' }),
				await coloured(['--color'], { NO_COLOR: '1' }),
				await coloured(['--no-color'], {}),
			],
			[true, false, true, false],
		);
	});

	it('shows progress on a terminal alone, and takes the line away', async () => {
		const state = { sessions: [session('alpha')] };
		const shown = await runOver(state, ['sync', 'alpha'], { answers: [] });
		const piped = await runOver(state, ['sync', 'alpha']);
		assert.equal(shown.err, '\r\u001b[Klocal/alpha: fetching\r\u001b[K');
		assert.equal(piped.err, '');
	});
});
