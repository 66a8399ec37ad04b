import { lstat, readFile, readlink, rm, rmdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type BytePath, bytePaths, inFolder, nulInput } from '../git/bytePath.js';
import type { Git } from '../git/run.js';
import { changesBetween, type TreeChange } from '../git/worktree.js';
import type { Oid } from '../model/observation.js';

/**
 * Brings the files of a working tree back to `from`, where git was cut off while it moved them to `to`: those that are
 * gone, and those that hold what `to` has there, the whole of it or the part that was written. Any other content is not
 * ours, and stays. The index of `git` holds `from`, and was refreshed.
 */
export async function restoreFiles(git: Git, worktree: string, from: Oid, to: Oid): Promise<void> {
	const changes = await changesBetween(git, from, to);
	const modified = bytePaths((await git.run(['diff-files', '--name-only', '-z', '--ignore-submodules=all'])).stdout);
	const differing = new Set(modified);
	const torn: BytePath[] = [];
	for (const change of changes) {
		const isNew = change.oldMode === '000000';
		if ((isNew || differing.has(change.path)) && (await isOurs(git, worktree, change, !isNew))) {
			if (isNew) {
				await rm(inFolder(worktree, change.path), { force: true });
				await removeEmptyFolders(worktree, change.path);
			} else {
				torn.push(change.path);
			}
		}
	}
	if (torn.length > 0) {
		await git.run(['checkout-index', '-f', '-u', '-z', '--stdin'], { input: nulInput(torn) });
	}
}

async function isOurs(git: Git, worktree: string, change: TreeChange, whenGone: boolean): Promise<boolean> {
	const path = inFolder(worktree, change.path);
	const info = await lstat(path).catch(() => null);
	if (info === null) {
		return whenGone;
	}
	if (change.newMode === '000000' || change.newMode === '160000' || info.isDirectory()) {
		return false;
	}
	const there = info.isSymbolicLink() ? Buffer.from(await readlink(path)) : info.isFile() ? await readFile(path) : null;
	const ours = (await git.run(['cat-file', 'blob', change.newOid])).stdout;
	return there !== null && ours.subarray(0, there.length).equals(there);
}

async function removeEmptyFolders(worktree: string, path: BytePath): Promise<void> {
	for (let parent = dirname(path); parent !== '.' && parent !== '/'; parent = dirname(parent)) {
		const removed = await rmdir(inFolder(worktree, parent)).then(
			() => true,
			() => false,
		);
		if (!removed) {
			return;
		}
	}
}
