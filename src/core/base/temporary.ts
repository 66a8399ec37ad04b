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
	for (const left of await leftTemporary(path)) {
		await rm(left, { force: true }).catch(() => undefined);
	}
}

/** New content of a file that processes left which are gone: the paths. Never fails. */
export async function leftTemporary(path: string): Promise<string[]> {
	const folder = dirname(path);
	const left: string[] = [];
	for (const name of await readdir(folder).catch(() => [])) {
		const pid = name.startsWith(`${basename(path)}.new-`) ? /\.new-(\d+)-/.exec(name)?.[1] : undefined;
		const info = pid === undefined ? null : await stat(join(folder, name)).catch(() => null);
		if (info !== null && !(await mayHaveWritten(Number(pid), info.mtimeMs))) {
			left.push(join(folder, name));
		}
	}
	return left;
}
