import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Clock } from '../base/clock.js';
import { HomeportError, isHomeportError, throwIfCancelled } from '../base/errors.js';
import { shownText } from '../base/text.js';
import type { LockStatus } from '../model/report.js';
import {
	type LockFound,
	type LockJudgement,
	type LockRecord,
	createLock,
	hasLeftovers,
	isoTime,
	judge,
	lockPath,
	ownRecord,
	readLock,
	removeLock,
	removeLockFile,
	sweepLeftovers,
	takeOver,
	writeRecord,
} from './lockFiles.js';
import { type ProcessIdentity, thisProcess } from '../base/process.js';

/** The sync lock of one home, held from `lock` to `record`. */
export interface SyncLock {
	readonly token: string;
	/** Aborted, with `lock-lost` as its reason, once another has the lock. */
	readonly lost: AbortSignal;
	/** Looks at the files; fails with `lock-lost` where the lock is not, or no longer, this one. */
	assertHeld(): Promise<void>;
	/** Gives up what is still this lock, and never another's. Releasing twice is harmless. */
	release(): Promise<void>;
}

export interface LockRequest {
	/** What the lock is wanted for, as shown to who waits for it. */
	readonly purpose: string;
	/** Seconds to wait for who holds it. */
	readonly waitSeconds: number;
	readonly clock: Clock;
	readonly signal?: AbortSignal;
	/** Milliseconds between two heartbeats; 15 seconds by default. */
	readonly heartbeatMs?: number;
}

/**
 * Takes the lock in a sync folder. Processes and callers within one process exclude each other alike. A lock whose owner
 * is gone is taken over at once. Fails with `lock-held` (pid, host, purpose, ageSeconds, owner) when the wait is over,
 * with `cancelled`, or with `state-unwritable`.
 */
export async function acquireLock(folder: string, request: LockRequest): Promise<SyncLock> {
	const self = await thisProcess();
	const deadline = performance.now() + request.waitSeconds * 1000;
	for (;;) {
		throwIfCancelled(request.signal);
		const incarnation = await createLock(folder, self.pid);
		if (incarnation !== null) {
			return holdLock(folder, incarnation, self, request);
		}
		const found = await readLock(folder);
		if (found === null) {
			continue;
		}
		const judged = await judge(found, self, request.clock);
		if (judged.free && (await takeOver(folder, found, self, request.clock))) {
			continue;
		}
		const left = deadline - performance.now();
		if (left <= 0) {
			throw heldError(describe(found, judged));
		}
		await pause(Math.min(left, 10 + Math.random() * 90), request.signal);
	}
}

/** Who holds the lock of a sync folder. `held` is true when who wants it would have to wait. */
export async function lockStatus(folder: string, clock: Clock): Promise<LockStatus> {
	const found = await readLock(folder);
	return found === null ? noLock : describe(found, await judge(found, await thisProcess(), clock));
}

/** Whether a process that is gone left its lock, or a file that it was about to lock with. */
export async function lockWasLeft(folder: string, clock: Clock): Promise<boolean> {
	const [status, leftovers] = await Promise.all([lockStatus(folder, clock), hasLeftovers(folder)]);
	return status.owner === 'gone' || leftovers;
}

/**
 * Takes away a lock whose owner is gone, or silent for ten minutes where it cannot be looked at; the answer tells what
 * there was. Fails with `lock-held` while the owner lives, or may live.
 */
export async function breakLock(folder: string, clock: Clock): Promise<LockStatus> {
	const self = await thisProcess();
	const found = await readLock(folder);
	if (found === null) {
		return noLock;
	}
	const judged = await judge(found, self, clock);
	const status = describe(found, judged);
	if (judged.free && (await takeOver(folder, found, self, clock))) {
		return status;
	}
	throw heldError(status);
}

const noLock: LockStatus = {
	held: false,
	pid: null,
	host: null,
	owner: 'unknown',
	ageSeconds: null,
	purpose: null,
};

function describe(found: LockFound, judged: LockJudgement): LockStatus {
	const record = ownRecord(found);
	return {
		held: !judged.free,
		pid: found.pid,
		host: record === null ? null : shownText(record.host, 100),
		owner: judged.owner,
		ageSeconds: Math.floor(judged.ageMs / 1000),
		purpose: record === null ? null : shownText(record.purpose, 200),
	};
}

function heldError(status: LockStatus): HomeportError {
	const { pid, host, purpose, ageSeconds, owner } = status;
	return new HomeportError('lock-held', { pid, host, purpose, ageSeconds, owner });
}

async function pause(milliseconds: number, signal: AbortSignal | undefined): Promise<void> {
	try {
		await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
	} catch (error) {
		throwIfCancelled(signal);
		throw error;
	}
}

async function holdLock(
	folder: string,
	incarnation: string,
	self: ProcessIdentity,
	request: LockRequest,
): Promise<SyncLock> {
	const { clock, purpose } = request;
	const token = randomUUID();
	const loss = new AbortController();
	const record = (): LockRecord => ({ ...self, token, heartbeat: isoTime(clock), purpose: shownText(purpose, 200) });

	// Ours is the lock file that was created here, while nobody else has signed it.
	const isOurs = (found: LockFound): boolean =>
		found.incarnation === incarnation &&
		(found.record === null || found.record === 'damaged' || found.record.token === token);
	const remove = async (): Promise<void> => {
		const found = await readLock(folder);
		if (found === null || found.incarnation !== incarnation) {
			return;
		}
		if (isOurs(found)) {
			await removeLock(folder, found);
		} else if (ownRecord(found) === null) {
			// The record names another process, but the lock file is the one that we made.
			await removeLockFile(folder, incarnation);
		}
	};
	const assertHeld = async (): Promise<void> => {
		const found = await readLock(folder);
		if (found === null || !isOurs(found)) {
			loss.abort(new HomeportError('lock-lost', { path: lockPath(folder) }));
		}
		loss.signal.throwIfAborted();
	};
	const beat = async (): Promise<void> => {
		await assertHeld();
		await writeRecord(folder, record());
		await assertHeld();
	};

	// Whoever finds the file before the record is there sees a living pid. A record that is there already is a leftover.
	try {
		await writeRecord(folder, record());
		await assertHeld();
		await sweepLeftovers(folder, clock);
	} catch (error) {
		await removeLockFile(folder, incarnation).catch(() => undefined);
		throw error;
	}

	let beating: Promise<void> = Promise.resolve();
	const timer = setInterval(() => {
		beating = beating.then(beat).catch((error: unknown) => {
			// A disk that is full now may have room at the next beat; the owner lives all the same.
			if (isHomeportError(error, 'lock-lost')) {
				clearInterval(timer);
			}
		});
	}, request.heartbeatMs ?? 15_000);
	timer.unref();

	let released: Promise<void> | undefined;
	return {
		token,
		lost: loss.signal,
		assertHeld,
		release: () => {
			clearInterval(timer);
			released ??= beating.then(remove).catch((error: unknown) => {
				released = undefined;
				throw error;
			});
			return released;
		},
	};
}
