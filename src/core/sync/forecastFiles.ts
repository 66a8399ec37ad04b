import { scratchObjects, withScratch } from '../git/integrate.js';
import type { HomeRepository } from '../git/home.js';
import { mergeFiles } from '../git/mergeFiles.js';
import type { FilesForecast } from '../model/merge.js';
import type { PlanFacts, SyncRequest } from '../model/plan.js';
import { filesTarget } from './planTarget.js';
import type { Rescue } from './rescue.js';

/**
 * What the files of the session would make of the working tree here: those that it has not committed, too, where its HEAD
 * is what is asked for. Null for other strategies, and where both have no commit in common. Writes only what is thrown
 * away.
 */
export async function forecastFiles(
	home: HomeRepository,
	facts: PlanFacts,
	request: SyncRequest,
	rescue: Pick<Rescue, 'observation' | 'ledger'>,
): Promise<FilesForecast | null> {
	const target = request.strategy === 'exclude' ? filesTarget(facts, request) : null;
	const head = target === null ? undefined : facts.home.branches.get(target.ref)?.oid;
	if (target === null || head === undefined) {
		return null;
	}
	const { branch, ref, worktree } = target;
	const capture = branch.isHead ? (rescue.observation.capture?.oid ?? null) : null;
	const source = capture === null ? branch.oid : (rescue.ledger.standsFor[capture] ?? capture);
	return withScratch(home, async (folder) => {
		const merged = await mergeFiles(home, worktree, { head, source }, folder, scratchObjects(home, folder));
		return merged === null ? null : { ...merged, ref, head, worktree, source };
	});
}
