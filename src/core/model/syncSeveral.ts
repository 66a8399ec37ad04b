import { HomeportError, isHomeportError, unreachableCodes } from '../base/errors.js';
import type { Finding } from './finding.js';
import type { Plan } from './plan.js';
import type { Decide, SyncResult } from './report.js';
import type { Session } from './session.js';
import { applyOrder, type JointAsk, jointAsks, stillAccepted } from './several.js';

/** A session and the plan that was made for it. */
export interface Planned {
	readonly session: Session;
	readonly plan: Plan;
}

/** What syncing several sessions needs of who runs it. */
export interface SeveralCalls {
	readonly signal: AbortSignal;
	plan(session: Session, index: number): Promise<Plan>;
	sync(session: Session, decide: Decide, index: number): Promise<SyncResult>;
	/**
	 * Asks about the plans, each of its codes once; returns the codes accepted for each session's id, or null to apply
	 * nothing. `failed` are those that could not be planned.
	 */
	ask(
		planned: readonly Planned[],
		failed: readonly SyncResult[],
	): Promise<ReadonlyMap<string, readonly string[]> | null>;
	/** Told the order in which the plans are applied. */
	onOrder?(ordered: readonly Planned[]): void;
	/** Told that a plan has changed since it was asked about, so that not all that was accepted holds. */
	onChanged?(session: Session): void;
}

/**
 * Syncs several sessions: plans all, asks, and applies one by one. A session that fails stops no other. What was
 * accepted for a session holds for what was shown of it; where an earlier one made its plan ask anything else, it is
 * refused. Returns the results in the order given, without those that an interruption left out.
 */
export async function syncSeveral(sessions: readonly Session[], calls: SeveralCalls): Promise<SyncResult[]> {
	const results = new Map<string, SyncResult>();
	const inOrder = (): SyncResult[] => sessions.flatMap(({ id }) => results.get(id) ?? []);
	const planned: Planned[] = [];
	for (const [index, session] of sessions.entries()) {
		if (calls.signal.aborted) {
			break;
		}
		try {
			planned.push({ session, plan: await calls.plan(session, index) });
		} catch (error) {
			results.set(session.id, failedResult(session, error));
		}
	}
	if (calls.signal.aborted) {
		return inOrder();
	}
	const accepted = await calls.ask(planned, inOrder());
	const order = accepted === null ? [] : applyOrder(planned.map(({ plan }) => plan));
	const ordered = order.map((plan) => planned.find((one) => one.plan === plan)!);
	calls.onOrder?.(ordered);
	for (const [index, { session, plan }] of ordered.entries()) {
		if (calls.signal.aborted) {
			break;
		}
		const decide: Decide = async (fresh) => {
			const codes = accepted?.get(session.id) ?? [];
			const held = stillAccepted(plan, fresh, codes);
			if (held.length < codes.length) {
				calls.onChanged?.(session);
			}
			return { proceed: true, accepted: held };
		};
		try {
			results.set(session.id, await calls.sync(session, decide, index));
		} catch (error) {
			results.set(session.id, failedResult(session, error));
		}
	}
	return inOrder();
}

/**
 * Asks once for each code, with the sessions that it concerns; who was said no to is not asked about again. Returns the
 * codes accepted for each session.
 */
export async function askJointly(
	plans: readonly Plan[],
	accepted: ReadonlySet<string>,
	ask: (joint: JointAsk) => Promise<boolean>,
): Promise<Map<string, string[]>> {
	const said = new Map<string, string[]>();
	const refused = new Set<string>();
	for (const { code, sessions } of jointAsks(plans, accepted)) {
		const open = sessions.filter((session) => !refused.has(session));
		const yes = open.length > 0 && (await ask({ code, sessions: open }));
		for (const session of open) {
			if (yes) {
				said.set(session, [...(said.get(session) ?? []), code]);
			} else {
				refused.add(session);
			}
		}
	}
	return said;
}

/** The result of a session whose sync ended with this error. */
export function failedResult(session: Session, error: unknown): SyncResult {
	const blocked = isHomeportError(error, 'blocked');
	const unreachable = isHomeportError(error, ...unreachableCodes, 'cluster-expired');
	return {
		session: session.id,
		outcome: blocked ? 'blocked' : unreachable ? 'unreachable' : 'failed',
		refs: [],
		warnings: [],
		findings: blocked ? ((error.details['findings'] ?? []) as readonly Finding[]) : [],
		operation: null,
		ledger: null,
		error: error instanceof Error ? error : new HomeportError('internal', {}, error),
	};
}
