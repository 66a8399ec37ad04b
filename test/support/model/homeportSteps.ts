import { isHomeportError } from '../../../src/core/base/errors.js';
import { sessionRefName } from '../../../src/core/model/session.js';
import type { Plan, Strategy, SyncRequest } from '../../../src/core/model/plan.js';
import type { ContinueResult, SyncResult } from '../../../src/core/model/report.js';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { putFile, storedFiles } from './files.js';
import type { StepTable } from './steps.js';
import { cutSync } from './cutStep.js';
import { forget } from './forgetStep.js';
import { type HomeState, homeState, movesOf, requireMoved } from './homeState.js';
import { homeSteps } from './homeSteps.js';
import { ledgerOf, requireConsent, requireLogged, requireOnBranches, requireReachable } from './invariants.js';
import { killStep } from './kill.js';
import { pick } from './random.js';
import { sameSecond } from './sameSecondStep.js';
import { push } from './pushSteps.js';
import { rescue, seen } from './rescueStep.js';
import { requireExpected, requireSucceeded, Violation } from './violation.js';
import { dropAndRedo, undoNewest, undoOlder } from './undoSteps.js';
import { requireUntouched, sessionListing } from './witness.js';
import { git, type Place, reopen, type World } from './world.js';

type Step = (world: World, numbers: readonly number[]) => Promise<void>;

/** What Homeport is asked to do, with all that must hold around it. */
export const homeportSteps: StepTable<Step> = {
	rescue: { weight: 5, run: (world, [a = 0]) => rescue(world, placeOf(world, a)) },
	'rescue-twice': { weight: 2, run: rescueTwice },
	sync: { weight: 8, run: (world, numbers) => sync(world, numbers, 'branch') },
	overwrite: { weight: 7, run: (world, numbers) => sync(world, numbers, 'overwrite') },
	'sync-meddled': { weight: 3, run: (world, numbers) => sync(world, numbers, 'branch', true) },
	'overwrite-meddled': { weight: 3, run: (world, numbers) => sync(world, numbers, 'overwrite', true) },
	merge: { weight: 4, run: (world, numbers) => sync(world, numbers, 'merge') },
	'merge-meddled': { weight: 2, run: (world, numbers) => sync(world, numbers, 'merge', true) },
	continue: { weight: 3, run: continueOpen },
	exclude: { weight: 4, run: (world, numbers) => sync(world, numbers, 'exclude') },
	'exclude-meddled': { weight: 2, run: (world, numbers) => sync(world, numbers, 'exclude', true) },
	push: { weight: 4, run: (world, numbers) => push(world, placeOf(world, numbers[0]!), numbers) },
	status: { weight: 1, run: status },
	undo: { weight: 5, run: undoNewest },
	'undo-older': { weight: 4, run: undoOlder },
	conflict: { weight: 3, run: conflict },
	'drop-and-redo': { weight: 3, run: conflictAndDrop },
	forget: { weight: 3, run: (world, [a = 0]) => forget(world, placeOf(world, a)) },
	// In pods alone.
	'cut-sync': { weight: 0, run: (world, numbers) => cutSync(world, placeOf(world, numbers[0]!), numbers) },
	reopen: { weight: 1, run: (world) => reopen(world) },
	'same-second': { weight: 1, run: (world, [a = 0]) => sameSecond(world, placeOf(world, a)) },
	'stale-lock': { weight: 1, run: staleLock },
	'torn-index': { weight: 0, run: tornIndex },
	'kill-sync': { weight: 1, run: (world, numbers) => killStep(world, placeOf(world, numbers[0]!), 'sync', numbers) },
	'kill-overwrite': {
		weight: 2,
		run: (world, numbers) => killStep(world, placeOf(world, numbers[0]!), 'overwrite', numbers),
	},
	'kill-merge': { weight: 1, run: (world, numbers) => killStep(world, placeOf(world, numbers[0]!), 'merge', numbers) },
	'kill-exclude': {
		weight: 1,
		run: (world, numbers) => killStep(world, placeOf(world, numbers[0]!), 'exclude', numbers),
	},
	'kill-rescue': {
		weight: 1,
		run: (world, numbers) => killStep(world, placeOf(world, numbers[0]!), 'rescue', numbers),
	},
	'kill-undo': { weight: 1, run: (world, numbers) => killStep(world, placeOf(world, numbers[0]!), 'undo', numbers) },
	'kill-forget': {
		weight: 1,
		run: (world, numbers) => killStep(world, placeOf(world, numbers[0]!), 'forget', numbers),
	},
};

