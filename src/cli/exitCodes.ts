import { isHomeportError } from '../core/base/errors.js';
import type { ErrorCode } from '../core/base/errors.js';
import type { SyncOutcome, SyncResult } from '../core/model/report.js';

/** How the command line ends: done, failed, usage, refused or blocked, unreachable, lock held, interrupted. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 130;

const byError: Readonly<Record<ErrorCode, ExitCode>> = {
	usage: 2,
	'not-a-repository': 1,
	'git-missing': 1,
	'git-too-old': 1,
	'git-failed': 1,
	'session-unknown': 2,
	'session-ambiguous': 2,
	'session-exists': 1,
	'session-unreachable': 4,
	'session-missing': 4,
	'session-damaged': 1,
	'session-not-owned': 1,
	'session-built-on': 3,
	'push-unverified': 1,
	'push-refused': 1,
	'stream-failed': 1,
	'limit-exceeded': 1,
	'timed-out': 1,
	cancelled: 130,
	refused: 3,
	blocked: 3,
	incomplete: 1,
	'changed-meanwhile': 1,
	'branch-in-use': 3,
	'identity-missing': 1,
	'merge-unfinished': 1,
	'lock-held': 5,
	'lock-lost': 1,
	'operation-unknown': 2,
	'nothing-to-undo': 0,
	'commits-forgotten': 1,
	'content-missing': 1,
	'content-too-large': 1,
	'state-damaged': 1,
	'state-unwritable': 1,
	'confirmation-needed': 3,
	'not-supported': 1,
	'kubeconfig-damaged': 1,
	'kubeconfig-foreign': 1,
	'context-unknown': 2,
	'credentials-failed': 4,
	'cluster-unreachable': 4,
	'cluster-timed-out': 4,
	'cluster-untrusted': 4,
	'cluster-unauthorized': 4,
	'cluster-forbidden': 4,
	'cluster-not-found': 1,
	'cluster-expired': 4,
	'cluster-busy': 4,
	'cluster-failed': 1,
	'cluster-too-old': 1,
	internal: 1,
};

const byOutcome: Readonly<Record<SyncOutcome, ExitCode>> = {
	synced: 0,
	'up-to-date': 0,
	refused: 3,
	blocked: 3,
	failed: 1,
	unreachable: 4,
};

// What a script must act on first stands first.
const bySeverity: readonly ExitCode[] = [130, 1, 4, 5, 3, 0];

/** The exit code that an error ends the command with; 1 for what is no `HomeportError`. */
export function exitCodeOfError(error: unknown): ExitCode {
	return isHomeportError(error) ? byError[error.code] : 1;
}

/**
 * The exit code of one session's result. A sync that failed ends with its error's code where that is one of
 * unreachable, lock held or interrupted.
 */
export function exitCodeOfResult(result: Pick<SyncResult, 'outcome' | 'error'>): ExitCode {
	if (result.outcome === 'failed' || result.outcome === 'unreachable') {
		const code = exitCodeOfError(result.error);
		return code === 4 || code === 5 || code === 130 ? code : byOutcome[result.outcome];
	}
	return byOutcome[result.outcome];
}

/** The exit code of several sessions: the first that occurs of 130, 1, 4, 5, 3, 0; none at all is 0. */
export function combinedExitCode(codes: readonly ExitCode[]): ExitCode {
	// One session's usage error is a failure of the whole.
	const known: readonly ExitCode[] = codes.map((code) => (code === 2 ? 1 : code));
	return bySeverity.find((code) => known.includes(code)) ?? 0;
}
