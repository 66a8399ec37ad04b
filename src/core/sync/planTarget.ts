import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { isBranchName } from '../model/branchName.js';
import type { PlanFacts, SessionBranch, SyncRequest } from '../model/plan.js';
import type { Warning } from '../model/warning.js';
import { checkoutOf, listed, warning } from './guard.js';
import { TakenNames, besideName, headsPrefix, isPlainName, mergeTargetName } from './naming.js';
import { place } from './place.js';
import {
	type Choice,
	change,
	hindrances,
	isBehind,
	isHindered,
	itemsOf,
	namesOf,
	nothing,
	rewoundNote,
	sourceOf,
	standing,
} from './planParts.js';

/** Sets one branch of home to the session's commit, whatever it has now. */
export function planOverwrite(facts: PlanFacts, request: SyncRequest): Choice {
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
	const checkout = standing(facts, ref, branch);
	if (isHindered(checkout)) {
		return goBeside(facts, branch, ref, (beside) => hindrances(checkout, ref, beside, 'ask'));
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

/** Brings the session's commits into one branch of home: forward where it can go forward, else by a merge or a rebase. */
export function planMerge(facts: PlanFacts, request: SyncRequest): Choice {
	const target = mergeTarget(facts, request);
	if (target === null) {
		return nothing;
	}
	const { branch, ref } = target;
	const relation = branch.relations.get(ref);
	if (!facts.home.branches.has(ref)) {
		return createTarget(facts, branch, ref.slice(headsPrefix.length));
	}
	if (relation?.kind === 'equal' || relation?.kind === 'ahead') {
		return { refs: [change(facts, branch, ref, 'keep')], warnings: [] };
	}
	if (relation?.kind === 'behind') {
		const checkout = standing(facts, ref, branch);
		return isHindered(checkout)
			? goBeside(facts, branch, ref, (beside) => hindrances(checkout, ref, beside, 'ask'))
			: { refs: [change(facts, branch, ref, 'fast-forward')], warnings: [] };
	}
	const forecast = facts.forecast?.ref === ref ? facts.forecast : null;
	if (forecast === null) {
		return goBeside(facts, branch, ref, (beside) => [warning('unrelated-history', 'ask', { ref, beside })]);
	}
	if (forecast.tree === null) {
		const files = listed(forecast.conflicts.map((conflict) => conflict.path));
		const details = { ref, files, count: forecast.conflicts.length, kind: forecast.kind };
		return {
			refs: [{ ...change(facts, branch, ref, 'keep'), forecast }],
			warnings: [warning('merge-conflict', 'ask', details)],
		};
	}
	const checkout = checkoutOf(facts, ref, forecast.inTheWay);
	if (isHindered(checkout)) {
		return goBeside(facts, branch, ref, (beside) => hindrances(checkout, ref, beside, 'ask'));
	}
	const settled = listed(forecast.settled);
	return {
		refs: [
			{ ...change(facts, branch, ref, 'merge'), to: null, gained: forecast.gained, lost: 0, lostCommits: [], forecast },
		],
		warnings:
			settled.length === 0
				? []
				: [warning('conflicts-settled', 'note', { ref, files: settled, side: request.onConflict ?? 'manual' })],
	};
}

/** Applies the session's files to the working tree that home was opened in, as changes that are not committed. */
export function planExclude(facts: PlanFacts, request: SyncRequest): Choice {
	const target = filesTarget(facts, request);
	if (target === null) {
		return nothing;
	}
	const { branch, ref, worktree } = target;
	const { files } = facts;
	const busy = facts.home.worktrees.find((tree) => tree.path === worktree)?.inProgress ?? null;
	if (busy !== null) {
		const details = { ref, worktree, operation: busy };
		return goBeside(facts, branch, ref, (beside) => [warning('home-busy', 'ask', { ...details, beside })]);
	}
	if (files === null) {
		return goBeside(facts, branch, ref, (beside) => [warning('unrelated-history', 'ask', { ref, beside })]);
	}
	const conflicts = listed(files.conflicts.map((conflict) => conflict.path));
	if (files.to === null) {
		return goBeside(facts, branch, ref, (beside) => [
			warning('files-conflict', 'ask', { ref, files: conflicts, beside }),
		]);
	}
	const kept = { ...change(facts, branch, ref, 'keep'), files };
	return {
		refs: [files.to === files.from ? kept : { ...kept, action: 'files', worktree }],
		warnings: [
			...(conflicts.length === 0 ? [] : [warning('files-conflict', 'ask', { ref, files: conflicts })]),
			...(files.mixed.length === 0 ? [] : [warning('mixes-with-changes', 'ask', { ref, files: listed(files.mixed) })]),
		],
	};
}

/**
 * The session's branch, and the working tree with its branch that files are applied to; null where the session has no
 * branch. Fails with `usage` where that working tree is on no branch, or another one was named.
 */
export function filesTarget(
	facts: PlanFacts,
	request: SyncRequest,
): { readonly branch: SessionBranch; readonly ref: string; readonly worktree: string } | null {
	const branch = sourceOf(facts, request);
	const tree = facts.home.worktrees.find((worktree) => worktree.path === facts.home.here);
	if (branch === null) {
		return null;
	}
	const ref = tree?.branch ?? null;
	if (tree === undefined || ref === null || !facts.home.branches.has(ref)) {
		throw new HomeportError('usage', { what: 'No branch is checked out here that files could be applied to' });
	}
	if (request.branch !== null && ref !== headsPrefix + request.branch) {
		throw new HomeportError('usage', {
			what: `Files are applied to the branch that is checked out here, and that is not ${request.branch}`,
		});
	}
	return { branch, ref, worktree: tree.path };
}

/**
 * The session's branch and the home ref that a merge is about: the branch that was named, else home's own branch of that
 * name, else the one that is checked out here. Null where the session has no branch.
 */
export function mergeTarget(
	facts: PlanFacts,
	request: SyncRequest,
): { readonly branch: SessionBranch; readonly ref: string } | null {
	const branch = sourceOf(facts, request);
	if (branch === null) {
		return null;
	}
	const name = mergeTargetName(facts, request, branch.name);
	if (name === null) {
		throw new HomeportError('usage', {
			what: 'Home has no branch of that name, and none is checked out here',
			next: 'Name the home branch with `--branch NAME`.',
		});
	}
	return { branch, ref: headsPrefix + name };
}

// The work goes to a branch of its own where the ref that was asked for cannot be moved.
function goBeside(
	facts: PlanFacts,
	branch: SessionBranch,
	ref: string,
	reasons: (beside: string) => Warning[],
): Choice {
	const items = facts.session.worktreeOfHome ? [] : itemsOf(facts).filter((item) => item.branch === branch);
	const placed = place(facts, items, { except: ref });
	return {
		refs: [change(facts, branch, ref, 'keep'), ...placed.refs],
		warnings: [...reasons(placed.refs[0]?.ref ?? ''), ...placed.warnings],
	};
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