function placeOf(world: World, number: number): Place {
	return pick([world.places.alpha, world.places.alpha, world.places.beta], number);
}

async function rescueTwice(world: World, [a = 0]: readonly number[]): Promise<void> {
	const place = placeOf(world, a);
	await rescue(world, place);
	await rescue(world, place);
}

// What a git of Homeport leaves behind that was killed while it moved a ref of Homeport's own.
async function staleLock(world: World, numbers: readonly number[]): Promise<void> {
	const [a = 0, b = 0] = numbers;
	const place = placeOf(world, a);
	const name = sessionRefName(place.id);
	const ref = pick(['operations', `ledger/${name}`, `sessions/${name}/capture`], b);
	putFile(world.home, `.git/refs/homeport/${ref}.lock`, '');
	await sync(world, [a, 0, 0.1], 'branch');
}

// A look that was killed between the two files that it keeps of an index: the name of the tree is the one before.
async function tornIndex(world: World): Promise<void> {
	const place = world.places.alpha;
	await rescue(world, place);
	const names = storedFiles(world.env['XDG_CACHE_HOME'] ?? '', () => false).keys();
	const kept = [...names].filter((name) => name.endsWith('/index.tree'));
	const texts = kept.map((name) => readFileSync(join(world.env['XDG_CACHE_HOME']!, name), 'utf8'));
	putFile(place.dir, 'b.txt', 'changed\n');
	git(world, place.dir, ['commit', '-qam', 'changed']);
	await rescue(world, place);
	kept.forEach((name, index) => putFile(world.env['XDG_CACHE_HOME']!, name, texts[index]!));
	git(world, place.dir, ['reset', '-q', '--mixed', 'HEAD~1']);
	await rescue(world, place);
}

async function status(world: World, [a = 0]: readonly number[]): Promise<void> {
	const place = placeOf(world, a);
	const before = homeState(world);
	const ledger = ledgerOf(world, place);
	const untouched = sessionListing(place);
	const [answer] = await world.homeport.status([await world.homeport.find(place.id)]);
	requireUntouched(place, 'a status', untouched);
	requireMoved(world, 'a status', before, []);
	if (ledger !== ledgerOf(world, place) || answer?.unknown !== null) {
		throw new Violation('a status changed the ledger, or could not look', [JSON.stringify(answer)]);
	}
}

async function sync(world: World, numbers: readonly number[], strategy: Strategy, meddle = false): Promise<void> {
	const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = numbers;
	const place = placeOf(world, a);
	let before = homeState(world);
	const untouched = sessionListing(place);
	const hadLedger = ledgerOf(world, place) !== null;
	const onConflict = pick(['manual', 'manual', 'auto-ours', 'auto-theirs'] as const, e);
	const request: SyncRequest = {
		strategy,
		direction: 'home',
		branch: targetOf(strategy, b),
		from: null,
		...(strategy === 'merge' ? { onConflict, rebase: f < 0.4 } : {}),
	};
	let accepted: readonly string[] = [];
	let plan: Plan | null = null;
	const outcome = await world.homeport
		.sync(await world.homeport.find(place.id), request, async (shown) => {
			plan = shown;
			accepted = c < 0.6 ? shown.warnings.map((warning) => warning.code) : [];
			requireMoved(world, 'planning', before, []);
			if (meddle) {
				pick(meddlers, d).run(world, numbers);
				before = homeState(world);
			}
			return { proceed: c < 0.9, accepted };
		})
		.catch((error: unknown) => error);
	requireUntouched(place, 'a sync', untouched);
	const { renewed } = place;
	if (outcome instanceof Error) {
		requireExpected(outcome, meddle && plan !== null ? ['changed-meanwhile', 'usage'] : ['usage']);
	}
	seenUnless(isHomeportError(outcome, 'usage'), world, place);
	if (outcome instanceof Error) {
		requireMoved(world, 'a sync that failed', before, []);
		return;
	}
	const result = outcome as SyncResult;
	requireSucceeded(result, ['synced', 'up-to-date', 'refused']);
	const codes = result.warnings.map((warning) => warning.code);
	if (hadLedger && renewed && (!codes.includes('epoch-changed') || codes.includes('branch-gone'))) {
		throw new Violation('a new life of the storage was read as deletions', codes);
	}
	await requireApplied(world, place, before, result, { strategy, accepted, meddle, proceed: c < 0.9 });
}

