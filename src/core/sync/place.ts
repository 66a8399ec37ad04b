import type { PlanFacts, SessionBranch } from '../model/plan.js';
import type { RefAction } from '../model/relation.js';
import type { Warning } from '../model/warning.js';
import { warning } from './guard.js';
import { TakenNames, besideName, headsPrefix, homeBranchNames, namesBeside } from './naming.js';
import {
	type Choice,
	type Item,
	aheadNote,
	change,
	isBehind,
	isHindered,
	namesOf,
	nothing,
	passedNotes,
	rewoundNote,
	standing,
} from './planParts.js';

/**
 * Finds a home ref for each item: one that has its commit, else the one that its commit moves forward least, else one
 * that has its commit and more, else a new one. `except` is a ref that must not be moved.
 */
export function place(
	facts: PlanFacts,
	items: readonly Item[],
	{ except, spare = false }: { readonly except?: string; readonly spare?: boolean },
): Choice {
	const { branches, ignoreCase } = facts.home;
	const existing = namesOf(facts);
	const taken = new TakenNames(existing, ignoreCase);
	const reserved = new TakenNames(homeBranchNames(facts), ignoreCase);
	const own = new Set(items.map((item) => item.name));
	const beside = namesBeside(existing);
	const placed = new Map<Item, Choice>();
	const claimed = new Set(except === undefined ? [] : [except]);

	// A name that another branch of the session has by itself is not a name beside.
	const candidatesOf = ({ name }: Item): string[] =>
		beside(name)
			.filter((found) => found === name || (!own.has(found) && reserved.standing(found) !== 'taken'))
			.map((found) => headsPrefix + found)
			.filter((ref) => !claimed.has(ref));
	const claim = (item: Item, ref: string, action: RefAction, warnings: readonly Warning[] = []): void => {
		claimed.add(ref);
		taken.add(ref.slice(headsPrefix.length));
		placed.set(item, { refs: [change(facts, item.branch, ref, action)], warnings });
	};
	const pass = (visit: (item: Item) => void): void => items.filter((item) => !placed.has(item)).forEach(visit);

	pass((item) => {
		const ref = candidatesOf(item).find((ref) => branches.get(ref)!.oid === item.branch.oid);
		if (ref !== undefined) {
			claim(item, ref, 'keep');
		}
	});
	pass((item) => {
		const ref = nearest(item.branch, candidatesOf(item), (ref) => {
			const checkout = standing(facts, ref, item.branch);
			return !isHindered(checkout) && checkout.elsewhere.length === 0;
		});
		if (ref !== undefined) {
			claim(item, ref, 'fast-forward');
		}
	});
	pass((item) => {
		const ref = candidatesOf(item).find((ref) => item.branch.relations.get(ref)?.kind === 'ahead');
		if (ref !== undefined) {
			claim(item, ref, 'keep', [aheadNote(facts, item.branch, ref)]);
		}
	});
	pass((item) => {
		const ref = nearest(item.branch, candidatesOf(item), (ref) => !isHindered(standing(facts, ref, item.branch)));
		if (ref !== undefined) {
			claim(item, ref, 'fast-forward');
		}
	});
	// A branch without a commit of its own would be clutter; the one that the session is on says where it stands.
	pass((item) => {
		if (spare && !item.branch.isHead && item.branch.fresh === 0) {
			placed.set(item, nothing);
		}
	});
	// Those whose own name is free come first, so that no other takes it for a name beside.
	pass((item) => {
		if (taken.standing(item.name) === 'free') {
			const ref = headsPrefix + item.name;
			claim(item, ref, 'create', item.branch.rewound ? [rewoundNote(facts, item.branch, ref)] : []);
		}
	});
	pass((item) => {
		const candidates = candidatesOf(item);
		const passed = candidates.find((ref) => isBehind(item.branch, ref)) ?? candidates[0];
		const { name, clash } = besideName(item.name, taken, reserved);
		const ref = headsPrefix + name;
		claim(item, ref, 'create', [
			...(clash ? [warning('name-clash', 'note', { wanted: item.name, ref })] : []),
			...(passed === undefined ? [] : passedNotes(facts, item.branch, passed, ref)),
		]);
	});
	const choices = items.map((item) => placed.get(item)!);
	return {
		refs: choices.flatMap((choice) => choice.refs),
		warnings: choices.flatMap((choice) => choice.warnings),
	};
}

function nearest(
	branch: SessionBranch,
	refs: readonly string[],
	mayMove: (ref: string) => boolean,
): string | undefined {
	const distance = (ref: string): number => branch.relations.get(ref)!.behind;
	return refs.filter((ref) => isBehind(branch, ref) && mayMove(ref)).sort((a, b) => distance(a) - distance(b))[0];
}
