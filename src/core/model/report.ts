import type { ChangedFile, InProgress, Missing, Oid, Tip } from './observation.js';
import type { Finding } from './finding.js';
import type { KnownContent } from './known.js';
import type { OpenMerge } from './merge.js';
import type { Plan, RefChange, SyncRequest } from './plan.js';
import type { PushChange } from './push.js';
import type { Warning } from './warning.js';
import type { Session, SessionState } from './session.js';

export type SyncOutcome = 'synced' | 'up-to-date' | 'refused' | 'blocked' | 'failed' | 'unreachable';

/** How a sync of one session ended. `refs` are those that the plan names, whether applied or not. */
export interface SyncResult {
	readonly session: string;
	readonly outcome: SyncOutcome;
	readonly refs: readonly RefChange[];
	/** Branches of the session that the plan names, where work goes there. */
	readonly push?: readonly PushChange[];
	readonly warnings: readonly (Warning & { readonly accepted: boolean })[];
	readonly findings: readonly Finding[];
	/** The entry of the operation log, where home or the session was changed; the last where both were. */
	readonly operation: string | null;
	/** The ledger's newest entry, where there is one. */
	readonly ledger: Oid | null;
	/** The working tree in which a merge with conflicts was opened. */
	readonly opened?: string;
	/** Why it failed or could not be reached. */
	readonly error: Error | null;
}

/** How many commits stand on each rung of the durability ladder; a commit counts on its highest alone. */
export interface Rungs {
	readonly dirty: number;
	readonly committed: number;
	readonly captured: number;
	readonly home: number;
	readonly pushed: number;
	readonly verified: number;
}

export interface BranchStatus {
	readonly name: string;
	readonly isHead: boolean;
	readonly rungs: Rungs;
	/** What home has by content of the commits that none of its branches reaches, where there are such. */
	readonly known?: KnownContent;
}

/** Where one session's work stands. `unknown` is null only when the session was looked at just now. */
export interface SessionStatus {
	readonly session: string;
	readonly state: SessionState;
	readonly branches: readonly BranchStatus[];
	readonly files: { readonly changed: number; readonly untracked: number };
	/** The first hundred of them. */
	readonly changedFiles: readonly ChangedFile[];
	/** Where all of them are home as they are now: the commit that they were changed from, and the capture. */
	readonly captured: { readonly from: Oid | null; readonly to: Oid } | null;
	readonly exposure: { readonly oldestSeconds: number; readonly commits: number; readonly files: number };
	readonly inProgress: InProgress | null;
	/** `since` is the time of the newest ledger entry in ISO 8601, or null where there is none. */
	readonly unknown: { readonly reason: string; readonly since: string | null } | null;
}

/** One observation that the ledger holds. */
export interface LedgerEntry {
	readonly oid: Oid;
	/** When it was observed, ISO 8601. */
	readonly time: string;
	readonly epoch: string;
	readonly head: { readonly branch: string | null; readonly oid: Oid | null };
	readonly branches: readonly Tip[];
	readonly detached: readonly Tip[];
	readonly stashes: readonly Tip[];
	readonly reflog: readonly Oid[];
	readonly capture: { readonly oid: Oid; readonly quiet: boolean } | null;
	readonly missing: readonly Missing[];
}

/** What the newest entry of a session's ledger says; nulls where it has none. */
export interface LastSeen {
	/** The branch that HEAD was on. */
	readonly branch: string | null;
	/** When something new was seen there for the last time, ISO 8601. */
	readonly seen: string | null;
}

/** What the sessions list of one home holds; `elsewhere` counts those of other homes. */
export interface SessionList {
	readonly sessions: readonly (Session & LastSeen)[];
	readonly elsewhere: number;
	/** The contexts and namespaces that answered, as the scope of their sessions names them. */
	readonly listed: readonly string[];
	/** Clusters that could not be asked, and why. */
	readonly problems: readonly { readonly context: string; readonly error: unknown }[];
}

export type OperationKind = 'sync' | 'push' | 'undo' | 'redo' | 'forget' | 'open' | 'continue';

