import { shownText } from '../base/text.js';

/** Why a session did not take a push. `paths` and `reason` are safe to show. */
export type PushRefusal =
	/** The branch is not what it was: the session has commits that were not seen yet. */
	| { readonly kind: 'moved' }
	/** Uncommitted work stands in the way. */
	| { readonly kind: 'dirty'; readonly what: 'unstaged' | 'staged' | 'untracked'; readonly paths: readonly string[] }
	/** Somebody holds a lock there; it passes. */
	| { readonly kind: 'locked' }
	| { readonly kind: 'busy'; readonly operation: string }
	/** The branch is checked out where it cannot be moved, or is no longer where it was. */
	| { readonly kind: 'checked-out' }
	| { readonly kind: 'filters'; readonly paths: readonly string[] }
	| { readonly kind: 'not-owned' }
	| { readonly kind: 'other'; readonly reason: string };

/**
 * Reads why a push failed, out of git's `--porcelain` output, its stderr, and what the session's side said: the words of git
 * 2.31 to 2.50, and those of our own script. None of it is trusted: it decides what is tried next, never what is told to
 * have been done.
 */
export function readRefusal(stdout: string, stderr: string, session: string): PushRefusal {
	const said = `${stdout}\n${stderr}\n${session}`;
	const own = /homeport-(?:refused|fail(?: refused)?) ([a-z-]+) ?([^\n;]*)/.exec(said);
	const ours = own === null ? null : ownRefusal(own[1]!, shownText((own[2] ?? '').trim()));
	if (ours !== null) {
		return ours;
	}
	const untracked = /Untracked working tree file '([^'\n]*)' would be overwritten/.exec(said);
	if (untracked !== null) {
		return { kind: 'dirty', what: 'untracked', paths: [shownText(untracked[1]!)] };
	}
	for (const [pattern, refusal] of patterns) {
		if (pattern.test(said)) {
			return refusal;
		}
	}
	const reason = shownText(
		[...said.matchAll(/^(?:!\t\S*\t|(?:remote: )?(?:error|fatal): )(.*)$/gm)]
			.map((match) => match[1]!.trim())
			.filter((line) => !line.startsWith('failed to push some refs'))
			.join('; ') || said.trim().replaceAll('\n', '; '),
		1000,
	);
	return { kind: 'other', reason };
}

// In this order: what is told with a lock or a lease says more than the general words that stand beside it.
const patterns: readonly (readonly [RegExp, PushRefusal])[] = [
	[
		/\[rejected\] \((?:stale info|fetch first|non-fast-forward|needs force|remote ref updated since checkout)\)/,
		{ kind: 'moved' },
	],
	[/Working directory has unstaged changes/, { kind: 'dirty', what: 'unstaged', paths: [] }],
	[/Working directory has staged changes/, { kind: 'dirty', what: 'staged', paths: [] }],
	[/Up-to-date check failed/, { kind: 'locked' }],
	[/cannot lock ref '[^']*': (?:is at \S+ but expected|reference already exists|unable to resolve)/, { kind: 'moved' }],
	[/Unable to create '[^']*\.lock': File exists/, { kind: 'locked' }],
	[
		/\[remote rejected\] \((?:incorrect old value provided|reference already exists|non-fast-forward)\)/,
		{ kind: 'moved' },
	],
	[
		/refusing to update checked out branch|branch is currently checked out|deletion of the current branch prohibited/,
		{ kind: 'checked-out' },
	],
	[/\[remote rejected\] \((?:failed to update ref|atomic transaction failed)\)/, { kind: 'moved' }],
	[/Could not update working tree to new HEAD/, { kind: 'dirty', what: 'untracked', paths: [] }],
];

function ownRefusal(word: string, rest: string): PushRefusal | null {
	switch (word) {
		case 'unstaged':
		case 'staged':
			return { kind: 'dirty', what: word, paths: [] };
		case 'untracked':
			return { kind: 'dirty', what: word, paths: rest === '' ? [] : [rest] };
		case 'locked':
		case 'session-busy':
			return { kind: 'locked' };
		case 'busy':
			return { kind: 'busy', operation: rest };
		case 'checked-out':
		case 'switched':
			return { kind: 'checked-out' };
		case 'filters':
			return { kind: 'filters', paths: rest === '' ? [] : [rest] };
		case 'session-not-owned':
			return { kind: 'not-owned' };
		default:
			return { kind: 'other', reason: rest === '' ? word : rest };
	}
}
