import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import type { Plan, PlanFacts, RefAction, RefChange, SessionBranch, SyncRequest } from '../model/plan.js';
import type { Warning } from '../model/warning.js';
import { checkoutOf, guard, listed, warning } from './guard.js';
import type { Checkout } from './guard.js';
import {
	TakenNames,
	besideName,
	headsPrefix,
	homeBranchNames,
	isBranchName,
	isPlainName,
	namesBeside,
} from './naming.js';

interface Choice {
	readonly refs: readonly RefChange[];
	readonly warnings: readonly Warning[];
}

/** A branch of the session and the home branch that it should have. */
interface Item {
	readonly branch: SessionBranch;
	readonly name: string;
}

const nothing: Choice = { refs: [], warnings: [] };

/**
 * Says what a sync would do to home. Fails with `usage` for a branch that is not there or has no usable name, and with
 * `not-supported` for what Homeport cannot do yet. A finding that blocks leaves a plan without any change.
 */
export function makePlan(facts: PlanFacts, request: SyncRequest): Plan {
	const choice = choose(facts, request);
	const blocked = facts.findings.some((finding) => finding.level === 'block');
	const { refs, warnings } = blocked ? nothing : choice;
	return {
		session: facts.session.id,
		request,
		refs,
		warnings: [...warnings, ...guard(facts, request, refs)],
		findings: facts.findings,
		epoch: facts.session.epoch,
	};
}

function choose(facts: PlanFacts, request: SyncRequest): Choice {
	if (request.direction !== 'home') {
		throw new HomeportError('not-supported', { what: `Syncing in the direction "${request.direction}"` });
	}
	if (request.branch !== null && !isBranchName(request.branch)) {
		throw new HomeportError('usage', { what: `"${shownText(request.branch)}" is no name for a branch` });
	}
	if (request.strategy !== 'branch' && request.strategy !== 'overwrite') {
		throw new HomeportError('not-supported', { what: `The strategy "${request.strategy}"` });
	}
	return request.strategy === 'branch' ? planBranch(facts, request) : planOverwrite(facts, request);
}

function planBranch(facts: PlanFacts, request: SyncRequest): Choice {
	const single = request.from === null && request.branch === null ? null : sourceOf(facts, request);
	if (facts.session.worktreeOfHome) {
		return nothing;
	}
	const items = itemsOf(facts).map((item) =>
		item.branch === single && request.branch !== null ? { ...item, name: request.branch } : item,
	);
	const chosen = request.from === null ? items : items.filter((item) => item.branch === single);
	return place(facts, chosen, { spare: request.from === null });
}

function planOverwrite(facts: PlanFacts, request: SyncRequest): Choice {
	const branch = sourceOf(facts, request);
	if (branch === null) {
		return nothing;
	}
	const name = targetOf(facts, request, branch);
	const ref = headsPrefix + name;
	const current = facts.home.branches.get(ref);
	if (current === undefined) {
		return createTarget(facts, branch, name);
	}
	if (current.oid === branch.oid) {
		return { refs: [change(facts, branch, ref, 'keep')], warnings: [] };
	}
	const checkout = checkoutOf(facts, ref, branch);
	if (isHindered(checkout)) {
		const placed = place(
			facts,
			itemsOf(facts).filter((item) => item.branch === branch),
			{ except: ref },
		);
		const beside = placed.refs[0]!.ref;
		const asks = hindrances(checkout, ref, beside, 'ask');
		return {
			refs: [change(facts, branch, ref, 'keep'), ...placed.refs],
			warnings: [...asks, ...placed.warnings],
		};
	}
	const forward = isBehind(branch, ref);
	return {
		refs: [change(facts, branch, ref, forward ? 'fast-forward' : 'overwrite')],
		warnings: branch.rewound && !forward ? [rewoundNote(facts, branch, ref)] : [],
	};
}

function createTarget(facts: PlanFacts, branch: SessionBranch, name: string): Choice {
	const taken = new TakenNames(namesOf(facts), facts.home.ignoreCase);
	const free = besideName(name, taken);
	const ref = headsPrefix + free.name;
	return {
		refs: [change(facts, branch, ref, 'create')],
		warnings: [
			...(free.clash ? [warning('name-clash', 'note', { wanted: name, ref })] : []),
			...(branch.rewound ? [rewoundNote(facts, branch, ref)] : []),
		],
	};
}

