import { isHomeportError } from '../core/base/errors.js';
import { count, shownText } from '../core/base/text.js';
import type { SyncRequest } from '../core/model/plan.js';
import type { SyncResult } from '../core/model/report.js';
import { jointAsks } from '../core/model/several.js';
import type { Session } from '../core/model/session.js';
import { askJointly, syncSeveral } from '../core/model/syncSeveral.js';
import type { Planned } from '../core/model/syncSeveral.js';
import type { Call } from './call.js';
import { ask } from './decide.js';
import { planLines } from './show/plan.js';

/** Syncs several sessions, with the plans shown where they ask and one question for each code. */
export function syncSessionsTogether(
	call: Call,
	sessions: readonly Session[],
	request: SyncRequest,
): Promise<SyncResult[]> {
	return syncSeveral(sessions, {
		signal: call.signal,
		plan: async (session) => (await call.home()).plan(session, request, call.running),
		sync: async (session, decide) => {
			const withFlags: typeof decide = async (plan) => {
				const decision = await decide(plan);
				return decision.proceed
					? { proceed: true, accepted: [...call.options.accept, ...decision.accepted] }
					: decision;
			};
			return (await call.home()).sync(session, request, withFlags, call.running);
		},
		ask: async (planned, failed) => {
			showPlans(call, planned, failed);
			return call.terminal.interactive ? askForAll(call, planned) : new Map();
		},
		onOrder: (ordered) => {
			if (ordered.length > 1) {
				const names = ordered.map(({ session }) => shownText(session.id)).join(', ');
				call.note(`order: ${names} (first what asks nothing, then what has the fewest conflicts)`);
			}
		},
		onChanged: (session) =>
			call.note(
				`${shownText(session.id)}: its plan has changed since it was shown; what was accepted for it does not hold`,
			),
	});
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

function askForAll(call: Call, planned: readonly Planned[]): Promise<Map<string, string[]>> {
	const plans = planned.map(({ plan }) => plan);
	return askJointly(plans, new Set(call.options.accept), async ({ code, sessions }) => {
		const names = sessions.map((session) => shownText(session)).join(', ');
		const answer = await ask(call, `Accept ${code} for ${count(sessions.length, 'session')} (${names})? [y/N] `);
		return /^y(es)?$/i.test(answer.trim());
	});
}
