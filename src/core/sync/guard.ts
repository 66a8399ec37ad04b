import { shownText } from '../base/text.js';
import type { FindingCode } from '../model/finding.js';
import type { MergeForecast } from '../model/merge.js';
import type { Oid } from '../model/observation.js';
import type { PlanFacts, RefChange, SyncRequest } from '../model/plan.js';
import type { Relation } from '../model/relation.js';
import type { Warning, WarningCode, WarningLevel } from '../model/warning.js';
import { TakenNames, headsPrefix } from './naming.js';

/** Findings that name files which git, an editor or an installer may run once they are in a working tree. */
const runningCodes: ReadonlySet<FindingCode> = new Set([
	'attributes-driver',
	'embedded-repository',
	'gitmodules-unsafe',
	'lfs-config',
	'runs-on-open',
	'runs-on-checkout',
	'runs-on-install',
]);

const mostListed = 20;

/**
 * Every warning that these changes of home's refs deserve, and every note about the session. Judges by the facts and by
 * where each ref would end up alone, never by what the planner says of it: an action that is named harmless is no proof.
 */
export function guard(facts: PlanFacts, request: SyncRequest, refs: readonly RefChange[]): Warning[] {
	const moves = refs.filter((change) => change.action !== 'keep' || change.from !== change.to);
	return [
		...moves.flatMap((change) => moveWarnings(facts, change)),
		...clashes(facts, moves),
		...runsCode(facts, refs),
		...sessionNotes(facts, request),
		...knownNotes(facts),
	];
}

/** Makes a warning. Texts of a session in its details must be made safe to show before. */
export function warning(code: WarningCode, level: WarningLevel, details: Warning['details'] = {}): Warning {
	return { code, level, details };
}

/** Names or paths as details of a warning: safe to show, and not too many. */
export function listed(texts: readonly string[]): readonly string[] {
	const shown = texts.slice(0, mostListed).map((text) => shownText(text));
	return texts.length > mostListed ? [...shown, `… (${texts.length} in all)`] : shown;
}

/** How one home ref stands in the working trees of home. */
export interface Checkout {
	/** The paths of the working trees that have it checked out, or will come back to it. */
	readonly worktrees: readonly string[];
	readonly here: boolean;
	readonly elsewhere: readonly string[];
	/** What one of them is in the middle of, `unknown` where that cannot be told. */
	readonly busy: { readonly worktree: string; readonly operation: string } | null;
	/** Files that a move to the session's commit would overwrite; null where that is not known. */
	readonly inTheWay: readonly string[] | null;
}

/** Tells where a ref is checked out; `inTheWay` is what a move of it would overwrite there, null where that is not known. */
export function checkoutOf(facts: PlanFacts, ref: string, inTheWay: readonly string[] | null): Checkout {
	const { branches, worktrees: all, here } = facts.home;
	const named = branches.get(ref)?.worktree ?? null;
	const holding = all.filter((worktree) => worktree.branch === ref).map((worktree) => worktree.path);
	const worktrees = [...new Set(named === null ? holding : [named, ...holding])];
	const operations = worktrees.flatMap((path) => {
		const worktree = all.find((candidate) => candidate.path === path);
		const operation = worktree === undefined ? 'unknown' : worktree.inProgress;
		return operation === null ? [] : [{ worktree: path, operation }];
	});
	// Only one working tree can move with its branch; another that has it too would seem to take everything back.
	const several = worktrees.length > 1 ? { worktree: worktrees[1]!, operation: 'second-checkout' } : null;
	return {
		worktrees,
		here: here !== null && worktrees.includes(here),
		elsewhere: worktrees.filter((path) => path !== here),
		busy: operations[0] ?? several,
		inTheWay: worktrees.length === 0 ? [] : inTheWay,
	};
}

function moveWarnings(facts: PlanFacts, change: RefChange): Warning[] {
	const { ref, to } = change;
	const current = facts.home.branches.get(ref)?.oid ?? null;
	const branch = facts.session.branches.find((candidate) => candidate.oid === to && candidate.relations.has(ref));
	const relation = branch?.relations.get(ref);
	const forecast = mergeInto(facts, change);
	const rewrites = forecast === null && loses(ref, current, to, relation);
	const inTheWay = forecast === null ? (branch?.inTheWay.get(ref) ?? null) : forecast.inTheWay;
	const checkout = current === to ? null : checkoutOf(facts, ref, inTheWay);
	return [
		...(rewrites ? rewriteWarnings(facts, ref, relation) : []),
		...(checkout === null ? [] : checkoutWarnings(facts, ref, checkout, rewrites)),
	];
}

// The merge that a change stands for, where it was computed for this ref as it is now: what it has stays in it.
function mergeInto(facts: PlanFacts, { ref, action, to }: RefChange): MergeForecast | null {
	const { forecast } = facts;
	const holds = forecast !== null && forecast.ref === ref && forecast.onto === facts.home.branches.get(ref)?.oid;
	return action === 'merge' && to === null && holds && forecast.tree !== null ? forecast : null;
}

/** True unless it is certain that the ref reaches every commit afterwards that it reaches now. */
function loses(ref: string, current: Oid | null, to: Oid | null, relation: Relation | undefined): boolean {
	if (!ref.startsWith(headsPrefix)) {
		return true;
	}
	return current !== null && current !== to && (relation?.kind !== 'behind' || relation.ahead > 0);
}

