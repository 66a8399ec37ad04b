import type { InProgress, Oid } from './observation.js';
import type { Finding } from './finding.js';
import type { KnownContent } from './known.js';
import type { FilesForecast, MergeForecast, OnConflict } from './merge.js';
import type { PushChange } from './push.js';
import type { RefAction, Relation } from './relation.js';
import type { Warning } from './warning.js';

export type Strategy = 'branch' | 'merge' | 'overwrite' | 'exclude';
export type Direction = 'home' | 'session' | 'both';

/** What one sync was asked to do. */
export interface SyncRequest {
	readonly strategy: Strategy;
	readonly direction: Direction;
	/** The home branch that was named, or null for the strategy's own choice. */
	readonly branch: string | null;
	/** The session branch that was named, or null: all of them for `branch`, HEAD's for the others. */
	readonly from: string | null;
	/** What a merge does with conflicts; `manual` where it is not said. */
	readonly onConflict?: OnConflict;
	/** For `merge`: put the session's commits on top of the branch instead. */
	readonly rebase?: boolean;
	/** Take in the upstream of the branch checked out here first, and push that branch afterwards. */
	readonly origin?: boolean;
}

/** One ref of home, and what the plan does to it. `keep` changes nothing. */
export interface RefChange {
	/** The home ref in full. */
	readonly ref: string;
	readonly from: Oid | null;
	/** Null for a ref that goes, and for a merge: its commit is made when it is applied. */
	readonly to: Oid | null;
	readonly action: RefAction;
	/** The session's branch that this comes from, or null for a detached HEAD. */
	readonly source: string | null;
	/** The working tree that has this ref checked out and moves with it, or null. */
	readonly worktree: string | null;
	/** Commits that the ref gains, and commits that it would no longer reach. */
	readonly gained: number;
	readonly lost: number;
	/** The newest of the lost commits, `abbreviated-id subject` each, safe to show. */
	readonly lostCommits: readonly string[];
	/** What a merge into this ref comes to. */
	readonly forecast?: MergeForecast;
	/** For `files`: what the working tree of this ref would receive. */
	readonly files?: FilesForecast;
}

/** What would happen, for reading, refusing or applying: pure data. */
export interface Plan {
	readonly session: string;
	readonly request: SyncRequest;
	readonly refs: readonly RefChange[];
	/** What would happen to branches of the session, where work goes there; after what happens to home. */
	readonly push?: readonly PushChange[];
	readonly warnings: readonly Warning[];
	readonly findings: readonly Finding[];
	/** The epoch that the plan was made for. */
	readonly epoch: string;
}

/** True when the plan would change something of home. */
export function changesHome(plan: Plan): boolean {
	return plan.refs.some((change) => change.action !== 'keep');
}

/** True when the plan would change something of the session. */
export function changesSession(plan: Plan): boolean {
	return (plan.push ?? []).some((change) => change.action !== 'keep');
}

/** A branch of home as the planner sees it. */
export interface HomeBranch {
	readonly oid: Oid;
	/** The working tree that has it checked out, or null. */
	readonly worktree: string | null;
}

/** A working tree of home. */
export interface HomeWorktree {
	readonly path: string;
	/** The full ref that is checked out here, or that a rebase or bisect here began from and will come back to. */
	readonly branch: string | null;
	readonly inProgress: InProgress | null;
	/** Number of files that differ from the commit, untracked ones included; 0 where no plan of this request moves the branch. */
	readonly dirtyFiles: number;
}

/** One branch of the session that the request is about, with how it stands to the home branches that matter to it. */
export interface SessionBranch {
	/** The session's name for it, or null for a detached HEAD. */
	readonly name: string | null;
	readonly oid: Oid;
	readonly isHead: boolean;
	/** Commits of it that no branch of home reaches. */
	readonly fresh: number;
	/** What home has of those by content; not there where home's branches reach all, or nothing was compared. */
	readonly known?: KnownContent;
	/** By full home ref: each of `homeRefsOf`, which are the existing refs that carry this branch's name or one beside. */
	readonly relations: ReadonlyMap<string, Relation>;
	/**
	 * By full home ref, for each ref of `relations` that is checked out: the dirty, untracked and ignored files that moving
	 * it here would overwrite. A checked-out ref that has no entry is not known to be clean, and is not moved.
	 */
	readonly inTheWay: ReadonlyMap<string, readonly string[]>;
	/** True where an earlier observation has commits on this branch that it no longer reaches. */
	readonly rewound: boolean;
}

/** Everything that `plan` and `guard` look at; nothing else decides. */
export interface PlanFacts {
	readonly session: {
		readonly id: string;
		readonly name: string;
		readonly agent: string;
		readonly worktreeOfHome: boolean;
		readonly epoch: string;
		readonly epochChanged: boolean;
		readonly branches: readonly SessionBranch[];
		/** Branches that the ledger's entry before had, in the same epoch, and this one has not. */
		readonly goneBranches: readonly string[];
		readonly inProgress: InProgress | null;
		readonly changedFiles: number;
		/** All that is uncommitted was captured, or there is nothing to capture. */
		readonly captured: boolean;
		readonly quiet: boolean;
		readonly missing: number;
		readonly shallow: boolean;
		readonly partial: boolean;
	};
	readonly home: {
		/** Every local branch, by full ref. */
		readonly branches: ReadonlyMap<string, HomeBranch>;
		readonly worktrees: readonly HomeWorktree[];
		/** The path of the working tree that home was opened in, or null where home has none. */
		readonly here: string | null;
		/** File system and git treat names that differ in case alone as one. */
		readonly ignoreCase: boolean;
		/** The name or id of the session that the manifest says was synced last, or null. */
		readonly lastSync: string | null;
	};
	readonly config: {
		/** Template of the home branch for the session's HEAD branch; `{agent}`, `{session}`, `{branch}`. */
		readonly headTemplate: string;
		/** Template of the home branch for every other branch of the session. */
		readonly otherTemplate: string;
		/** Branch names, with `*`, that an overwrite must ask for. */
		readonly protectedBranches: readonly string[];
	};
	/** What a merge would come to, for the home ref that it is about; null where none is computed. */
	readonly forecast: (MergeForecast & { readonly ref: string }) | null;
	/** What applying the session's files to the working tree that home was opened in comes to; null as above. */
	readonly files: FilesForecast | null;
	readonly findings: readonly Finding[];
}
