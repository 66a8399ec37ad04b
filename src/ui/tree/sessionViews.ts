import { isDeepStrictEqual } from 'node:util';
import type { Operation, SessionList, SessionStatus } from '../../core/model/report.js';
import type { Session } from '../../core/model/session.js';
import type { BroughtRef, SessionView } from './snapshot.js';
import { errorWords } from '../platform/coreWords.js';
import { stateWord } from './words.js';

export type ListedSession = SessionList['sessions'][number];

/** One look at a session: what it was when it was looked at, and what that told. */
export interface Looked {
	readonly session: Session;
	readonly seen: string | null;
	readonly status: SessionStatus;
	/** Milliseconds since 1970. */
	readonly at: number;
}

/** The session as it is listed, with what the last look told; `before`, where it says the same. */
export function viewOf(
	listed: ListedSession,
	looked: Looked | null,
	operations: readonly Operation[],
	before: SessionView | null,
): SessionView {
	const { branch, seen, ...session } = listed;
	const view: SessionView = {
		session,
		...statusNow(session, looked),
		last: { branch, seen },
		brought: broughtRefs(session.id, operations),
	};
	return before !== null && isDeepStrictEqual(view, before) ? before : view;
}

/** The view after a look. */
export function viewAfter(view: SessionView, { status, at }: Looked): SessionView {
	return { ...view, status, lookedAt: at };
}

/** True where a look told of another life, or of what was home before. */
export function isOutdated(looked: Looked, { session, last }: SessionView): boolean {
	return last.seen !== looked.seen || !isDeepStrictEqual(session, looked.session);
}

/** What was seen of a cluster that cannot be asked now: who put it out of sight would say that it is gone. */
export function silentViews(
	before: readonly SessionView[],
	{ sessions, problems, listed }: Pick<SessionList, 'sessions' | 'problems' | 'listed'>,
): SessionView[] {
	const there = new Set(sessions.map(({ id }) => id));
	return before.flatMap((view) => {
		const { session, status } = view;
		const problem = problems.find(({ context }) => context === '' || session.scope.startsWith(`${context}/`));
		if (problem === undefined || there.has(session.id) || listed.includes(session.scope)) {
			return [];
		}
		const reason = errorWords(problem.error).message;
		return [
			{
				...view,
				session: { ...session, state: 'unreachable' as const, reason },
				status: status === null ? null : asUnknown(status, reason, null),
			},
		];
	});
}

function statusNow(session: Session, looked: Looked | null): Pick<SessionView, 'status' | 'lookedAt'> {
	// Of another storage nothing is known.
	if (looked === null || looked.session.storage !== session.storage) {
		return { status: null, lookedAt: null };
	}
	const { status, at, seen } = looked;
	return looked.session.state === session.state
		? { status, lookedAt: at }
		: { status: asUnknown(status, session.reason ?? stateWord(session.state), seen), lookedAt: at };
}

function asUnknown(status: SessionStatus, reason: string, since: string | null): SessionStatus {
	return { ...status, unknown: status.unknown ?? { reason, since } };
}

function broughtRefs(sessionId: string, operations: readonly Operation[]): BroughtRef[] {
	const brought = new Map<string, BroughtRef>();
	for (const operation of operations) {
		const stands = operation.kind === 'sync' && operation.state === 'done' && !operation.undone;
		for (const { ref, to } of stands && operation.session === sessionId ? operation.refs : []) {
			if (to !== null && !brought.has(ref)) {
				brought.set(ref, { ref, time: operation.time });
			}
		}
	}
	return [...brought.values()];
}
