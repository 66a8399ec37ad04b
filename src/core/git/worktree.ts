import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Oid } from '../model/observation.js';
import { type BytePath, bytePaths, inFolder, readable } from './bytePath.js';
import { gitAt, type HomeRepository } from './home.js';
import type { Git } from './run.js';

/** One path that differs between two commits. Modes are git's, `000000` where there is no such file. */
export interface TreeChange {
	readonly path: BytePath;
	readonly oldMode: string;
	readonly newMode: string;
	readonly oldOid: Oid;
	readonly newOid: Oid;
}

/** git for a working tree with every filter off: what a session wrote starts no program when it is checked out. */
export async function treeGit(home: HomeRepository, worktree: string): Promise<Git> {
	const git = gitAt(home, worktree);
	const listed = await git.run(['config', '--name-only', '-z', '--get-regexp', '^(filter|merge|diff)\\..*\\.'], {
		allow: [1],
	});
	const keys = listed.stdout.toString('utf8').split('\0');
	const config: (readonly [string, string])[] = [];
	for (const key of new Set(keys)) {
		if (key.endsWith('.driver')) {
			// An empty one would be taken for one that agrees with everything.
			config.push([key, 'false']);
		} else if (/\.(clean|smudge|process|textconv|command)$/.test(key)) {
			config.push([key, '']);
		} else if (key.endsWith('.required')) {
			config.push([key, 'false']);
		}
	}
	return git.with({ config });
}

/** The tree without files. Nothing is written: git knows it always. */
export async function emptyTree(git: Git): Promise<Oid> {
	return git.text(['hash-object', '-t', 'tree', '/dev/null']);
}

/** The paths that differ between two commits; `from` null stands for the empty tree. */
export async function changesBetween(git: Git, from: Oid | null, to: Oid): Promise<TreeChange[]> {
	const old = from ?? (await emptyTree(git));
	const raw = await git.run(['diff-tree', '-r', '-z', '--raw', '--no-renames', '--ignore-submodules=none', old, to]);
	const fields = bytePaths(raw.stdout);
	const changes: TreeChange[] = [];
	for (let index = 0; index + 1 < fields.length; index += 2) {
		const [oldMode = '', newMode = '', oldOid = '', newOid = ''] = fields[index]!.slice(1).split(' ');
		changes.push({ path: fields[index + 1]!, oldMode, newMode, oldOid, newOid });
	}
	return changes;
}

/**
 * Files of a working tree that moving it from one commit to another would overwrite: changed ones, staged ones, and
 * any file, ignored ones too, that stands where the new commit has a path of its own. `objects` is a git that has `to`
 * where home has not.
 */
export async function filesInTheWay(
	home: HomeRepository,
	worktree: string,
	from: Oid,
	to: Oid,
	objects?: Git,
): Promise<string[]> {
	const git = await treeGit(home, worktree);
	const changes = await changesBetween(objects ?? git, from, to);
	const inWay = new Set<string>();
	const touched = new Set(changes.map((change) => change.path));
	for (const path of await dirtyPaths(git)) {
		if (touched.has(path)) {
			inWay.add(path);
		}
	}
	for (const change of changes) {
		if (change.oldMode === '000000') {
			const obstacle = await standingAt(worktree, change.path, touched);
			if (obstacle !== null) {
				inWay.add(obstacle);
			}
		}
	}
	return [...inWay].sort().map(readable);
}

// Paths whose index entry or file differs from HEAD. `status` looks at the content where only a time has changed.
async function dirtyPaths(git: Git): Promise<BytePath[]> {
	const args = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=no', '--ignore-submodules=dirty'];
	return bytePaths((await git.run(args)).stdout).map((line) => line.slice(3));
}

// What stands on the disk where the new commit adds a path: the file itself, or a file where a folder is needed.
async function standingAt(worktree: string, path: BytePath, leaving: ReadonlySet<BytePath>): Promise<BytePath | null> {
	const exact = await lstat(inFolder(worktree, path)).catch(() => null);
	if (exact !== null) {
		// A folder that only holds files of the old commit is emptied by the move itself; git refuses otherwise.
		return exact.isDirectory() ? null : path;
	}
	for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
		const info = await lstat(inFolder(worktree, parent)).catch(() => null);
		if (info !== null && !info.isDirectory() && !leaving.has(parent)) {
			return parent;
		}
	}
	return null;
}

/**
 * Moves index and files of a working tree from one commit to another, as git's two-tree merge does it: it refuses on
 * local edits and has then touched nothing. The ref is not moved. Returns git's words when it refused, else null.
 */
export async function moveTree(home: HomeRepository, worktree: string, from: Oid, to: Oid): Promise<string | null> {
	const git = await treeGit(home, worktree);
	// read-tree goes by the times in the index alone.
	await git.run(['update-index', '-q', '--refresh'], { allow: [1, 128] });
	const moved = await git.run(['read-tree', '-m', '-u', from, to], { allow: [1, 128] });
	return moved.exitCode === 0 ? null : moved.stderr.trim();
}
