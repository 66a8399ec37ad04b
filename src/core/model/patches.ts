import type { Oid } from './observation.js';

/** Which patches of a session are wanted, and where to. */
export interface PatchRequest {
	/** The session's branch; null for the one that its HEAD is on, or with `output` for all of them. */
	readonly from: string | null;
	/** A commit of home that the series is to come onto; null for home's HEAD. */
	readonly base: string | null;
	/** What the session has not committed becomes the last patch of its HEAD's series. */
	readonly uncommitted: boolean;
	/** The folder for one file a branch, as an absolute path; null hands the one series over instead. */
	readonly output: string | null;
	/** Writes and hands over nothing. */
	readonly dryRun: boolean;
}

/** The patches of one branch: what its commits change from `base` on, one after the other. */
export interface PatchSeries {
	/** The session's name for it; null for a detached HEAD. */
	readonly branch: string | null;
	/** The commit that `git am` puts the series on; null where it begins with an empty tree. */
	readonly base: Oid | null;
	/** The commit that the series leads to; null where there is none yet. */
	readonly tip: Oid | null;
	/** Commits that became patches. */
	readonly commits: number;
	/** Merge commits and commits that change nothing, of which no patch can be made. */
	readonly merges: number;
	readonly empty: number;
	/** The capture that is the last patch. */
	readonly uncommitted: Oid | null;
	/** Patches in whose message lines were indented, for `git am` would have applied them. */
	readonly indented: number;
	/** Where it was written to; null where it holds no patch, or was handed over. */
	readonly file: string | null;
}

/** The series that were made. */
export interface PatchResult {
	readonly session: string;
	readonly series: readonly PatchSeries[];
	/** Uncommitted work was asked for, and there is none. */
	readonly nothingUncommitted: boolean;
	/** What the session has and could not be taken, as its ledger lists it. */
	readonly missing: number;
}
