import type { Oid } from './observation.js';

/** How a merge settles what both sides changed: leaves it to the user, or takes one side's lines. */
export type OnConflict = 'manual' | 'auto-ours' | 'auto-theirs';

/** Lines of a merged file between conflict markers, the markers included, counted from 1. */
export interface ConflictRegion {
	readonly first: number;
	readonly last: number;
}

/** A file that a merge could not settle. */
export interface Conflict {
	/** Safe to show. */
	readonly path: string;
	/** git's word for it: `contents`, `modify/delete`, `add/add`, `rename/rename`… */
	readonly kind: string;
	/** Where the conflict markers stand; none where whole files are in conflict. */
	readonly regions: readonly ConflictRegion[];
}

/** A merge or rebase with conflicts, in a working tree of its own where it can be settled. */
export interface OpenMerge {
	readonly kind: 'merge' | 'rebase';
	/** The home ref that it is for, the commit that the ref had, and the session's commit. */
	readonly ref: string;
	readonly onto: Oid;
	readonly source: Oid;
	/** The path of the working tree. */
	readonly path: string;
	/** Of the commit that will end it; missing where an older version opened it. */
	readonly message?: string;
}

/** A file of an open merge whose conflict is not settled yet. */
export interface MergeConflict {
	/** With every byte that is no UTF-8 as `%XX`. */
	readonly path: string;
	/** The file in the common commit, in home's branch and in the session's; null where it is not there. */
	readonly base: Oid | null;
	readonly ours: Oid | null;
	readonly theirs: Oid | null;
	/**
	 * Nobody has decided yet: conflict markers stand in it, or the lines of the common commit in all places of conflict. Of
	 * one that a side has deleted nothing tells that anybody has.
	 */
	readonly isLeft: boolean;
	/** In how many places both sides changed it, and how many of them have the lines of the common commit. */
	readonly places: number;
	readonly undecided: number;
}

/** The files of a session merged into those of a working tree, as trees. */
export interface FilesMerge {
	/** The working tree as it stands, and as it would be; null where names are in conflict. */
	readonly from: Oid;
	readonly to: Oid | null;
	/** Files that would change, and those of them that hold uncommitted work already; safe to show. */
	readonly changed: readonly string[];
	readonly mixed: readonly string[];
	/** Files that stay as they are, because both sides changed them. */
	readonly conflicts: readonly Conflict[];
}

/** What applying a session's files to a working tree comes to. */
export interface FilesForecast extends FilesMerge {
	/** The branch that is checked out there, and its commit. */
	readonly ref: string;
	readonly head: Oid;
	readonly worktree: string;
	/** The commit of the session that holds the files: its capture, or the tip of a branch. */
	readonly source: Oid;
}

/** What bringing a session's commits into a branch of home would give, found out without touching anything of home's. */
export interface MergeForecast {
	readonly kind: 'merge' | 'rebase';
	/** The commit of home that the work comes onto, and the session's commit. */
	readonly onto: Oid;
	readonly source: Oid;
	/** The tree of the result; null where conflicts are left. */
	readonly tree: Oid | null;
	readonly conflicts: readonly Conflict[];
	/** Files in which one side's lines were taken, as it was asked for; safe to show. */
	readonly settled: readonly string[];
	/** Commits that the branch gains. */
	readonly gained: number;
	/** Files of the working tree that the result would overwrite; null where that is not known. */
	readonly inTheWay: readonly string[] | null;
}
