import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { isBranchName } from '../model/branchName.js';
import type { Plan, PlanFacts, SyncRequest } from '../model/plan.js';
import { guard } from './guard.js';

import { place } from './place.js';
import { type Choice, itemsOf, nothing, sourceOf } from './planParts.js';
import { planExclude, planMerge, planOverwrite } from './planTarget.js';

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
	if (request.direction === 'session') {
		throw new HomeportError('internal', { what: 'a plan for home of a sync that goes out' });
	}
	if (request.branch !== null && !isBranchName(request.branch)) {
		throw new HomeportError('usage', { what: `"${shownText(request.branch)}" is no name for a branch` });
	}
	switch (request.strategy) {
		case 'branch':
			return planBranch(facts, request);
		case 'overwrite':
			return planOverwrite(facts, request);
		case 'merge':
			return planMerge(facts, request);
		case 'exclude':
			return planExclude(facts, request);
		default:
			throw new HomeportError('internal', { what: `the strategy ${String(request.strategy)}` });
	}
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
