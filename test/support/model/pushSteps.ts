import type { Strategy, SyncRequest } from '../../../src/core/model/plan.js';
import type { SyncResult } from '../../../src/core/model/report.js';
import { isHomeportError } from '../../../src/core/base/errors.js';
import { skipsOwn } from './edits.js';
import { differences, storedFiles } from './files.js';
import { type HomeState, homeState, movesOf, requireMoved } from './homeState.js';
import { requireConsent, requireReachable } from './invariants.js';
import { readRefs } from './plainRepository.js';
import { pick } from './random.js';
import { rescue } from './rescueStep.js';
import { requireExpected, Violation } from './violation.js';
import { git, must, type Place, type World } from './world.js';

/**
 * Brings a branch of home into a session. What the agent has not committed stays to the byte, what it has committed stays
 * on its branches or in the ledger, and home stays as it is.
 */
export async function push(world: World, place: Place, numbers: readonly number[]): Promise<void> {
	const [, b = 0, c = 0, d = 0, e = 0] = numbers;
	if (place.kind === 'home-worktree') {
		return;
	}
	await rescue(world, place);
	const strategy = pick<Strategy>(['branch', 'branch', 'merge', 'overwrite', 'exclude'], d);
	const branch = pick([null, null, 'main', 'other'], b);
	const direction = e > 0.7 ? 'both' : 'session';
	const request: SyncRequest = { strategy, direction, branch, from: null };
	const accepts = c < 0.6;
	const before = homeState(world);
	const branches = branchesOf(place);
	const loose = looseFiles(world, place);
	const session = await world.homeport.find(place.id);
	const outcome = await world.homeport
		.sync(session, request, async (plan) => ({
			proceed: c < 0.9,
			accepted: accepts ? plan.warnings.map(({ code }) => code) : [],
		}))
		.catch((error: unknown) => error);
	requireHome(world, before, outcome, strategy, accepts);
	requireSame('a push changed what the agent has not committed', loose, looseFiles(world, place));
	if (outcome instanceof Error) {
		requireExpected(outcome, ['usage']);
	} else {
		const { outcome: ended, error, push: changes = [] } = outcome as SyncResult;
		if (!['synced', 'up-to-date', 'refused'].includes(ended)) {
			throw new Violation(`a push ended ${ended}`, [isHomeportError(error) ? JSON.stringify(error) : String(error)]);
		}
		const moving = ended === 'synced' ? changes.filter(({ action }) => action !== 'keep') : [];
		const expected = new Map(branches);
		moving.forEach(({ ref, to }) => expected.set(ref, to ?? ''));
		requireSame('a push moved other branches than it said', expected, branchesOf(place));
		const taken = moving.filter(({ ref, to }) => loses(world, branches.get(ref) ?? null, to));
		if (taken.length > 0 && (strategy !== 'overwrite' || !accepts)) {
			throw new Violation('a push took commits off a branch of the agent without a yes', [JSON.stringify(taken)]);
		}
	}
	await rescue(world, place);
	requireReachable(world);
}

// Home moves in the direction of both alone, and only as the result says.
function requireHome(world: World, before: HomeState, outcome: unknown, strategy: Strategy, accepts: boolean): void {
	const done =
		outcome instanceof Error || (outcome as SyncResult).operation === null ? [] : (outcome as SyncResult).refs;
	const moves = movesOf(done.filter(({ action }) => action !== 'keep'));
	const files = done.flatMap((change) =>
		change.action === 'files' && change.files?.to ? [{ ...change.files, to: change.files.to }] : [],
	);
	requireMoved(world, 'a push', before, moves, files);
	requireConsent(world, moves, strategy, accepts ? ['overwrites-commits'] : []);
}

function branchesOf(place: Place): Map<string, string> {
	return new Map([...readRefs(place.commonDir)].filter(([ref]) => ref.startsWith('refs/heads/')));
}

// Files that are not as HEAD has them, with their content.
function looseFiles(world: World, place: Place): Map<string, string> {
	if (place.kind === 'bare') {
		return new Map();
	}
	const listed = git(world, place.dir, ['diff', '--name-only', '-z', 'HEAD']);
	const others = must(git(world, place.dir, ['ls-files', '-z', '-o'])).split('\0');
	const names = new Set([...(listed.code === 0 ? listed.out.split('\0') : []), ...others]);
	const files = [...storedFiles(place.dir, skipsOwn)].filter(([path]) => names.has(path));
	return new Map(files.map(([path, file]) => [path, JSON.stringify(file)]));
}

function loses(world: World, from: string | null, to: string | null): boolean {
	return from !== null && (to === null || git(world, world.home, ['merge-base', '--is-ancestor', from, to]).code !== 0);
}

function requireSame(what: string, before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): void {
	const wrong = differences(before, after);
	if (wrong.length > 0) {
		throw new Violation(what, wrong);
	}
}
