import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { missingObjects } from '../git/quarantine.js';
import type { Git } from '../git/run.js';
import type { Look } from '../git/session/look.js';
import { observe } from '../git/session/observe.js';
import type { SessionPlace } from '../git/session/push/target.js';
import { type Oid, observedOids } from '../model/observation.js';
import type { Session } from '../model/session.js';
import { execOf, type StepOptions, type SyncContext } from './context.js';

/**
 * Observes and captures a session by the settings of this home. `history` asks for commits that home may have as well;
 * `counted` are commits that the ledger has, for the look to say what it has not. Whoever calls drops the run of the look.
 */
export async function lookAt(
	context: SyncContext,
	session: Session,
	ask: { readonly history: boolean; readonly counted: readonly Oid[] },
	options: StepOptions,
): Promise<Look> {
	const { config } = context;
	return observe(execOf(context, session), {
		...(await placeOf(context, session)),
		storage: session.storage,
		oneBranch: session.worktreeOfHome,
		capture: true,
		...ask,
		ignored: config.captureIgnored,
		credentials: config.captureCredentials,
		maxFileBytes: config.maxFileBytes,
		maxTotalBytes: config.maxTotalBytes,
		maxRefs: config.limits.refs,
		maxFiles: config.limits.files,
		compression: session.backend === 'local' ? 0 : 1,
		timeoutMs: config.limits.observeSeconds * 1000,
		...(options.signal === undefined ? {} : { signal: options.signal }),
	});
}

/** Where the session's repository is, and where our own files about it are. */
export async function placeOf(context: SyncContext, session: Session): Promise<SessionPlace> {
	return {
		workspace: session.workspace,
		gitDir: session.gitDir,
		privateFolder: session.backend === 'local' ? await cacheFolder(context.env) : null,
		key: createHash('sha256').update(`${context.home.commonDir}\0${session.id}`).digest('hex').slice(0, 16),
	};
}

/** Commits that the session named itself and home has: naming them back tells the session nothing. At most 256. */
export async function commonCommits(home: Git, look: Look): Promise<Oid[]> {
	const candidates = [...new Set([...observedOids(look.observation), ...look.known])];
	const missing = new Set(await missingObjects(home, candidates));
	return candidates.filter((oid) => !missing.has(oid)).slice(0, 256);
}

async function cacheFolder(env: NodeJS.ProcessEnv): Promise<string | null> {
	const base = env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache');
	const folder = join(base, 'homeport');
	const made = await mkdir(folder, { recursive: true, mode: 0o700 }).then(
		() => true,
		() => false,
	);
	return made ? folder : null;
}
