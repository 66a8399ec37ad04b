import { describeError } from '../core/base/messages.js';
import { HomeportError } from '../core/base/errors.js';
import { shownText } from '../core/base/text.js';
import type { Finding } from '../core/model/finding.js';
import type { PatchResult } from '../core/model/patches.js';
import { changesHome, changesSession } from '../core/model/plan.js';
import type { Plan, RefChange } from '../core/model/plan.js';
import type { PushChange } from '../core/model/push.js';
import type {
	ContinueResult,
	LedgerEntry,
	Operation,
	SessionList,
	SessionStatus,
	SyncOutcome,
	SyncResult,
	UndoResult,
} from '../core/model/report.js';
import { sessionRefName } from '../core/model/session.js';
import type { Session } from '../core/model/session.js';
import { unaccepted } from '../core/model/warning.js';
import type { Warning } from '../core/model/warning.js';
import { findingText, warningText } from '../core/model/words.js';
import { safeDetails } from './safe.js';

// The shapes that scripts depend on: add to them, never change what stands.
const schemaVersion = 1;

type JsonObject = Record<string, unknown>;

/** A session as `list` shows it; the branch is what home's side knows of it, or null. */
export type ListedSession = Session & { readonly branch?: string | null };

/** Anything as a document of its own: `schemaVersion` first. */
export function versioned(fields: JsonObject): JsonObject {
	return { schemaVersion, ...fields };
}

/** A session as `list`, `add` and `remove` give it. */
export function sessionDocument(session: ListedSession): JsonObject {
	const { id, name, backend, scope, agent, state, reason, branch, home, place } = session;
	const shownReason = reason === null ? null : shownText(reason);
	const where = place === undefined ? {} : { place };
	return { id, name, backend, scope, agent, state, reason: shownReason, branch: branch ?? null, home, ...where };
}

/** One sync or rescue. `error` is there only where it failed or could not be reached. */
export function syncDocument(result: SyncResult): JsonObject {
	return versioned({
		session: result.session,
		outcome: result.outcome,
		refs: result.refs.map(refDocument),
		...pushFields(result.push),
		warnings: result.warnings.map((warning) => warningDocument(warning, warning.accepted)),
		findings: result.findings.map(findingDocument),
		operation: result.operation,
		ledger: result.ledger,
		...(result.opened === undefined ? {} : { opened: result.opened }),
		...(result.error === null || result.outcome === 'blocked' ? {} : { error: errorFields(result.error) }),
	});
}

/** How a sync by this plan would end. */
export function plannedOutcome(plan: Plan, accepted: readonly string[]): SyncOutcome {
	if (plan.findings.some((finding) => finding.level === 'block')) {
		return 'blocked';
	}
	if (unaccepted(plan.warnings, new Set(accepted)).length > 0) {
		return 'refused';
	}
	return changesHome(plan) || changesSession(plan) ? 'synced' : 'up-to-date';
}

/** A plan, or the dry run of a sync: what {@link syncDocument} has, and more of each ref. `outcome` is what would be. */
export function planDocument(plan: Plan, accepted: readonly string[]): JsonObject {
	return versioned({
		dryRun: true,
		session: plan.session,
		outcome: plannedOutcome(plan, accepted),
		request: plan.request,
		epoch: plan.epoch,
		refs: plan.refs.map(({ source, worktree, gained, lost, lostCommits, ...change }) => ({
			...refDocument(change),
			source,
			worktree,
			gained,
			lost,
			lostCommits,
		})),
		...(plan.push === undefined
			? {}
			: {
					session_refs: plan.push.map(({ source, gained, lost, lostCommits, ...change }) => ({
						...pushDocument(change),
						source,
						gained,
						lost,
						lostCommits,
					})),
				}),
		warnings: plan.warnings.map((warning) => warningDocument(warning, accepted.includes(warning.code))),
		findings: plan.findings.map(findingDocument),
		accept: unaccepted(plan.warnings, new Set(accepted)),
		operation: null,
		ledger: null,
	});
}

/** The series that `patches` made; `mbox` is the one that was handed over. */
export function patchesDocument({ session, series }: PatchResult, mbox: string | null): JsonObject {
	return versioned({ session, series: series.map((one) => (mbox === null ? one : { ...one, mbox })) });
}

