import { setTimeout as sleep } from 'node:timers/promises';
import { HomeportError, isHomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { appendAudit } from '../coordination/auditLog.js';
import type { PushRefusal } from '../git/pushAnswer.js';
import { changesHome, changesSession, type Plan, type RefChange, type SyncRequest } from '../model/plan.js';
import type { Hindrance, PushChange } from '../model/push.js';
import type { Decide, SyncResult } from '../model/report.js';
import type { Session } from '../model/session.js';
import { unaccepted } from '../model/warning.js';
import { performPush, type Pushed } from '../operations/pushOperation.js';
import { settleHome, type StepOptions, type SyncContext, underLock } from './context.js';
import { applyPlan, failedResult, openConflict, planSync, recordEnd, resultOf } from './engine.js';
import { makePushCommit } from './makePushCommit.js';
import { headsPrefix } from './naming.js';
import { planPush } from './planPush.js';
import { gatherPush, type HomeSource, homeSource } from './pushFacts.js';
import { type Rescue, rescueSession } from './rescue.js';

/** A plan of a sync that goes out, what it was made on, and home's commit that it is of. */
interface Outward {
	readonly plan: Plan;
	readonly rescue: Rescue;
	readonly source: HomeSource;
}

const attempts = 3;

/**
 * Brings the session's work to safety and says what a sync that goes out, or both ways, would do. Changes nothing of the
 * user's and nothing of the session's.
 */
export async function planOutward(
	context: SyncContext,
	session: Session,
	request: SyncRequest,
	options: StepOptions = {},
	hindrance: Hindrance | null = null,
	withHome = request.direction === 'both',
): Promise<Outward> {
	if (session.worktreeOfHome) {
		throw new HomeportError('not-supported', {
			what: `${shownText(session.name)} is a worktree of home, whose branches are home's already; sending work to it`,
			next: 'Merge there with git, or bring its work home with `--strategy merge`.',
		});
	}
	const inward = withHome ? await planSync(context, session, request, options) : null;
	const rescue = inward?.rescue ?? (await rescueSession(context, session, options));
	options.onProgress?.({ session: session.id, phase: 'plan' });
	await settleHome(context, options);
	const source = afterwards(await homeSource(context, request), inward?.plan.refs ?? []);
	const facts = await gatherPush(context, session, rescue, request, source, hindrance, options);
	const { push, warnings } = planPush(facts, request);
	const plan: Plan = {
		session: session.id,
		request,
		refs: inward?.plan.refs ?? [],
		push,
		warnings: [...(inward?.plan.warnings ?? []), ...warnings],
		findings: rescue.findings,
		epoch: rescue.observation.epoch,
	};
	return { plan, rescue, source };
}

// Home's branch as it will be once its own part of the plan is done.
function afterwards(source: HomeSource, refs: readonly RefChange[]): HomeSource {
	const change = refs.find(({ ref, action }) => ref === headsPrefix + source.branch && action !== 'keep');
	return change === undefined ? source : { ...source, oid: change.to, gained: change.gained };
}

/**
 * Syncs one session outwards, or both ways: rescues its work, plans, asks once, brings home what is to come home, and pushes
 * under the sync lock. Where the session has gone on meanwhile, or has something in the way that was not seen before, the
 * push is planned again on what it has then. Failures that concern this session alone are told in the result.
 */
export async function syncOutward(
	context: SyncContext,
	session: Session,
	request: SyncRequest,
	decide: Decide,
	options: StepOptions = {},
): Promise<SyncResult> {
	let planned: Outward;
	try {
		planned = await planOutward(context, session, request, options);
	} catch (error) {
		return failedResult(session, error);
	}
	const { plan, rescue } = planned;
	const asks = unaccepted(plan.warnings, new Set()).length > 0;
	const moves = changesHome(plan) || changesSession(plan);
	if (!moves && !asks) {
		const news = request.direction === 'both' && rescue.before?.oid !== rescue.ledger.oid;
		const outcome = news ? 'synced' : 'up-to-date';
		await recordEnd(context, session, outcome);
		return resultOf(session, outcome, plan, [], null, rescue);
	}
	const decision = await decide(plan);
	const accepted = decision.proceed ? decision.accepted : [];
	if (!decision.proceed || unaccepted(plan.warnings, new Set(accepted)).length > 0) {
		await appendAudit(await context.syncFolder(), 'WARN', `${session.id}: refused`, context.clock);
		return resultOf(session, 'refused', plan, accepted, null, rescue);
	}
	// What goes out is to hold what comes home; a merge that waits for its conflicts is settled first.
	const opened = await openConflict(context, session, plan, accepted, options);
	if (opened !== null) {
		const outcome = opened.operation === null ? 'up-to-date' : 'synced';
		return {
			...resultOf(session, outcome, { ...plan, push: [] }, accepted, opened.operation, rescue),
			opened: opened.path,
		};
	}
	if (!moves) {
		return resultOf(session, 'up-to-date', plan, accepted, null, rescue);
	}
	let done: Pick<Plan, 'refs'> & { readonly operation: string | null } = { refs: plan.refs, operation: null };
	if (changesHome(plan)) {
		done = await applyPlan(context, session, plan, accepted, options);
	}
	const result = await sendOut(context, session, request, { planned, accepted, done, decide }, options);
	if (result.outcome === 'synced') {
		await recordEnd(context, session, 'synced');
	}
	return result;
}

interface Sending {
	readonly planned: Outward;
	readonly accepted: readonly string[];
	/** What was done at home before. */
	readonly done: Pick<Plan, 'refs'> & { readonly operation: string | null };
	readonly decide: Decide;
}

async function sendOut(
	context: SyncContext,
	session: Session,
	request: SyncRequest,
	{ planned, accepted: first, done, decide }: Sending,
	options: StepOptions,
): Promise<SyncResult> {
	const notes = planned.plan.push === undefined ? [] : homeWarnings(planned);
	let [current, accepted] = [planned, first];
	let hindrance: Hindrance | null = null;
	let moved = 0;
	let stale = done.operation !== null;
	const end = (
		outcome: 'synced' | 'refused' | 'failed' | 'unreachable',
		push: readonly PushChange[],
		operation: string | null,
		error: Error | null = null,
	): SyncResult => {
		const warnings = [...notes, ...current.plan.warnings.filter((one) => !notes.includes(one))];
		const plan = { ...current.plan, refs: done.refs, push, warnings };
		return { ...resultOf(session, outcome, plan, accepted, operation, current.rescue), error };
	};
	for (;;) {
		try {
			if (stale) {
				const before = current.plan.warnings;
				current = await planOutward(context, session, request, options, hindrance, false);
				stale = false;
				const open = unaccepted(current.plan.warnings, new Set(accepted));
				// What was accepted was about the commits that were named then.
				if (open.length > 0 || !sameAsks(before, current.plan.warnings)) {
					const decision = await decide({ ...current.plan, refs: [] });
					accepted = decision.proceed ? [...new Set([...accepted, ...decision.accepted])] : accepted;
					if (!decision.proceed || unaccepted(current.plan.warnings, new Set(accepted)).length > 0) {
						return end('refused', current.plan.push ?? [], done.operation);
					}
				}
			}
			const push = current.plan.push ?? [];
			const change = push.find(({ action }) => action !== 'keep');
			if (change === undefined) {
				return end('synced', push, done.operation);
			}
			const sent = await pushOne(context, session, current, change, accepted, options);
			if ('operation' in sent.pushed) {
				return end('synced', [{ ...change, to: sent.to }], sent.pushed.operation);
			}
			const { refusal } = sent.pushed;
			context.logger.log('info', `${session.id}: push not taken: ${refusal.kind}; planning again`);
			const next = hindranceOf(refusal, change);
			if (next === null || hindrance !== null) {
				moved += 1;
				await sleep(100 * moved);
			}
			hindrance ??= next;
			stale = true;
			if (moved >= attempts) {
				throw new HomeportError('changed-meanwhile', { what: `${shownText(change.ref)} of the session` });
			}
		} catch (error) {
			const failed = failedPush(error);
			return end(failed.outcome, current.plan.push ?? [], done.operation, failed.error);
		}
	}
}

// What was said of home's part stays true of the result when the push is planned again.
function homeWarnings({ plan }: Outward): Plan['warnings'] {
	return plan.refs.length === 0
		? []
		: plan.warnings.filter(({ details }) => plan.refs.some(({ ref }) => ref === details['ref']));
}

function sameAsks(before: Plan['warnings'], now: Plan['warnings']): boolean {
	const known = new Set(before.filter(({ level }) => level === 'ask').map((one) => JSON.stringify(one)));
	return now.every((one) => one.level === 'note' || known.has(JSON.stringify(one)));
}

async function pushOne(
	context: SyncContext,
	session: Session,
	{ plan, source }: Outward,
	change: PushChange,
	accepted: readonly string[],
	options: StepOptions,
): Promise<{ readonly pushed: Pushed; readonly to: string }> {
	return underLock(context, `push ${session.name}`, options, async () => {
		options.onProgress?.({ session: session.id, phase: 'push' });
		if (source.oid === null) {
			throw new HomeportError('internal', { what: 'a push of a commit that is not made yet' });
		}
		const now = await homeSource(context, plan.request);
		if (now.oid !== source.oid || now.branch !== source.branch) {
			throw new HomeportError('changed-meanwhile', { ref: headsPrefix + source.branch });
		}
		const to = await makePushCommit(context, plan.request, change, source.oid);
		const { ref, from, checkedOut } = change;
		const force = change.action === 'overwrite';
		const pushed = await performPush(
			context,
			{
				kind: 'push',
				session,
				request: plan.request,
				accepted: accepted.filter((code) => plan.warnings.some((warning) => warning.code === code)),
				undoes: null,
				move: { ref, from, to, checkedOut, force },
			},
			options,
		);
		return { pushed, to };
	});
}

/** Why the work must go beside now; null where the session is only to be looked at again. */
function hindranceOf(refusal: PushRefusal, change: PushChange): Hindrance | null {
	switch (refusal.kind) {
		case 'moved':
		case 'checked-out':
			return null;
		case 'dirty':
			return { kind: 'dirty', files: refusal.paths };
		case 'filters':
			return { kind: 'filters', files: refusal.paths };
		case 'locked':
			return { kind: 'busy', operation: 'index-lock' };
		case 'busy':
			return { kind: 'busy', operation: 'unknown' };
		case 'not-owned':
			throw new HomeportError('session-not-owned');
		default:
			throw new HomeportError('push-refused', { ref: shownText(change.ref), reason: refusal.reason });
	}
}

const ownFailures = ['changed-meanwhile', 'push-unverified', 'push-refused', 'session-not-owned'] as const;

function failedPush(error: unknown): { outcome: 'failed' | 'unreachable'; error: Error } {
	if (isHomeportError(error, 'session-unreachable', 'session-missing')) {
		return { outcome: 'unreachable', error };
	}
	const known = ['session-damaged', 'stream-failed', 'limit-exceeded', 'timed-out', 'incomplete'] as const;
	if (isHomeportError(error, ...ownFailures, ...known)) {
		return { outcome: 'failed', error };
	}
	throw error;
}
