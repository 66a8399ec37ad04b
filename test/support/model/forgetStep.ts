import { join } from 'node:path';
import type { ForgetPlan } from '../../../src/core/model/report.js';
import { differences } from './files.js';
import { homeState, requireMoved } from './homeState.js';
import { ledgerOf, requireReachable } from './invariants.js';
import { readRefs } from './plainRepository.js';
import { requireExpected, Violation } from './violation.js';
import { git, type Place, type World } from './world.js';

/** Forgets a session whole: exactly what nothing else names may go, and nothing of the other session. */
export async function forget(world: World, place: Place): Promise<void> {
	const before = homeState(world);
	const operations = await told(world);
	const outcome = await world.homeport.forget(place.id, {}, place.name).catch((error: unknown) => error);
	requireMoved(world, 'a forget', before, []);
	if (outcome instanceof Error) {
		requireExpected(outcome, ['session-unknown']);
		return;
	}
	const changed = differences(operations, await told(world));
	if (changed.length > 0) {
		throw new Violation('a forget changed what the operation log says', changed);
	}
	requireOthersKept(world, place, outcome as ForgetPlan);
	forgotten(world, place, outcome as ForgetPlan);
	requireReachable(world);
}

/** What the model no longer asks for after a forget. */
export function forgotten(world: World, place: Place, plan: ForgetPlan): void {
	place.observed.clear();
	place.lastRescue = null;
	for (const { oid } of plan.lastCopies) {
		world.userSeen.delete(oid);
	}
}

async function told(world: World): Promise<Map<string, unknown>> {
	return new Map((await world.homeport.operations()).map((operation) => [operation.id, operation]));
}

function requireOthersKept(world: World, place: Place, plan: ForgetPlan): void {
	if (ledgerOf(world, place) !== null) {
		throw new Violation(`${place.name} was forgotten and has a ledger`);
	}
	const mine = /^refs\/homeport\/(?:operations$|sessions\/)/;
	const others = [...readRefs(join(world.home, '.git'))].filter(([ref]) => !mine.test(ref)).map(([, oid]) => oid);
	const reached = new Set(git(world, world.home, ['rev-list', '--stdin'], `${others.join('\n')}\n`).out.split('\n'));
	const wrong = plan.lastCopies.filter(({ oid }) => reached.has(oid));
	if (wrong.length > 0) {
		throw new Violation('a forget listed as last copies what others keep', [JSON.stringify(wrong)]);
	}
	const listed = new Set(plan.lastCopies.map(({ oid }) => oid));
	const unlisted = [...place.observed].filter(([oid]) => !listed.has(oid) && !reached.has(oid));
	if (unlisted.length > 0) {
		throw new Violation(
			'a forget dropped what it had not listed',
			unlisted.map(([oid, as]) => `${oid} ${as}`),
		);
	}
}
