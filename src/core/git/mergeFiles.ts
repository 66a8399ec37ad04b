import { join } from 'node:path';
import { shownText } from '../base/text.js';
import type { FilesMerge } from '../model/merge.js';
import type { Oid } from '../model/observation.js';
import { readable } from './bytePath.js';
import type { HomeRepository } from './home.js';
import { conflictsOf, type MergedTree, mergeTrees } from './mergedTree.js';
import { keepOurs } from './resolveConflicts.js';
import type { Git } from './run.js';
import { filesGit, treeOfFiles } from './workingFiles.js';
import { changesBetween, treeGit } from './worktree.js';

/**
 * Merges the files of a commit into those that stand in a working tree, three-way from the base that the two histories
 * share: what git would make of them if the working tree were committed. Files that both changed in the same places stay
 * as they are, and are told. Writes objects and an index in `folder`; touches no file. Null where the histories share no
 * commit. `objects` says where new objects go, home's own by default.
 */
export async function mergeFiles(
	home: HomeRepository,
	worktree: string,
	{ head, source }: { readonly head: Oid; readonly source: Oid },
	folder: string,
	objects: Readonly<Record<string, string>> = {},
): Promise<FilesMerge | null> {
	const git = (await treeGit(home, worktree)).with({ env: objects });
	const base = await git.run(['merge-base', head, source], { allow: [1] });
	if (base.exitCode === 1) {
		return null;
	}
	const wanted = await changesBetween(git, base.stdout.toString('utf8').trim(), source);
	const files = await filesGit(home, worktree, folder, { env: objects });
	const from = await treeOfFiles(
		files,
		worktree,
		wanted.filter((change) => change.oldMode === '000000').map((change) => change.path),
	);
	const stand = await git.text(['commit-tree', '-p', head, from], { input: 'files\n' });
	const merged = await mergeTrees(git, stand, source);
	if (merged === null) {
		return null;
	}
	const conflicts = merged.clean ? [] : await conflictsOf(git, merged);
	const to = merged.clean ? merged.tree : await withoutConflicts(git, merged, join(folder, 'index'));
	const changed = to === null ? [] : await changesBetween(git, from, to);
	const dirty = new Set((await changesBetween(git, head, from)).map((change) => change.path));
	const shown = (path: string): string => shownText(readable(path), 4096);
	return {
		from,
		to,
		changed: changed.map((change) => shown(change.path)),
		mixed: changed.filter((change) => dirty.has(change.path)).map((change) => shown(change.path)),
		conflicts,
	};
}

// Null where names are in conflict, so that leaving files alone is no answer.
async function withoutConflicts(git: Git, merged: MergedTree, indexFile: string): Promise<Oid | null> {
	const kept = await keepOurs(git, merged, indexFile);
	return kept.clean ? kept.tree : null;
}
