import type { SyncRequest } from '../../core/model/plan.js';

/** What 'Sync Session' does when nobody has said anything else: a branch of its own for each of the session's. */
export const plainRequest: SyncRequest = { strategy: 'branch', direction: 'home', branch: null, from: null };

/** What a page or another command says to sync. */
export interface SyncArgument {
	readonly session: string;
	readonly request: SyncRequest;
}

/** The argument of a command as what to sync, or null where it is anything else. */
export function syncArgument(argument: unknown): SyncArgument | null {
	const { session, request } = recordOf(argument);
	const read = readRequest(request);
	return typeof session === 'string' && read !== null ? { session, request: read } : null;
}

/** A request that was stored or handed over, or null where it is none. */
export function readRequest(value: unknown): SyncRequest | null {
	const { strategy, direction, branch, from, onConflict, rebase, origin } = recordOf(value);
	const isRequest =
		isOneOf(strategy, ['branch', 'merge', 'overwrite', 'exclude']) &&
		isOneOf(direction, ['home', 'session', 'both']) &&
		isName(branch) &&
		isName(from) &&
		isOneOf(onConflict ?? 'manual', ['manual', 'auto-ours', 'auto-theirs']) &&
		[rebase ?? false, origin ?? false].every((flag) => typeof flag === 'boolean');
	return isRequest ? (value as SyncRequest) : null;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function isOneOf(value: unknown, values: readonly string[]): boolean {
	return typeof value === 'string' && values.includes(value);
}

function isName(value: unknown): boolean {
	return value === null || typeof value === 'string';
}
