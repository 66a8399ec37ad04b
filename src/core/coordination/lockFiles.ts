import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../base/clock.js';
import { leftTemporary, sweepTemporary } from '../base/temporary.js';
import { type ProcessIdentity, pidState, processState } from '../base/process.js';
import { type FileRead, createExclusive, moveAside, putBack, readRegular, replaceFile } from './privateFile.js';

const lockName = 'sync.lock';
/** The files of the sync folder that are written whole or not at all. */
const written = [lockName, `${lockName}.json`, '.gitignore'];
const maxBytes = 16 * 1024;

/** A lock whose owner cannot be looked at is stale after this long without a heartbeat. */
const staleMs = 10 * 60 * 1000;

const recordSchema = z.object({
	pid: z.int().check(z.positive()),
	host: z.string(),
	boot: z.nullable(z.string()),
	pidNamespace: z._default(z.nullable(z.string()), null),
	processStart: z.nullable(z.string()),
	token: z.string().check(z.minLength(1)),
	heartbeat: z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)))),
	purpose: z.string(),
});

/** What `sync.lock.json` says of the owner; `heartbeat` is ISO 8601. */
export interface LockRecord extends ProcessIdentity {
	readonly token: string;
	readonly heartbeat: string;
	readonly purpose: string;
}

/** The two files of a lock as they were found. */
export interface LockFound {
	/** Which file named `sync.lock` it is; no later one is the same. */
	readonly incarnation: string;
	/** Null where the file does not hold a pid. */
	readonly pid: number | null;
	/** The file beside it: a record, something unreadable, or nothing. */
	readonly record: LockRecord | 'damaged' | null;
	readonly mtimeMs: number;
}

/** What can be said of a lock's owner. `free` means that who wants the lock may take it over. */
export interface LockJudgement {
	readonly owner: 'alive' | 'gone' | 'unknown';
	readonly ageMs: number;
	readonly free: boolean;
}

/** The path of the lock file in a sync folder. */
export function lockPath(folder: string): string {
	return join(folder, lockName);
}

/** The lock in `folder`, or null; fails with `state-unwritable` where one of the two is no regular file. */
export async function readLock(folder: string): Promise<LockFound | null> {
	const lock = await readRegular(lockPath(folder), maxBytes);
	const beside = await readRegular(recordPath(folder), maxBytes);
	if (lock === null) {
		return null;
	}
	const record = beside === null ? null : parseRecord(beside);
	return {
		incarnation: lock.incarnation,
		pid: parsePid(lock),
		record,
		mtimeMs: Math.max(lock.mtimeMs, record === 'damaged' ? (beside?.mtimeMs ?? 0) : 0),
	};
}

/** Creates the lock file, holding the pid on its one line; its incarnation, or null where there is a lock already. */
export function createLock(folder: string, pid: number): Promise<string | null> {
	return createExclusive(lockPath(folder), `${pid}\n`);
}

/** Writes the file beside the lock. */
export function writeRecord(folder: string, record: LockRecord): Promise<void> {
	return replaceFile(recordPath(folder), `${JSON.stringify(record, null, '\t')}\n`);
}

/**
 * Who owns a lock. A process that lives is the owner however old its heartbeat is; one that is gone is not; one that
 * cannot be looked at is taken for gone after ten minutes of silence.
 */
export async function judge(found: LockFound, self: ProcessIdentity, clock: Clock): Promise<LockJudgement> {
	const owner = await ownerOf(found, self);
	const ageMs = silence(found, clock.now());
	return { owner, ageMs, free: owner === 'gone' || (owner === 'unknown' && ageMs > staleMs) };
}

async function ownerOf(found: LockFound, self: ProcessIdentity): Promise<LockJudgement['owner']> {
	if (found.pid === null) {
		return 'unknown';
	}
	const record = ownRecord(found);
	if (record !== null) {
		const state = await processState(record, self);
		return state === 'elsewhere' ? 'unknown' : state;
	}
	const state = await pidState(found.pid, null);
	// What cannot be read may have named another machine.
	return state === 'gone' && found.record === 'damaged' ? 'unknown' : state;
}

/** The record that belongs to the lock file; one with another pid is a leftover. */
export function ownRecord(found: LockFound): LockRecord | null {
	const { record } = found;
	return record !== null && record !== 'damaged' && record.pid === found.pid ? record : null;
}

function silence(found: LockFound, now: number): number {
	const record = ownRecord(found);
	const heartbeat = record === null ? Number.NaN : Date.parse(record.heartbeat);
	// A heartbeat from the future is a clock that is wrong, and would hold the lock for ever.
	const last = heartbeat <= now + staleMs ? heartbeat : found.mtimeMs;
	return Math.max(0, now - last);
}

