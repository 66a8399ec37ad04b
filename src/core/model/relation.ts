/** What a plan does to a ref. */
export type RefAction = 'create' | 'fast-forward' | 'merge' | 'overwrite' | 'files' | 'keep';

/** How two commits stand to each other, seen from the home side. */
export type RelationKind = 'equal' | 'ahead' | 'behind' | 'diverged' | 'unrelated' | 'missing';

/**
 * The relation of a home branch to a session's commit. `ahead` counts the commits that only home has, `behind` those
 * that only the session has; `unpushed` is the part of `ahead` that no remote-tracking branch holds.
 */
export interface Relation {
	readonly kind: RelationKind;
	readonly ahead: number;
	readonly behind: number;
	readonly unpushed: number;
	/** The newest of the commits that only home has, `abbreviated-id subject` each, safe to show. */
	readonly onlyHome: readonly string[];
}
