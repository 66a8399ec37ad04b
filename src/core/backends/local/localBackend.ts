import type { Clock } from '../../base/clock.js';
import { systemClock } from '../../base/clock.js';
import type { Disposable } from '../../base/disposable.js';
import { errorText, throwIfCancelled } from '../../base/errors.js';
import type { Logger } from '../../base/logger.js';
import { silentLogger } from '../../base/logger.js';
import { sessionId } from '../../model/session.js';
import type { Session } from '../../model/session.js';
import type { Backend, SessionChange } from '../backend.js';
import { changesBetween } from '../sessionChanges.js';
import { findGitFolder } from './gitFolder.js';
import type { GitFolder, NoGitFolder } from './gitFolder.js';
import { execLocal } from './localExec.js';
import { addEntry, readEntries, registryPath, removeEntry } from './registry.js';
import type { NewEntry, RegistryEntry } from './registry.js';
import { watchStateFile } from '../../base/watchFile.js';

export interface LocalBackendOptions {
	/** Where folders, PATH and the rest come from; the process's own by default. */
	readonly env?: NodeJS.ProcessEnv;
	readonly clock?: Clock;
	readonly logger?: Logger;
}

/** Folders of this machine, registered by name. */
export interface LocalBackend extends Backend {
	/** Registers a folder for a home; fails with `usage`, `not-a-repository` or `session-exists`. */
	add(entry: NewEntry): Promise<Session>;
	/** The folders of all sessions, in which no program is looked for; none where the registry cannot be read. */
	folders(): Promise<readonly string[]>;
	/** Ends a registration; folder and ledger stay. Fails with `session-unknown`. */
	remove(name: string): Promise<Session>;
}

/**
 * The backend of registered folders. `list` returns those of every home, each with its state: `running` where folder and
 * git folder are the ones that were added, else `missing`, `unreachable` or `error` with the reason. `watch` tells of
 * changes of the registry, not of the folders.
 */
export function createLocalBackend(options: LocalBackendOptions = {}): LocalBackend {
	const env = options.env ?? process.env;
	const clock = options.clock ?? systemClock;
	const logger = options.logger ?? silentLogger;
	const registry = registryPath(env);
	const folders = async (): Promise<readonly string[]> => {
		const entries = await readEntries(registry, 'leave').catch(() => []);
		return entries.map((entry) => entry.path);
	};
	return {
		kind: 'local',
		list: async (signal) => {
			throwIfCancelled(signal);
			const sessions = await sessionsOf(await readEntries(registry));
			throwIfCancelled(signal);
			return sessions;
		},
		watch: (listener) => watchSessions(registry, listener, logger),
		exec: async (session, argv, execOptions) => {
			// A program of one session must not run while another is looked at.
			return execLocal(session.workspace, argv, execOptions, env, await folders());
		},
		folders,
		add: async (entry) => sessionOf(await addEntry(registry, entry, clock)),
		remove: async (name) => sessionOf(await removeEntry(registry, name)),
	};
}

async function sessionsOf(entries: readonly RegistryEntry[]): Promise<Session[]> {
	const homes = new Map<string, Promise<GitFolder | NoGitFolder>>();
	return Promise.all(
		entries.map(async (entry) => {
			const home = homes.get(entry.home) ?? findGitFolder(entry.home);
			homes.set(entry.home, home);
			return sessionOf(entry, home);
		}),
	);
}

async function sessionOf(entry: RegistryEntry, home = findGitFolder(entry.home)): Promise<Session> {
	const [found, ofHome] = await Promise.all([findGitFolder(entry.path), home]);
	const usable = 'problem' in found ? null : found;
	return {
		id: sessionId('local', '', entry.name),
		name: entry.name,
		backend: 'local',
		scope: '',
		agent: entry.agent,
		...stateOf(entry, found),
		workspace: entry.path,
		gitDir: entry.gitDir,
		storage: usable?.storage ?? '',
		home: entry.home,
		worktreeOfHome: usable !== null && !('problem' in ofHome) && usable.commonDir === ofHome.commonDir,
	};
}

function stateOf(entry: RegistryEntry, found: GitFolder | NoGitFolder): Pick<Session, 'state' | 'reason'> {
	if ('problem' in found) {
		return { state: found.problem === 'damaged' ? 'error' : found.problem, reason: found.reason };
	}
	if (found.path !== entry.path) {
		return { state: 'error', reason: `it leads elsewhere now; remove the session and add it again: ${found.path}` };
	}
	if (found.gitDir !== entry.gitDir) {
		const reason = `its git folder is another now; remove the session and add it again: ${found.gitDir}`;
		return { state: 'error', reason };
	}
	return { state: 'running', reason: null };
}

function watchSessions(registry: string, listener: (change: SessionChange) => void, logger: Logger): Disposable {
	let known: ReadonlyMap<string, Session> | undefined;
	let disposed = false;
	let last = Promise.resolve();
	const look = async (): Promise<void> => {
		try {
			// A damaged registry is left for the next `list`, whose caller can tell the user.
			const sessions = await sessionsOf(await readEntries(registry, 'leave'));
			const now = new Map(sessions.map((session) => [session.id, session]));
			if (known === undefined) {
				logger.log('debug', `watching ${registry}`);
			}
			for (const change of changesBetween(known ?? now, now)) {
				if (!disposed) {
					listener(change);
				}
			}
			known = now;
		} catch (error) {
			logger.log('warn', `the registered sessions could not be read: ${errorText(error)}`);
		}
	};
	const next = (): void => {
		last = last.then(look);
	};
	const watcher = watchStateFile(registry, next);
	next();
	return {
		dispose: () => {
			disposed = true;
			watcher.dispose();
		},
	};
}
