import type { MergeForecast } from './merge.js';
import type { InProgress, Oid } from './observation.js';
import type { RefAction, Relation } from './relation.js';

/** Who has a branch of a session checked out: the session's own working tree, another one, or what will come back to it. */
export type HeldBy = 'here' | 'elsewhere' | 'returns';

/** One branch of a session, and what the plan does to it. `keep` changes nothing. */
export interface PushChange {
	/** The session's ref in full. */
	readonly ref: string;
	/** What it has now: the push is refused where it has anything else by then. */
	readonly from: Oid | null;
	/** Null for a ref that goes, and for a commit that is made when the plan is applied. */
	readonly to: Oid | null;
	readonly action: RefAction;
	/** The home branch that this comes from. */
	readonly source: string;
	/** The session's files move with it. */
	readonly checkedOut: boolean;
	/** True where it stands in for the branch that was asked for. */
	readonly beside: boolean;
	/** Commits that the ref gains, and commits that it would no longer reach. */
	readonly gained: number;
	readonly lost: number;
	/** The newest of the lost commits, `abbreviated-id subject` each, safe to show. */
	readonly lostCommits: readonly string[];
	/** What a merge into this ref comes to. */
	readonly forecast?: MergeForecast;
	/** The one commit without home's history that is made for it: its parent, and its tree. */
	readonly files?: { readonly onto: Oid | null; readonly tree: Oid };
}

/** A branch of the session that work from home may go to beside the one that was asked for. */
export interface BesideBranch {
	readonly ref: string;
	readonly oid: Oid;
	readonly tree: Oid;
	readonly parents: readonly Oid[];
	/** How it stands to home's commit, seen from the session. */
	readonly relation: Relation;
}

/** Why work does not go to the branch that was asked for. */
export type Hindrance =
	| { readonly kind: 'dirty'; readonly files: readonly string[] }
	| {
			readonly kind: 'busy';
			readonly operation: InProgress | 'second-checkout' | 'detached' | 'index-lock' | 'unknown';
	  }
	| { readonly kind: 'filters'; readonly files: readonly string[] };

/** Everything that the plan of a push looks at; nothing else decides. */
export interface PushFacts {
	readonly session: {
		readonly id: string;
		readonly name: string;
		readonly epoch: string;
		/** The full ref of every branch. */
		readonly branches: readonly string[];
		readonly held: ReadonlyMap<string, HeldBy>;
		readonly inProgress: InProgress | null;
		/** Tracked files that are not as HEAD has them. */
		readonly dirty: readonly string[];
	};
	readonly home: {
		readonly branch: string;
		/** Null for a merge that is not made yet, which will have all that the session has. */
		readonly oid: Oid | null;
		readonly tree: Oid | null;
		/** Commits that it will bring, where it is not there yet. */
		readonly gained: number;
	};
	/** The session's branch that was asked for; null where HEAD is on none. */
	readonly target: { readonly ref: string; readonly oid: Oid | null; readonly tree: Oid | null } | null;
	/** How the target stands to home's commit, seen from the session; null where it is not there. */
	readonly relation: Relation | null;
	/** A commit that both have, for what is made without home's history. */
	readonly base: Oid | null;
	/** What a merge, or home's files on top of the session's commit, come to. */
	readonly forecast: MergeForecast | null;
	/** Files of the session that the move would overwrite, and files of the move that a filter would convert. */
	readonly inTheWay: readonly string[];
	readonly filtered: readonly string[];
	readonly besides: readonly BesideBranch[];
	/** What an attempt just now was refused for. */
	readonly hindrance: Hindrance | null;
}
