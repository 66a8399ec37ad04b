import { randomUUID } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** A name beside a file for its new content; it tells which process made it, so that what one left can be removed. */
export function temporaryName(path: string): string {
	return `${path}.new-${process.pid}-${randomUUID()}`;
}

/** Removes new content of a file that processes left which are gone. Never fails. */
export async function sweepTemporary(path: string): Promise<void> {
	const folder = dirname(path);
	for (const name of await readdir(folder).catch(() => [])) {
		const pid = name.startsWith(`${basename(path)}.new-`) ? /\.new-(\d+)-/.exec(name)?.[1] : undefined;
		if (pid !== undefined && !isAlive(Number(pid))) {
			await rm(join(folder, name), { force: true }).catch(() => undefined);
		}
	}
}

/** True where a process with this id runs on this machine. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return pid > 0;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}
