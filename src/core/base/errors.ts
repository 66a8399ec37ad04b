/** Every way in which Homeport can fail; `messages.ts` turns each into words. */
export type ErrorCode =
	| 'usage'
	| 'not-a-repository'
	| 'git-missing'
	| 'git-too-old'
	| 'git-failed'
	| 'session-unknown'
	| 'session-ambiguous'
	| 'session-exists'
	| 'session-unreachable'
	| 'session-missing'
	| 'session-damaged'
	| 'session-not-owned'
	| 'session-built-on'
	| 'push-unverified'
	| 'push-refused'
	| 'stream-failed'
	| 'limit-exceeded'
	| 'timed-out'
	| 'cancelled'
	| 'refused'
	| 'blocked'
	| 'incomplete'
	| 'changed-meanwhile'
	| 'branch-in-use'
	| 'identity-missing'
	| 'merge-unfinished'
	| 'lock-held'
	| 'lock-lost'
	| 'operation-unknown'
	| 'nothing-to-undo'
	| 'commits-forgotten'
	| 'content-missing'
	| 'content-too-large'
	| 'state-damaged'
	| 'state-unwritable'
	| 'confirmation-needed'
	| 'not-supported'
	| ClusterErrorCode
	| 'internal';

/** Ways in which a cluster, or what is known of it, can fail. */
export type ClusterErrorCode =
	| 'kubeconfig-damaged'
	| 'kubeconfig-foreign'
	| 'context-unknown'
	| 'credentials-failed'
	| 'cluster-unreachable'
	| 'cluster-timed-out'
	| 'cluster-untrusted'
	| 'cluster-unauthorized'
	| 'cluster-forbidden'
	| 'cluster-not-found'
	| 'cluster-expired'
	| 'cluster-busy'
	| 'cluster-failed'
	| 'cluster-too-old';

/** The codes that say that a session, or where it lives, could not be got at. */
export const unreachableCodes = [
	'session-unreachable',
	'session-missing',
	'credentials-failed',
	'cluster-unreachable',
	'cluster-timed-out',
	'cluster-untrusted',
	'cluster-unauthorized',
	'cluster-forbidden',
	'cluster-busy',
] as const satisfies readonly ErrorCode[];

export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error that a person can be told about: a stable code, the facts, and the cause beneath it. */
export class HomeportError extends Error {
	override readonly name = 'HomeportError';
	readonly code: ErrorCode;
	readonly details: ErrorDetails;

	constructor(code: ErrorCode, details: ErrorDetails = {}, cause?: unknown) {
		super(code, cause === undefined ? undefined : { cause });
		this.code = code;
		this.details = details;
	}

	/** Holds for errors of another bundle too: the extension and the core are two files, each with this class. */
	static override [Symbol.hasInstance](value: unknown): boolean {
		return value instanceof Error && value.name === 'HomeportError';
	}
}

/** True when `error` is a {@link HomeportError}, of one of the given codes where any is named. */
export function isHomeportError(error: unknown, ...codes: readonly ErrorCode[]): error is HomeportError {
	return error instanceof HomeportError && (codes.length === 0 || codes.includes(error.code));
}

/** True when `error` is one of the operating system or of Node with one of these codes. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
	return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** Throws `cancelled` when the signal has been raised. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
	if (signal?.aborted) {
		throw new HomeportError('cancelled', {}, signal.reason);
	}
}

/** The error's own words, for details and logs; never for program flow. */
export function errorText(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
