import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { lock } from 'proper-lockfile';
import { errorText, hasCode, HomeportError } from './errors.js';

/** Age in milliseconds of a lock without a heartbeat after which its owner counts as gone. */
const staleMs = 10_000;
const heartbeatMs = 2000;
/** Longer than it takes for a lock to grow stale, so that a dead owner never fails the next call. */
const lockWaitMs = 20_000;

/**
 * Runs `work` while this process holds `<path>.lock`, which all processes respect; makes the folder of `path` where there
 * is none. `held` fails with `lock-lost` once another took the lock over. Fails with `state-unwritable` where it cannot
 * be had.
 */
export async function withStateLock<T>(path: string, work: (held: () => void) => Promise<T>): Promise<T> {
	let release: () => Promise<void>;
	let lost: Error | undefined;
	try {
		await makeFolder(dirname(path));
		release = await acquire(path, (error) => {
			lost = error;
		});
	} catch (error) {
		throw error instanceof HomeportError
			? error
			: new HomeportError('state-unwritable', { path, reason: errorText(error) }, error);
	}
	try {
		sweepClaims(`${path}.lock`);
		return await work(() => {
			if (lost !== undefined) {
				throw new HomeportError('lock-lost', { path }, lost);
			}
		});
	} finally {
		// A lock that cannot be released grows stale.
		await release().catch(() => undefined);
	}
}

async function acquire(path: string, onCompromised: (error: Error) => void): Promise<() => Promise<void>> {
	const giveUp = performance.now() + lockWaitMs;
	for (;;) {
		try {
			// The library's own take-over can remove the lock of another who was faster; so it never finds one stale.
			const options = { realpath: false, retries: 0, stale: Infinity, update: heartbeatMs, onCompromised };
			return await lock(path, options);
		} catch (error) {
			if (!hasCode(error, 'ELOCKED', 'ENOENT')) {
				throw error;
			}
			if (performance.now() > giveUp) {
				throw new HomeportError('state-unwritable', { path, reason: 'another process holds its lock' }, error);
			}
		}
		const stale = staleLock(`${path}.lock`);
		if (stale !== null) {
			removeStale(`${path}.lock`, stale);
		}
		await sleep(5 + Math.random() * 45);
	}
}

/** Which lock it is whose heartbeat stopped (no later one has the same answer), or null where it is none of that kind. */
export function staleLock(lockPath: string): string | null {
	try {
		const { ino, mtimeNs } = statSync(lockPath, { bigint: true });
		return Number(mtimeNs / 1_000_000n) < Date.now() - staleMs ? `${ino}-${mtimeNs}` : null;
	} catch {
		return null;
	}
}

/**
 * Removes the lock that {@link staleLock} found, and never a later one: of all who try, one alone holds the claim on
 * that lock, and looks again before it acts. A claimant that died is passed over by the next number. Synchronous, so
 * that a claim is held for an instant. Never fails.
 */
export function removeStale(lockPath: string, stale: string): void {
	for (let number = 0; ; number += 1) {
		const claim = `${lockPath}.claim-${stale}-${number}`;
		try {
			mkdirSync(claim, { mode: 0o700 });
		} catch {
			if (staleLock(claim) === null) {
				return;
			}
			continue;
		}
		if (staleLock(lockPath) === stale) {
			removeFolder(lockPath);
		}
		removeFolder(claim);
		return;
	}
}

// Claims of processes that died on the way; for who holds the lock.
function sweepClaims(lockPath: string): void {
	const folder = dirname(lockPath);
	for (const name of readdirSync(folder)) {
		if (name.startsWith(`${basename(lockPath)}.claim-`) && staleLock(join(folder, name)) !== null) {
			removeFolder(join(folder, name));
		}
	}
}

function removeFolder(path: string): void {
	try {
		rmdirSync(path);
	} catch {
		// Gone, or not ours to remove; who wants the lock says so.
	}
}

/** Like `mkdir -p`, but for its user alone; Node's own never ends where a folder may not be made, as below `/proc`. */
async function makeFolder(path: string): Promise<void> {
	const make = async (): Promise<unknown> =>
		mkdir(path, { mode: 0o700 }).catch((error: unknown) => (hasCode(error, 'EEXIST') ? undefined : error));
	let failure = await make();
	if (hasCode(failure, 'ENOENT') && dirname(path) !== path) {
		await makeFolder(dirname(path));
		failure = await make();
	}
	if (failure !== undefined) {
		throw failure;
	}
}
