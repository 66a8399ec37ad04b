import type { SessionState } from '../../core/model/session.js';
import type { SessionView } from './snapshot.js';

/** A look so long ago, in milliseconds, says what was, and no longer what is. */
export const staleMs = 10 * 60_000;

/** How a session's work stands as a whole. Unknown is its own state, never clean. */
export type Standing = 'unknown' | 'exposed' | 'home';

/** Where the session's work stands, by its last status. */
export function standing({ status }: Pick<SessionView, 'status'>): Standing {
	if (status === null || status.unknown !== null) {
		return 'unknown';
	}
	return status.exposure.commits + status.exposure.files > 0 ? 'exposed' : 'home';
}

/** The state of a session; one that runs and could not be looked at is in error, whatever its cluster says of it. */
export function stateOf({ session, status }: Pick<SessionView, 'session' | 'status'>): SessionState {
	return session.state === 'running' && status?.state === 'error' ? 'error' : session.state;
}
