import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { errorText, isHomeportError, throwIfCancelled } from '../base/errors.js';
import { readState, updateState } from '../base/stateFile.js';
import { shownText } from '../base/text.js';
import { readable } from '../git/bytePath.js';
import { resolveRef } from '../git/history.js';
import { withScratchObjects } from '../git/integrate.js';
import { conflictsOf, mergeTrees } from '../git/mergedTree.js';
import type { Git } from '../git/run.js';
import { changesBetween } from '../git/worktree.js';
import type { Oid } from '../model/observation.js';
import { homeSide, mergeOrder, type Overlap, type OverlapPair, type OverlapSide } from '../model/overlap.js';
import type { StepOptions, SyncContext } from './context.js';
import { readLedgerHead } from './ledger.js';

const mostPaths = 100;

const foundSchema = z.object({
	common: z.array(z.string()),
	conflicts: z.array(z.object({ path: z.string(), kind: z.string() })),
	unrelated: z.boolean(),
});
const cacheSchema = z.object({ schemaVersion: z.literal(1), pairs: z.record(z.string(), foundSchema) });
type Found = z.infer<typeof foundSchema>;
type Cache = z.infer<typeof cacheSchema>;
const noCache: Cache = { schemaVersion: 1, pairs: {} };

/**
 * Compares what the sessions had when they were last seen with each other and with the branch that home is on. Reads
 * home alone, and writes only what is thrown away and a cache.
 */
export async function findOverlap(
	context: SyncContext,
	sessionIds: readonly string[],
	options: StepOptions = {},
): Promise<Overlap> {
	const sides: OverlapSide[] = [];
	const unseen: string[] = [];
	const home = await homeAsSide(context.home.git);
	for (const id of sessionIds) {
		const side = await sessionSide(context.home.git, id);
		if (side === null) {
			unseen.push(id);
		} else {
			sides.push(side);
		}
	}
	const all = home === null ? sides : [home, ...sides];
	const pairs = (await compareAll(context, all, options)).filter(
		({ common, conflicts, unrelated }) => common.length + conflicts.length > 0 || unrelated,
	);
	return {
		sides: all,
		pairs,
		order: mergeOrder(
			sides.map(({ id }) => id),
			pairs,
		),
		unseen,
	};
}

async function homeAsSide(git: Git): Promise<OverlapSide | null> {
	const tip = await resolveRef(git, 'HEAD^{commit}').catch(() => null);
	const named = await git.run(['symbolic-ref', '-q', '--short', 'HEAD'], { allow: [1, 128] });
	const branch = named.exitCode === 0 ? named.stdout.toString('utf8').trim() : null;
	return tip === null ? null : { id: homeSide, branch, tip, uncommitted: false, seen: null };
}

async function sessionSide(git: Git, id: string): Promise<OverlapSide | null> {
	const ledger = await readLedgerHead(git, id);
	if (ledger === null) {
		return null;
	}
	const { head, capture, time } = ledger.entry;
	const tip = capture?.oid ?? head.oid;
	return tip === null
		? null
		: { id, branch: head.branch, tip: ledger.standsFor[tip] ?? tip, uncommitted: capture !== null, seen: time };
}

async function compareAll(
	context: SyncContext,
	sides: readonly OverlapSide[],
	options: StepOptions,
): Promise<OverlapPair[]> {
	const path = join(context.home.commonDir, 'homeport/overlap.json');
	const known = await readCache(path);
	const found: Record<string, Found> = {};
	const keep = async (pairs: Record<string, Found>): Promise<void> => {
		if (Object.keys(found).some((key) => known.pairs[key] === undefined)) {
			await updateState(path, cacheSchema, noCache, () => ({ schemaVersion: 1, pairs })).catch((error: unknown) =>
				context.logger.log('info', `${path} was not written: ${errorText(error)}`),
			);
		}
	};
	try {
		const pairs = await withScratchObjects(context.home, async (git) => {
			const compared: OverlapPair[] = [];
			for (const [index, b] of sides.entries()) {
				for (const a of sides.slice(0, index)) {
					throwIfCancelled(options.signal);
					const key = `${a.tip} ${b.tip}`;
					const pair = known.pairs[key] ?? (await compare(git, a.tip, b.tip));
					found[key] = pair;
					compared.push({ a: a.id, b: b.id, ...pair });
				}
			}
			return compared;
		});
		await keep(found);
		return pairs;
	} catch (error) {
		// Who has no more time for it now goes on from there the next time.
		await keep({ ...known.pairs, ...found });
		throw error;
	}
}

// Only a cache: damaged, it is made anew.
async function readCache(path: string): Promise<Cache> {
	try {
		return await readState(path, cacheSchema, noCache, 'leave');
	} catch (error) {
		if (!isHomeportError(error, 'state-damaged')) {
			throw error;
		}
		await rm(path, { recursive: true, force: true }).catch(() => undefined);
		return noCache;
	}
}

async function compare(git: Git, a: Oid, b: Oid): Promise<Found> {
	const answer = await git.run(['merge-base', a, b], { allow: [1] });
	if (answer.exitCode === 1) {
		return { common: [], conflicts: [], unrelated: true };
	}
	const base = answer.stdout.toString('utf8').trim();
	// Where one holds the other, or has nothing new, nothing can be in the way.
	if (base === a || base === b) {
		return { common: [], conflicts: [], unrelated: false };
	}
	const [ours, theirs] = await Promise.all([changesBetween(git, base, a), changesBetween(git, base, b)]);
	const changed = new Set(ours.map((change) => change.path));
	const common = theirs.map((change) => change.path).filter((path) => changed.has(path));
	const merged = await mergeTrees(git, a, b);
	// Renames of folders can meet without a path in common, so every pair is merged.
	const conflicts = merged === null || merged.clean ? [] : await conflictsOf(git, merged);
	return {
		common: common.slice(0, mostPaths).map((path) => shownText(readable(path), 4096)),
		conflicts: conflicts.map(({ path, kind }) => ({ path, kind })),
		unrelated: false,
	};
}
