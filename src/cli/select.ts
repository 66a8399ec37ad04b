import { HomeportError, isHomeportError } from '../core/base/errors.js';
import { describeError } from '../core/base/messages.js';
import { shownText } from '../core/base/text.js';
import type { Session } from '../core/model/session.js';
import type { SessionList } from '../core/model/report.js';
import type { Call } from './call.js';
import { combinedExitCode, exitCodeOfError } from './exitCodes.js';
import type { ExitCode } from './exitCodes.js';

/** The sessions of these names or ids, each once; fails with the first name that is unknown or ambiguous. */
export async function findSessions(call: Call, names: readonly string[]): Promise<Session[]> {
	const home = await call.home();
	const found = new Map<string, Session>();
	for (const name of names) {
		const session = await home.find(name, { signal: call.signal });
		found.set(session.id, session);
	}
	return [...found.values()];
}

/** What a command is about, and the code that it cannot end better than: a cluster may not have been asked. */
interface Selection {
	readonly sessions: readonly Session[];
	readonly code: ExitCode;
}

/**
 * Says on stderr which clusters could not be asked. That is a failure where a cluster was named, and of a command that
 * acts on all sessions where one of these, which home knows, is on such a cluster.
 */
export function noteProblems(call: Call, problems: SessionList['problems'], actsOn: readonly Session[] = []): ExitCode {
	for (const { error } of problems) {
		const { message, next } = describeError(error, 'cli');
		call.note(message, ...(next === null ? [] : [next]));
	}
	const { context, kubeconfig, namespace, allContexts } = call.options;
	const named = allContexts === true || [context, kubeconfig, namespace].some((one) => one !== undefined);
	const lost = actsOn.filter(({ backend, state }) => backend === 'kubernetes' && state === 'unreachable');
	const counts = problems.filter((problem) => named || lost.some(({ scope }) => isOf(scope, problem.context)));
	const codes = counts.map(({ error }) => exitCodeOfError(error));
	return codes.length === 1 ? codes[0]! : combinedExitCode(codes);
}

/**
 * The sessions that a command is about: those named, or with `--all` the running ones of this home. Those that are left
 * out for not running, and clusters that could not be asked, are named on stderr.
 */
export async function selectSessions(call: Call, names: readonly string[], all: boolean): Promise<Selection> {
	if (all === names.length > 0) {
		throw new HomeportError('usage', { what: 'Name the sessions, or give --all, and not both' });
	}
	if (!all) {
		return { sessions: await findSessions(call, names), code: 0 };
	}
	const { sessions, problems } = await (await call.home()).list({ signal: call.signal });
	for (const session of sessions) {
		if (session.state !== 'running') {
			call.note(`left out: ${shownText(session.id)} is ${session.state}`);
		}
	}
	return {
		sessions: sessions.filter((session) => session.state === 'running'),
		code: noteProblems(call, problems, sessions),
	};
}

// A problem without a context is one of the kubeconfig, and so of all contexts.
function isOf(scope: string, context: string): boolean {
	return context === '' || scope.slice(0, scope.lastIndexOf('/')) === context;
}

/** The same error, about this session where it names none: what to do next is then said with its name. */
export function ofSession(error: unknown, sessionId: string): unknown {
	return isHomeportError(error) && error.code.startsWith('session-') && error.details['session'] === undefined
		? new HomeportError(error.code, { ...error.details, session: sessionId }, error)
		: error;
}

/** A session whose ledger is asked for. */
export interface KnownSession {
	readonly id: string;
	readonly name: string;
}

/** The session of that name; a full id is not looked for, since its ledger outlives the session and the way to it. */
export async function findKept(call: Call, nameOrId: string): Promise<KnownSession> {
	if (nameOrId.includes('/')) {
		return { id: nameOrId, name: nameOrId.slice(nameOrId.lastIndexOf('/') + 1) };
	}
	return (await call.home()).find(nameOrId, { signal: call.signal });
}
