import type { SessionStatus } from '../../src/core/model/report.js';
import type { Session } from '../../src/core/model/session.js';
import type { SessionView } from '../../src/ui/tree/snapshot.js';

/** A session of this machine, with these things different. */
export function session(parts: Partial<Session> = {}): Session {
	return {
		id: 'local/alpha',
		name: 'alpha',
		backend: 'local',
		scope: '',
		agent: 'claude',
		state: 'running',
		reason: null,
		workspace: '/sessions/alpha',
		gitDir: null,
		storage: '1',
		home: '/home',
		worktreeOfHome: false,
		...parts,
	};
}

/** Where the work of a session stands that is all home. */
export function sessionStatus(parts: Partial<SessionStatus> = {}): SessionStatus {
	return {
		session: 'local/alpha',
		state: 'running',
		branches: [],
		files: { changed: 0, untracked: 0 },
		changedFiles: [],
		captured: null,
		exposure: { oldestSeconds: 0, commits: 0, files: 0 },
		inProgress: null,
		unknown: null,
		...parts,
	};
}

/** A session as the tree knows it, looked at just now. */
export function sessionView(about: Partial<Session> = {}, parts: Partial<SessionView> = {}): SessionView {
	return {
		session: session(about),
		status: sessionStatus(),
		lookedAt: Date.now(),
		last: { branch: null, seen: null },
		brought: [],
		...parts,
	};
}
