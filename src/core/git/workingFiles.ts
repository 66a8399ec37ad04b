import { lstat, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HomeportError } from '../base/errors.js';
import type { Oid } from '../model/observation.js';
import { type BytePath, bytePaths, inFolder, nulInput } from './bytePath.js';
import { gitDirOfWorktree, type HomeRepository } from './home.js';
import type { Git } from './run.js';
import { treeGit } from './worktree.js';

/**
 * git for the files of a working tree with an index of its own in `folder`; the user's index is neither read again nor
 * written. `base` adds variables, such as where new objects go.
 */
export async function filesGit(
	home: HomeRepository,
	worktree: string,
	folder: string,
	base: Parameters<Git['with']>[0] = {},
): Promise<Git> {
	const gitDir = await gitDirOfWorktree(worktree);
	if (gitDir === null) {
		throw new HomeportError('not-a-repository', { path: worktree });
	}
	const copy = join(folder, 'files-index');
	const index = join(gitDir, 'index');
	const [bytes, info] = await Promise.all([readFile(index).catch(() => null), lstat(index).catch(() => null)]);
	if (bytes !== null && info !== null) {
		await writeFile(copy, bytes, { mode: 0o600 });
		// git trusts the times in an index only where they are older than the index itself.
		const time = Math.floor(info.mtimeMs / 1000) - 1;
		await utimes(copy, time, time);
	}
	const git = await treeGit(home, worktree);
	return git.with({ ...base, env: { ...base.env, GIT_INDEX_FILE: copy, GIT_DIR: gitDir, GIT_WORK_TREE: worktree } });
}

/**
 * The tree of what stands in a working tree: every tracked file as it is now, and those of `more` that are there,
 * untracked or ignored. `git` is one of {@link filesGit}.
 */
export async function treeOfFiles(git: Git, worktree: string, more: readonly BytePath[]): Promise<Oid> {
	await standAt(git, 'HEAD');
	const changed = bytePaths((await git.run(['diff-files', '--name-only', '-z', '--ignore-submodules=all'])).stdout);
	const there: BytePath[] = [];
	for (const path of more) {
		const info = await lstat(inFolder(worktree, path)).catch(() => null);
		if (info?.isFile() || info?.isSymbolicLink()) {
			there.push(path);
		}
	}
	const paths = [...new Set([...changed, ...there])];
	if (paths.length > 0) {
		await git.run(['update-index', '--add', '--remove', '--replace', '-z', '--stdin'], { input: nulInput(paths) });
	}
	return git.text(['write-tree']);
}

/**
 * Brings the files of a working tree from one tree to another, and leaves index, HEAD and all other files alone. Returns
 * git's words where a file is no longer what `from` has; nothing was touched then.
 */
export async function moveFiles(git: Git, from: Oid, to: Oid): Promise<string | null> {
	await standAt(git, from);
	const moved = await git.run(['read-tree', '-m', '-u', from, to], { allow: [1, 128] });
	return moved.exitCode === 0 ? null : moved.stderr.trim();
}

/** Makes the index of {@link filesGit} hold a tree, with the times of the files that are as the tree has them. */
export async function standAt(git: Git, tree: Oid): Promise<void> {
	const read = await git.run(['read-tree', '-m', tree], { allow: [128] });
	if (read.exitCode !== 0) {
		await git.run(['read-tree', tree]);
	}
	await git.run(['update-index', '-q', '--refresh'], { allow: [1, 128] });
}
