import { spawn } from 'node:child_process';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { Transform, Writable } from 'node:stream';
import { HomeportError, errorText, throwIfCancelled } from '../../base/errors.js';
import type { ErrorDetails } from '../../base/errors.js';
import { timer } from '../../base/timer.js';
import type { ExecOptions, ExecStream, ExitStatus } from '../backend.js';
import { sessionEnvironment } from './environment.js';

const stderrTailBytes = 64 * 1024;
/** Time between the polite signal and the one that cannot be caught, and again until the process is given up. */
const killMs = 2000;
/** Time that pipes may stay open and silent after the command itself has ended. */
const lingerMs = 2000;

/**
 * Runs `argv` in the folder, as a process group of its own, in the environment that {@link sessionEnvironment} makes.
 *
 * `status` resolves once the command has ended and everything it wrote to stdout was taken. Where something that it
 * started holds stdout open for two more seconds without a byte, the group is killed and `status` rejects with
 * `stream-failed`, since nobody can say whether the output was whole; where it holds stderr alone, the group is killed
 * and the status stands. Failing (and {@link ExecStream.kill}, as `cancelled`) ends the whole group: SIGTERM, and SIGKILL
 * after two seconds or as soon as the command itself has gone. Only then does `status` reject; stdout fails at once.
 * `idleMs` counts stdin, stdout and stderr.
 *
 * Fails with `session-missing` or `session-unreachable` where the folder cannot be entered, and with `stream-failed`
 * where the command cannot be started.
 */
export async function execLocal(
	folder: string,
	argv: readonly string[],
	options: ExecOptions = {},
	ambient: NodeJS.ProcessEnv = process.env,
	otherFolders: readonly string[] = [],
): Promise<ExecStream> {
	throwIfCancelled(options.signal);
	await checkFolder(folder);
	throwIfCancelled(options.signal);
	let child: ChildProcessWithoutNullStreams;
	let stream: ExecStream;
	try {
		child = spawn(argv[0] ?? '', argv.slice(1), {
			cwd: folder,
			env: sessionEnvironment(ambient, [folder, ...otherFolders], options.env),
			detached: true,
			stdio: 'pipe',
		});
		// Wired up before the first await, so that no byte and no event is missed.
		const started = once(child, 'spawn');
		started.catch(() => undefined);
		stream = supervise(child, argv[0] ?? '', options);
		await started;
	} catch (error) {
		await checkFolder(folder);
		throw new HomeportError('stream-failed', { command: argv[0], reason: errorText(error) }, error);
	}
	return stream;
}

async function checkFolder(folder: string): Promise<void> {
	try {
		if (!(await stat(folder)).isDirectory()) {
			throw new HomeportError('session-missing', { path: folder, reason: 'it is no folder' });
		}
	} catch (error) {
		if (error instanceof HomeportError) {
			throw error;
		}
		const gone = error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
		const details = { path: folder, reason: errorText(error) };
		throw new HomeportError(gone ? 'session-missing' : 'session-unreachable', details, error);
	}
}

