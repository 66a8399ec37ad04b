import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import type { PlanFacts, RefChange, SessionBranch, SyncRequest } from '../model/plan.js';
import type { RefAction } from '../model/relation.js';
import type { Warning } from '../model/warning.js';
import { type Checkout, checkoutOf, listed, warning } from './guard.js';
import { headsPrefix, homeBranchNames } from './naming.js';

/** What a strategy decided: changes of home's refs, and what there is to say of them. */
export interface Choice {
	readonly refs: readonly RefChange[];
	readonly warnings: readonly Warning[];
}

/** A branch of the session and the home branch that it should have. */
export interface Item {
	readonly branch: SessionBranch;
	readonly name: string;
}

/** No change. */
export const nothing: Choice = { refs: [], warnings: [] };

/** The one branch that the request is about; null where the session has none at all. */
export function sourceOf({ session }: PlanFacts, { from }: SyncRequest): SessionBranch | null {
	const found = session.branches.find((branch) => (from === null ? branch.isHead : branch.name === from));
	if (found === undefined && (from !== null || session.branches.length > 0)) {
		const known = listed(session.branches.flatMap(({ name }) => (name === null ? [] : [name])));
		throw new HomeportError('usage', {
			what:
				from === null
					? 'The branch that the session is on has no commit'
					: `The session has no branch "${shownText(from)}"`,
			next: `Name one of its branches with \`--from\`: ${known.join(', ')}`,
			branches: known,
		});
	}
	return found ?? null;
}

/** The session's branches with their home branches, HEAD's first. */
export function itemsOf(facts: PlanFacts): Item[] {
	const names = homeBranchNames(facts);
	const items = facts.session.branches.map((branch, index) => ({ branch, name: names[index]! }));
	return items.sort((a, b) => Number(b.branch.isHead) - Number(a.branch.isHead));
}

/** The names of home's branches. */
export function namesOf({ home }: PlanFacts): string[] {
	return [...home.branches.keys()].map((ref) => ref.slice(headsPrefix.length));
}

/** True when the home ref would reach all that it has now from the session's commit. */
export function isBehind(branch: SessionBranch, ref: string): boolean {
	return branch.relations.get(ref)?.kind === 'behind';
}

/** True when a working tree stands in the way of moving a ref. */
export function isHindered({ busy, inTheWay }: Checkout): boolean {
	return busy !== null || inTheWay === null || inTheWay.length > 0;
}

/** Why a ref cannot be moved, and where the work goes instead. */
export function hindrances(
	{ busy, inTheWay }: Checkout,
	ref: string,
	beside: string,
	level: 'ask' | 'note',
): Warning[] {
	const dirty = inTheWay === null ? busy === null : inTheWay.length > 0;
	return [
		...(busy === null ? [] : [warning('home-busy', level, { ref, ...busy, beside })]),
		...(dirty ? [warning('dirty-in-way', level, { ref, files: listed(inTheWay ?? []), beside })] : []),
	];
}

/** Why the work did not go to the ref that was there for it. */
export function passedNotes(facts: PlanFacts, branch: SessionBranch, passed: string, beside: string): Warning[] {
	if (isBehind(branch, passed)) {
		return hindrances(standing(facts, passed, branch), passed, beside, 'note');
	}
	return [
		branch.rewound ? rewoundNote(facts, branch, passed, beside) : warning('moved-on', 'note', { ref: passed, beside }),
	];
}

/** Says that a ref was left as it is, because it has more than the session. */
export function aheadNote(facts: PlanFacts, branch: SessionBranch, ref: string): Warning {
	return branch.rewound
		? rewoundNote(facts, branch, ref)
		: warning('moved-on', 'note', { ref, ahead: branch.relations.get(ref)!.ahead });
}

/** Says that the session took back commits. */
export function rewoundNote({ session }: PlanFacts, branch: SessionBranch, ref: string, beside?: string): Warning {
	return warning('rewound', 'note', {
		session: shownText(session.name),
		branch: shownText(branch.name ?? 'a detached HEAD'),
		ref,
		...(beside === undefined ? {} : { beside }),
	});
}

/** One change of a ref of home to the session's commit. */
export function change(facts: PlanFacts, branch: SessionBranch, ref: string, action: RefAction): RefChange {
	const current = facts.home.branches.get(ref)?.oid ?? null;
	const relation = branch.relations.get(ref);
	const moves = action !== 'keep';
	return {
		ref,
		from: current,
		to: moves ? branch.oid : current,
		action,
		source: branch.name,
		worktree: moves ? (standing(facts, ref, branch).worktrees[0] ?? null) : null,
		gained: !moves ? 0 : action === 'create' ? branch.fresh : (relation?.behind ?? 0),
		lost: moves && current !== null ? (relation?.ahead ?? 0) : 0,
		lostCommits: moves && current !== null ? (relation?.onlyHome ?? []) : [],
	};
}

/** How a ref stands in the working trees, and what stands in the way of moving it to the session's commit. */
export function standing(facts: PlanFacts, ref: string, branch: SessionBranch): Checkout {
	return checkoutOf(facts, ref, branch.inTheWay.get(ref) ?? null);
}
