import { randomUUID } from 'node:crypto';
import type { BigIntStats, Stats } from 'node:fs';
import { constants, link, lstat, open, rename, rm } from 'node:fs/promises';
import { temporaryName } from '../base/temporary.js';
import { HomeportError, errorText, hasCode } from '../base/errors.js';

// Files that other programs and checked-out branches may have laid in our way: nothing here follows a symlink, waits on
// a FIFO or reads without a limit.

/** A regular file's bytes, and which file of that name it was. */
export interface FileRead {
	readonly bytes: Buffer;
	readonly mtimeMs: number;
	/** Stays the same when the file is renamed; differs for the next file of the same name. */
	readonly incarnation: string;
}

/** The words for what stands where a file or folder of ours should. */
export function kindOf(stats: Stats | BigIntStats): string {
	if (stats.isSymbolicLink()) {
		return 'symbolic link';
	}
	if (stats.isDirectory()) {
		return 'folder';
	}
	if (stats.isFile()) {
		return 'file';
	}
	return stats.isFIFO() ? 'named pipe' : stats.isSocket() ? 'socket' : 'device';
}

/** `state-unwritable` for `path`; `reason` says what stands in the way. */
export function unwritable(path: string, reason: string, cause?: unknown): HomeportError {
	return new HomeportError('state-unwritable', { path, reason }, cause);
}

/**
 * The regular file at `path`, at most its first `maxBytes`; null where there is none. Anything else of that name, and a
 * file that cannot be read, fails with `state-unwritable`.
 */
export async function readRegular(path: string, maxBytes: number): Promise<FileRead | null> {
	try {
		const kind = kindOf(await lstat(path));
		if (kind !== 'file') {
			throw unwritable(path, `it is a ${kind}`);
		}
		const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
		try {
			const stats = await handle.stat({ bigint: true });
			if (!stats.isFile()) {
				throw unwritable(path, `it is a ${kindOf(stats)}`);
			}
			const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0);
			return { bytes: buffer.subarray(0, bytesRead), ...identify(stats) };
		} finally {
			await handle.close();
		}
	} catch (error) {
		if (hasCode(error, 'ENOENT')) {
			return null;
		}
		throw asUnwritable(path, error);
	}
}

/** Creates `path` with this text, whole or not at all; null where something of that name exists. */
export async function createExclusive(path: string, text: string): Promise<string | null> {
	try {
		const { temporary, incarnation } = await writeTemporary(path, text);
		try {
			await link(temporary, path);
			return incarnation;
		} catch (error) {
			// File systems without hard links.
			if (hasCode(error, 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS')) {
				return await writeNew(path, text);
			}
			throw error;
		} finally {
			await rm(temporary, { force: true });
		}
	} catch (error) {
		if (hasCode(error, 'EEXIST')) {
			return null;
		}
		throw asUnwritable(path, error);
	}
}

/**
 * Replaces `path` by a file with this text; a crash leaves the old or the new. (write-file-atomic would resolve a
 * symbolic link first and write where it points.)
 */
export async function replaceFile(path: string, text: string): Promise<void> {
	let temporary: string | undefined;
	try {
		({ temporary } = await writeTemporary(path, text));
		await rename(temporary, path);
	} catch (error) {
		if (temporary !== undefined) {
			await rm(temporary, { force: true });
		}
		throw asUnwritable(path, error);
	}
}

/** Moves `path` to a name of its own beside it, and says which; null where there is nothing. */
export async function moveAside(path: string): Promise<string | null> {
	const aside = `${path}.gone-${randomUUID()}`;
	try {
		await rename(path, aside);
		return aside;
	} catch (error) {
		if (hasCode(error, 'ENOENT')) {
			return null;
		}
		throw asUnwritable(path, error);
	}
}

/** Brings a file back that {@link moveAside} moved; one that was made there meanwhile stays, and this one goes. */
export async function putBack(aside: string, path: string): Promise<void> {
	try {
		await link(aside, path).catch((error: unknown) => {
			if (!hasCode(error, 'EEXIST')) {
				return rename(aside, path);
			}
			return undefined;
		});
		await rm(aside, { force: true });
	} catch (error) {
		// Gone as well: swept away as a leftover.
		if (!hasCode(error, 'ENOENT')) {
			throw asUnwritable(path, error);
		}
	}
}

async function writeTemporary(path: string, text: string): Promise<{ temporary: string; incarnation: string }> {
	const temporary = temporaryName(path);
	try {
		return { temporary, incarnation: await writeNew(temporary, text) };
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
}

async function writeNew(path: string, text: string): Promise<string> {
	const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
	const handle = await open(path, flags, 0o600);
	try {
		await handle.writeFile(text);
		await handle.sync();
		return identify(await handle.stat({ bigint: true })).incarnation;
	} finally {
		await handle.close();
	}
}

function identify(stats: BigIntStats): { readonly mtimeMs: number; readonly incarnation: string } {
	return { mtimeMs: Number(stats.mtimeMs), incarnation: `${stats.ino.toString(36)}-${stats.mtimeNs.toString(36)}` };
}

function asUnwritable(path: string, error: unknown): HomeportError {
	return error instanceof HomeportError ? error : unwritable(path, errorText(error), error);
}
