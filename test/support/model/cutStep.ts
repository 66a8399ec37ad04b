import { isHomeportError } from '../../../src/core/base/errors.js';
import type { SyncResult } from '../../../src/core/model/report.js';
import type { ExecFault } from '../cluster/faults.js';
import { homeState, movesOf, requireMoved } from './homeState.js';
import { requireReachable } from './invariants.js';
import { pick } from './random.js';
import { rescue } from './rescueStep.js';
import { Violation } from './violation.js';
import { requireUntouched, sessionListing } from './witness.js';
import type { Place, World } from './world.js';

const ends = [
	{},
	{ closeCode: 1000 },
	{ status: 'success', closeCode: 1000 },
	{ status: 'failure', closeCode: 1011 },
] as const;

/**
 * A sync over streams that are cut, slow or refused, or whose pod is replaced on the way: it succeeds wholly or fails with
 * a code, and the rescue that follows without a fault needs no help.
 */
export async function cutSync(world: World, place: Place, numbers: readonly number[]): Promise<void> {
	const [, b = 0, c = 0, d = 0, e = 0] = numbers;
	const before = homeState(world);
	const untouched = sessionListing(place);
	const { cluster } = world;
	const times = pick([1, 2, 4, Infinity], c);
	const clear = cluster!.faults.exec(faultOf(b, d), { times });
	const session = await world.homeport.find(place.id);
	const replaced = e < 0.2 ? cluster!.replacePod('agents', `paude-${place.name}-0`) : null;
	const request = { strategy: 'branch', direction: 'home', branch: null, from: null } as const;
	const outcome = await world.homeport
		.sync(session, request, async () => ({ proceed: true, accepted: [] }))
		.catch((error: unknown) => error);
	clear();
	await replaced;
	requireUntouched(place, 'a sync that was cut', untouched);
	if (outcome instanceof Error) {
		if (!isHomeportError(outcome) || isHomeportError(outcome, 'internal')) {
			throw new Violation('a sync that was cut has no code', [String(outcome.stack)]);
		}
		requireMoved(world, 'a sync that failed', before, []);
	} else {
		const { refs, operation } = outcome as SyncResult;
		const moved = operation === null ? [] : refs.filter(({ action }) => action !== 'keep');
		requireMoved(world, 'a sync that was cut', before, movesOf(moved));
	}
	requireReachable(world);
	place.lastRescue = null;
	await rescue(world, place);
}

function faultOf(where: number, how: number): ExecFault {
	const end = pick(ends, how);
	return pick<ExecFault>(
		[
			{ cut: { afterFrames: 1 + Math.floor(how * 6), ...end } },
			{ cut: { afterStdoutBytes: Math.floor(how * how * 20_000), ...end } },
			{ cut: { afterStdinBytes: Math.floor(how * 30_000), ...end } },
			{ refuse: 500 },
			{ delayMs: 10 },
		],
		where,
	);
}
