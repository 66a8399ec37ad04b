import { rm } from 'node:fs/promises';
import { type BytePath, bytePaths, inFolder, nulInput, readable } from '../git/bytePath.js';
import type { HomeRepository } from '../git/home.js';
import type { Git } from '../git/run.js';
import { treeGit } from '../git/worktree.js';
import { shadowGit } from './snapshot.js';
import type { Snapshot } from './snapshot.js';

/**
 * Gives a working tree of our own, that nobody has worked in yet, the index and the files of a snapshot. Its HEAD stays.
 * Ignored files are in no snapshot.
 */
export async function restoreSnapshot(
	home: HomeRepository,
	worktree: string,
	{ state, trees }: Snapshot,
): Promise<void> {
	const git = await treeGit(home, worktree);
	if (trees['stages'] === undefined) {
		await git.run(['read-tree', trees['index'] ?? '--empty']);
	} else {
		await readStages(git, trees['stages']);
	}
	await git.run(['checkout-index', '-a', '-f', '-q']);
	const shadow = await shadowGit(home, worktree);
	await shadow.run(['read-tree', trees['files'] ?? '--empty']);
	await shadow.run(['checkout-index', '-a', '-f', '-q']);
	const kept = new Set(bytePaths((await shadow.run(['ls-files', '-z'])).stdout));
	const left = bytePaths((await git.run(['ls-files', '-z', '-o'])).stdout).filter((path) => !kept.has(path));
	const deleted = new Set(state.deleted);
	const gone = bytePaths((await git.run(['ls-files', '-z'])).stdout).filter((path) => deleted.has(readable(path)));
	await removeFiles(worktree, [...left, ...gone]);
	await git.run(['update-index', '-q', '--refresh'], { allow: [1, 128] });
}

// Each entry stands under its stage, `2/README.md`, beside the bytes of the index as they were.
async function readStages(git: Git, stages: string): Promise<void> {
	const entries = bytePaths((await git.run(['ls-tree', '-r', '-z', '--full-tree', stages])).stdout);
	const info = entries.flatMap((entry) => {
		const [, mode, oid, stage, path] = /^(\d+) \w+ ([0-9a-f]+)\t([0-3])\/([^]*)$/.exec(entry) ?? [];
		return path === undefined ? [] : [`${mode} ${oid} ${stage}\t${path}`];
	});
	await git.run(['read-tree', '--empty']);
	await git.run(['update-index', '-z', '--index-info'], { input: nulInput(info) });
}

async function removeFiles(worktree: string, paths: readonly BytePath[]): Promise<void> {
	for (const path of paths) {
		await rm(inFolder(worktree, path), { force: true });
	}
}
