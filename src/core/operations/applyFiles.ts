import { HomeportError } from '../base/errors.js';
import type { HomeRepository } from '../git/home.js';
import { withScratch } from '../git/integrate.js';
import { unwritableWords } from '../git/unwritable.js';
import { filesGit, moveFiles, standAt } from '../git/workingFiles.js';
import type { OperationFiles } from './stored.js';
import { restoreFiles } from './restoreFiles.js';

/**
 * Changes files of working trees, and leaves their index and HEAD alone. Fails with `changed-meanwhile` where a file is no
 * longer what it was planned for; nothing of that tree was touched then.
 */
export async function applyFiles(home: HomeRepository, files: readonly OperationFiles[]): Promise<void> {
	for (const { worktree, from, to } of files) {
		const refusal = await withScratch(home, async (folder) =>
			moveFiles(await filesGit(home, worktree, folder), from, to),
		);
		if (refusal !== null) {
			throw unwritableWords(refusal) === null
				? new HomeportError('changed-meanwhile', { worktree, reason: refusal })
				: new HomeportError('state-unwritable', { path: worktree, reason: refusal });
		}
	}
}

/** Takes back what {@link applyFiles} has written, as far as it came; content that is not its own stays. */
export async function takeFilesBack(home: HomeRepository, { worktree, from, to }: OperationFiles): Promise<void> {
	await withScratch(home, async (folder) => {
		const git = await filesGit(home, worktree, folder);
		if ((await moveFiles(git, to, from)) !== null) {
			await standAt(git, from);
			await restoreFiles(git, worktree, from, to);
		}
	});
}

/** git's words where the files of a working tree are no longer what `from` has, and so cannot be moved; else null. */
export async function filesRefusal(
	home: HomeRepository,
	{ worktree, from, to }: OperationFiles,
): Promise<string | null> {
	return withScratch(home, async (folder) => {
		const git = await filesGit(home, worktree, folder);
		await standAt(git, from);
		const tried = await git.run(['read-tree', '-m', '-u', '-n', from, to], { allow: [1, 128] });
		return tried.exitCode === 0 ? null : tried.stderr.trim();
	});
}
