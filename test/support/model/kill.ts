import { spawn } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { isHomeportError } from '../../../src/core/base/errors.js';
import { forgotten } from './forgetStep.js';
import { homeState, movesOf, requireMoved } from './homeState.js';
import { ledgerOf, requireReachable } from './invariants.js';
import { requireExpected, Violation } from './violation.js';
import { git, type Place, reopen, type World } from './world.js';

/** What a process does that is going to be killed. */
export type Doomed = 'sync' | 'overwrite' | 'merge' | 'exclude' | 'rescue' | 'undo' | 'forget';

/** One operation for a process of its own, and when it kills itself: some time after the start of its `at`th git. */
export interface DoomedOperation {
	readonly repo: string;
	readonly env: NodeJS.ProcessEnv;
	readonly session: string;
	readonly name: string;
	readonly operation: Doomed;
	readonly at: number;
	readonly delayMs: number;
	/** The git processes that it has started go with it. */
	readonly group: boolean;
}

const gits: Readonly<Record<Doomed, number>> = {
	sync: 80,
	overwrite: 95,
	merge: 110,
	exclude: 120,
	rescue: 45,
	undo: 60,
	forget: 40,
};

/**
 * Does an operation in a process of its own and kills it on the way; the next one must find home as it was or as it was
 * to be, and nothing in its way.
 */
export async function killStep(
	world: World,
	place: Place,
	operation: Doomed,
	numbers: readonly number[],
): Promise<void> {
	const [, b = 0, c = 0, d = 0] = numbers;
	await killed(world, place, {
		repo: world.home,
		env: world.env,
		session: place.id,
		name: place.name,
		operation,
		at: 1 + Math.floor(b * gits[operation]),
		delayMs: Math.floor(c * 12),
		group: d < 0.5,
	});
}

export async function killed(world: World, place: Place, doomed: DoomedOperation): Promise<void> {
	const before = homeState(world);
	const known = new Set((await world.homeport.operations()).map(({ id }) => id));
	const ledger = ledgerOf(world, place);
	const plan = doomed.operation === 'forget' && ledger !== null ? await world.homeport.forgetPlan(place.id, {}) : null;
	await runDoomed(doomed);
	await gitsEnded(world.folder);
	await reopen(world);
	// A dry run takes the lock, and with it the duty to end what was begun.
	await world.homeport.undo(null, { accepted: [], dryRun: true }).catch((error: unknown) => {
		requireExpected(error as Error, ['nothing-to-undo', 'changed-meanwhile', 'branch-in-use', 'session-built-on']);
		if (isHomeportError(error, 'changed-meanwhile') && error.details['lock'] !== undefined) {
			throw new Violation('a stale lock is in the way', [JSON.stringify(error.details)]);
		}
	});
	const newest = (await world.homeport.operations()).filter(({ id }) => !known.has(id));
	const done = doomed.operation === 'forget' ? [] : newest.filter(({ state }) => state === 'done');
	if (newest.some(({ state }) => state === 'begun') && doomed.operation !== 'forget') {
		throw new Violation('an operation that was cut off is not ended');
	}
	const files = done.flatMap((operation) => operation.files);
	requireMoved(
		world,
		`a killed ${doomed.operation}`,
		before,
		movesOf(done.flatMap(({ refs }) => refs)),
		files,
		'entries',
	);
	if (plan !== null && ledgerOf(world, place) !== ledger) {
		forgotten(world, place, plan);
		world.userSeen.clear();
	}
	const checked = git(world, world.home, ['fsck', '--no-dangling', '--no-progress', '--connectivity-only']);
	if (checked.code !== 0) {
		throw new Violation('home is damaged after a kill', [checked.out, checked.err]);
	}
	place.lastRescue = null;
	requireReachable(world);
	const result = await world.homeport.rescue(await world.homeport.find(place.id));
	if (result.error !== null) {
		requireExpected(result.error, []);
	}
	place.renewed = false;
}

async function runDoomed(doomed: DoomedOperation): Promise<void> {
	const child = spawn(process.execPath, [__filename, 'doomed', JSON.stringify(doomed)], {
		env: doomed.env,
		detached: true,
		stdio: ['ignore', 'ignore', 'pipe'],
	});
	let errors = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
	const code = await new Promise((resolve) => child.once('exit', (exitCode) => resolve(exitCode)));
	if (code !== null && code !== 0) {
		throw new Violation('the doomed process could not work', [errors]);
	}
}

// What a killed process has started goes on for a moment; the user starts Homeport again after that.
async function gitsEnded(folder: string): Promise<void> {
	for (let round = 0; round < 500; round += 1) {
		const running = readdirSync('/proc').some((pid) => {
			try {
				return /^\d+$/.test(pid) && pid !== String(process.pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
			} catch {
				return false;
			}
		});
		if (!running) {
			return;
		}
		await sleep(10);
	}
}
