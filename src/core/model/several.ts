import type { Plan, RefChange } from './plan.js';
import { unaccepted, type Warning, type WarningCode } from './warning.js';

/** A code that plans of several sessions ask for, and the ids of those sessions. */
export interface JointAsk {
	readonly code: WarningCode;
	readonly sessions: readonly string[];
}

/** Every code that is still to be accepted for any of the plans, each once, in the order of the plans. */
export function jointAsks(plans: readonly Plan[], accepted: ReadonlySet<string>): JointAsk[] {
	const sessions = new Map<WarningCode, string[]>();
	for (const plan of plans) {
		for (const code of unaccepted(plan.warnings, accepted)) {
			sessions.set(code, [...(sessions.get(code) ?? []), plan.session]);
		}
	}
	return [...sessions].map(([code, sessions]) => ({ code, sessions }));
}

/**
 * The order in which several plans are applied: first those that ask nothing, then those with the fewest files in
 * conflict, then those that ask the least; what is equal stays in the order given.
 */
export function applyOrder(plans: readonly Plan[]): Plan[] {
	const ranked = plans.map((plan) => ({ plan, rank: rankOf(plan) }));
	ranked.sort((a, b) => a.rank.map((part, index) => part - b.rank[index]!).find((part) => part !== 0) ?? 0);
	return ranked.map(({ plan }) => plan);
}

function rankOf(plan: Plan): number[] {
	const asks = unaccepted(plan.warnings, new Set()).length;
	const conflicts = plan.refs.reduce((sum, { forecast }) => sum + (forecast?.conflicts.length ?? 0), 0);
	return [asks === 0 ? 0 : 1, conflicts, asks];
}

/**
 * Those of the codes, accepted for one plan, that hold for a later plan of the same session: each thing that it asks by
 * such a code must have been asked before in the very same words, of branches of home that stand as they stood. What the
 * session has added since takes nothing back.
 */
export function stillAccepted(shown: Plan, later: Plan, codes: readonly string[]): string[] {
	const stood = new Set(shown.refs.map(homeSideOf));
	if (later.refs.some((change) => !stood.has(homeSideOf(change)))) {
		return [];
	}
	const told = new Set(shown.warnings.filter(isAsk).map(wordsOf));
	const asks = later.warnings.filter(isAsk);
	return codes.filter((code) => asks.every((warning) => warning.code !== code || told.has(wordsOf(warning))));
}

function homeSideOf({ ref, from, action, worktree, lostCommits }: RefChange): string {
	return JSON.stringify([ref, from, action, worktree, lostCommits]);
}

function isAsk({ level }: Warning): boolean {
	return level === 'ask';
}

function wordsOf({ code, details }: Warning): string {
	return JSON.stringify([code, Object.entries(details).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
