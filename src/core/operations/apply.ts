import { HomeportError } from '../base/errors.js';
import { gitDirOfWorktree, type HomeRepository, inProgressAt } from '../git/home.js';
import { pastStaleLocks } from '../git/ownRefs.js';
import { unwritableWords } from '../git/unwritable.js';
import { filesInTheWay, moveTree } from '../git/worktree.js';
import type { Oid } from '../model/observation.js';
import type { OperationRef } from './stored.js';

/**
 * Moves refs of home, and with them the working trees that have them checked out. The base was verified just now and the
 * intent is logged; when a step fails, the operation must be recovered.
 */
export async function applyRefs(home: HomeRepository, refs: readonly OperationRef[], reason: string): Promise<void> {
	// A ref that stays was named to be verified.
	const moving = refs.filter((change) => change.from !== change.to);
	for (const change of moving) {
		if (change.worktree !== null && change.from !== null && change.to !== null) {
			const refusal = await moveTree(home, change.worktree, change.from, change.to);
			if (refusal !== null && unwritableWords(refusal) !== null) {
				throw new HomeportError('state-unwritable', { path: change.worktree, reason: refusal });
			}
			if (refusal !== null) {
				throw new HomeportError('changed-meanwhile', { ref: change.ref, reason: refusal });
			}
		}
	}
	if (moving.length > 0) {
		await moveRefs(home, moving, reason);
	}
}

/** Fails with `changed-meanwhile` unless every ref, HEAD and tree is what the changes were planned for. */
export async function verifyBase(home: HomeRepository, refs: readonly OperationRef[]): Promise<void> {
	const branches = await readBranches(home);
	for (const change of refs) {
		const now = branches.get(change.ref) ?? { oid: null, worktree: null };
		if (now.oid !== change.from) {
			throw new HomeportError('changed-meanwhile', { ref: change.ref, expected: change.from, found: now.oid });
		}
		if (now.worktree !== change.worktree) {
			throw new HomeportError('changed-meanwhile', { ref: change.ref, worktree: now.worktree ?? change.worktree });
		}
		if (now.worktree !== null) {
			await verifyTree(home, now.worktree, change);
		}
	}
}

async function verifyTree(home: HomeRepository, worktree: string, change: OperationRef): Promise<void> {
	if (change.from === null || change.to === null) {
		throw new HomeportError('changed-meanwhile', { ref: change.ref, worktree, reason: 'it is checked out' });
	}
	const gitDir = await gitDirOfWorktree(worktree);
	const busy = gitDir === null ? null : await inProgressAt(gitDir);
	if (busy !== null) {
		throw new HomeportError('changed-meanwhile', {
			ref: change.ref,
			worktree,
			reason: `something else is going on there: ${busy}`,
		});
	}
	const inWay = await filesInTheWay(home, worktree, change.from, change.to);
	if (inWay.length > 0) {
		throw new HomeportError('changed-meanwhile', { ref: change.ref, worktree, files: inWay });
	}
}

/** Moves all refs in one transaction, each only from the object id that was planned for. */
export async function moveRefs(home: HomeRepository, refs: readonly OperationRef[], reason: string): Promise<void> {
	const zero = '0'.repeat(home.objectFormat === 'sha256' ? 64 : 40);
	const lines = refs.map((change) =>
		change.to === null
			? `delete ${change.ref}\0${change.from ?? zero}\0`
			: `update ${change.ref}\0${change.to}\0${change.from ?? zero}\0`,
	);
	const input = `start\0${lines.join('')}prepare\0commit\0`;
	const moved = await pastStaleLocks(home.git, () =>
		home.git.run(['update-ref', '-m', reason, '-z', '--stdin'], { input, allow: [1, 128] }),
	);
	if (moved.exitCode !== 0) {
		const stderr = moved.stderr.trim();
		if (unwritableWords(stderr) !== null && !/File exists/.test(stderr)) {
			throw new HomeportError('state-unwritable', { path: home.commonDir, reason: stderr });
		}
		throw new HomeportError('changed-meanwhile', { reason: stderr });
	}
}

/** The branches of home, by full ref name: the commit, and the working tree that has it checked out. */
export async function readBranches(
	home: HomeRepository,
): Promise<Map<string, { oid: Oid | null; worktree: string | null }>> {
	const [listed, worktrees] = await Promise.all([
		home.git.text(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads']),
		home.git.list(['worktree', 'list', '--porcelain', '-z']),
	]);
	const branches = new Map<string, { oid: Oid | null; worktree: string | null }>();
	for (const line of listed.split('\n').filter((line) => line !== '')) {
		const space = line.indexOf(' ');
		branches.set(line.slice(space + 1), { oid: line.slice(0, space), worktree: null });
	}
	let worktree = '';
	for (const line of worktrees) {
		if (line.startsWith('worktree ')) {
			worktree = line.slice('worktree '.length);
		} else if (line.startsWith('branch ')) {
			// A branch without a commit yet is checked out as well.
			const ref = line.slice('branch '.length);
			branches.set(ref, { oid: branches.get(ref)?.oid ?? null, worktree });
		}
	}
	return branches;
}
