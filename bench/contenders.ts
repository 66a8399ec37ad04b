import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Homeport, openHome } from '../src/core/homeport.js';
import type { SyncResult } from '../src/core/model/report.js';
import { type Session, sessionRefName } from '../src/core/model/session.js';
import { branchesArrived, foldersEqual, tipOids } from './checks.js';
import { command } from './commands.js';
import type { Attempt, Contender, Phases } from './measure.js';

/** The name of every agent here; the branches of its sessions begin with it. */
const agent = 'agent';

/** A home that is open in this process, and a session of it. */
export interface Opened {
	readonly home: string;
	readonly homeport: Homeport;
	readonly session: Session;
}

/** Opens a home and adds a session to it, under a name that is not taken. */
export async function openSession(home: string, name: string, folder: string): Promise<Opened> {
	const homeport = await openHome({ repo: home });
	return { home, homeport, session: await homeport.add(name, folder, agent) };
}

/** One sync by default settings, accepting no loss, and where its time went. */
export async function syncOnce(opened: Opened): Promise<{ readonly result: SyncResult; readonly phases: Phases }> {
	const { homeport, session } = opened;
	const phases = new Map<string, number>();
	let phase = 'open';
	let since = performance.now();
	const enter = (next: string): void => {
		if (next !== phase) {
			const now = performance.now();
			phases.set(phase, (phases.get(phase) ?? 0) + now - since);
			phase = next;
			since = now;
		}
	};
	const request = { strategy: 'branch', direction: 'home', branch: null, from: null } as const;
	const accept = async (): Promise<{ proceed: true; accepted: [] }> => ({ proceed: true, accepted: [] });
	const result = await homeport.sync(session, request, accept, { onProgress: (progress) => enter(progress.phase) });
	enter('end');
	return { result, phases };
}

/** Null where the sync ended as it should and every branch of `source` is at home; else what is wrong. */
export async function syncArrived(
	opened: Opened,
	result: SyncResult,
	expected: SyncResult['outcome'],
	thorough: boolean,
	source = opened.session.workspace,
): Promise<string | null> {
	const { home, session } = opened;
	if (result.outcome !== expected) {
		const codes = result.warnings.filter(({ level }) => level === 'ask').map(({ code }) => code);
		return `the sync ended ${result.outcome} ${codes.join(' ')} ${result.error?.message ?? ''}`.trim();
	}
	const ours = await tipOids(home, `refs/heads/${agent}/`);
	for (const oid of await tipOids(source, 'refs/heads/')) {
		if (!ours.has(oid)) {
			return `no branch of home is at ${oid}`;
		}
	}
	return branchesArrived(source, home, `refs/homeport/sessions/${sessionRefName(session.id)}/heads/`, thorough);
}

/** A first sync of a session into a home that `makeHome` makes anew for every run. */
export function firstSync(folder: string, session: string, makeHome: (path: string) => Promise<void>): Contender {
	return {
		name: 'homeport',
		prepare: async (run) => {
			const home = join(folder, `ours${run}`);
			await makeHome(home);
			const opened = await openSession(home, `first-${process.pid}-${run}`, session);
			let result: SyncResult;
			return {
				run: async () => {
					const synced = await syncOnce(opened);
					result = synced.result;
					return synced.phases;
				},
				check: async (thorough) => syncArrived(opened, result, 'synced', thorough),
				dispose: async () => {
					await opened.homeport.remove(opened.session.id);
					await remove(home);
				},
			};
		},
	};
}

const checks = ['-c', 'fetch.fsckObjects=true', '-c', 'fetch.unpackLimit=1'];

/** The command that fetches every branch of a session, with the checks on that ours makes too. */
export function fetchCommand(repository: string, from: string): string[] {
	return ['git', '-C', repository, ...checks, 'fetch', '-q', '--no-tags', from, '+refs/heads/*:refs/session/*'];
}

/** A first `git fetch` into a repository that `makeHome` makes anew for every run. */
export function firstFetch(
	folder: string,
	session: string,
	makeHome: (path: string) => Promise<void>,
	{ most, name = 'git fetch', from = session }: { most?: number; name?: string; from?: string } = {},
): Contender {
	return {
		name,
		...(most === undefined ? {} : { most }),
		prepare: async (run) => {
			const home = join(folder, `fetch${run}`);
			await makeHome(home);
			return fetchAttempt(home, session, from, async () => remove(home));
		},
	};
}

/** A `git fetch` into a repository that stays. */
export function repeatedFetch(
	repository: string,
	session: string,
	{ name = 'git fetch', from = session }: { name?: string; from?: string } = {},
): Contender {
	return { name, prepare: async () => fetchAttempt(repository, session, from, async () => undefined) };
}

function fetchAttempt(repository: string, session: string, from: string, dispose: () => Promise<void>): Attempt {
	return {
		run: async () => {
			await command(fetchCommand(repository, from));
			return null;
		},
		check: async (thorough) => branchesArrived(session, repository, 'refs/session/', thorough),
		dispose,
	};
}

/** A folder through a pipe of two `tar`. */
export function tarCopy(folder: string, source: string, name: string): Contender {
	const script = 'tar -C "$1" -cf - . | tar -C "$2" -xf -';
	return copyOf(folder, source, name, async (target) => command(['sh', '-c', script, 'tar', source, target]));
}

/** A copy of a folder into an empty one, by whatever means. */
export function copyOf(
	folder: string,
	source: string,
	name: string,
	copy: (target: string) => Promise<unknown>,
): Contender {
	return {
		name,
		prepare: async (run) => {
			const target = join(folder, `copy${run}`);
			await mkdir(target);
			return {
				run: async () => {
					await copy(target);
					return null;
				},
				check: async () => foldersEqual(source, target),
				dispose: async () => remove(target),
			};
		},
	};
}

/** An empty repository. */
export async function emptyHome(path: string): Promise<void> {
	await command(['git', 'init', '-q', '-b', 'main', path]);
}

/** An empty bare repository. */
export async function emptyBare(path: string): Promise<void> {
	await command(['git', 'init', '-q', '--bare', path]);
}

/** Removes a folder and all that is in it. */
export async function remove(path: string): Promise<void> {
	await rm(path, { recursive: true, force: true, maxRetries: 3 });
}
