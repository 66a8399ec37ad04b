import type { SyncResult } from '../../../src/core/model/report.js';
import { homeState, requireMoved } from './homeState.js';
import { ledgerOf, requireReachable } from './invariants.js';
import { requireExpected, requireSucceeded, Violation } from './violation.js';
import { requireUntouched, sessionListing, stateOf, witness, writtenEntry } from './witness.js';
import type { Place, World } from './world.js';

/** Rescues a session and checks what the ledger says of it. */
export async function rescue(world: World, place: Place): Promise<void> {
	const before = homeState(world);
	const untouched = sessionListing(place);
	const session = await world.homeport.find(place.id);
	const result = await world.homeport.rescue(session).catch((error: unknown) => error);
	if (result instanceof Error) {
		return requireExpected(result, []);
	}
	requireSucceeded(result as SyncResult, ['synced', 'up-to-date']);
	requireUntouched(place, 'a rescue', untouched);
	requireMoved(world, 'a rescue', before, []);
	seen(world, place);
}

/** After a successful look: the ledger tells what is there, and nothing new for what is the same. */
export function seen(world: World, place: Place): void {
	const ledger = ledgerOf(world, place);
	if (ledger === null) {
		throw new Violation(`${place.name} was rescued and has no ledger`);
	}
	const state = stateOf(place);
	const last = place.lastRescue;
	if (last?.state === state && last.ledger !== ledger && !sameButForReach(world, place, last.ledger, ledger)) {
		throw new Violation(`the same state of ${place.name} added an entry to its ledger`);
	}
	witness(world, place, ledger);
	place.lastRescue = { state, ledger };
	place.renewed = false;
	requireReachable(world);
}

// Which commits of a worktree of home no branch reaches depends on home's branches, and those a sync has moved.
function sameButForReach(world: World, place: Place, ...ledgers: readonly [string, string]): boolean {
	const [one, other] = ledgers.map((ledger) => {
		const { reflog: _reflog, time: _time, ...rest } = writtenEntry(world, ledger);
		return JSON.stringify(rest);
	});
	return place.kind === 'home-worktree' && one === other;
}
