import { lstat, readdir, readlink, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Git, GitResult } from './run.js';

const patienceMs = 10_000;

/**
 * Runs `git update-ref` on refs under `refs/homeport`, by commands on its standard input. A lock that a killed git left
 * there is removed once no git process works in the folder; one that is in use is waited for, up to ten seconds. Returns
 * git's answer, whatever it is.
 */
export async function updateOwnRefs(git: Git, commands: string): Promise<GitResult> {
	return pastStaleLocks(git, () => git.run(['update-ref', '--stdin'], { input: commands, allow: [1, 128] }));
}

/** Does the same for any other call that may meet such a lock, or that of the packed refs. */
export async function pastStaleLocks(git: Git, call: () => Promise<GitResult>): Promise<GitResult> {
	for (let waited = 0; ; waited += 100) {
		const result = await call();
		const lock = /'(\/[^']*\/(?:refs\/homeport\/[^']+|packed-refs)\.lock)': File exists/.exec(result.stderr)?.[1];
		if (result.exitCode === 0 || lock === undefined || waited >= patienceMs) {
			return result;
		}
		await clearStaleLock(lock, [git.dir]);
		await sleep(100);
	}
}

/** Removes a lock file of git's where no git process works in one of the folders. Returns whether it is gone. */
export async function clearStaleLock(lock: string, folders: readonly string[]): Promise<boolean> {
	if ((await lstat(lock).catch(() => null)) === null) {
		return true;
	}
	if (await gitRunsIn(folders)) {
		return false;
	}
	await rm(lock, { force: true });
	return true;
}

// Where processes cannot be listed, any lock may be in use.
async function gitRunsIn(folders: readonly string[]): Promise<boolean> {
	const processes = await readdir('/proc').catch(() => null);
	if (processes === null) {
		return true;
	}
	for (const pid of processes.filter((name) => /^\d+$/.test(name))) {
		const program = await readlink(`/proc/${pid}/exe`).catch(() => '');
		if (/\/git(?:-[a-z-]+)?$/.test(program)) {
			const cwd = await readlink(`/proc/${pid}/cwd`).catch(() => '');
			if (folders.some((folder) => cwd === folder || cwd.startsWith(`${folder}/`))) {
				return true;
			}
		}
	}
	return false;
}