function rewriteWarnings(facts: PlanFacts, ref: string, relation: Relation | undefined): Warning[] {
	const found = [
		warning('overwrites-commits', 'ask', {
			ref,
			lost: relation?.ahead ?? 'unknown',
			unpushed: relation?.unpushed ?? 'unknown',
		}),
	];
	if (relation?.kind === 'unrelated') {
		found.push(warning('unrelated-history', 'ask', { ref }));
	}
	const name = ref.slice(headsPrefix.length);
	const pattern = facts.config.protectedBranches.find((pattern) => matches(pattern, name, facts.home.ignoreCase));
	if (pattern !== undefined) {
		found.push(warning('protected-branch', 'ask', { ref, pattern: shownText(pattern) }));
	}
	return found;
}

function checkoutWarnings(facts: PlanFacts, ref: string, checkout: Checkout, rewrites: boolean): Warning[] {
	const found: Warning[] = [];
	if (checkout.here) {
		found.push(warning('moves-checked-out-branch', rewrites ? 'ask' : 'note', { ref }));
	}
	if (checkout.elsewhere.length > 0) {
		found.push(warning('checked-out-elsewhere', 'ask', { ref, worktrees: listed(checkout.elsewhere) }));
	}
	if (checkout.inTheWay === null || checkout.inTheWay.length > 0) {
		found.push(warning('dirty-in-way', 'ask', { ref, files: listed(checkout.inTheWay ?? []) }));
	}
	if (checkout.busy !== null) {
		found.push(warning('home-busy', 'ask', { ref, ...checkout.busy }));
	}
	for (const { path, dirtyFiles } of facts.home.worktrees) {
		if (checkout.worktrees.includes(path) && dirtyFiles > 0) {
			found.push(warning('home-dirty', 'note', { worktree: path, files: dirtyFiles }));
		}
	}
	return found;
}

/** Refs that cannot stand beside the others, or that the plan names twice: git would refuse them or mix them up. */
function clashes(facts: PlanFacts, moves: readonly RefChange[]): Warning[] {
	const taken = new TakenNames(facts.home.branches.keys(), facts.home.ignoreCase);
	const seen = new Set<string>();
	const found: Warning[] = [];
	for (const { ref } of moves) {
		if (seen.has(ref) || (!facts.home.branches.has(ref) && taken.standing(ref) !== 'free')) {
			found.push(warning('name-clash', 'ask', { ref }));
		}
		seen.add(ref);
		taken.add(ref);
	}
	return found;
}

// What is opened to be settled stands in a working tree too.
function runsCode(facts: PlanFacts, refs: readonly RefChange[]): Warning[] {
	const running = facts.findings.filter((finding) => finding.level === 'warn' && runningCodes.has(finding.code));
	const touched = refs.filter(
		({ ref, to, action, forecast }) =>
			action === 'files' ||
			forecast?.tree === null ||
			(facts.home.branches.get(ref)?.oid !== to && checkoutOf(facts, ref, null).worktrees.length > 0),
	);
	return running.length === 0 || touched.length === 0
		? []
		: [warning('runs-code', 'ask', { ref: touched[0]!.ref, files: listed(running.map((finding) => finding.path)) })];
}

function sessionNotes({ session, home }: PlanFacts, request: SyncRequest): Warning[] {
	const name = shownText(session.name);
	const notes: [applies: boolean, code: WarningCode, details?: Warning['details']][] = [
		[session.epochChanged, 'epoch-changed', { session: name }],
		[session.goneBranches.length > 0, 'branch-gone', { session: name, branches: listed(session.goneBranches) }],
		[session.branches.length === 0 && !session.worktreeOfHome, 'no-session-branch'],
		[
			session.changedFiles > 0,
			'session-dirty',
			{ files: session.changedFiles, captured: session.captured ? 'yes' : 'no' },
		],
		[session.inProgress !== null, 'session-busy', { operation: session.inProgress ?? '' }],
		[!session.captured, 'not-captured', { files: session.changedFiles }],
		[session.captured && !session.quiet, 'not-quiet'],
		[session.shallow || session.partial, 'incomplete-history', { kinds: incompleteKinds(session) }],
		[session.missing > 0, 'content-missing', { session: name, missing: session.missing }],
		[
			request.strategy === 'overwrite' &&
				home.lastSync !== null &&
				home.lastSync !== session.id &&
				home.lastSync !== session.name,
			'other-session-last',
			{ last: shownText(home.lastSync ?? '') },
		],
	];
	return notes.filter(([applies]) => applies).map(([, code, details]) => warning(code, 'note', details));
}

function knownNotes({ session }: PlanFacts): Warning[] {
	return session.branches.flatMap(({ name, known }) =>
		known === undefined || known.target === null
			? []
			: [
					warning('known-as-merged', 'note', {
						branch: shownText(name ?? 'a detached HEAD'),
						commits: known.commits,
						known: known.known ?? 0,
						target: shownText(known.target.replace(/^refs\/(?:heads|remotes)\//, '')),
						how: known.how ?? '',
					}),
				],
	);
}

function incompleteKinds(session: PlanFacts['session']): string[] {
	return [...(session.shallow ? ['shallow clone'] : []), ...(session.partial ? ['partial clone'] : [])];
}

/** `*` stands for any text, `/` included. */
function matches(pattern: string, name: string, ignoreCase: boolean): boolean {
	const [text, against] = ignoreCase ? [name.toLowerCase(), pattern.toLowerCase()] : [name, pattern];
	const [start, ...rest] = against.split('*');
	const end = rest.pop();
	if (end === undefined) {
		return text === start;
	}
	let from = start!.length;
	for (const piece of rest) {
		const found = text.indexOf(piece, from);
		if (found === -1) {
			return false;
		}
		from = found + piece.length;
	}
	return text.startsWith(start!) && text.endsWith(end) && text.length - end.length >= from;
}
