import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import type { PushRefusal } from '../git/pushAnswer.js';
import { type Move, readTarget } from '../git/session/push/target.js';
import { changesBetween } from '../git/worktree.js';
import type { PushChange } from '../model/push.js';
import type { Operation, UndoResult } from '../model/report.js';
import type { Session } from '../model/session.js';
import { execOf, type StepOptions, type SyncContext } from '../sync/context.js';
import { placeOf } from '../sync/look.js';
import type { SessionRef } from './stored.js';
import { isThere, performPush } from './pushOperation.js';

/**
 * Takes a push back, or brings it again, by the way that it went: the session's branch is set to what it had, and one that
 * was created goes. Only while it has exactly what was pushed: what an agent has done since is never taken from it. Fails
 * with `session-built-on` where it has, and where its files stand in the way; the sync lock must be held.
 */
export async function undoPush(
	context: SyncContext,
	operation: Operation,
	options: StepOptions & { readonly accepted: readonly string[]; readonly dryRun?: boolean },
): Promise<UndoResult> {
	const [change] = operation.sessionRefs ?? [];
	const session = await context.sessionById(operation.session ?? '');
	if (change === undefined || session === null) {
		throw new HomeportError('session-unknown', { session: operation.session });
	}
	const kind = operation.kind === 'undo' ? 'redo' : 'undo';
	const move = await backMove(context, session, change);
	if (move === null) {
		throw new HomeportError('nothing-to-undo', { id: operation.id, state: 'the session has what it had before' });
	}
	const result = { kind, undoes: operation.id, refs: [], push: [backChange(move)], warnings: [] } as const;
	if (options.dryRun === true) {
		return { ...result, operation: null, outcome: 'planned' };
	}
	const { request, id: undoes } = operation;
	const pushed = await performPush(context, { kind, session, request, accepted: [], undoes, move }, options);
	if ('refusal' in pushed) {
		throw builtOn(session, move.ref, reasonOf(pushed.refusal));
	}
	return { ...result, operation: pushed.operation, outcome: 'done' };
}

// Null where the session has what it had before.
async function backMove(context: SyncContext, session: Session, change: SessionRef): Promise<Move | null> {
	const { ref, from, to } = change;
	const known = change.from !== null && change.to !== null;
	const changes = known ? await changesBetween(context.home.git, change.to, change.from!).catch(() => []) : [];
	const added = changes.filter(({ oldMode }) => oldMode === '000000').map(({ path }) => path);
	const place = await placeOf(context, session);
	const target = await readTarget(execOf(context, session), place, { ref, sent: to, added }, {});
	if (target.oid === from) {
		return null;
	}
	if (!isThere({ oid: target.oid, reaches: false }, change)) {
		throw builtOn(session, ref, undefined);
	}
	const held = target.held.get(ref);
	if (
		held === 'elsewhere' ||
		held === 'returns' ||
		(held === 'here' && (from === null || target.inProgress !== null))
	) {
		throw builtOn(session, ref, 'is checked out there, and cannot be put back now');
	}
	if (held === 'here' && (target.dirty.length > 0 || target.inTheWay.length > 0)) {
		const files = [...new Set([...target.dirty, ...target.inTheWay])].slice(0, 5).map((path) => shownText(path));
		throw builtOn(
			session,
			ref,
			`cannot be put back, because files there are not committed or in the way: ${files.join(', ')}`,
		);
	}
	return { ref, from: to, to: from, checkedOut: held === 'here', force: true };
}

function backChange({ ref, from, to, checkedOut }: Move): PushChange {
	const action = from === null ? 'create' : 'overwrite';
	return { ref, from, to, action, source: '', checkedOut, beside: false, gained: 0, lost: 0, lostCommits: [] };
}

function reasonOf(refusal: PushRefusal): string | undefined {
	switch (refusal.kind) {
		case 'moved':
			return undefined;
		case 'dirty':
			return 'cannot be put back, because files there are not committed or in the way';
		case 'locked':
			return 'cannot be put back now, because the index there is locked';
		case 'busy':
		case 'checked-out':
			return 'is checked out there, and cannot be put back now';
		case 'filters':
			return 'cannot be put back, because a filter converts files of it';
		case 'not-owned':
			return 'belongs to another user than the one that commands run as there';
		default:
			return `was not put back: ${refusal.reason}`;
	}
}

function builtOn(session: Session, ref: string, reason: string | undefined): HomeportError {
	const details = { session: session.id, ref: shownText(ref.replace(/^refs\/heads\//, '')) };
	return new HomeportError('session-built-on', reason === undefined ? details : { ...details, reason });
}
