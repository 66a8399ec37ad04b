import { opensMerge } from '../../../src/core/model/canBeUndone.js';
import type { Operation, UndoResult } from '../../../src/core/model/report.js';
import { putFile } from './files.js';
import { homeState, movesOf, requireMoved } from './homeState.js';
import { requireLogged, requireReachable } from './invariants.js';
import { readRefs } from './plainRepository.js';
import { pick } from './random.js';
import { requireExpected, Violation } from './violation.js';
import type { World } from './world.js';

const allCodes = ['built-on', 'merge-worked-on'];

export async function undoNewest(world: World, [a = 0, b = 0]: readonly number[]): Promise<void> {
	await undo(world, null, a < 0.6 ? allCodes : [], b < 0.1);
}

/** Undoes any operation: an older one, an undo, one that was undone before. */
export async function undoOlder(world: World, [a = 0, b = 0]: readonly number[]): Promise<void> {
	const operations = await world.homeport.operations();
	if (operations.length > 0) {
		await undo(world, pick(operations, a).id, b < 0.6 ? allCodes : [], false);
	}
}

/** Drops a merge that is open, and opens one again that was dropped. */
export async function dropAndRedo(world: World, [a = 0, b = 0]: readonly number[]): Promise<void> {
	const open = (await world.homeport.operations()).filter(({ isOpen }) => isOpen);
	if (open.length > 0 && a < 0.8) {
		putFile(pick(open, b).merge!.path, 'clash.txt', `half settled ${world.tick}\n`);
		await undo(world, pick(open, b).id, allCodes, false);
	}
	const dropped = (await world.homeport.operations()).filter(
		({ kind, merge, state, undone }) => kind === 'undo' && merge !== null && state === 'done' && !undone,
	);
	if (dropped.length > 0 && a > 0.2) {
		await undo(world, pick(dropped, b).id, [], false);
	}
}

async function undo(world: World, id: string | null, accepted: readonly string[], dryRun: boolean): Promise<void> {
	const before = homeState(world);
	const operations = await world.homeport.operations();
	const outcome = await world.homeport.undo(id, { accepted, dryRun }).catch((error: unknown) => error);
	if (outcome instanceof Error) {
		requireExpected(outcome, [
			'nothing-to-undo',
			'commits-forgotten',
			'changed-meanwhile',
			'branch-in-use',
			'not-supported',
			'session-built-on',
		]);
		requireMoved(world, 'an undo that failed', before, []);
		requireRightToRefuse(world, outcome, operations, id);
		return;
	}
	const result = outcome as UndoResult;
	const undone = operations.find((operation) => operation.id === result.undoes)!;
	if (result.outcome !== 'done') {
		requireMoved(world, `an undo that was ${result.outcome}`, before, []);
		if (result.outcome === 'refused' && accepted.length > 0) {
			throw new Violation('an undo was refused although all was accepted', [JSON.stringify(result.warnings)]);
		}
		return;
	}
	const refs = movesOf(undone.refs);
	const moves = refs.map(({ ref, from }) => ({ ref, from: before.refs.get(ref) ?? null, to: from }));
	const files = undone.files.map(({ worktree, from, to }) => ({ worktree, from: to, to: from }));
	requireMoved(world, 'an undo', before, moves, files);
	for (const { ref, from, to } of refs) {
		const was = before.refs.get(ref) ?? null;
		if (was !== from && was !== to && !accepted.includes('built-on')) {
			throw new Violation(`an undo took away what the user built on ${ref}`);
		}
	}
	// The undo of a push changes the session, and nothing of home.
	if (undone.kind !== 'push') {
		requireLogged(world, before, result.operation!);
	}
	requireReachable(world);
}

function requireRightToRefuse(world: World, error: Error, operations: readonly Operation[], id: string | null): void {
	const standing = operations.filter(
		(operation) =>
			(!opensMerge(operation) || operation.isOpen) && (operation.kind !== 'push' || isThere(world, operation)),
	);
	const candidates = standing.filter((operation) =>
		id === null
			? operation.kind !== 'undo' && operation.kind !== 'forget' && !operation.undone && operation.state === 'done'
			: operation.id === id && !operation.undone && operation.state === 'done' && operation.kind !== 'forget',
	);
	if (error.message === 'nothing-to-undo' && candidates.length > 0) {
		throw new Violation('an undo found nothing to undo', [JSON.stringify(candidates[0])]);
	}
}

// What a push brought may have gone with the storage that it went to.
function isThere(world: World, { session, sessionRefs }: Operation): boolean {
	const place = Object.values(world.places).find(({ id }) => id === session);
	const refs = place === undefined ? new Map<string, string>() : readRefs(place.commonDir);
	return (sessionRefs ?? []).some(({ ref, to }) => refs.get(ref) === to);
}
