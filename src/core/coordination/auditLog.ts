import { constants, lstat, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.js';
import { HomeportError, errorText } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { createExclusive, kindOf, readRegular, unwritable } from './privateFile.js';

export type AuditLevel = 'INFO' | 'WARN' | 'ERROR' | 'SUCCESS';

const maxBytes = 1024 * 1024;
const maxMessage = 2000;
/** A process that takes longer to rename a file has died over it. */
const turnMs = 60_000;

/**
 * Adds one line to `sync.log` in the sync folder: `[YYYY-MM-DD HH:MM:SS] [LEVEL] message`, local time, as seed 003 lays
 * it down. At 1 MiB the log becomes `sync.log.1`. Never throws: the answer is what stood in the way, or null.
 */
export async function appendAudit(
	folder: string,
	level: AuditLevel,
	message: string,
	clock: Clock,
): Promise<HomeportError | null> {
	const path = join(folder, 'sync.log');
	const line = Buffer.from(`[${localTime(clock.now())}] [${level}] ${shownText(message, maxMessage)}\n`);
	try {
		const full = await append(path, line);
		if (full !== null) {
			await rotate(path, full, clock);
			await append(path, line, true);
		}
		return null;
	} catch (error) {
		return error instanceof HomeportError ? error : unwritable(path, errorText(error), error);
	}
}

/** Null once the line is written; else the inode of a log that has no room for it. */
async function append(path: string, line: Buffer, evenIfFull = false): Promise<bigint | null> {
	const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK } = constants;
	const handle = await open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0o600);
	try {
		const stats = await handle.stat({ bigint: true });
		if (!stats.isFile()) {
			throw unwritable(path, `it is a ${kindOf(stats)}`);
		}
		if (!evenIfFull && stats.size + BigInt(line.length) > BigInt(maxBytes)) {
			return stats.ino;
		}
		if ((stats.mode & 0o777n) !== 0o600n) {
			await handle.chmod(0o600);
		}
		await handle.appendFile(line);
		return null;
	} finally {
		await handle.close();
	}
}

/**
 * Makes the log with the inode `full` the old one, `.1`, unless it is that already. While another process does so
 * nothing happens, and the next line goes to the full log: no line is lost.
 */
export async function rotate(path: string, full: bigint, clock: Clock): Promise<void> {
	const turn = `${path}.rotating`;
	if ((await createExclusive(turn, `${process.pid}\n`)) === null) {
		const since = (await readRegular(turn, 1))?.mtimeMs ?? clock.now();
		if (clock.now() - since > turnMs) {
			await rm(turn, { force: true });
		}
		return;
	}
	try {
		if ((await lstat(path, { bigint: true })).ino === full) {
			await rename(path, `${path}.1`);
		}
	} finally {
		await rm(turn, { force: true });
	}
}

function localTime(milliseconds: number): string {
	const time = new Date(milliseconds);
	const two = (value: number): string => String(value).padStart(2, '0');
	const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
	return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}
