/** How commits came to a branch that does not reach them: each by itself, all as one, or in a way that cannot be told. */
export type KnownHow = 'cherry-picked' | 'squashed' | 'contained';

/** What home has of a branch's work without having its commits: the same content, by a squash, a rebase or the like. */
export interface KnownContent {
	/** Commits that no branch and no remote-tracking branch of home reaches. */
	readonly commits: number;
	/** Those of them whose content `target` has today; null where they are too many to compare. */
	readonly known: number | null;
	/** The ref of home that has most of them, in full; null where none is known. */
	readonly target: string | null;
	readonly how: KnownHow | null;
}
