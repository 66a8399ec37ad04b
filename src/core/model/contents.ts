import type { Oid } from './observation.js';

/** What stands at a path of a commit. A link is never followed, and a submodule is another repository's commit. */
export type ContentKind = 'file' | 'link' | 'submodule' | 'folder';

/** One thing that stands at a path. `size` is in bytes, 0 for a folder. */
export interface ContentFacts {
	readonly kind: ContentKind;
	readonly oid: Oid;
	readonly size: number;
}

/** One entry of a folder. A name that is no UTF-8 has each of its bytes beyond ASCII as `%XX`. */
export interface FolderEntry {
	readonly name: string;
	readonly kind: ContentKind;
	readonly oid: Oid;
}

/** One side of a changed file; for a submodule `oid` is a commit that home has not. */
export interface ContentSide {
	readonly oid: Oid;
	readonly kind: ContentKind;
}

/** A path that differs between two commits. `from` is null where it was added, `to` where it was deleted. */
export interface ContentChange {
	readonly path: string;
	/** Where a file was renamed, its path before. */
	readonly oldPath: string | null;
	readonly from: ContentSide | null;
	readonly to: ContentSide | null;
}

/** A list that was cut: the first ones, and how many there are in all. */
export interface CutList<T> {
	readonly items: readonly T[];
	readonly total: number;
}

/** A commit in short. Texts are safe to show. */
export interface CommitFacts {
	readonly oid: Oid;
	readonly subject: string;
	readonly author: string;
	/** When it was written, ISO 8601. */
	readonly date: string;
	readonly parents: readonly Oid[];
}

/** A branch of home, or what home knows of one of a remote, in full. */
export interface HomeRef {
	readonly ref: string;
	readonly oid: Oid;
	/** The remote-tracking branch that it follows, or null. */
	readonly upstream: string | null;
	/** True for the branch that is checked out where home was opened. */
	readonly isHead: boolean;
}
