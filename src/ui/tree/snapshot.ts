import { isHomeportError } from '../../core/base/errors.js';
import type { LastSeen, SessionStatus } from '../../core/model/report.js';
import type { Session } from '../../core/model/session.js';
import { NoHomeError } from '../platform/home.js';
import type { NoHomeReason } from '../platform/home.js';

/** `unopened`: nobody asked yet. The others but `ready` each have a welcome text. */
type HomeState = 'unopened' | NoHomeReason | 'notRepository' | 'failed' | 'noSessions' | 'ready';

/** A ref of home that a sync of the session made or moved, and was not undone. */
export interface BroughtRef {
	readonly ref: string;
	/** ISO 8601. */
	readonly time: string;
}

/** A session, where its work stood when it was last looked at, null before that, and what came home of it. */
export interface SessionView {
	readonly session: Session;
	readonly status: SessionStatus | null;
	/** When this window got that status, in milliseconds since 1970. */
	readonly lookedAt: number | null;
	/** What home knows without looking. */
	readonly last: LastSeen;
	readonly brought: readonly BroughtRef[];
}

/** All that the tree and the status item show; replaced as a whole, never changed. */
export interface Snapshot {
	readonly state: HomeState;
	/** The home's folder, where one is open. */
	readonly root: string | null;
	readonly sessions: readonly SessionView[];
	/** Contexts and namespaces that answered, as the scopes of their sessions name them. */
	readonly listed: readonly string[];
	/** When all were listed, and those of this machine looked at, in milliseconds since 1970. */
	readonly lookedAt: number | null;
	/** Why the look before this one is still shown, or why there is nothing to show. */
	readonly error: unknown;
	/**
	 * Why a cluster could not be asked, for each; their sessions are those that were known before. Those that may be over by
	 * themselves come first.
	 */
	readonly problems: readonly unknown[];
}

/** True of a problem that may be over without anybody doing anything about it: a network that is away, a busy server. */
export function mayPass(problem: unknown): boolean {
	return isHomeportError(problem, 'cluster-unreachable', 'cluster-timed-out', 'cluster-busy', 'cluster-failed');
}

/** What there is to show before anybody asked. */
export const unopened: Snapshot = {
	state: 'unopened',
	root: null,
	sessions: [],
	listed: [],
	lookedAt: null,
	error: null,
	problems: [],
};

/** A home that is gone takes its sessions with it; another failure leaves what was known, marked by its error. */
export function afterFailure(before: Snapshot, error: unknown): Snapshot {
	const gone = { ...before, root: null, sessions: [], listed: [], problems: [], error };
	if (error instanceof NoHomeError) {
		return { ...gone, state: error.reason };
	}
	if (isHomeportError(error, 'not-a-repository')) {
		return { ...gone, state: 'notRepository' };
	}
	return { ...before, state: before.sessions.length === 0 ? 'failed' : 'ready', error };
}
