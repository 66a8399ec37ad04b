import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { mayHaveWritten } from '../base/process.js';
import type { HomeRepository } from './home.js';
import { clearStaleLock } from './ownRefs.js';

const longestWork = 24 * 3_600_000;

/**
 * Removes what processes left in home that were killed at work: quarantines, copies of the index, and the files that hold
 * packs. What a living process may still use is left alone. Never fails.
 */
export async function sweepLeftovers(home: HomeRepository): Promise<void> {
	const own = join(home.commonDir, 'homeport');
	const packs = join(home.commonDir, 'objects/pack');
	await Promise.all([
		...(await namesIn(join(own, 'quarantine'))).map((name) => sweepOne(join(own, 'quarantine', name), name)),
		...(await namesIn(own)).filter((name) => name.startsWith('index-')).map((name) => sweepOne(join(own, name), name)),
		...(await namesIn(packs)).filter((name) => name.endsWith('.keep')).map((name) => sweepKeep(join(packs, name))),
	]);
}

/** The mark in a `.keep` file of ours. */
export function keepMark(pid: number): string {
	return `homeport ${pid}\n`;
}

// Names carry the process that made them: `PID-…` or `index-PID-…`.
async function sweepOne(path: string, name: string): Promise<void> {
	const pid = Number(/^(?:index-)?(\d+)-/.exec(name)?.[1] ?? '0');
	const info = await stat(path).catch(() => null);
	if (info !== null && (Date.now() - info.mtimeMs > longestWork || !(await mayHaveWritten(pid, info.mtimeMs)))) {
		await rm(path, { recursive: true, force: true }).catch(() => undefined);
	}
}

async function sweepKeep(path: string): Promise<void> {
	const text = await readFile(path, 'utf8').catch(() => '');
	const pid = /^homeport (\d+)\n$/.exec(text)?.[1];
	const info = pid === undefined ? null : await stat(path).catch(() => null);
	if (info !== null && !(await mayHaveWritten(Number(pid), info.mtimeMs))) {
		await rm(path, { force: true }).catch(() => undefined);
	}
}

async function namesIn(folder: string): Promise<string[]> {
	return readdir(folder).catch(() => []);
}

/**
 * Removes lock files that a killed git left on what is Homeport's alone: its refs, and its git folders for snapshots. The
 * sync lock must be held. Never fails.
 */
export async function sweepOwnLocks(home: HomeRepository): Promise<void> {
	const refs = join(home.commonDir, 'refs/homeport');
	const below = await readdir(refs, { recursive: true }).catch(() => []);
	const locks = below.filter((name) => name.endsWith('.lock')).map((name) => join(refs, name));
	for (const name of await namesIn(join(home.commonDir, 'homeport'))) {
		if (/^snapshot-.*\.git$/.test(name)) {
			const folder = join(home.commonDir, 'homeport', name);
			locks.push(join(folder, 'index.lock'), join(folder, 'config.lock'));
		}
	}
	locks.push(join(home.commonDir, 'packed-refs.lock'));
	for (const lock of locks) {
		await clearStaleLock(lock, [home.root, home.commonDir]).catch(() => undefined);
	}
}
