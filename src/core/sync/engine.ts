import { isHomeportError, unreachableCodes } from '../base/errors.js';
import { appendAudit } from '../coordination/auditLog.js';
import type { Finding } from '../model/finding.js';
import { changesHome, type Plan, type RefChange, type SyncRequest } from '../model/plan.js';
import type { Decide, SyncOutcome, SyncResult } from '../model/report.js';
import type { Session } from '../model/session.js';
import { unaccepted, type Warning } from '../model/warning.js';
import { openMerge } from '../operations/openMerges.js';
import { performOperation } from '../operations/perform.js';
import type { OperationRef } from '../operations/stored.js';
import { type StepOptions, type SyncContext, underLock } from './context.js';
import { gatherFacts } from './facts.js';
import { beginLook } from './homeLook.js';
import { recordSync } from './manifest.js';
import { makeFiles, makeMerges, mergeMessage } from './makeMerges.js';
import { makePlan } from './plan.js';
import { type Rescue, rescueSession } from './rescue.js';

/** Brings the session's work home and says what a sync would do. Changes nothing of the user's. */
export async function planSync(
	context: SyncContext,
	session: Session,
	request: SyncRequest,
	options: StepOptions = {},
): Promise<{ plan: Plan; rescue: Rescue }> {
	const homeState = beginLook(context, options);
	let rescue: Rescue;
	try {
		rescue = await rescueSession(context, session, options);
	} catch (error) {
		await homeState.ended;
		throw error;
	}
	options.onProgress?.({ session: session.id, phase: 'plan' });
	const facts = await gatherFacts(context, session, rescue, request, await homeState.fresh(), options);
	return { plan: makePlan(facts, request), rescue };
}

/**
 * Syncs one session: rescues its work, plans, asks, and applies under the sync lock. A plan that is refused has rescued
 * the work all the same. Failures that concern this session alone are told in the result, others are thrown.
 */
export async function syncSession(
	context: SyncContext,
	session: Session,
	request: SyncRequest,
	decide: Decide,
	options: StepOptions = {},
): Promise<SyncResult> {
	let planned: { plan: Plan; rescue: Rescue };
	try {
		planned = await planSync(context, session, request, options);
	} catch (error) {
		return failedResult(session, error);
	}
	const { plan, rescue } = planned;
	const end = (outcome: SyncOutcome, accepted: readonly string[], operation: string | null): SyncResult =>
		resultOf(session, outcome, plan, accepted, operation, rescue);
	// A plan whose asks move nothing still answers something other than what was asked for: it is refused alike.
	if (!changesHome(plan) && unaccepted(plan.warnings, new Set()).length === 0) {
		const news = rescue.before?.oid !== rescue.ledger.oid;
		await recordEnd(context, session, news ? 'synced' : 'up-to-date');
		return end(news ? 'synced' : 'up-to-date', [], null);
	}
	const decision = await decide(plan);
	const accepted = decision.proceed ? decision.accepted : [];
	if (!decision.proceed || unaccepted(plan.warnings, new Set(accepted)).length > 0) {
		await appendAudit(await context.syncFolder(), 'WARN', `${session.id}: refused`, context.clock);
		return end('refused', accepted, null);
	}
	const opened = await openConflict(context, session, plan, accepted, options);
	if (opened !== null) {
		const { operation, path } = opened;
		return { ...end(operation === null ? 'up-to-date' : 'synced', accepted, operation), opened: path };
	}
	if (!changesHome(plan)) {
		return end('up-to-date', accepted, null);
	}
	const applied = await applyPlan(context, session, plan, accepted, options);
	await recordEnd(context, session, 'synced');
	return resultOf(session, 'synced', { ...plan, refs: applied.refs }, accepted, applied.operation, rescue);
}

/** Opens the merge of a plan whose conflicts were accepted, in a working tree of its own; null where there is none. */
export async function openConflict(
	context: SyncContext,
	session: Session,
	plan: Plan,
	accepted: readonly string[],
	options: StepOptions,
): Promise<Awaited<ReturnType<typeof openMerge>> | null> {
	const conflict = plan.refs.find((change) => change.forecast?.tree === null);
	if (conflict?.forecast === undefined) {
		return null;
	}
	const { ref, forecast } = conflict;
	const message = mergeMessage(session, conflict);
	const { request } = plan;
	return openMerge(context, { session: session.id, request, accepted, ref, forecast, message }, options);
}