async function requireApplied(
	world: World,
	place: Place,
	before: HomeState,
	result: SyncResult,
	asked: { strategy: string; accepted: readonly string[]; meddle: boolean; proceed: boolean },
): Promise<void> {
	if (result.operation === null) {
		requireMoved(world, `a sync that was ${result.outcome}`, before, []);
	} else {
		const moves = movesOf(result.refs.filter((change) => change.action !== 'keep'));
		const files = result.refs.flatMap((change) =>
			change.action === 'files' && change.files?.to ? [{ ...change.files, to: change.files.to }] : [],
		);
		requireMoved(world, 'a sync', before, moves, files);
		requireConsent(world, moves, asked.strategy, asked.accepted);
		const operation = await world.homeport.operation(result.operation);
		requireLogged(world, before, operation.id);
		if (!asked.proceed || operation.state !== 'done') {
			throw new Violation('a sync was applied that was declined, or is not recorded as done', [operation.state]);
		}
	}
	if (asked.strategy === 'branch' && result.outcome !== 'refused' && place.kind !== 'home-worktree' && !asked.meddle) {
		requireOnBranches(world, place);
	}
	requireReachable(world);
}

// What the user does between reading a plan and its application.
const meddlers = [
	homeSteps['commit']!,
	homeSteps['checkout']!,
	homeSteps['edit']!,
	homeSteps['stage']!,
	homeSteps['delete-branch']!,
	homeSteps['create-branch']!,
];

function targetOf(strategy: string, number: number): string | null {
	return strategy === 'branch' || strategy === 'exclude'
		? null
		: pick([null, null, 'main', 'main', 'claude/alpha', 'other'], number);
}

/** Has both sides change one file, and the merge opened. */
async function conflict(world: World, [a = 0, b = 0]: readonly number[]): Promise<void> {
	for (const [dir, text] of [
		[placeOf(world, a).dir, 'of the session'],
		[world.home, 'of home'],
	] as const) {
		putFile(dir, 'clash.txt', `${text} ${world.tick}\n`);
		git(world, dir, ['add', 'clash.txt']);
		git(world, dir, ['commit', '-qm', 'clash', '--', 'clash.txt']);
	}
	await sync(world, [a, 0, 0, 0, 0, b], 'merge');
}

async function conflictAndDrop(world: World, numbers: readonly number[]): Promise<void> {
	await conflict(world, numbers);
	await dropAndRedo(world, numbers.slice(2));
}

/** Settles what is open by one side, and has the merge ended. */
async function continueOpen(world: World, [a = 0, b = 0]: readonly number[]): Promise<void> {
	const open = (await world.homeport.operations()).filter(({ isOpen }) => isOpen);
	if (open.length === 0) {
		return;
	}
	const { id, merge } = pick(open, a);
	if (b < 0.8) {
		git(world, merge!.path, ['checkout', b < 0.4 ? '--ours' : '--theirs', '.']);
		git(world, merge!.path, ['add', '-A']);
	}
	const before = homeState(world);
	const outcome = await world.homeport
		.continueMerge(id, { accepted: ['markers-left'] })
		.catch((error: unknown) => error);
	if (outcome instanceof Error) {
		requireExpected(outcome, ['merge-unfinished', 'changed-meanwhile', 'branch-in-use']);
		requireMoved(world, 'a merge that was not continued', before, []);
		return;
	}
	const { ref, from, to, operation } = outcome as ContinueResult;
	requireMoved(world, 'a continued merge', before, movesOf([{ ref, from, to }]));
	requireConsent(world, movesOf([{ ref, from, to }]), 'merge', []);
	requireLogged(world, before, operation!);
	requireReachable(world);
}

function seenUnless(refused: boolean, world: World, place: Place): void {
	if (!refused || ledgerOf(world, place) !== null) {
		seen(world, place);
	}
}
