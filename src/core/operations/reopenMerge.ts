import { lstat } from 'node:fs/promises';
import { HomeportError } from '../base/errors.js';
import type { HomeRepository } from '../git/home.js';
import { userIdentity } from '../git/identity.js';
import { openMergeWorktree } from '../git/mergeWorktree.js';
import { missingObjects } from '../git/quarantine.js';
import { treeGit } from '../git/worktree.js';
import type { OpenMerge } from '../model/merge.js';
import type { Operation } from '../model/report.js';
import type { SyncContext } from '../sync/context.js';
import { beginOperation, endOperation } from './log.js';
import { snapshotBefore } from './loggedSnapshots.js';
import { recoverOperation } from './recover.js';
import { restoreSnapshot } from './restoreSnapshot.js';
import type { Snapshot } from './snapshot.js';
import { snapshotsOf } from './snapshots.js';

/**
 * Opens a merge again that the operation dropped, with what its working tree held then, as an operation of its own, and
 * returns that one's id. The sync lock must be held. Fails with `changed-meanwhile` where something is in the place of
 * that working tree, `commits-forgotten`, and `not-supported` for a rebase that had come further than its first conflict.
 */
export async function reopenMerge({ home, clock, logger }: SyncContext, dropping: Operation): Promise<string> {
	const merge = dropping.merge!;
	const { path, ref } = merge;
	if ((await lstat(path).catch(() => null)) !== null) {
		throw new HomeportError('changed-meanwhile', { path, reason: 'something stands there now' });
	}
	const held = await snapshotBefore(home.git, dropping.id, 'merge');
	const needed = [merge.onto, merge.source, held?.state.head.oid ?? null].filter((oid) => oid !== null);
	const [commit] = await missingObjects(home.git, needed);
	if (commit !== undefined) {
		throw new HomeportError('commits-forgotten', { ref, commit });
	}
	const identity = await userIdentity(home.git, clock.now());
	const begun = await beginOperation(home.git, {
		kind: 'redo',
		session: dropping.session,
		request: dropping.request,
		time: new Date(clock.now()).toISOString(),
		worktree: home.root,
		refs: [],
		accepted: [],
		undoes: dropping.id,
		merge,
		snapshots: await snapshotsOf(home, [], null),
	});
	try {
		if (held === null || held.state.inProgress !== null) {
			await openMergeWorktree(home, merge, { onConflict: dropping.request?.onConflict ?? 'manual', identity });
		} else {
			// Whoever settled it has ended it, too.
			const args = ['worktree', 'add', '-q', '--detach', '--end-of-options', path, held.state.head.oid!];
			await (await treeGit(home, home.root)).run(args);
		}
		if (held !== null) {
			await requireSamePlace(home, merge, held);
			await restoreSnapshot(home, path, held);
		}
	} catch (error) {
		await recoverOperation(home, logger);
		throw error;
	}
	await endOperation(home.git, begun, 'done', await snapshotsOf(home, [], merge));
	return begun.id;
}

// A rebase makes its commits anew, under other names.
async function requireSamePlace(home: HomeRepository, { path, onto }: OpenMerge, { state }: Snapshot): Promise<void> {
	const git = await treeGit(home, path);
	const place = async (commit: string): Promise<string> =>
		[
			await git.text(['rev-parse', `${commit}^{tree}`]),
			await git.text(['rev-list', '--count', `${onto}..${commit}`]),
		].join();
	if (state.head.oid === null || (await place('HEAD')) !== (await place(state.head.oid))) {
		throw new HomeportError('not-supported', {
			what: 'Opening a rebase again that had come further than its first conflict',
		});
	}
}
