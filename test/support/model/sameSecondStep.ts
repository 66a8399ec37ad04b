import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { putFile } from './files.js';
import { rescue } from './rescueStep.js';
import { requireSucceeded } from './violation.js';
import { git, type Place, type World } from './world.js';

/**
 * A file is committed, looked at, and changed without changing its size, all within one second: git's index alone cannot
 * tell that it changed. Where the machine was too slow for that, it is tried again.
 */
export async function sameSecond(world: World, place: Place): Promise<void> {
	if (place.kind === 'bare') {
		return rescue(world, place);
	}
	let soonEnough = false;
	for (let round = 0; round < 5 && !soonEnough; round += 1) {
		await nextSecond();
		soonEnough = await changeDuringRescue(world, place, round);
		place.lastRescue = null;
		await nextSecond();
		await rescue(world, place);
	}
}

async function changeDuringRescue(world: World, place: Place, round: number): Promise<boolean> {
	const path = join(place.dir, 'second.txt');
	putFile(place.dir, 'second.txt', `first ${round}\n`);
	git(world, place.dir, ['add', 'second.txt']);
	git(world, place.dir, ['commit', '-qm', 'second', '--only', 'second.txt']);
	const written = secondOf(path);
	let changed = -1;
	const result = await world.homeport.rescue(await world.homeport.find(place.id), {
		onProgress: ({ phase }) => {
			if (phase === 'fetch' && changed === -1) {
				// In place, so that it stays the same inode.
				writeFileSync(path, `other ${round}\n`);
				changed = secondOf(path);
			}
		},
	});
	requireSucceeded(result, ['synced', 'up-to-date']);
	return changed === written;
}

function secondOf(path: string): number {
	return Math.floor(statSync(path).ctimeMs / 1000);
}

// Files take their times from a clock that runs some milliseconds behind this one, and a timer may fire before its time.
const behindMs = 30;

async function nextSecond(): Promise<void> {
	await sleep(1000 - (Date.now() % 1000) + behindMs);
}