/** Does home's part of a plan, as one operation. */
export async function applyPlan(
	context: SyncContext,
	session: Session,
	plan: Plan,
	accepted: readonly string[],
	options: StepOptions,
): Promise<{ operation: string; refs: readonly RefChange[] }> {
	return underLock(context, `sync ${session.name}`, options, async () => {
		options.onProgress?.({ session: session.id, phase: 'apply' });
		const refs = await makeMerges(context, session, plan);
		const files = await makeFiles(context, plan);
		const operation = await performOperation(context.home, context.clock, context.logger, {
			kind: 'sync',
			session: session.id,
			request: plan.request,
			accepted: accepted.filter((code) => plan.warnings.some((warning) => warning.code === code)),
			undoes: null,
			refs: operationRefs(refs),
			files,
			reason: `homeport: sync ${session.id}`,
		});
		return { operation, refs };
	});
}

/** The refs of a plan that change, as the operation log names them. */
function operationRefs(refs: readonly RefChange[]): OperationRef[] {
	return refs
		.filter((change) => change.action !== 'keep')
		.map(({ ref, from, to, worktree }) => ({ ref, from, to, worktree }));
}

/** Notes a sync that has changed something, for other tools and for people. */
export async function recordEnd(context: SyncContext, session: Session, outcome: SyncOutcome): Promise<void> {
	if (outcome === 'synced') {
		await appendAudit(await context.syncFolder(), 'SUCCESS', `${session.id}: ${outcome}`, context.clock);
		try {
			const active = await context.activeSessions();
			await recordSync(
				context.env,
				context.home.mainWorktree ?? context.home.root,
				session.name,
				context.clock.now(),
				active,
			);
		} catch (error) {
			// The manifest is a note for other tools; the sync itself is done and logged.
			context.logger.log(
				'warn',
				`the manifest could not be written: ${isHomeportError(error) ? error.code : String(error)}`,
			);
		}
	}
}

const ownFailures = [
	'session-damaged',
	'session-not-owned',
	'stream-failed',
	'limit-exceeded',
	'timed-out',
	'incomplete',
	'git-missing',
	'git-too-old',
	'cluster-not-found',
	'cluster-expired',
	'cluster-failed',
	'cluster-too-old',
] as const;

/** The result of a session whose work could not be planned at all. Errors of home itself are thrown. */
export function failedResult(session: Session, error: unknown): SyncResult {
	const base = { session: session.id, refs: [], warnings: [], operation: null, ledger: null, findings: [] };
	if (isHomeportError(error, 'blocked')) {
		return { ...base, outcome: 'blocked', findings: error.details['findings'] as readonly Finding[], error };
	}
	if (isHomeportError(error, ...unreachableCodes)) {
		return { ...base, outcome: 'unreachable', error };
	}
	if (isHomeportError(error, ...ownFailures)) {
		return { ...base, outcome: 'failed', error };
	}
	throw error;
}

/** The result of a sync by this plan. */
export function resultOf(
	session: Session,
	outcome: SyncOutcome,
	plan: Plan,
	accepted: readonly string[],
	operation: string | null,
	rescue: Rescue,
): SyncResult {
	const said = new Set(accepted);
	const told = (warning: Warning): Warning & { accepted: boolean } => ({
		...warning,
		accepted: said.has(warning.code),
	});
	return {
		session: session.id,
		outcome,
		refs: plan.refs,
		...(plan.push === undefined ? {} : { push: plan.push }),
		warnings: plan.warnings.map(told),
		findings: plan.findings,
		operation,
		ledger: rescue.ledger.oid,
		error: null,
	};
}

/** Rescues a session's work and touches no branch. */
export async function rescueOnly(
	context: SyncContext,
	session: Session,
	options: StepOptions = {},
): Promise<SyncResult> {
	try {
		const rescue = await rescueSession(context, session, options);
		const news = rescue.before?.oid !== rescue.ledger.oid;
		await appendAudit(await context.syncFolder(), 'INFO', `${session.id}: rescued`, context.clock);
		return {
			session: session.id,
			outcome: news ? 'synced' : 'up-to-date',
			refs: [],
			warnings: [],
			findings: rescue.findings,
			operation: null,
			ledger: rescue.ledger.oid,
			error: null,
		};
	} catch (error) {
		return failedResult(session, error);
	}
}