/** The one branch that the request is about; null where the session has none at all. */
function sourceOf({ session }: PlanFacts, { from }: SyncRequest): SessionBranch | null {
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

/** The home branch to overwrite. A name of the session is taken only where home has it already, or it is a plain one. */
function targetOf({ home }: PlanFacts, request: SyncRequest, branch: SessionBranch): string {
	const name = request.branch ?? branch.name;
	if (name === null) {
		throw new HomeportError('usage', {
			what: 'The session has no branch checked out',
			next: 'Name the home branch with `--branch NAME`.',
		});
	}
	if (request.branch === null && !isPlainName(name) && !(isBranchName(name) && home.branches.has(headsPrefix + name))) {
		throw new HomeportError('usage', {
			what: `The session's branch "${shownText(name)}" has a name that home should not have`,
			next: 'Name the home branch with `--branch NAME`.',
		});
	}
	return name;
}

function itemsOf(facts: PlanFacts): Item[] {
	const names = homeBranchNames(facts);
	const items = facts.session.branches.map((branch, index) => ({ branch, name: names[index]! }));
	return items.sort((a, b) => Number(b.branch.isHead) - Number(a.branch.isHead));
}

/**
 * Finds a home ref for each item: one that has its commit, else the one that its commit moves forward least, else one
 * that has its commit and more, else a new one. `except` is a ref that must not be moved.
 */
function place(
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
			const checkout = checkoutOf(facts, ref, item.branch);
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
		const ref = nearest(item.branch, candidatesOf(item), (ref) => !isHindered(checkoutOf(facts, ref, item.branch)));
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

function namesOf({ home }: PlanFacts): string[] {
	return [...home.branches.keys()].map((ref) => ref.slice(headsPrefix.length));
}

function nearest(
	branch: SessionBranch,
	refs: readonly string[],
	mayMove: (ref: string) => boolean,
): string | undefined {
	const distance = (ref: string): number => branch.relations.get(ref)!.behind;
	return refs.filter((ref) => isBehind(branch, ref) && mayMove(ref)).sort((a, b) => distance(a) - distance(b))[0];
}

function isBehind(branch: SessionBranch, ref: string): boolean {
	return branch.relations.get(ref)?.kind === 'behind';
}

function isHindered({ busy, inTheWay }: Checkout): boolean {
	return busy !== null || inTheWay === null || inTheWay.length > 0;
}

function hindrances({ busy, inTheWay }: Checkout, ref: string, beside: string, level: 'ask' | 'note'): Warning[] {
	const dirty = inTheWay === null ? busy === null : inTheWay.length > 0;
	return [
		...(busy === null ? [] : [warning('home-busy', level, { ref, ...busy, beside })]),
		...(dirty ? [warning('dirty-in-way', level, { ref, files: listed(inTheWay ?? []), beside })] : []),
	];
}

/** Why the work did not go to the ref that was there for it. */
function passedNotes(facts: PlanFacts, branch: SessionBranch, passed: string, beside: string): Warning[] {
	if (isBehind(branch, passed)) {
		return hindrances(checkoutOf(facts, passed, branch), passed, beside, 'note');
	}
	return [
		branch.rewound ? rewoundNote(facts, branch, passed, beside) : warning('moved-on', 'note', { ref: passed, beside }),
	];
}

function aheadNote(facts: PlanFacts, branch: SessionBranch, ref: string): Warning {
	return branch.rewound
		? rewoundNote(facts, branch, ref)
		: warning('moved-on', 'note', { ref, ahead: branch.relations.get(ref)!.ahead });
}

function rewoundNote({ session }: PlanFacts, branch: SessionBranch, ref: string, beside?: string): Warning {
	return warning('rewound', 'note', {
		session: shownText(session.name),
		branch: shownText(branch.name ?? 'a detached HEAD'),
		ref,
		...(beside === undefined ? {} : { beside }),
	});
}

function change(facts: PlanFacts, branch: SessionBranch, ref: string, action: RefAction): RefChange {
	const current = facts.home.branches.get(ref)?.oid ?? null;
	const relation = branch.relations.get(ref);
	const moves = action !== 'keep';
	return {
		ref,
		from: current,
		to: moves ? branch.oid : current,
		action,
		source: branch.name,
		worktree: moves ? (checkoutOf(facts, ref, branch).worktrees[0] ?? null) : null,
		gained: !moves ? 0 : action === 'create' ? branch.fresh : (relation?.behind ?? 0),
		lost: moves && current !== null ? (relation?.ahead ?? 0) : 0,
		lostCommits: moves && current !== null ? (relation?.onlyHome ?? []) : [],
	};
}
