import type { Backend } from '../backends/backend.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Config } from '../config/config.js';
import { acquireLock } from '../coordination/syncLock.js';
import type { HomeRepository } from '../git/home.js';
import type { SessionExec } from '../git/session/exec.js';
import type { Progress } from '../model/report.js';
import type { Session } from '../model/session.js';
import { sweepOwnLocks } from '../git/sweep.js';
import { unwritableOr } from '../git/unwritable.js';
import { unendedOperation } from '../operations/log.js';
import { type AskSession, recoverOperation } from '../operations/recover.js';

/** What every step of a sync works with. */
export interface SyncContext {
	readonly home: HomeRepository;
	/** Makes `.claude/sync` of home where it is missing, and returns it. Only what changes something asks for it. */
	syncFolder(): Promise<string>;
	readonly config: Config;
	readonly clock: Clock;
	readonly logger: Logger;
	readonly env: NodeJS.ProcessEnv;
	readonly lockWaitSeconds: number;
	/** True where a process that is gone left its sync lock, or a file of it. */
	lockLeft(): Promise<boolean>;
	backendOf(session: Session): Pick<Backend, 'exec'>;
	/** The session of this home with that id, or null where there is none any more. */
	sessionById(id: string): Promise<Session | null>;
	/** What a branch of one of this home's sessions has now; fails where it cannot be asked. */
	readonly askSession: AskSession;
	/** Names of the sessions of this home. */
	activeSessions(): Promise<readonly string[]>;
}

export interface StepOptions {
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: Progress) => void;
}

/** The way to run commands in a session. */
export function execOf(context: SyncContext, session: Session): SessionExec {
	const backend = context.backendOf(session);
	return (argv, options) => backend.exec(session, argv, options);
}

/** The time as ISO 8601 with seconds. */
export function isoTime(clock: Clock): string {
	return new Date(clock.now()).toISOString();
}

/** Runs work under the sync lock, after an operation that was interrupted has been ended. */
export async function underLock<T>(
	context: SyncContext,
	purpose: string,
	options: StepOptions,
	work: () => Promise<T>,
): Promise<T> {
	const lock = await acquireLock(await context.syncFolder(), {
		purpose,
		waitSeconds: context.lockWaitSeconds,
		clock: context.clock,
		...(options.signal === undefined ? {} : { signal: options.signal }),
	});
	try {
		await sweepOwnLocks(context.home);
		await recoverOperation(context.home, context.logger, context.askSession);
		await lock.assertHeld();
		return await work();
	} catch (error) {
		throw unwritableOr(error, context.home.commonDir);
	} finally {
		await lock.release();
	}
}

/**
 * Ends an operation that a process left when it was killed, so that what is planned next is planned on a home that is
 * whole. Where nothing was left, it only looks.
 */
export async function settleHome(context: SyncContext, options: StepOptions): Promise<void> {
	const [begun, lock] = await Promise.all([unendedOperation(context.home.git), context.lockLeft()]);
	if (begun !== null || lock) {
		await underLock(context, 'recovery', options, async () => undefined);
	}
}
