import { shownText } from '../base/text.js';
import type { Oid } from '../model/observation.js';
import type { SyncRequest } from '../model/plan.js';
import type { RefAction } from '../model/relation.js';
import type { Hindrance, PushChange, PushFacts } from '../model/push.js';
import type { Warning } from '../model/warning.js';
import { listed, warning } from './guard.js';
import { besideName, headsPrefix, TakenNames } from './naming.js';

/** What a push would do to the session, and what there is to say of it. */
export interface PushChoice {
	readonly push: readonly PushChange[];
	readonly warnings: readonly Warning[];
}

/**
 * Says what bringing home's branch into the session would do there. The session's own branch only ever moves where nothing
 * of the agent's is in the way and nothing of it leaves the branch, or where that was asked for and is asked again; else
 * the work arrives on a branch beside it.
 */
export function planPush(facts: PushFacts, request: SyncRequest): PushChoice {
	const { target, relation } = facts;
	if (target === null) {
		return goBeside(facts, request, hindered({ kind: 'busy', operation: 'detached' }, headsPrefix));
	}
	if (target.oid === null || relation === null) {
		return move(facts, request, target.ref, 'create', []);
	}
	if (relation.kind === 'equal' || relation.kind === 'ahead') {
		return { push: [keep(facts, target.ref, target.oid)], warnings: [] };
	}
	if (relation.kind === 'unrelated' || relation.kind === 'missing') {
		const asked = warning('unrelated-history', 'ask', { ref: target.ref });
		return request.strategy === 'overwrite'
			? move(facts, request, target.ref, 'overwrite', [asked, overwrites(facts, target.ref)])
			: goBeside(facts, request, (beside) => [{ ...asked, details: { ...asked.details, beside } }]);
	}
	if (request.strategy === 'exclude') {
		return planFiles(facts, request, target.ref, target.oid);
	}
	if (relation.kind === 'behind') {
		return move(facts, request, target.ref, 'fast-forward', []);
	}
	switch (request.strategy) {
		case 'branch':
			return goBeside(facts, request, (beside) => [
				warning('session-diverged', 'note', { ref: target.ref, ahead: relation.ahead, beside }),
			]);
		case 'overwrite':
			return move(facts, request, target.ref, 'overwrite', [overwrites(facts, target.ref)]);
		default:
			return planMerge(facts, request, target.ref);
	}
}

function planMerge(facts: PushFacts, request: SyncRequest, ref: string): PushChoice {
	const { forecast } = facts;
	if (forecast === null || forecast.tree === null) {
		return goBeside(facts, request, conflicts(facts, ref));
	}
	const settled = listed(forecast.settled);
	const side = request.onConflict ?? 'manual';
	return move(
		facts,
		request,
		ref,
		'merge',
		settled.length === 0 ? [] : [warning('conflicts-settled', 'note', { ref, files: settled, side })],
	);
}

// Home's files without its history: one commit on top of what the session has.
function planFiles(facts: PushFacts, request: SyncRequest, ref: string, tip: Oid): PushChoice {
	const { forecast, target } = facts;
	if (forecast === null || forecast.tree === null) {
		return goBeside(facts, request, conflicts(facts, ref));
	}
	if (forecast.tree === target?.tree) {
		return { push: [keep(facts, ref, tip)], warnings: [] };
	}
	return move(facts, request, ref, 'files', []);
}

function conflicts({ forecast }: PushFacts, ref: string): (beside: string) => Warning[] {
	const found = forecast?.conflicts ?? [];
	const files = listed(found.map((conflict) => conflict.path));
	const details = { ref, files, count: found.length, kind: forecast?.kind ?? 'merge' };
	return (beside) => [warning('merge-conflict', 'note', { ...details, beside })];
}

function overwrites({ session, relation }: PushFacts, ref: string): Warning {
	return warning('overwrites-session', 'ask', {
		ref,
		session: shownText(session.name),
		lost: relation?.ahead ?? 'unknown',
		commits: relation?.onlyHome ?? [],
	});
}