/**
 * Takes a lock away whose owner was judged gone or stale. Of all who try, one alone holds the claim on this very lock
 * file, and looks again before it acts. True when that lock is no longer there.
 */
export async function takeOver(
	folder: string,
	found: LockFound,
	self: ProcessIdentity,
	clock: Clock,
): Promise<boolean> {
	const claim = await claimLock(folder, found.incarnation, self, clock);
	if (claim === null) {
		return false;
	}
	try {
		const again = await readLock(folder);
		if (again?.incarnation !== found.incarnation) {
			return true;
		}
		return (await judge(again, self, clock)).free && (await removeLock(folder, again));
	} finally {
		await rm(claim, { force: true });
	}
}

/**
 * The path of the claim, or null while a living process has it. A claimant that died is passed over by the next number,
 * never removed: it cannot act any more, and removing by name could hit the claim of a living one.
 */
async function claimLock(
	folder: string,
	incarnation: string,
	self: ProcessIdentity,
	clock: Clock,
): Promise<string | null> {
	const record: LockRecord = { ...self, token: incarnation, heartbeat: isoTime(clock), purpose: 'take over' };
	for (let number = 0; ; number++) {
		const path = `${lockPath(folder)}.claim-${incarnation}-${number}`;
		if ((await createExclusive(path, JSON.stringify(record))) !== null) {
			return path;
		}
		const file = await readRegular(path, maxBytes);
		const claimant = file === null ? null : parseRecord(file);
		if (file === null || claimant === null) {
			return null;
		}
		const pid = claimant === 'damaged' ? null : claimant.pid;
		const other: LockFound = { incarnation: file.incarnation, pid, record: claimant, mtimeMs: file.mtimeMs };
		if (!(await judge(other, self, clock)).free) {
			return null;
		}
	}
}

/**
 * Removes this very lock by renaming its files and looking at what was renamed; what turns out to be another's is put
 * back, and the answer is false. The record goes first, so that a crash between the two leaves a lock with a pid alone.
 */
export async function removeLock(folder: string, expected: LockFound): Promise<boolean> {
	const recordAside = await moveAside(recordPath(folder));
	if (recordAside !== null) {
		const file = await readRegular(recordAside, maxBytes);
		if (file !== null && tokenOf(parseRecord(file)) !== tokenOf(expected.record)) {
			await putBack(recordAside, recordPath(folder));
			return false;
		}
	}
	const removed = await removeLockFile(folder, expected.incarnation);
	if (recordAside !== null) {
		await (removed ? rm(recordAside, { force: true }) : putBack(recordAside, recordPath(folder)));
	}
	return removed;
}

/** Removes the lock file alone, if it is that one; false where it turns out to be another. */
export async function removeLockFile(folder: string, incarnation: string): Promise<boolean> {
	const aside = await moveAside(lockPath(folder));
	if (aside === null) {
		return true;
	}
	if ((await readRegular(aside, maxBytes))?.incarnation !== incarnation) {
		await putBack(aside, lockPath(folder));
		return false;
	}
	await rm(aside, { force: true });
	return true;
}

/** Whether a process that died on the way left something beside the lock that {@link sweepLeftovers} removes by now. */
export async function hasLeftovers(folder: string): Promise<boolean> {
	const left = await Promise.all(written.map((name) => leftTemporary(join(folder, name))));
	return left.some((paths) => paths.length > 0);
}

/** Removes what processes that died on the way left beside the lock; for who holds it. */
export async function sweepLeftovers(folder: string, clock: Clock): Promise<void> {
	await Promise.all(written.map((name) => sweepTemporary(join(folder, name))));
	const leftover = /^sync\.lock\.claim-|^(sync\.lock|\.gitignore).*\.(new|gone)-/;
	for (const name of await readdir(folder)) {
		const path = join(folder, name);
		const file = leftover.test(name) ? await readRegular(path, 1).catch(() => null) : null;
		if (file !== null && clock.now() - file.mtimeMs > staleMs) {
			await rm(path, { force: true });
		}
	}
}

/** The time as the record has it. */
export function isoTime(clock: Clock): string {
	return new Date(clock.now()).toISOString();
}

function recordPath(folder: string): string {
	return `${lockPath(folder)}.json`;
}

function tokenOf(record: LockFound['record']): string | null {
	return record === null || record === 'damaged' ? null : record.token;
}

function parsePid(file: FileRead): number | null {
	const match = /^\s*([1-9]\d{0,9})\s*$/.exec(file.bytes.toString('latin1'));
	return match?.[1] === undefined ? null : Number(match[1]);
}

function parseRecord(file: FileRead): LockRecord | 'damaged' {
	try {
		const parsed = z.safeParse(recordSchema, JSON.parse(file.bytes.toString('utf8')));
		return parsed.success ? parsed.data : 'damaged';
	} catch {
		return 'damaged';
	}
}
