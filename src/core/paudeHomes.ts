import { readPaudeRegistry } from './backends/kubernetes/paudeRegistry.js';
import { errorText, HomeportError } from './base/errors.js';
import type { Logger } from './base/logger.js';
import { paudeRemotes } from './git/paudeRemotes.js';
import type { Git } from './git/run.js';
import type { Session } from './model/session.js';

/**
 * The sessions of clusters, those that do not say themselves to which home they belong with the one that paude knows: the
 * folder in its registry on this machine, or else home where that has its remote for the session. What cannot be read is
 * told to the log and counts for nothing. No session is added and none taken away.
 */
export async function withPaudeHomes(
	sessions: readonly Session[],
	home: { readonly identity: string; readonly git: Git },
	env: NodeJS.ProcessEnv,
	logger: Logger,
): Promise<Session[]> {
	if (sessions.every((session) => session.home !== null)) {
		return [...sessions];
	}
	const [entries, remotes] = await Promise.all([
		readPaudeRegistry(env).catch(ignored(logger, "paude's registry")),
		paudeRemotes(home.git).catch(ignored(logger, "paude's remotes")),
	]);
	return sessions.map((session) => {
		if (session.home !== null) {
			return session;
		}
		const entry = entries.find((one) => isOf(session, one));
		const has = remotes.some((one) => isOf(session, one));
		return { ...session, home: entry?.workspace ?? (has ? home.identity : null) };
	});
}

interface Named {
	readonly name: string;
	readonly context: string | null;
	readonly namespace: string | null;
}

function isOf({ name, scope }: Session, named: Named): boolean {
	const slash = scope.lastIndexOf('/');
	return (
		named.name === name &&
		(named.context ?? scope.slice(0, slash)) === scope.slice(0, slash) &&
		(named.namespace ?? scope.slice(slash + 1)) === scope.slice(slash + 1)
	);
}

function ignored(logger: Logger, what: string): (error: unknown) => [] {
	return (error) => {
		const reason = error instanceof HomeportError ? String(error.details['reason']) : errorText(error);
		logger.log('warn', `${what} cannot be read, and is left as it is: ${reason}`);
		return [];
	};
}