/** One change of home, or of a session by home, as the operation log tells it. */
export interface Operation {
	readonly id: string;
	readonly kind: OperationKind;
	readonly session: string | null;
	readonly request: SyncRequest | null;
	/** ISO 8601. */
	readonly time: string;
	/** `begun` is an operation that was never ended. */
	readonly state: 'begun' | 'done' | 'rolled-back';
	readonly refs: readonly { readonly ref: string; readonly from: Oid | null; readonly to: Oid | null }[];
	/** Working trees whose files changed without a commit, as the trees before and after. */
	readonly files: readonly { readonly worktree: string; readonly from: Oid; readonly to: Oid }[];
	/** Branches of the session that it moved. */
	readonly sessionRefs?: readonly { readonly ref: string; readonly from: Oid | null; readonly to: Oid | null }[];
	/** The operation that this one undid, or null. */
	readonly undoes: string | null;
	/** True when a later undo took it back, and no redo brought it again. */
	readonly undone: boolean;
	readonly accepted: readonly string[];
	/**
	 * The merge that it opened, continued or dropped, or null. `isOpen` while it waits to be settled, of the newest operation
	 * that opened it.
	 */
	readonly merge: OpenMerge | null;
	readonly isOpen: boolean;
}

/** What an undo did, or would do. */
export interface UndoResult {
	/** `redo` where the operation taken back is itself an undo. */
	readonly kind: 'undo' | 'redo';
	readonly operation: string | null;
	readonly undoes: string;
	readonly refs: readonly RefChange[];
	/** Branches of the session that it puts back. */
	readonly push?: readonly PushChange[];
	readonly warnings: readonly (Warning & { readonly accepted: boolean })[];
	readonly outcome: 'done' | 'refused' | 'planned';
	/** The working tree of a dropped merge that is open again. */
	readonly opened?: string;
}

/** How continuing an open merge ended. */
export interface ContinueResult {
	readonly operation: string | null;
	/** The operation that opened the merge. */
	readonly continues: string;
	readonly ref: string;
	readonly from: Oid;
	readonly to: Oid;
	readonly warnings: readonly (Warning & { readonly accepted: boolean })[];
	readonly outcome: 'done' | 'refused';
}

/** Branches that a sync of a session may be about, without their `refs/heads/`. */
export interface BranchChoices {
	readonly home: readonly string[];
	/** The one that is checked out where home was opened, or null. */
	readonly checkedOut: string | null;
	/** The name that the configuration gives to the branch asked about. */
	readonly suggested: string;
}

/** The last copies that a `forget` would drop. */
export interface ForgetPlan {
	readonly session: string;
	readonly entries: number;
	/** Commits that nothing else of home reaches, newest first. */
	readonly lastCopies: readonly { readonly oid: Oid; readonly subject: string }[];
	/** Branches that go, of whose commits home has some by content; told before, and not there afterwards. */
	readonly known?: readonly { readonly name: string; readonly known: KnownContent }[];
}

/** Narrows a forget: to entries that hold a path, or that are older than a date. Neither: the whole ledger. */
export interface ForgetScope {
	readonly path?: string;
	/** ISO 8601. */
	readonly before?: string;
}

export interface LockStatus {
	readonly held: boolean;
	readonly pid: number | null;
	readonly host: string | null;
	/** The owner is known to live, known to be gone, or cannot be told. */
	readonly owner: 'alive' | 'gone' | 'unknown';
	/** Seconds since the last heartbeat. */
	readonly ageSeconds: number | null;
	readonly purpose: string | null;
}

/** The contexts of the user's kubeconfig. */
export interface ContextList {
	/** The one that kubectl would use, or null. */
	readonly current: string | null;
	/** Those that are looked at, which may be some that there are not. */
	readonly chosen: readonly string[];
	readonly known: readonly { readonly name: string; readonly cluster: string; readonly namespace: string | null }[];
}

/** One thing that `doctor` looked at. */
export interface Check {
	readonly name: string;
	readonly ok: boolean;
	readonly detail: string;
	/** What to do where it is not in order. */
	readonly fix: string | null;
	/** What a face can do about it where the user wants that. */
	readonly remedy?: Remedy;
}

/** A way to put something in order. */
export type Remedy =
	| { readonly kind: 'break-lock' | 'choose-contexts' }
	| { readonly kind: 'open-file'; readonly path: string }
	| { readonly kind: 'show-kept'; readonly session: string };

export type SyncPhase = 'observe' | 'fetch' | 'inspect' | 'adopt' | 'plan' | 'apply' | 'push';

/** What of a fetch or a push is on its way: one side packs objects, they move, the other unpacks them. */
export interface Moved {
	readonly step: 'pack' | 'move' | 'unpack';
	readonly objects: number;
	readonly of: number;
	/** What has gone over the line so far. */
	readonly bytes: number;
}

/** How far an operation has come. */
export interface Progress {
	readonly session: string;
	readonly phase: SyncPhase;
	readonly moved?: Moved;
}

/** What the user says to a plan. */
export type Decision = { readonly proceed: true; readonly accepted: readonly string[] } | { readonly proceed: false };

/** Asks the user; called after everything was rescued and before anything of the user's changes. */
export type Decide = (plan: Plan) => Promise<Decision>;
