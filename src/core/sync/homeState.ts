import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitDirOfWorktree, type HomeRepository, inProgressAt } from '../git/home.js';
import { treeGit } from '../git/worktree.js';
import type { InProgress } from '../model/observation.js';
import type { HomeBranch, HomeWorktree } from '../model/plan.js';
import { headsPrefix } from './naming.js';

/** The branches and working trees of home, as they are now. */
export interface HomeState {
	readonly branches: ReadonlyMap<string, HomeBranch>;
	/** Without what is not committed in them, which takes long to tell. */
	readonly worktrees: readonly Omit<HomeWorktree, 'dirtyFiles'>[];
}

/** Reads branches and working trees of home; changes nothing. */
export async function readHomeState(home: HomeRepository): Promise<HomeState> {
	const [worktrees, listed] = await Promise.all([
		readWorktrees(home),
		home.git.text(['for-each-ref', '--format=%(objectname) %(refname)', headsPrefix]),
	]);
	const checkedOut = new Map(worktrees.map((tree) => [tree.branch, tree.path]));
	const branches = new Map<string, HomeBranch>();
	for (const line of listed.split('\n')) {
		const space = line.indexOf(' ');
		if (space > 0) {
			const ref = line.slice(space + 1);
			branches.set(ref, { oid: line.slice(0, space), worktree: checkedOut.get(ref) ?? null });
		}
	}
	return { branches, worktrees };
}

async function readWorktrees(home: HomeRepository): Promise<Omit<HomeWorktree, 'dirtyFiles'>[]> {
	const trees: { path: string; branch: string | null; usable: boolean }[] = [];
	for (const line of await home.git.list(['worktree', 'list', '--porcelain', '-z'])) {
		const current = trees.at(-1);
		if (line.startsWith('worktree ')) {
			trees.push({ path: line.slice('worktree '.length), branch: null, usable: true });
		} else if (current !== undefined && line.startsWith('branch ')) {
			current.branch = line.slice('branch '.length);
		} else if (current !== undefined && (line === 'bare' || line.startsWith('prunable'))) {
			current.usable = false;
		}
	}
	const there = await Promise.all(
		trees.map(async (tree) => tree.usable && (await lstat(tree.path).catch(() => null)) !== null),
	);
	return Promise.all(
		trees
			.filter((_, index) => there[index])
			.map(async ({ path, branch }) => {
				const gitDir = await gitDirOfWorktree(path);
				const inProgress = gitDir === null ? null : await inProgressAt(gitDir);
				const began = gitDir === null || inProgress === null ? null : await branchBegunFrom(gitDir, inProgress);
				return { path, branch: branch ?? began, inProgress };
			}),
	);
}

// A rebase and a bisect leave HEAD detached, and come back to the branch that they began from.
async function branchBegunFrom(gitDir: string, inProgress: InProgress): Promise<string | null> {
	const names: Partial<Record<InProgress, readonly string[]>> = {
		rebase: ['rebase-merge/head-name', 'rebase-apply/head-name'],
		bisect: ['BISECT_START'],
	};
	for (const name of names[inProgress] ?? []) {
		const text = await readFile(join(gitDir, name), 'utf8').catch(() => '');
		const branch = text.trim();
		if (branch !== '') {
			return branch.startsWith('refs/') ? branch : headsPrefix + branch;
		}
	}
	return null;
}

/** How many files of a working tree differ from its commit, untracked ones included. */
export async function countDirty(home: HomeRepository, worktree: string): Promise<number> {
	const git = await treeGit(home, worktree);
	const listed = await git.run(
		['status', '--porcelain', '-z', '--no-renames', '--untracked-files=normal', '--ignore-submodules=dirty'],
		{ allow: [128] },
	);
	// A tree that cannot be looked at is not known to be clean.
	return listed.exitCode === 0 ? listed.stdout.toString('latin1').split('\0').length - 1 : 1;
}
