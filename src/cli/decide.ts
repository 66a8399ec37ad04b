import { HomeportError } from '../core/base/errors.js';
import { shownText } from '../core/base/text.js';
import type { Decide, Decision } from '../core/model/report.js';
import { unaccepted } from '../core/model/warning.js';
import type { Call } from './call.js';
import { planLines } from './show/plan.js';
import type { Shown } from './show/plan.js';

/** What a sync asks before it changes home: the codes given with `--accept`, and on a terminal the user. */
export function decideFor(call: Call): Decide {
	return (plan) => decide(call, `plan for ${shownText(plan.session)}:`, plan, call.options.accept);
}

/**
 * Asks once for each code that is not accepted yet, with what would change in view; the first no ends it. Without a
 * terminal nobody is asked, and the codes given with `--accept` are all that is accepted: where they are not enough, the
 * core refuses. Fails with `cancelled` when interrupted.
 */
export async function decide(call: Call, title: string, shown: Shown, accepted: readonly string[]): Promise<Decision> {
	const open = unaccepted(shown.warnings, new Set(accepted));
	if (open.length === 0 || !call.terminal.interactive) {
		return { proceed: true, accepted };
	}
	call.note(title, ...planLines(shown, call.errStyle, call.terminal.width));
	for (const code of open) {
		const answer = await ask(call, `Accept ${code}? [y/N] `);
		if (!/^y(es)?$/i.test(answer.trim())) {
			return { proceed: false };
		}
	}
	return { proceed: true, accepted: [...accepted, ...open] };
}

/** Asks on the terminal; an ended input is an empty answer. Fails with `cancelled` when interrupted. */
export async function ask(call: Call, question: string): Promise<string> {
	const answer = await call.terminal.ask(question, call.signal);
	if (call.signal.aborted) {
		throw new HomeportError('cancelled');
	}
	if (answer === null) {
		call.note('');
	}
	return answer ?? '';
}
