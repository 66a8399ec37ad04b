export type WarningLevel = 'ask' | 'note';

export type WarningCode =
	| 'overwrites-commits'
	| 'moves-checked-out-branch'
	| 'checked-out-elsewhere'
	| 'dirty-in-way'
	| 'home-busy'
	| 'protected-branch'
	| 'unrelated-history'
	| 'runs-code'
	| 'home-dirty'
	| 'name-clash'
	| 'moved-on'
	| 'rewound'
	| 'branch-gone'
	| 'epoch-changed'
	| 'session-dirty'
	| 'session-busy'
	| 'not-quiet'
	| 'not-captured'
	| 'incomplete-history'
	| 'content-missing'
	| 'other-session-last'
	| 'merge-conflict'
	| 'conflicts-settled'
	| 'files-conflict'
	| 'mixes-with-changes'
	| 'markers-left'
	| 'merge-worked-on'
	| 'built-on'
	| 'session-diverged'
	| 'session-tree-dirty'
	| 'session-tree-busy'
	| 'session-filters'
	| 'overwrites-session'
	| 'known-as-merged'
	| 'origin-taken-in'
	| 'origin-left'
	| 'origin-pushed'
	| 'origin-not-pushed'
	| 'no-session-branch';

/** One finding of the guard. `ask` refuses the plan until its code is accepted; `note` never refuses. */
export interface Warning {
	readonly code: WarningCode;
	readonly level: WarningLevel;
	/** The facts behind it: refs, counts, paths. Session names in it are already safe to show. */
	readonly details: Readonly<Record<string, string | number | readonly string[]>>;
}

/** The codes that still stand between a plan and its application. */
export function unaccepted(warnings: readonly Warning[], accepted: ReadonlySet<string>): WarningCode[] {
	const codes = warnings
		.filter((warning) => warning.level === 'ask' && !accepted.has(warning.code))
		.map((warning) => warning.code);
	return [...new Set(codes)];
}