function supervise(
	child: ChildProcessWithoutNullStreams,
	command: string,
	{ signal, timeoutMs, idleMs, maxBytes = Infinity }: ExecOptions,
): ExecStream {
	let failure: HomeportError | undefined;
	let ended: ExitStatus | undefined;
	let settled = false;
	let received = 0;
	let stdoutEnded = false;
	let stderrTail = Buffer.alloc(0);
	const { promise: status, resolve, reject } = Promise.withResolvers<ExitStatus>();
	// A caller that never looks at the status must not end the process with an unhandled rejection.
	status.catch(() => undefined);

	const idle = timer(() =>
		fail('timed-out', { seconds: Math.round((idleMs ?? 0) / 1000), reason: 'no byte came or went' }),
	);
	const deadline = timer(() => fail('timed-out', { seconds: Math.round((timeoutMs ?? 0) / 1000) }));
	const linger = timer(stopLingering);
	const force = timer(forceEnd);

	const stdin = new Writable({
		write: (chunk: Buffer, _encoding, done) => {
			child.stdin.write(chunk, (error) => {
				touch();
				done(error);
			});
		},
		final: (done) => {
			child.stdin.end(done);
		},
		destroy: (error, done) => {
			child.stdin.destroy();
			done(error);
		},
	});
	const stdout = new Transform({
		transform: (chunk: Buffer, _encoding, done) => {
			received += chunk.length;
			touch();
			if (received > maxBytes) {
				fail('limit-exceeded', { what: `The output of ${command}`, limit: maxBytes });
				return;
			}
			done(null, chunk);
		},
	});
	// Their errors are told by the status; an `error` event that nobody hears would end the process.
	for (const stream of [stdin, stdout, child.stdin, child.stderr]) {
		stream.on('error', () => undefined);
	}
	child.stdout.on('error', (error) => fail('stream-failed', { reason: errorText(error) }, error));
	child.stdout.on('end', () => {
		stdoutEnded = true;
	});
	child.stdout.pipe(stdout);
	child.stderr.on('data', (chunk: Buffer) => {
		touch();
		stderrTail = Buffer.concat([stderrTail, chunk]).subarray(-stderrTailBytes);
	});
	child.on('error', (error) => fail('stream-failed', { reason: errorText(error) }, error));
	child.on('exit', (code, exitSignal) => {
		ended = { code, signal: exitSignal };
		stdin.destroy();
		if (failure === undefined) {
			linger.start(lingerMs);
		} else {
			// What the command left behind.
			killGroup(child, 'SIGKILL');
			settle();
		}
	});
	child.on('close', settle);

	const onAbort = (): void => fail('cancelled', {}, signal?.reason);
	signal?.addEventListener('abort', onAbort, { once: true });
	deadline.start(timeoutMs);
	idle.start(idleMs);

	function touch(): void {
		if (failure === undefined && !settled) {
			idle.start(idleMs);
			if (ended !== undefined) {
				linger.start(lingerMs);
			}
		}
	}

	function stopLingering(): void {
		if (!stdoutEnded && stdout.writableNeedDrain) {
			// It is the reader that is slow.
			linger.start(lingerMs);
			return;
		}
		if (!stdoutEnded) {
			fail('stream-failed', { reason: 'something that it started kept the output open' });
			return;
		}
		killGroup(child, 'SIGKILL');
		settle();
	}

	function fail(
		code: 'timed-out' | 'limit-exceeded' | 'cancelled' | 'stream-failed',
		details: ErrorDetails,
		cause?: unknown,
	): void {
		if (failure !== undefined || settled) {
			return;
		}
		failure = new HomeportError(code, { command, ...details, stderr: tail() }, cause);
		child.stdout.unpipe(stdout);
		child.stdout.destroy();
		stdout.destroy(failure);
		stdin.destroy(failure);
		if (ended === undefined && child.pid !== undefined) {
			killGroup(child, 'SIGTERM');
			force.start(killMs);
		} else {
			killGroup(child, 'SIGKILL');
			settle();
		}
	}

	function forceEnd(): void {
		killGroup(child, 'SIGKILL');
		// A process in an uninterruptible wait outlives even that; nobody waits for it any longer.
		force.start(killMs, settle);
	}

	function settle(): void {
		if (settled) {
			return;
		}
		settled = true;
		for (const each of [idle, deadline, linger, force]) {
			each.stop();
		}
		signal?.removeEventListener('abort', onAbort);
		child.stderr.destroy();
		if (failure !== undefined) {
			reject(failure);
		} else if (ended === undefined) {
			reject(new HomeportError('stream-failed', { command, reason: 'it ended without a status', stderr: tail() }));
		} else {
			resolve(ended);
		}
	}

	const tail = (): string => stderrTail.toString('utf8');
	return { stdin, stdout, status, stderrTail: tail, kill: () => fail('cancelled', { reason: 'it was stopped' }) };
}

function killGroup(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): void {
	if (child.pid !== undefined) {
		try {
			process.kill(-child.pid, signal);
		} catch {
			// Nothing of the group is left.
		}
	}
}
