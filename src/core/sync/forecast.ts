import { shownText } from '../base/text.js';
import { type Integration, integrate, withScratchObjects } from '../git/integrate.js';
import { throwAwayIdentity } from '../git/identity.js';
import { filesInTheWay } from '../git/worktree.js';
import type { HomeRepository } from '../git/home.js';
import type { PlanFacts, SyncRequest } from '../model/plan.js';
import { mergeTarget } from './planTarget.js';

/**
 * What the merge or rebase that is asked for would come to; null where the branch can go forward, or has no commit in
 * common with the session. Writes only what is thrown away.
 */
export async function forecastMerge(
	home: HomeRepository,
	facts: PlanFacts,
	request: SyncRequest,
): Promise<PlanFacts['forecast']> {
	const target = request.strategy === 'merge' ? mergeTarget(facts, request) : null;
	const onto = target === null ? undefined : facts.home.branches.get(target.ref);
	if (target === null || onto === undefined || target.branch.relations.get(target.ref)?.kind !== 'diverged') {
		return null;
	}
	const integration = integrationOf(request, onto.oid, target.branch.oid, '');
	return withScratchObjects(home, async (git, folder) => {
		const made = await integrate(git, folder, integration, throwAwayIdentity(0));
		if (made === null) {
			return null;
		}
		const base = { ref: target.ref, kind: integration.kind, onto: onto.oid, source: target.branch.oid };
		if ('conflicts' in made) {
			return { ...base, tree: null, conflicts: made.conflicts, settled: [], gained: 0, inTheWay: null };
		}
		const inTheWay =
			onto.worktree === null
				? []
				: await filesInTheWay(home, onto.worktree, onto.oid, made.tree, git).catch(() => null);
		const settled = made.settled.map((path) => shownText(path, 4096));
		return { ...base, tree: made.tree, conflicts: [], settled, gained: made.gained, inTheWay };
	});
}

/** The merge or rebase that a request asks for; `message` is that of a merge commit. */
export function integrationOf(request: SyncRequest, onto: string, source: string, message: string): Integration {
	const kind = request.rebase === true ? 'rebase' : 'merge';
	return { kind, onto, source, onConflict: request.onConflict ?? 'manual', message };
}