/** Moves the branch that was asked for; where something is in the way there, the work goes beside. */
function move(
	facts: PushFacts,
	request: SyncRequest,
	ref: string,
	action: RefAction,
	warnings: readonly Warning[],
): PushChoice {
	const hindrance = facts.hindrance ?? hindranceOf(facts, ref);
	if (hindrance !== null) {
		return goBeside(facts, request, hindered(hindrance, ref));
	}
	const { home, target, relation, forecast } = facts;
	const made = action === 'merge' || action === 'files' || (action === 'create' && request.strategy === 'exclude');
	const change: PushChange = {
		ref,
		from: target?.oid ?? null,
		to: made ? null : home.oid,
		action,
		source: home.branch,
		checkedOut: facts.session.held.get(ref) === 'here',
		beside: false,
		gained: action === 'create' ? home.gained : action === 'files' ? 1 : (forecast?.gained ?? relation?.behind ?? 0),
		lost: action === 'overwrite' ? (relation?.ahead ?? 0) : 0,
		lostCommits: action === 'overwrite' ? (relation?.onlyHome ?? []) : [],
		...(action === 'merge' && forecast !== null ? { forecast } : {}),
		...(made && action !== 'merge' ? { files: filesOf(facts) } : {}),
	};
	return { push: [change], warnings };
}

/** What keeps a branch of the session from being moved: it is held elsewhere, or the files that it has are not at rest. */
function hindranceOf({ session, inTheWay, filtered }: PushFacts, ref: string): Hindrance | null {
	switch (session.held.get(ref)) {
		case 'elsewhere':
			return { kind: 'busy', operation: 'second-checkout' };
		case 'returns':
			return { kind: 'busy', operation: session.inProgress ?? 'rebase' };
		case 'here':
			if (session.inProgress !== null) {
				return { kind: 'busy', operation: session.inProgress };
			}
			if (session.dirty.length > 0 || inTheWay.length > 0) {
				return { kind: 'dirty', files: [...new Set([...session.dirty, ...inTheWay])] };
			}
			return filtered.length > 0 ? { kind: 'filters', files: filtered } : null;
		default:
			return null;
	}
}

function hindered(hindrance: Hindrance, ref: string): (beside: string) => Warning[] {
	return (beside) => {
		switch (hindrance.kind) {
			case 'dirty':
				return [warning('session-tree-dirty', 'note', { ref, files: listed(hindrance.files), beside })];
			case 'busy':
				return [warning('session-tree-busy', 'note', { ref, operation: hindrance.operation, beside })];
			default:
				return [warning('session-filters', 'note', { ref, files: listed(hindrance.files), beside })];
		}
	};
}

// The commit that stands for home's files: on top of the session's where the two can be put together, else where both began.
function filesOf({ home, target, base, forecast }: PushFacts): { onto: Oid | null; tree: Oid } {
	return forecast?.tree === undefined || forecast.tree === null || target?.oid === undefined || target.oid === null
		? { onto: base, tree: home.tree ?? '' }
		: { onto: target.oid, tree: forecast.tree };
}

/** Brings the work to `homeport/<home branch>`, or one numbered after it, without losing anything that is there. */
function goBeside(facts: PushFacts, request: SyncRequest, reasons: (beside: string) => Warning[]): PushChoice {
	const { home, besides, session } = facts;
	const files = request.strategy === 'exclude' ? filesOf(facts) : null;
	for (const { ref, oid, tree, parents, relation } of besides) {
		const has =
			files === null
				? relation.kind === 'equal' || relation.kind === 'ahead'
				: tree === files.tree && (parents[0] ?? null) === files.onto;
		if (has) {
			return { push: [{ ...keep(facts, ref, oid), beside: true }], warnings: reasons(ref) };
		}
		if (files === null && relation.kind === 'behind' && !session.held.has(ref)) {
			const change = besideChange(facts, ref, oid, 'fast-forward', relation.behind);
			return { push: [{ ...change, to: home.oid }], warnings: reasons(ref) };
		}
	}
	const taken = new TakenNames(
		session.branches.map((ref) => ref.slice(headsPrefix.length)),
		true,
	);
	const ref = headsPrefix + besideName(besideNameOf(home.branch), taken).name;
	const created = besideChange(facts, ref, null, 'create', files === null ? home.gained : 1);
	return {
		push: [files === null ? { ...created, to: home.oid } : { ...created, files }],
		warnings: reasons(ref),
	};
}

/** The session's branch for a branch of home where it cannot go to the one that was asked for. */
export function besideNameOf(branch: string): string {
	return `homeport/${branch}`;
}

function besideChange(
	{ home }: PushFacts,
	ref: string,
	from: Oid | null,
	action: RefAction,
	gained: number,
): PushChange {
	const none = { checkedOut: false, lost: 0, lostCommits: [] };
	return { ref, from, to: null, action, source: home.branch, beside: true, gained, ...none };
}

function keep({ home }: PushFacts, ref: string, oid: Oid): PushChange {
	const none = { checkedOut: false, beside: false, gained: 0, lost: 0, lostCommits: [] };
	return { ref, from: oid, to: oid, action: 'keep', source: home.branch, ...none };
}
