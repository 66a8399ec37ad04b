import { lstat, readFile } from 'node:fs/promises';
import { HomeportError, hasCode } from '../base/errors.js';
import { type BytePath, bytePaths, inFolder, nulInput, readable } from '../git/bytePath.js';
import type { Git } from '../git/run.js';
import { withScratch } from '../git/integrate.js';
import { undecidedPlaces, unsettledFile } from '../git/unsettledFile.js';
import { treeGit } from '../git/worktree.js';
import type { MergeConflict } from '../model/merge.js';
import type { Oid } from '../model/observation.js';
import { type StepOptions, type SyncContext, underLock } from '../sync/context.js';
import { openMergeNamed } from './openMerges.js';

const mostBytes = 50 * 1024 * 1024;

/** The files of an open merge whose conflicts are not settled yet. Fails with `operation-unknown` and `usage`. */
export async function listConflicts(context: SyncContext, id: string | null): Promise<MergeConflict[]> {
	const { path } = (await openMergeNamed(context, id)).merge!;
	const git = await treeGit(context.home, path);
	const conflicts: MergeConflict[] = [];
	for (const [name, sides] of await readStages(git)) {
		const decided = await withScratch(context.home, (folder) => decisionOf(git, folder, inFolder(path, name), sides));
		conflicts.push({ path: readable(name), ...sides, ...decided });
	}
	return conflicts;
}

/** How a file of an open merge is settled. */
export type Settled = 'as-it-stands' | 'deleted';

/**
 * Takes files of an open merge for settled: as they stand in its working tree, or deletes them there. Fails with `usage`
 * where one of them has no conflict that is left.
 */
export async function settleConflicts(
	context: SyncContext,
	id: string | null,
	paths: readonly string[],
	settled: Settled,
	options: StepOptions,
): Promise<void> {
	await underLock(context, 'settle conflicts', options, async () => {
		const git = await treeGit(context.home, (await openMergeNamed(context, id)).merge!.path);
		const names = new Map([...(await readStages(git)).keys()].map((name) => [readable(name), name]));
		const chosen = paths.map((path) => {
			const name = names.get(path);
			if (name === undefined) {
				throw new HomeportError('usage', { what: `${path} has no conflict that is left` });
			}
			return name;
		});
		const args =
			settled === 'deleted'
				? ['rm', '-q', '-f', '--ignore-unmatch', '--pathspec-from-file=-', '--pathspec-file-nul']
				: ['update-index', '--add', '--remove', '--replace', '-z', '--stdin'];
		await git.run(args, { input: nulInput(chosen), env: { GIT_LITERAL_PATHSPECS: '1' } });
	});
}

type Sides = Pick<MergeConflict, 'base' | 'ours' | 'theirs'>;

async function readStages(git: Git): Promise<Map<BytePath, Sides>> {
	const listed = bytePaths((await git.run(['ls-files', '-u', '-z', '--full-name'])).stdout);
	const stages = new Map<BytePath, { base: Oid | null; ours: Oid | null; theirs: Oid | null }>();
	for (const entry of listed) {
		const tab = entry.indexOf('\t');
		const [, oid = '', stage] = entry.slice(0, tab).split(' ');
		const name = entry.slice(tab + 1);
		const sides = stages.get(name) ?? { base: null, ours: null, theirs: null };
		sides[stage === '1' ? 'base' : stage === '2' ? 'ours' : 'theirs'] = oid;
		stages.set(name, sides);
	}
	return stages;
}

type Decision = Pick<MergeConflict, 'isLeft' | 'places' | 'undecided'>;

// What cannot be read, or is too large to be, may well be undecided.
async function decisionOf(git: Git, folder: string, file: Buffer, { base, ours, theirs }: Sides): Promise<Decision> {
	const whole = (isLeft: boolean): Decision => ({ isLeft, places: 0, undecided: 0 });
	if (ours === null || theirs === null) {
		return whole(true);
	}
	try {
		const info = await lstat(file);
		if (!info.isFile()) {
			return whole(false);
		}
		const text = info.size > mostBytes ? null : await readFile(file, 'latin1');
		if (text === null || /^<<<<<<< /m.test(text)) {
			return whole(true);
		}
		const unsettled = await unsettledFile(git, folder, { base, ours, theirs });
		const places = unsettled.places.length;
		const isLeft = text === unsettled.text;
		return { isLeft, places, undecided: isLeft ? places : undecidedPlaces(text, unsettled.places) };
	} catch (error) {
		return whole(!hasCode(error, 'ENOENT'));
	}
}
