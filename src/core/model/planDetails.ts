import type { Oid } from './observation.js';

/** A commit as people read it; its subject is safe to show. */
export interface CommitLine {
	readonly oid: Oid;
	readonly subject: string;
}

/** A file that a change touches; its path is safe to show. */
export interface FileLine {
	readonly path: string;
	readonly kind: 'added' | 'changed' | 'removed';
}

/** The commits and files of one change of a plan, newest first. Of long lists the first part alone is there. */
export interface ChangeDetails {
	/** The ref in full, of home or of the session. */
	readonly ref: string;
	readonly side: 'home' | 'session';
	readonly gained: readonly CommitLine[];
	readonly lost: readonly CommitLine[];
	/** The commits between which the files differ; `base` null is the empty tree. */
	readonly base: Oid | null;
	readonly tip: Oid;
	readonly files: readonly FileLine[];
	/** Files beyond those listed. */
	readonly moreFiles: number;
}
