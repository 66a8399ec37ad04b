import type { HomeRepository } from '../git/home.js';
import { knownContent } from '../git/sameContent.js';
import type { KnownContent } from '../model/known.js';
import type { Oid } from '../model/observation.js';
import type { StepOptions } from './context.js';

const mostTips = 20;
const allMs = 20_000;

/**
 * For each tip that is in home's objects, what home has of its work by content alone; no entry where home's branches
 * reach all of it. Takes 20 seconds at most, and looks at the first 20 tips: of others nothing is said.
 */
export async function knownOf(
	home: HomeRepository,
	tips: readonly Oid[],
	{ signal }: StepOptions,
): Promise<Map<Oid, KnownContent>> {
	const deadline = AbortSignal.timeout(allMs);
	const found = new Map<Oid, KnownContent>();
	for (const tip of [...new Set(tips)].slice(0, mostTips)) {
		const known = deadline.aborted
			? null
			: await knownContent(home, tip, { deadline, ...(signal === undefined ? {} : { signal }) });
		if (known !== null) {
			found.set(tip, known);
		}
	}
	return found;
}
