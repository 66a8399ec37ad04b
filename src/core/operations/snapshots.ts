import { gitDirOfWorktree, type HomeRepository } from '../git/home.js';
import type { OpenMerge } from '../model/merge.js';
import type { OperationRef } from './stored.js';
import { type Snapshot, takeSnapshot } from './snapshot.js';

/**
 * Snapshots of the working tree that home was opened in, and of every other one that the changes move, by name:
 * `here`, and `tree-1`, `tree-2`… in the order of the changes; `merge` where one is open in a working tree of its own.
 */
export async function snapshotsOf(
	home: HomeRepository,
	refs: readonly OperationRef[],
	merge: Pick<OpenMerge, 'path'> | null,
): Promise<Record<string, Snapshot>> {
	const snapshots: Record<string, Snapshot> = {};
	if (home.mainWorktree !== null) {
		snapshots['here'] = await takeSnapshot(home, home.root);
	}
	const others = new Set(refs.map((change) => change.worktree).filter((path) => path !== null && path !== home.root));
	for (const [index, path] of [...others].entries()) {
		snapshots[`tree-${index + 1}`] = await takeSnapshot(home, path!);
	}
	if (merge !== null && (await gitDirOfWorktree(merge.path)) !== null) {
		snapshots['merge'] = await takeSnapshot(home, merge.path);
	}
	return snapshots;
}
