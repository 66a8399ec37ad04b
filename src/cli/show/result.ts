import { describeError } from '../../core/base/messages.js';
import { count, shellWord, shownText } from '../../core/base/text.js';
import type { Plan } from '../../core/model/plan.js';
import type { LedgerEntry, SyncOutcome, SyncResult, UndoResult } from '../../core/model/report.js';
import { unaccepted } from '../../core/model/warning.js';
import type { Call } from '../call.js';
import { ofSession } from '../select.js';
import type { Tone } from '../style.js';
import { acceptHint, findingLine, planLines } from './plan.js';

const tones: Readonly<Record<SyncOutcome, Tone>> = {
	synced: 'good',
	'up-to-date': 'good',
	refused: 'careful',
	blocked: 'bad',
	failed: 'bad',
	unreachable: 'bad',
};

/** One sync, in plain words; what still has to be accepted goes to stderr with {@link refusalLines}. */
export function resultLines(result: SyncResult, call: Call): string[] {
	return [
		`${call.style('heading', shownText(result.session))}: ${call.style(tones[result.outcome], result.outcome)}`,
		...(result.error === null || result.findings.length > 0 ? planLines(result, call.style, call.terminal.width) : []),
		...(result.opened === undefined ? [] : openedLines(result.opened)),
		...(result.operation === null
			? []
			: [`  operation ${shownText(result.operation)}; \`homeport undo ${shownText(result.operation)}\` takes it back`]),
	];
}

function openedLines(path: string): string[] {
	return [
		`  the merge is open in ${shownText(path, 4096)}`,
		'  settle the conflicts there, `git add` the files, then `homeport continue`',
	];
}

/** One rescue, in plain words; `entry` is the newest of the session's ledger, and tells what could not be taken. */
export function rescueLines(result: SyncResult, entry: LedgerEntry | undefined, call: Call): string[] {
	if (result.error !== null || entry === undefined) {
		return resultLines(result, call);
	}
	const missing = entry.missing.length;
	const quiet = entry.capture?.quiet !== false;
	const news = result.outcome === 'synced' ? 'rescued' : 'nothing new';
	const all = missing === 0 && quiet ? 'everything it has is in home' : 'what could be taken is in home';
	const ledger = `\`homeport ledger ${shellWord(shownText(result.session))}\``;
	return [
		`${call.style('heading', shownText(result.session))}: ${call.style('good', news)}; ${all}, no branch was touched`,
		...(missing === 0
			? []
			: [`  ${call.style('careful', `${count(missing, 'item')} could not be taken`)}; ${ledger} lists what and why`]),
		...(quiet ? [] : [`  ${call.style('careful', 'it was being written to')}; rescue it again when it is quiet`]),
		...result.findings.map((finding) => `  ${findingLine(finding, call.style)}`),
	];
}

/** Why a session's result is none that was wished for, and what to do. */
export function refusalLines(result: SyncResult, call: Call): string[] {
	const name = shownText(result.session);
	if (result.outcome === 'refused') {
		return refused(name, unaccepted(result.warnings, new Set(call.options.accept)));
	}
	const blocking = result.findings.filter((finding) => finding.level === 'block');
	if (blocking.length > 0) {
		const codes = [...new Set(blocking.map((finding) => shownText(finding.code)))].join(', ');
		return [`${name}: blocked, nothing of yours was changed: ${call.errStyle('bad', codes)}`];
	}
	if (result.error === null) {
		return [];
	}
	const { message, next } = describeError(ofSession(result.error, result.session), 'cli');
	return [`${name}: ${message}`, ...(next === null ? [] : [next])];
}

/** A plan, in plain words, and what would stand in its way. */
export function planOutcomeLines(plan: Plan, outcome: SyncOutcome, accepted: readonly string[], call: Call): string[] {
	const open = unaccepted(plan.warnings, new Set(accepted));
	const would: Readonly<Record<SyncOutcome, string>> = {
		synced: 'a sync would do this',
		'up-to-date': 'there is nothing to do',
		refused: 'a sync would ask first',
		blocked: 'a sync would be blocked',
		failed: 'a sync would fail',
		unreachable: 'the session cannot be reached',
	};
	const warnings = plan.warnings.map((warning) => ({ ...warning, accepted: accepted.includes(warning.code) }));
	return [
		`${call.style('heading', shownText(plan.session))}: ${call.style(tones[outcome], would[outcome])}`,
		...planLines({ ...plan, warnings }, call.style, call.terminal.width),
		...(open.length === 0 ? [] : [acceptHint(open)]),
	];
}

/** What an undo takes back, or a redo brings back. */
export function undoSubject({ kind, undoes }: UndoResult): string {
	return kind === 'redo' ? `what ${shownText(undoes)} undid` : `operation ${shownText(undoes)}`;
}

/** An undo or redo, in plain words: done, planned or refused. */
export function undoLines(result: UndoResult, call: Call): string[] {
	const done = result.kind === 'redo' ? 'redone' : 'undone';
	const words: Readonly<Record<UndoResult['outcome'], string>> = {
		done,
		planned: `would be ${done}`,
		refused: `not ${done}`,
	};
	const back = result.kind === 'redo' ? 'takes it back' : 'brings it back';
	return [
		`${undoSubject(result)}: ${call.style(result.outcome === 'refused' ? 'careful' : 'good', words[result.outcome])}`,
		...planLines(result, call.style, call.terminal.width),
		...(result.opened === undefined ? [] : openedLines(result.opened)),
		...(result.operation === null
			? []
			: [`  operation ${shownText(result.operation)}; \`homeport undo ${shownText(result.operation)}\` ${back}`]),
	];
}

/** What to say where `what` was refused for codes that nobody accepted. */
export function refused(what: string, codes: readonly string[]): string[] {
	return [`${what}: refused, nothing of yours was changed`, ...(codes.length === 0 ? [] : [acceptHint(codes)])];
}
