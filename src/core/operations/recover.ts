import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorText, HomeportError } from '../base/errors.js';
import type { Logger } from '../base/logger.js';
import { gitDirOfWorktree, type HomeRepository } from '../git/home.js';
import { clearStaleLock } from '../git/ownRefs.js';
import { removeMergeWorktree } from '../git/mergeWorktree.js';
import { moveTree, treeGit } from '../git/worktree.js';
import { moveRefs, readBranches } from './apply.js';
import { takeFilesBack } from './applyFiles.js';
import { type BegunOperation, endOperation, unendedOperation } from './log.js';
import type { OperationRef, SessionRef } from './stored.js';
import { restoreFiles } from './restoreFiles.js';
import { opensMerge } from '../model/canBeUndone.js';
import type { Oid } from '../model/observation.js';
import { snapshotsOf } from './snapshots.js';

/**
 * Ends an operation that was begun and not ended: one whose refs have all moved is completed, any other is taken back.
 * The sync lock must be held. Only content that the log has is replaced in a working tree, and what was found there is
 * kept in the entry that ends the operation.
 */
export async function recoverOperation(home: HomeRepository, logger: Logger, askSession?: AskSession): Promise<void> {
	const begun = await unendedOperation(home.git);
	if (begun === null) {
		return;
	}
	if (begun.stored.sessionRefs !== undefined) {
		await recoverPush(home, logger, begun, askSession);
		return;
	}
	await clearStaleLocks(home, begun);
	const branches = await readBranches(home);
	const now = begun.stored.refs.map((change) => branches.get(change.ref)?.oid ?? null);
	const moved = begun.stored.refs.every((change, index) => now[index] === change.to);
	// Nothing tells whether all files of a working tree were written; so they are taken back.
	const complete = moved && begun.stored.files.length === 0;
	const { merge } = begun.stored;
	const opens = opensMerge(begun.stored);
	const found = await snapshotsOf(home, begun.stored.refs, merge);
	if (merge !== null && (opens || complete)) {
		await removeMergeWorktree(home, merge.path);
	}
	if (complete && !opens) {
		logger.log('info', `operation ${begun.id} had been applied; it is now recorded as done`);
		await endOperation(home.git, begun, 'done', found);
		return;
	}
	for (const change of begun.stored.files) {
		await takeFilesBack(home, change);
	}
	const back: OperationRef[] = [];
	for (const [index, change] of begun.stored.refs.entries()) {
		if (change.from === change.to) {
			continue;
		}
		if (change.worktree !== null && change.from !== null && change.to !== null && now[index] === change.from) {
			await moveTree(home, change.worktree, change.to, change.from);
			const git = await treeGit(home, change.worktree);
			await git.run(['update-index', '-q', '--refresh'], { allow: [1, 128] });
			await restoreFiles(git, change.worktree, change.from, change.to);
		}
		if (now[index] === change.to) {
			if (change.worktree !== null && change.from !== null && change.to !== null) {
				await moveTree(home, change.worktree, change.to, change.from);
			}
			back.push({ ...change, from: change.to, to: change.from });
		}
	}
	if (back.length > 0) {
		await moveRefs(home, back, `homeport: recover ${begun.id}`);
	}
	logger.log('warn', `operation ${begun.id} had been interrupted; it was taken back`);
	await endOperation(home.git, begun, 'rolled-back', found);
}

/** Tells what a branch of a session has now; fails where it cannot be asked. */
export type AskSession = (session: string, ref: SessionRef) => Promise<Oid | null>;

/**
 * Ends a push that was begun and not ended. Only where the session is known to have what it had before, it has not been
 * done; a session that cannot be asked keeps nobody waiting, and whoever takes the push back looks there first.
 */
async function recoverPush(
	home: HomeRepository,
	logger: Logger,
	begun: BegunOperation,
	askSession: AskSession | undefined,
): Promise<void> {
	const { session, sessionRefs = [] } = begun.stored;
	let untouched = session !== null && askSession !== undefined;
	for (const ref of untouched ? sessionRefs : []) {
		const now = await askSession!(session!, ref).catch((error: unknown) => {
			logger.log('warn', `${session} could not be asked how a push ended: ${errorText(error)}`);
			return undefined;
		});
		untouched &&= now === ref.from;
	}
	logger.log('warn', `push ${begun.id} had been interrupted; it ${untouched ? 'changed nothing' : 'counts as done'}`);
	await endOperation(home.git, begun, untouched ? 'rolled-back' : 'done');
}

const lockPatienceMs = 10_000;

/**
 * Removes lock files that git left when it was killed inside the operation. A lock is stale when no git process works in
 * home; where that cannot be told, it is left and the error names it.
 */
async function clearStaleLocks(home: HomeRepository, begun: BegunOperation): Promise<void> {
	const locks = [join(home.commonDir, 'packed-refs.lock')];
	for (const change of begun.stored.refs) {
		locks.push(join(home.commonDir, `${change.ref}.lock`));
		const gitDir = change.worktree === null ? null : await gitDirOfWorktree(change.worktree);
		if (gitDir !== null) {
			locks.push(join(gitDir, 'index.lock'), join(gitDir, 'HEAD.lock'));
		}
	}
	const folders = [home.root, home.commonDir, ...begun.stored.refs.flatMap(({ worktree }) => worktree ?? [])];
	for (const lock of locks) {
		for (let waited = 0; !(await clearStaleLock(lock, folders)); waited += 100) {
			if (waited >= lockPatienceMs) {
				throw new HomeportError('changed-meanwhile', { lock, reason: 'another git works here' });
			}
			await sleep(100);
		}
	}
}
