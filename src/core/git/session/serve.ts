import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecOptions, ExecStream } from '../../backends/backend.js';
import { errorText, hasCode, HomeportError, isHomeportError } from '../../base/errors.js';
import type { ErrorCode } from '../../base/errors.js';
import { shownText } from '../../base/text.js';
import type { SessionExec } from './exec.js';
import opening from './open.sh';
import type { SessionPlace } from './push/target.js';
import { placeEnvironment } from './push/target.js';
import script from './serve.sh';

/** The two ends of a git that fetches: what it says, and what it hears. */
export interface Wire {
	readonly input: Readable;
	readonly output: Writable;
}

export interface ServeOptions extends ExecOptions {
	/** Only HEAD's branch is the session's: it is a worktree of home. */
	readonly oneBranch: boolean;
	/** zlib level of the session's pack, 0 to 9. */
	readonly compression: number;
}

const endingMs = 500;
/** Time that the session has to end once git has nothing more to say, or has gone. */
const goneMs = 5000;
const failures: readonly string[] = ['git-missing', 'git-too-old', 'session-missing', 'session-damaged'];

/**
 * Serves a git that fetches from the session's repository: its branches and HEAD, in git's own protocol, version 2.
 * Nothing that the repository configures runs. Resolves when the session's side has ended well, and where the reader went
 * away before; `output` is left open. Fails with `session-missing`, `session-damaged`, `git-missing`, `git-too-old`, or
 * as the stream fails, and what was written until then proves nothing.
 */
export async function serveFetch(
	exec: SessionExec,
	place: SessionPlace,
	{ oneBranch, compression, ...limits }: ServeOptions,
	{ input, output }: Wire,
): Promise<void> {
	const stream = await exec(['sh', '-c', opening + script, 'homeport-serve'], {
		...limits,
		env: {
			...placeEnvironment(place),
			HP_PIPE: '1',
			HP_ONE_BRANCH: oneBranch ? '1' : '',
			HP_LEVEL: String(compression),
		},
	});
	const over = new AbortController();
	// git closes its side as soon as it has all; that is no failure of the session.
	pipeline(input, stream.stdin).catch(() => undefined);
	once(input, 'end', { signal: over.signal })
		.then(() => sleep(goneMs, undefined, { signal: over.signal, ref: false }))
		.then(
			() => stream.kill(),
			() => undefined,
		);
	try {
		await pipeline(stream.stdout, output, { end: false });
		await requireEnd(stream);
	} catch (error) {
		const ended = await Promise.race([outcomeOf(stream), sleep(endingMs, null, { ref: false })]);
		stream.kill();
		if (hasCode(error, 'EPIPE')) {
			return;
		}
		throw ended ?? (isHomeportError(error) ? error : new HomeportError('stream-failed', { reason: errorText(error) }));
	} finally {
		over.abort();
	}
}

async function outcomeOf(stream: ExecStream): Promise<Error | null> {
	return requireEnd(stream).then(
		() => null,
		(error: unknown) => error as Error,
	);
}

async function requireEnd(stream: ExecStream): Promise<void> {
	const { code, signal } = await stream.status;
	if (code === 0) {
		return;
	}
	const said = stream.stderrTail();
	const [, failed = '', text = ''] = /^homeport-fail ([a-z-]+) (.*)$/m.exec(said) ?? [];
	if (failed !== '') {
		const known = failures.includes(failed) ? (failed as ErrorCode) : 'session-damaged';
		throw new HomeportError(known, { reason: shownText(text) });
	}
	const reason = shownText(said.trim().replaceAll('\n', '; '), 2000);
	throw new HomeportError('stream-failed', { exitCode: code, signal, reason });
}
