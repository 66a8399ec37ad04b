import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { HomeportError, errorText, hasCode } from '../base/errors.js';
import { kindOf, readRegular, replaceFile, unwritable } from './privateFile.js';

const privateMode = 0o700;

/**
 * The folder of home's sync lock, snapshot files and audit log, made where it is missing: `.claude/sync` of the main
 * worktree, or `homeport-sync` inside a bare home. It is open to its user alone and hidden from git by a `.gitignore`
 * of its own. Whatever a checked-out branch may have laid there, nothing is written through a symbolic link: that fails
 * with `state-unwritable`, as does a place that cannot be written.
 */
export async function openSyncFolder(mainWorktree: string): Promise<string> {
	if (await isBare(mainWorktree)) {
		return openPrivate(await syncFolderPath(mainWorktree));
	}
	const outer = join(mainWorktree, '.claude');
	await openFolder(outer, 0o777);
	return openPrivate(join(outer, 'sync'));
}

/** Where {@link openSyncFolder} has the folder, or would make it. Touches nothing. */
export async function syncFolderPath(mainWorktree: string): Promise<string> {
	return (await isBare(mainWorktree)) ? join(mainWorktree, 'homeport-sync') : join(mainWorktree, '.claude', 'sync');
}

async function isBare(path: string): Promise<boolean> {
	if ((await look(join(path, '.git'))) !== null) {
		return false;
	}
	const [head, objects] = await Promise.all([look(join(path, 'HEAD')), look(join(path, 'objects'))]);
	return head !== null && objects !== null && objects.isDirectory();
}

async function openPrivate(path: string): Promise<string> {
	const stats = await openFolder(path, privateMode);
	if ((stats.mode & 0o777) !== privateMode) {
		await chmod(path, privateMode).catch((error: unknown) => {
			throw unwritable(path, errorText(error), error);
		});
	}
	const ignore = join(path, '.gitignore');
	const present = await readRegular(ignore, 64);
	if (present?.bytes.toString('utf8') !== '*\n') {
		await replaceFile(ignore, '*\n');
	}
	return path;
}

async function openFolder(path: string, mode: number): Promise<Stats> {
	try {
		const present = await look(path);
		if (present === null) {
			await mkdir(path, { mode });
		}
	} catch (error) {
		if (!hasCode(error, 'EEXIST')) {
			throw error instanceof HomeportError ? error : unwritable(path, errorText(error), error);
		}
	}
	const stats = await look(path);
	if (stats === null || !stats.isDirectory()) {
		throw unwritable(path, stats === null ? 'it went away' : `it is a ${kindOf(stats)}`);
	}
	return stats;
}

async function look(path: string): Promise<Stats | null> {
	try {
		return await lstat(path);
	} catch (error) {
		if (hasCode(error, 'ENOENT')) {
			return null;
		}
		throw unwritable(path, errorText(error), error);
	}
}