/** One session of `status`; a commit counts on its highest rung alone. */
export function statusDocument(status: SessionStatus): JsonObject {
	const { session, state, branches, files, exposure, unknown } = status;
	return {
		session,
		state,
		branches: branches.map(({ name, rungs, known }) => ({ name, rungs, ...(known === undefined ? {} : { known }) })),
		files,
		exposure,
		unknown: unknown === null ? null : { reason: shownText(unknown.reason), since: unknown.since },
	};
}

/** The ref of home that holds a session's ledger. */
export function ledgerRef(sessionId: string): string {
	return `refs/homeport/ledger/${sessionRefName(sessionId)}`;
}

/** All of a session's ledger; `ref` is where in home it is kept. */
export function ledgerDocument(sessionId: string, entries: readonly LedgerEntry[]): JsonObject {
	return versioned({ session: sessionId, ref: ledgerRef(sessionId), entries });
}

/** An entry of the operation log. */
export function operationDocument(operation: Operation): JsonObject {
	const { id, kind, session, time, state, undoes, undone, request, refs, sessionRefs, accepted } = operation;
	const moved = sessionRefs === undefined ? {} : { session_refs: sessionRefs };
	const merge = operation.merge === null ? {} : { merge: operation.merge, open: operation.isOpen };
	return { id, kind, session, time, state, undoes, undone, request, refs, ...moved, accepted, ...merge };
}

/** What an undo did or would do; `null` where there is nothing to undo. */
export function undoDocument(result: UndoResult | null): JsonObject {
	return versioned({
		operation: result?.operation ?? null,
		undoes: result?.undoes ?? null,
		refs: result?.refs.map(refDocument) ?? [],
		...pushFields(result?.push),
		...(result?.opened === undefined ? {} : { opened: result.opened }),
		warnings: result?.warnings.map((warning) => warningDocument(warning, warning.accepted)) ?? [],
	});
}

/** What stands on stdout in place of data when a command fails. */
export function errorDocument(error: unknown): JsonObject {
	return versioned({ error: errorFields(error) });
}

/** A cluster that could not be asked. */
export function problemDocument({ context, error }: SessionList['problems'][number]): JsonObject {
	return { context, ...errorFields(error) };
}

function errorFields(error: unknown): JsonObject {
	const known = error instanceof HomeportError;
	return {
		code: known ? error.code : 'internal',
		message: describeError(error, 'cli').message,
		details: known ? safeDetails(error.details) : {},
	};
}

function refDocument(change: Pick<RefChange, 'ref' | 'from' | 'to' | 'action' | 'forecast' | 'files'>): JsonObject {
	const conflicts = change.forecast?.conflicts ?? change.files?.conflicts ?? [];
	return {
		ref: change.ref,
		from: change.from,
		to: change.to,
		action: change.action,
		...(conflicts.length === 0 ? {} : { conflicts }),
		...(change.files === undefined ? {} : { files: change.files.changed }),
	};
}

/** How continuing an open merge ended. */
export function continueDocument({ operation, continues, ref, from, to, warnings }: ContinueResult): JsonObject {
	return versioned({
		operation,
		continues,
		refs: [{ ref, from, to, action: 'merge' }],
		warnings: warnings.map((warning) => warningDocument(warning, warning.accepted)),
	});
}

// `session_refs` name refs of the session in full; they are there only where work goes there.
function pushFields(push: readonly PushChange[] | undefined): JsonObject {
	return push === undefined ? {} : { session_refs: push.map(pushDocument) };
}

function pushDocument(
	change: Pick<PushChange, 'ref' | 'from' | 'to' | 'action' | 'beside' | 'checkedOut'>,
): JsonObject {
	const { ref, from, to, action, beside, checkedOut } = change;
	return { ref, from, to, action, beside, checkedOut };
}

function warningDocument(warning: Warning, accepted: boolean): JsonObject {
	return { code: warning.code, level: warning.level, message: warningText(warning, 'cli'), accepted };
}

function findingDocument(finding: Finding): JsonObject {
	return { code: finding.code, level: finding.level, path: finding.path, message: findingText(finding) };
}
