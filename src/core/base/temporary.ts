import { randomUUID } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { mayHaveWritten } from './process.js';

/** A name beside a file for its new content; it tells which process made it, so that what one left can be removed. */
export function temporaryName(path: string): string {
	return `${path}.new-${process.pid}-${randomUUID()}`;
}

/** Removes new content of a file that processes left which are gone. Never fails. */
export async function sweepTemporary(path: string): Promise<void> {
	const folder = dirname(path);
	for (const name of await readdir(folder).catch(() => [])) {
		const pid = name.startsWith(`${basename(path)}.new-`) ? /\.new-(\d+)-/.exec(name)?.[1] : undefined;
		const info = pid === undefined ? null : await stat(join(folder, name)).catch(() => null);
		if (info !== null && !(await mayHaveWritten(Number(pid), info.mtimeMs))) {
			await rm(join(folder, name), { force: true }).catch(() => undefined);
		}
	}
}
