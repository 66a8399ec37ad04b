import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { HomeRepository } from '../git/home.js';
import { removeMergeWorktree } from '../git/mergeWorktree.js';
import type { OpenMerge } from '../model/merge.js';
import type { SyncRequest } from '../model/plan.js';
import type { OperationKind } from '../model/report.js';
import { applyRefs, verifyBase } from './apply.js';
import { applyFiles } from './applyFiles.js';
import { beginOperation, endOperation } from './log.js';
import type { OperationFiles, OperationRef } from './stored.js';
import { recoverOperation } from './recover.js';
import { snapshotsOf } from './snapshots.js';

export interface Work {
	readonly kind: OperationKind;
	readonly session: string | null;
	readonly request: SyncRequest | null;
	readonly accepted: readonly string[];
	readonly undoes: string | null;
	/** The open merge that ends with it, or null. */
	readonly merge?: OpenMerge | null;
	readonly refs: readonly OperationRef[];
	readonly files?: readonly OperationFiles[];
	/** For the reflog of the refs. */
	readonly reason: string;
}

/**
 * Does one operation whole: logs the intent with all that is needed to take it back, applies, and records the end.
 * Returns its id. The sync lock must be held, and the operation before must have been ended. When applying fails, it is
 * taken back, the log says so, and the error goes on.
 */
export async function performOperation(
	home: HomeRepository,
	clock: Clock,
	logger: Logger,
	work: Work,
): Promise<string> {
	const merge = work.merge ?? null;
	const files = work.files ?? [];
	const before = await snapshotsOf(home, work.refs, merge);
	const begun = await beginOperation(home.git, {
		kind: work.kind,
		session: work.session,
		request: work.request,
		time: new Date(clock.now()).toISOString(),
		worktree: home.root,
		refs: work.refs,
		files,
		accepted: work.accepted,
		undoes: work.undoes,
		merge,
		snapshots: before,
	});
	try {
		await verifyBase(home, work.refs);
	} catch (error) {
		await endOperation(home.git, begun, 'rolled-back');
		throw error;
	}
	try {
		await applyFiles(home, files);
		await applyRefs(home, work.refs, work.reason);
		if (merge !== null) {
			await removeMergeWorktree(home, merge.path);
		}
	} catch (error) {
		await recoverOperation(home, logger);
		throw error;
	}
	const movesTree = work.refs.some((change) => change.worktree !== null);
	await endOperation(home.git, begun, 'done', movesTree ? await snapshotsOf(home, work.refs, null) : {});
	return begun.id;
}
