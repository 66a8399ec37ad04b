import { isAbsolute, join, relative } from 'node:path';
import * as z from 'zod/mini';
import type { Clock } from '../../base/clock.js';
import { configFolder } from '../../base/configFolder.js';
import { HomeportError } from '../../base/errors.js';
import type { ErrorDetails } from '../../base/errors.js';
import { readState, updateState } from '../../base/stateFile.js';
import type { OnDamage } from '../../base/stateFile.js';
import { sessionNameFormat } from '../../model/sessionName.js';
import { findGitFolder } from './gitFolder.js';
import type { GitFolder } from './gitFolder.js';

const entrySchema = z.looseObject({
	name: z.string().check(z.regex(sessionNameFormat)),
	/** The folder, as a real path. */
	path: z.string(),
	agent: z.string(),
	/** The home that it was added for. */
	home: z.string(),
	/** The git folder that the user accepted by adding it, as a real path. */
	gitDir: z.string(),
	/** ISO 8601. */
	addedAt: z.string(),
});

const registrySchema = z.looseObject({ sessions: z.array(entrySchema) });

const emptyRegistry: z.infer<typeof registrySchema> = { sessions: [] };

/** One folder that was registered as a session. */
export type RegistryEntry = z.infer<typeof entrySchema>;

/** What to register. `home` is the top folder of home. */
export interface NewEntry {
	readonly name: string;
	readonly path: string;
	readonly agent: string;
	readonly home: string;
}

/** Where folders are registered: `homeport/sessions.json` in the user's configuration folder. */
export function registryPath(env: NodeJS.ProcessEnv): string {
	return join(configFolder(env), 'homeport', 'sessions.json');
}

/** Every registered folder, of all homes, in the order they were added; fails with `state-damaged`. */
export async function readEntries(path: string, onDamage?: OnDamage): Promise<readonly RegistryEntry[]> {
	return (await readState(path, registrySchema, emptyRegistry, onDamage)).sessions;
}

/**
 * Registers a folder that is the top of a git repository or working tree. Fails with `usage` for a name, an agent or a
 * folder that cannot be taken (home itself, or inside home's git folder), with `not-a-repository`, and with
 * `session-exists` where the name, in whatever case, or the folder is taken by a session of any home.
 */
export async function addEntry(path: string, added: NewEntry, clock: Clock): Promise<RegistryEntry> {
	checkWord('name', added.name);
	checkWord('agent', added.agent);
	const home = await repositoryAt(added.home);
	const folder = await repositoryAt(added.path, { folder: added.path });
	refuseHome(folder, home);
	const entry: RegistryEntry = {
		name: added.name,
		path: folder.path,
		agent: added.agent,
		home: home.path,
		gitDir: folder.gitDir,
		addedAt: new Date(clock.now()).toISOString(),
	};
	await updateState(path, registrySchema, emptyRegistry, (registry) => {
		const taken = registry.sessions.find((each) => each.name.toLowerCase() === added.name.toLowerCase());
		if (taken !== undefined) {
			throw new HomeportError('session-exists', { session: taken.name, path: taken.path });
		}
		const same = registry.sessions.find((each) => each.path === folder.path);
		if (same !== undefined) {
			const { name: session, home: ofHome } = same;
			const elsewhere = ofHome === home.path ? {} : { home: ofHome };
			throw new HomeportError('session-exists', { session, folder: folder.path, ...elsewhere });
		}
		return { ...registry, sessions: [...registry.sessions, entry] };
	});
	return entry;
}

/** Ends a registration and returns what it was; fails with `session-unknown`. The folder stays. */
export async function removeEntry(path: string, name: string): Promise<RegistryEntry> {
	let removed: RegistryEntry | undefined;
	await updateState(path, registrySchema, emptyRegistry, (registry) => {
		removed = registry.sessions.find((entry) => entry.name === name);
		if (removed === undefined) {
			throw new HomeportError('session-unknown', { session: name });
		}
		return { ...registry, sessions: registry.sessions.filter((entry) => entry !== removed) };
	});
	return removed!;
}

function checkWord(what: 'name' | 'agent', word: string): void {
	if (!sessionNameFormat.test(word)) {
		const reason = `a name must begin with a letter or digit and hold up to 63 letters, digits, dots, dashes and underscores: ${word}`;
		throw new HomeportError('usage', { [what]: word, reason });
	}
}

async function repositoryAt(path: string, details: ErrorDetails = {}): Promise<GitFolder> {
	const found = await findGitFolder(path);
	if ('problem' in found) {
		throw new HomeportError('not-a-repository', { path, reason: found.reason, ...details });
	}
	return found;
}

function refuseHome(folder: GitFolder, home: GitFolder): void {
	if (folder.path === home.path || folder.gitDir === home.commonDir) {
		throw new HomeportError('usage', { path: folder.path, reason: 'this folder is home itself' });
	}
	const place = relative(home.commonDir, folder.path);
	if (!isAbsolute(place) && !/^\.\.(\/|$)/.test(place)) {
		throw new HomeportError('usage', { path: folder.path, reason: 'this folder is inside the git folder of home' });
	}
}
