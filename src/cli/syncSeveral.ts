import { isHomeportError } from '../core/base/errors.js';
import { count, shownText } from '../core/base/text.js';
import type { Plan, SyncRequest } from '../core/model/plan.js';
import type { Decide, SyncResult } from '../core/model/report.js';
import { applyOrder, jointAsks, stillAccepted } from '../core/model/several.js';
import type { Session } from '../core/model/session.js';
import type { Call } from './call.js';
import { ask } from './decide.js';
import { failedResult } from './documents.js';
import { planLines } from './show/plan.js';

interface Planned {
	readonly session: Session;
	readonly plan: Plan;
}

/**
 * Syncs several sessions: rescues and plans all, shows the plans where they ask, asks once for each code, and applies one by one. A
 * session that fails stops no other. What was accepted for a session holds for what was shown of it; where an earlier
 * one made its plan ask anything else, it is refused. Returns the results in the order given, without those that an
 * interruption left out.
 */
export async function syncSeveral(
	call: Call,
	sessions: readonly Session[],
	request: SyncRequest,
): Promise<SyncResult[]> {
	const results = new Map<string, SyncResult>();
	const planned: Planned[] = [];
	for (const session of sessions) {
		if (call.signal.aborted) {
			break;
		}
		try {
			planned.push({ session, plan: await (await call.home()).plan(session, request, call.running) });
		} catch (error) {
			results.set(session.id, failedResult(session, error));
		}
	}
	if (call.signal.aborted) {
		return [...results.values()];
	}
	showPlans(call, planned, [...results.values()]);
	const accepted = await askForAll(call, planned);
	for (const { session, plan } of inOrder(call, planned)) {
		if (call.signal.aborted) {
			break;
		}
		const decide: Decide = async (fresh) => {
			const codes = accepted.get(session.id) ?? [];
			const held = stillAccepted(plan, fresh, codes);
			if (held.length < codes.length) {
				call.note(
					`${shownText(session.id)}: its plan has changed since it was shown; what was accepted for it does not hold`,
				);
			}
			return { proceed: true, accepted: [...call.options.accept, ...held] };
		};
		try {
			results.set(session.id, await (await call.home()).sync(session, request, decide, call.running));
		} catch (error) {
			results.set(session.id, failedResult(session, error));
		}
	}
	return sessions.flatMap(({ id }) => results.get(id) ?? []);
}

/** The order in which plans are applied, and why, on one line of stderr; nothing of it for less than two. */
function inOrder(call: Call, planned: readonly Planned[]): Planned[] {
	const ordered = applyOrder(planned.map(({ plan }) => plan)).map((plan) => planned.find((one) => one.plan === plan)!);
	if (ordered.length > 1) {
		const names = ordered.map(({ session }) => shownText(session.id)).join(', ');
		call.note(`order: ${names} (first what asks nothing, then what has the fewest conflicts)`);
	}
	return ordered;
}

// Where nothing is asked, the results tell the same at once.
function showPlans(call: Call, planned: readonly Planned[], failed: readonly SyncResult[]): void {
	const plans = planned.map(({ plan }) => plan);
	for (const { session, plan } of jointAsks(plans, new Set(call.options.accept)).length === 0 ? [] : planned) {
		call.note(`plan for ${shownText(session.id)}:`, ...planLines(plan, call.errStyle, call.terminal.width));
	}
	for (const { session, error } of failed) {
		const why = isHomeportError(error) ? error.code : 'internal';
		call.note(`no plan for ${shownText(session)}: ${why}; the others go on`);
	}
}

/** Asks once for each code, with the sessions that it concerns; returns the codes accepted for each session. */
async function askForAll(call: Call, planned: readonly Planned[]): Promise<Map<string, string[]>> {
	const accepted = new Map<string, string[]>();
	const refused = new Set<string>();
	const plans = planned.map(({ plan }) => plan);
	for (const { code, sessions } of call.terminal.interactive ? jointAsks(plans, new Set(call.options.accept)) : []) {
		// Whoever said no to a session need not answer for it again.
		const open = sessions.filter((session) => !refused.has(session));
		if (open.length === 0) {
			continue;
		}
		const names = open.map((session) => shownText(session)).join(', ');
		const answer = await ask(call, `Accept ${code} for ${count(open.length, 'session')} (${names})? [y/N] `);
		for (const session of open) {
			if (/^y(es)?$/i.test(answer.trim())) {
				accepted.set(session, [...(accepted.get(session) ?? []), code]);
			} else {
				refused.add(session);
			}
		}
	}
	return accepted;
}
