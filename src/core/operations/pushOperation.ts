import { setTimeout as sleep } from 'node:timers/promises';
import { HomeportError, throwIfCancelled } from '../base/errors.js';
import { pushTo } from '../git/push.js';
import type { PushRefusal } from '../git/pushAnswer.js';
import { type Move, readTarget, type Target } from '../git/session/push/target.js';
import type { SyncRequest } from '../model/plan.js';
import type { OperationKind } from '../model/report.js';
import type { Session } from '../model/session.js';
import { execOf, type StepOptions, type SyncContext } from '../sync/context.js';
import { placeOf } from '../sync/look.js';
import { beginOperation, endOperation } from './log.js';

const triesWhileLocked = 3;
const firstPauseMs = 200;

export interface PushWork {
	readonly kind: OperationKind;
	readonly session: Session;
	readonly request: SyncRequest | null;
	readonly accepted: readonly string[];
	readonly undoes: string | null;
	readonly move: Move;
}

/** The operation's id where the session has what was sent; else why it has not taken it. */
export type Pushed = { readonly operation: string } | { readonly refusal: PushRefusal };

/**
 * Moves one branch of a session as an operation of its own, and looks afterwards whether it is so. The sync lock must be
 * held. A session whose index is locked is tried again for a while. Where the session cannot be asked afterwards, the
 * error goes on and the operation stays begun: who next holds the lock asks again.
 */
export async function performPush(context: SyncContext, work: PushWork, options: StepOptions): Promise<Pushed> {
	const { home } = context;
	const { ref, from, to } = work.move;
	throwIfCancelled(options.signal);
	const begun = await beginOperation(home.git, {
		kind: work.kind,
		session: work.session.id,
		request: work.request,
		time: new Date(context.clock.now()).toISOString(),
		worktree: home.root,
		refs: [],
		sessionRefs: [{ ref, from, to }],
		accepted: work.accepted,
		undoes: work.undoes,
		snapshots: {},
	});
	for (let attempt = 1; ; attempt += 1) {
		const { refusal, error } = await tryPush(context, work, options);
		const target = await lookAfter(context, work);
		if (isThere(target, work.move)) {
			await endOperation(home.git, begun, 'done');
			requireFiles(target, work);
			return { operation: begun.id };
		}
		if (refusal?.kind === 'locked' && attempt < triesWhileLocked && !options.signal?.aborted) {
			await sleep(firstPauseMs * 2 ** (attempt - 1));
			continue;
		}
		await endOperation(home.git, begun, 'rolled-back');
		if (target.oid !== from) {
			return { refusal: { kind: 'moved' } };
		}
		if (refusal === null) {
			throw (
				error ?? new HomeportError('push-unverified', { ref, session: work.session.id, reason: 'it has not moved' })
			);
		}
		return { refusal };
	}
}

// A way that breaks says nothing of what has arrived; only the look afterwards does.
async function tryPush(
	context: SyncContext,
	{ session, move }: PushWork,
	options: StepOptions,
): Promise<{ refusal: PushRefusal | null; error: unknown }> {
	const { limits } = context.config;
	try {
		const refusal = await pushTo(
			context.home,
			execOf(context, session),
			await placeOf(context, session),
			move,
			{
				timeoutMs: limits.fetchSeconds * 1000,
				idleMs: limits.idleSeconds * 1000,
				maxBytes: 64 * 1024 * 1024,
			},
			(moved) => options.onProgress?.({ session: session.id, phase: 'push', moved }),
		);
		return { refusal, error: undefined };
	} catch (error) {
		return { refusal: null, error };
	}
}

async function lookAfter(context: SyncContext, { session, move }: PushWork): Promise<Target> {
	const place = await placeOf(context, session);
	return readTarget(execOf(context, session), place, { ref: move.ref, from: move.from, sent: move.to }, {});
}

/** True when the session has what a move was to bring; an agent may have gone on from there. */
export function isThere({ oid, reaches }: Pick<Target, 'oid' | 'reaches'>, { to }: Pick<Move, 'to'>): boolean {
	return to === null ? oid === null : oid === to || reaches;
}

// The branch is where it should be; the files must be there with it, unless the agent has gone on.
function requireFiles(target: Target, { session, move }: PushWork): void {
	const stands = target.oid === move.to && target.held.get(move.ref) === 'here';
	if (move.checkedOut && move.to !== null && stands && !target.indexMoved) {
		throw new HomeportError('push-unverified', {
			ref: move.ref,
			session: session.id,
			reason: 'its files are not those of the branch',
		});
	}
}
