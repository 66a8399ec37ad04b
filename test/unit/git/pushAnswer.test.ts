import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { readRefusal } from '../../../src/core/git/pushAnswer.js';

const [to, ref] = ['b'.repeat(40), 'refs/heads/main'];
const porcelain = (flag: string): string => `To git://127.0.0.1:1/t\n!\t${to}:${ref}\t${flag}\nDone\n`;
const failed = "error: failed to push some refs to 'git://127.0.0.1:1/t'\n";

describe('why a session did not take a push', () => {
	const rows: readonly (readonly [string, string, string, string, object])[] = [
		['stale lease', porcelain('[rejected] (stale info)'), failed, '', { kind: 'moved' }],
		['fetch first', porcelain('[rejected] (fetch first)'), failed, '', { kind: 'moved' }],
		['not forward', porcelain('[rejected] (non-fast-forward)'), failed, '', { kind: 'moved' }],
		[
			'moved while it came',
			porcelain('[remote rejected] (failed to update ref)'),
			failed,
			`error: cannot lock ref '${ref}': is at ${to} but expected ${'a'.repeat(40)}`,
			{ kind: 'moved' },
		],
		[
			'unstaged',
			porcelain('[remote rejected] (Working directory has unstaged changes)'),
			failed,
			'',
			{ kind: 'dirty', what: 'unstaged', paths: [] },
		],
		[
			'staged',
			porcelain('[remote rejected] (Working directory has staged changes)'),
			failed,
			'',
			{ kind: 'dirty', what: 'staged', paths: [] },
		],
		[
			'untracked',
			porcelain('[remote rejected] (Could not update working tree to new HEAD)'),
			`remote: error: Untracked working tree file 'g' would be overwritten by merge.\n${failed}`,
			'',
			{ kind: 'dirty', what: 'untracked', paths: ['g'] },
		],
		['locked index', porcelain('[remote rejected] (Up-to-date check failed)'), failed, '', { kind: 'locked' }],
		[
			'locked ref',
			porcelain('[remote rejected] (failed to update ref)'),
			failed,
			`error: cannot lock ref '${ref}': Unable to create '/s/.git/${ref}.lock': File exists.`,
			{ kind: 'locked' },
		],
		[
			'checked out',
			porcelain('[remote rejected] (branch is currently checked out)'),
			`remote: error: refusing to update checked out branch: ${ref}\n${failed}`,
			'',
			{ kind: 'checked-out' },
		],
		[
			'ours: staged',
			porcelain('[remote rejected] (push-to-checkout hook declined)'),
			failed,
			'homeport-refused staged\n',
			{ kind: 'dirty', what: 'staged', paths: [] },
		],
		[
			'ours: untracked',
			porcelain('[remote rejected] (push-to-checkout hook declined)'),
			failed,
			'homeport-refused untracked a b.txt\n',
			{ kind: 'dirty', what: 'untracked', paths: ['a b.txt'] },
		],
		[
			'ours: locked',
			porcelain('[remote rejected] (push-to-checkout hook declined)'),
			failed,
			'homeport-refused locked\n',
			{ kind: 'locked' },
		],
		[
			'ours: busy',
			'',
			'fatal: the remote end hung up unexpectedly\n',
			'homeport-fail refused busy rebase',
			{ kind: 'busy', operation: 'rebase' },
		],
		['ours: elsewhere', '', '', 'homeport-fail refused checked-out', { kind: 'checked-out' }],
		['ours: owner', '', '', 'homeport-fail session-not-owned the repository belongs to another', { kind: 'not-owned' }],
		['ours: filters', '', '', 'homeport-refused filters a.bin', { kind: 'filters', paths: ['a.bin'] }],
		[
			'something else',
			porcelain('[remote rejected] (unpacker error)'),
			`remote: error: object ${to}: zeroPaddedFilemode: contains zero-padded file modes\n${failed}`,
			'',
			{
				kind: 'other',
				reason: `[remote rejected] (unpacker error); object ${to}: zeroPaddedFilemode: contains zero-padded file modes`,
			},
		],
	];
	for (const [what, stdout, stderr, session, expected] of rows) {
		it(`is understood: ${what}`, () => {
			assert.deepStrictEqual(readRefusal(stdout, stderr, session), expected);
		});
	}

	it('shows nothing of a session that a terminal would obey, whatever it says', () => {
		fc.assert(
			fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (stderr, session) => {
				const told = JSON.stringify(Object.values(readRefusal('', `homeport-refused untracked ${stderr}`, session)));
				assert.doesNotMatch(told, /[\p{Cc}\u202a-\u202e]/u);
			}),
			{ seed: 7, numRuns: 300 },
		);
	});
});
