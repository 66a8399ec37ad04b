import { lstat, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
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
 * The tree of what stands in a working tree: every tracked file as it is now, and what is there in place of `more`,
 * untracked or ignored. `git` is one of {@link filesGit}.
 */
export async function treeOfFiles(git: Git, worktree: string, more: readonly BytePath[]): Promise<Oid> {
	await standAt(git, 'HEAD');
	const changed = bytePaths((await git.run(['diff-files', '--name-only', '-z', '--ignore-submodules=all'])).stdout);
	const stands = await Promise.all([...changed, ...more].map((path) => standsAt(worktree, path)));
	const gone = changed.filter((path, index) => stands[index] !== path);
	if (gone.length > 0) {
		await git.run(['update-index', '--force-remove', '-z', '--stdin'], { input: nulInput(gone) });
	}
	const there = new Set(stands.filter((path) => path !== null));
	if (there.size > 0) {
		await git.run(['update-index', '--add', '--replace', '-z', '--stdin'], { input: nulInput([...there]) });
	}
	return git.text(['write-tree']);
}

/**
 * The file or link that a new file at `path` would have to give way to: the one there, one in place of a folder on the
 * way there, or one inside a folder of that name. Null where there is none.
 */
async function standsAt(worktree: string, path: BytePath): Promise<BytePath | null> {
	const parts = path.split('/');
	for (let depth = 1; depth <= parts.length; depth += 1) {
		const here = parts.slice(0, depth).join('/');
		const info = await lstat(inFolder(worktree, here)).catch(() => null);
		if (info === null) {
			return null;
		}
		if (!info.isDirectory()) {
			return info.isFile() || info.isSymbolicLink() ? here : null;
		}
	}
	return fileInside(worktree, path);
}

// A `.git` is passed over: git has no path of that name.
async function fileInside(worktree: string, folder: BytePath): Promise<BytePath | null> {
	const entries = await readdir(inFolder(worktree, folder), { encoding: 'latin1', withFileTypes: true });
	for (const entry of entries) {
		const path = `${folder}/${entry.name}`;
		if (entry.isFile() || entry.isSymbolicLink()) {
			return path;
		}
		const found = entry.isDirectory() && entry.name !== '.git' ? await fileInside(worktree, path) : null;
		if (found !== null) {
			return found;
		}
	}
	return null;
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
