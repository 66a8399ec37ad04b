import type { Readable, Writable } from 'node:stream';
import type { Disposable } from '../base/disposable.js';
import type { BackendKind, Session } from '../model/session.js';

/** How the command of an {@link ExecStream} ended. */
export interface ExitStatus {
	/** The exit code, or null where a signal ended it. */
	readonly code: number | null;
	readonly signal: string | null;
}

/**
 * A command running in a session. `status` must arrive: it rejects (`stream-failed`, `timed-out`, `limit-exceeded`,
 * `cancelled`) when the stream ends without one, and output read until then proves nothing.
 */
export interface ExecStream {
	readonly stdin: Writable;
	readonly stdout: Readable;
	/** The last part of what the command wrote to stderr, control characters included. */
	stderrTail(): string;
	readonly status: Promise<ExitStatus>;
	/** Ends the command and all that it started. */
	kill(): void;
}

/** How many characters a terminal shows. */
export interface TerminalSize {
	readonly columns: number;
	readonly rows: number;
}

/** A command that runs in a terminal; what it prints to stderr comes on stdout. */
export interface TerminalStream extends ExecStream {
	resize(size: TerminalSize): void;
}

export interface ExecOptions {
	readonly signal?: AbortSignal;
	/** Milliseconds the whole command may take. */
	readonly timeoutMs?: number;
	/** Milliseconds without a byte in either direction. */
	readonly idleMs?: number;
	/** Bytes of stdout after which the stream fails with `limit-exceeded`. */
	readonly maxBytes?: number;
	/** Variables added to the command's environment. */
	readonly env?: Readonly<Record<string, string>>;
}

/** A session that appeared, changed or went. */
export interface SessionChange {
	readonly kind: 'added' | 'changed' | 'removed';
	readonly session: Session;
}

/** What every place where sessions live can do. Knows nothing of git. */
export interface Backend {
	readonly kind: BackendKind;
	list(signal?: AbortSignal): Promise<readonly Session[]>;
	watch(listener: (change: SessionChange) => void): Disposable;
	exec(session: Session, argv: readonly string[], options?: ExecOptions): Promise<ExecStream>;
}
