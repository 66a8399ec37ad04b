import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecOptions, ExecStream } from '../../backends/backend.js';
import { HomeportError, isHomeportError } from '../../base/errors.js';
import { shownText } from '../../base/text.js';

const endingMs = 500;

/** All that git knows of a session: a way to run a command there. */
export type SessionExec = (argv: readonly string[], options?: ExecOptions) => Promise<ExecStream>;

interface OutputOptions extends ExecOptions {
	/** Milliseconds until the command must have printed something; for one that says at once that it runs. */
	readonly firstByteMs?: number;
}

/**
 * Runs a command of ours in the session and returns what it printed. Fails with `session-damaged` when it ends with
 * another code than 0, with `stream-failed` where it was killed there, with `session-unreachable` where it does not print in time that it runs, and as the stream fails.
 * `input` is what it reads.
 */
export async function outputOf(
	exec: SessionExec,
	argv: readonly string[],
	{ firstByteMs, ...options }: OutputOptions,
	input?: Buffer,
): Promise<Buffer> {
	const late = new AbortController();
	const timer = firstByteMs === undefined ? undefined : setTimeout(() => late.abort(), firstByteMs);
	const signal = options.signal === undefined ? late.signal : AbortSignal.any([late.signal, options.signal]);
	try {
		return await read(await exec(argv, { ...options, signal }), input, () => clearTimeout(timer));
	} catch (error) {
		if (firstByteMs !== undefined && late.signal.aborted && !options.signal?.aborted) {
			const reason = `nothing came from the command that was started there, in seconds: ${firstByteMs / 1000}`;
			throw new HomeportError('session-unreachable', { reason }, error);
		}
		throw error;
	} finally {
		clearTimeout(timer);
	}
}

async function read(stream: ExecStream, input: Buffer | undefined, onOutput: () => void): Promise<Buffer> {
	stream.stdin.on('error', () => undefined);
	stream.stdin.end(input);
	const chunks: Buffer[] = [];
	try {
		for await (const chunk of stream.stdout) {
			onOutput();
			chunks.push(chunk as Buffer);
		}
	} catch (error) {
		// The status says better why the stream ended.
		await stream.status;
		throw new HomeportError('stream-failed', {}, error);
	}
	const status = await stream.status;
	if (wasKilled(status)) {
		throw new HomeportError('stream-failed', { reason: 'the command there was ended from outside' });
	}
	if (status.code !== 0) {
		const stderr = shownText(stream.stderrTail().trim(), 2000);
		throw new HomeportError('session-damaged', { exitCode: status.code, signal: status.signal, reason: stderr });
	}
	return Buffer.concat(chunks);
}

// By SIGKILL or SIGTERM, as when its container ends: nothing of the session is damaged. A shell says 128 and the number.
function wasKilled({ code, signal }: Awaited<ExecStream['status']>): boolean {
	return code === 137 || code === 143 || signal === 'SIGKILL' || signal === 'SIGTERM';
}

/** Waits for the command to end; fails with `stream-failed` where it ended with another code than 0, or as its stream does. */
export async function requireExit(stream: ExecStream): Promise<void> {
	const { code, signal } = await stream.status;
	if (code !== 0) {
		const reason = shownText(stream.stderrTail().trim().replaceAll('\n', '; '), 2000);
		throw new HomeportError('stream-failed', { exitCode: code, signal, reason });
	}
}

/**
 * The error that a command ended with by itself, which says more than the broken pipe it left; null where it ended well,
 * was never there, or does not end within half a second.
 */
export async function ownError(stream: ExecStream | undefined): Promise<Error | null> {
	const ended = stream === undefined ? Promise.resolve(null) : requireExit(stream).then(() => null, asError);
	return Promise.race([ended, sleep(endingMs, null, { ref: false })]);
}

function asError(error: unknown): Error {
	return error as Error;
}

/** True when an error says that the session took too long, where a FIFO among its files is the usual cause. */
export function tookTooLong(error: unknown): boolean {
	return isHomeportError(error, 'timed-out');
}
