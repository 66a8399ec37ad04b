import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecOptions } from '../../backends/backend.js';
import { errorText, hasCode, HomeportError, isHomeportError } from '../../base/errors.js';
import type { ErrorCode } from '../../base/errors.js';
import { ownError, requireExit } from './exec.js';
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
		await requireExit(stream);
	} catch (error) {
		const ended = await ownError(stream);
		stream.kill();
		if (hasCode(error, 'EPIPE')) {
			return;
		}
		const failure = isHomeportError(error) ? error : new HomeportError('stream-failed', { reason: errorText(error) });
		throw inItsWords(ended ?? failure);
	} finally {
		over.abort();
	}
}

// What our own script says of its end stands among what the command wrote.
function inItsWords(error: Error): Error {
	const said = isHomeportError(error, 'stream-failed') ? String(error.details['reason']) : '';
	const [, failed = '', text = ''] = /(?:^|; )homeport-fail ([a-z-]+) ([^;]*)/.exec(said) ?? [];
	if (failed === '') {
		return error;
	}
	const known = failures.includes(failed) ? (failed as ErrorCode) : 'session-damaged';
	return new HomeportError(known, { reason: text }, error);
}
