import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { Face } from '../../../src/core/base/text.js';
import type { FindingCode } from '../../../src/core/model/finding.js';
import type { Warning, WarningCode } from '../../../src/core/model/warning.js';
import {
	describedFindingCodes,
	describedWarningCodes,
	findingText,
	warningText,
} from '../../../src/core/model/words.js';

const codes = describedWarningCodes as readonly WarningCode[];

describe('words for warnings and findings', () => {
	it('name the facts', () => {
		const ref = 'refs/heads/claude/alpha';
		const warnings: Warning[] = [
			{ code: 'overwrites-commits', level: 'ask', details: { ref, lost: 3, unpushed: 1 } },
			{ code: 'overwrites-commits', level: 'ask', details: { ref, lost: 1, unpushed: 1 } },
			{ code: 'overwrites-commits', level: 'ask', details: { ref, lost: 'unknown', unpushed: 'unknown' } },
			{ code: 'dirty-in-way', level: 'ask', details: { ref, files: ['a', 'b'], beside: `${ref}-2` } },
			{ code: 'home-busy', level: 'note', details: { ref, worktree: '/w', operation: 'rebase' } },
			{ code: 'session-dirty', level: 'note', details: { files: 1, captured: 'yes' } },
			{ code: 'home-dirty', level: 'note', details: { worktree: '/w', files: 2 } },
			{ code: 'home-dirty', level: 'note', details: { worktree: '/w', files: 1 } },
		];
		assert.deepStrictEqual(
			warnings.map((warning) => warningText(warning, 'cli')),
			[
				"claude/alpha would be set to the session's commit and no longer reach 3 commits of yours, 1 of which is pushed nowhere. What it has now stays in the operation log, and `homeport undo` brings it back.",
				"claude/alpha would be set to the session's commit and no longer reach 1 commit of yours, pushed nowhere. What it has now stays in the operation log, and `homeport undo` brings it back.",
				"claude/alpha would be set to the session's commit and no longer reach commits of yours. What it has now stays in the operation log, and `homeport undo` brings it back.",
				'claude/alpha was left as it is, because moving it would overwrite a, b; the work goes to claude/alpha-2. Commit or stash them to move it.',
				'claude/alpha was left as it is, because /w is in the middle of a rebase. End that to move it.',
				'The session has 1 file that is not committed. It comes home as a capture, not on a branch.',
				'/w has 2 files that are not committed and not in the way. They stay as they are.',
				'/w has 1 file that is not committed and not in the way. It stays as it is.',
			],
		);
		assert.equal(
			findingText({ code: 'fsck', level: 'block', path: 'x', detail: 'bad\u001b tree' }),
			'git finds this object malformed (bad\ufffd tree)',
		);
	});

	it('name commands on the command line alone', () => {
		const named = (face: Face): WarningCode[] =>
			codes.filter((code) => {
				const details = { ref: 'refs/heads/b', session: 'alpha', missing: 2, lost: 1 };
				return /`homeport |`--/.test(warningText({ code, level: 'ask', details }, face));
			});
		assert.deepStrictEqual(
			{ cli: named('cli'), ui: named('ui') },
			{
				cli: [
					'overwrites-commits',
					'rewound',
					'branch-gone',
					'epoch-changed',
					'not-captured',
					'content-missing',
					'other-session-last',
					'overwrites-session',
					'origin-taken-in',
				],
				ui: [],
			},
		);
	});

	it('keep the name of a session one word of a command', () => {
		const text = (session: string): string | undefined =>
			/`homeport ledger (.*)`/.exec(
				warningText({ code: 'rewound', level: 'note', details: { session, ref: 'r', branch: 'b' } }, 'cli'),
			)?.[1];
		assert.deepStrictEqual(['alpha', 'local/alpha', '$(id)', "it's", '-x', 'a b'].map(text), [
			'alpha',
			'local/alpha',
			"'$(id)'",
			"'it'\\''s'",
			"'-x'",
			"'a b'",
		]);
	});

	it('are one line that is safe to show, whatever the details are', () => {
		const hostile = fc.constantFrom('\u001b[31m', 'a\nb', '\u202e', '$&', '`', '\u0000');
		const detail = fc.oneof(hostile, fc.string({ unit: 'binary' }), fc.integer(), fc.array(hostile));
		const key = fc.constantFrom(
			'ref',
			'session',
			'files',
			'beside',
			'branch',
			'branches',
			'worktree',
			'operation',
			'lost',
		);
		const level = fc.constantFrom('ask' as const, 'note' as const);
		const face = fc.constantFrom('cli' as const, 'ui' as const);
		fc.assert(
			fc.property(fc.constantFrom(...codes), level, face, fc.dictionary(key, detail), (code, level, face, details) => {
				const text = warningText({ code, level, details }, face);
				assert.doesNotMatch(text, /[\p{Cc}\u202a-\u202e]|undefined|NaN|\[object/u);
			}),
			{ seed: 31, numRuns: 500 },
		);
		for (const code of describedFindingCodes as readonly FindingCode[]) {
			assert.match(findingText({ code, level: 'warn', path: '', detail: '' }), /^\S.*[^.]$/);
		}
	});
});
