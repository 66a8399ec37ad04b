import { lstat, rm } from 'node:fs/promises';
import { HomeportError } from '../base/errors.js';
import type { OnConflict, OpenMerge } from '../model/merge.js';
import type { Oid } from '../model/observation.js';
import { bytePaths, readable } from './bytePath.js';
import { gitDirOfWorktree, type HomeRepository, inProgressAt } from './home.js';
import type { Identity } from './identity.js';
import { isAncestor } from './relations.js';
import type { Git } from './run.js';
import { treeGit } from './worktree.js';

// Settings of the user's that would make git do more than this one merge or rebase.
const alone: readonly (readonly [string, string])[] = [
	['rebase.updateRefs', 'false'],
	['rebase.autoStash', 'false'],
	['merge.autoStash', 'false'],
	['merge.verifySignatures', 'false'],
];

/**
 * Makes a working tree of home with a merge or rebase in the middle of its conflicts, just as git leaves it: stages in the
 * index, markers in the files, `MERGE_HEAD` or the state of the rebase. No branch is checked out in it.
 */
export async function openMergeWorktree(
	home: HomeRepository,
	merge: OpenMerge,
	{ onConflict, identity }: { onConflict: OnConflict; identity: Identity },
): Promise<void> {
	const { path, onto, source, kind, message } = merge;
	const start = kind === 'merge' ? onto : source;
	await (await treeGit(home, home.root)).run(['worktree', 'add', '-q', '--detach', '--end-of-options', path, start]);
	const git = (await treeGit(home, path)).with({ config: alone, env: identity.env });
	const side = onConflict === 'manual' ? [] : ['-X', onConflict === 'auto-ours' ? 'ours' : 'theirs'];
	const args =
		kind === 'merge'
			? ['merge', '--no-commit', '--no-ff', '-q', ...side, ...(message === undefined ? [] : ['-m', message]), source]
			: ['rebase', '-q', ...side, onto];
	await git.run(args, { allow: [1, 128] });
}

/**
 * Ends the merge or rebase in a working tree whose conflicts were settled, and gives its commit. Fails with
 * `merge-unfinished` (path, files, reason) where something is left to do there.
 */
export async function finishMergeWorktree(home: HomeRepository, merge: OpenMerge, identity: Identity): Promise<Oid> {
	const { path, onto, source, kind } = merge;
	const gitDir = await gitDirOfWorktree(path);
	if (gitDir === null || (await lstat(gitDir).catch(() => null)) === null) {
		throw new HomeportError('merge-unfinished', { path, reason: 'its working tree is not there' });
	}
	const git = (await treeGit(home, path)).with({
		config: [...alone, ['commit.gpgSign', identity.sign.length > 0 ? 'true' : 'false']],
		env: identity.env,
	});
	await requireSettled(git, path);
	const inProgress = await inProgressAt(gitDir);
	if (inProgress === 'merge') {
		await git.run(['commit', '-q', '--no-verify', '--no-edit', '--cleanup=strip']);
	} else if (inProgress === 'rebase') {
		const continued = await git.run(['rebase', '--continue'], { allow: [1, 128] });
		await requireSettled(git, path);
		if (continued.exitCode !== 0 || (await inProgressAt(gitDir)) !== null) {
			throw new HomeportError('merge-unfinished', { path, reason: continued.stderr.trim() });
		}
	} else if (inProgress !== null) {
		throw new HomeportError('merge-unfinished', { path, reason: `something else is going on there: ${inProgress}` });
	}
	const result = await git.text(['rev-parse', '--verify', 'HEAD^{commit}']);
	const holdsBoth =
		(await isAncestor(git, onto, result)) && (kind === 'rebase' || (await isAncestor(git, source, result)));
	if (!holdsBoth) {
		throw new HomeportError('merge-unfinished', { path, reason: 'its HEAD does not hold both sides' });
	}
	return result;
}

async function requireSettled(git: Git, path: string): Promise<void> {
	const unmerged = bytePaths((await git.run(['diff', '--name-only', '-z', '--diff-filter=U'])).stdout);
	if (unmerged.length > 0) {
		const files = [...new Set(unmerged)].map(readable);
		throw new HomeportError('merge-unfinished', { path, files, reason: 'conflicts are left' });
	}
	const changed = bytePaths((await git.run(['diff-files', '--name-only', '-z', '--ignore-submodules=all'])).stdout);
	if (changed.length > 0) {
		throw new HomeportError('merge-unfinished', {
			path,
			files: changed.map(readable),
			reason: 'changes are not staged',
		});
	}
}

/** Files that a merge changed and that still hold conflict markers. */
export async function filesWithMarkers(git: Git, onto: Oid, result: Oid): Promise<string[]> {
	const checked = await git.run(['diff', '--check', onto, result], { allow: [1, 2, 3] });
	const lines = checked.stdout.toString('latin1').split('\n');
	const found = lines.flatMap((line) => /^(.*):\d+: leftover conflict marker$/.exec(line)?.[1] ?? []);
	return [...new Set(found)].map(readable);
}

/** Removes the working tree of an open merge; what it held is in the operation log by then. */
export async function removeMergeWorktree(home: HomeRepository, path: string): Promise<void> {
	const removed = await home.git.run(['worktree', 'remove', '--force', '--end-of-options', path], { allow: [128] });
	if (removed.exitCode !== 0) {
		// git has lost it already, or never knew it.
		await rm(path, { recursive: true, force: true });
		await home.git.run(['worktree', 'prune']);
	}
}
