import { Readable, Writable } from 'node:stream';
import type { WebSocket } from 'ws';
import { HomeportError, errorText } from '../../base/errors.js';
import type { ErrorCode, ErrorDetails } from '../../base/errors.js';
import { timer } from '../../base/timer.js';
import { collectYoungGarbage } from '../../base/youngGarbage.js';
import type { ExecOptions, ExitStatus, TerminalStream } from '../backend.js';
import { channel, protocols, readStatus, resizeFrame, stdinEnd, stdinFrame } from './channels.js';
import type { CommandEnd } from './channels.js';

const stderrTailBytes = 64 * 1024;
const statusBytes = 64 * 1024;
/** Bytes of stdin in one message, and of stdout that wait for a reader. */
const frameBytes = 32 * 1024;
const waitingBytes = 256 * 1024;
/** Bytes after which the buffers that they came in are let go of. */
const collectBytes = 4 * 1024 * 1024;
/** Between two pings, and without any sign of life after which the connection counts as dead. */
const pingMs = 20_000;
const deadMs = 65_000;
/** Time that the server has to close once the status is there. */
const closingMs = 5000;

/**
 * The command behind an open WebSocket. Messages that arrived before are lost, so that it has to be called before the
 * socket opens; bytes flow once the socket is resumed and stdout is read. A reader that is slow stops the socket, and a
 * writer waits until its bytes have left this process. Where the stream ends without a status message, however whole
 * stdout may look, `status` rejects with `stream-failed`.
 *
 * v4 cannot say that stdin has ended: the command has to know by itself. {@link TerminalStream.kill} ends the connection; a
 * cluster may let the command run on until it next reads or writes. A command without a terminal has no size to change.
 */
export function socketStream(socket: WebSocket, command: string, options: ExecOptions): TerminalStream {
	const { signal, timeoutMs, idleMs, maxBytes = Infinity } = options;
	let end: CommandEnd | null = null;
	let failure: HomeportError | null = null;
	let settled = false;
	let received = 0;
	let moved = 0;
	let lastSign = Date.now();
	let stderrTail = Buffer.alloc(0);
	let statusText = '';
	const { promise: status, resolve, reject } = Promise.withResolvers<ExitStatus>();
	// A caller that never looks at the status must not end the process with an unhandled rejection.
	status.catch(() => undefined);
	const tail = (): string => stderrTail.toString('utf8');

	const idle = timer(() =>
		fail('timed-out', { seconds: Math.round((idleMs ?? 0) / 1000), reason: 'no byte came or went' }),
	);
	const deadline = timer(() => fail('timed-out', { seconds: Math.round((timeoutMs ?? 0) / 1000) }));
	const closing = timer(() => socket.terminate());
	const pulse = setInterval(() => {
		if (Date.now() - lastSign > deadMs && !socket.isPaused) {
			fail('stream-failed', { reason: 'the connection gives no sign of life' });
		} else if (socket.readyState === socket.OPEN) {
			socket.ping();
		}
	}, pingMs);
	pulse.unref();

	const stdout = new Readable({
		highWaterMark: waitingBytes,
		read: flow,
		destroy: (error, done) => {
			// Nobody wants the rest; what is still to come must not wait here.
			flow();
			done(error);
		},
	});
	const stdin = new Writable({
		highWaterMark: frameBytes,
		write: (chunk: Buffer, _encoding, done) => sendFrames(chunk, 0, done),
		final: (done) => {
			if (socket.protocol === protocols[0] && socket.readyState === socket.OPEN) {
				socket.send(stdinEnd, () => done());
			} else {
				done();
			}
		},
	});
	// Their errors are told by the status; an `error` event that nobody hears would end the process.
	stdout.on('error', () => undefined);
	stdin.on('error', () => undefined);

	socket.on('message', (data: Buffer, isBinary) => {
		lastSign = Date.now();
		if (failure !== null || settled) {
			return;
		}
		idle.start(end === null ? idleMs : undefined);
		const name = data[0];
		const bytes = data.subarray(1);
		if (!isBinary || name === undefined) {
			fail('stream-failed', { reason: 'the server sent a message that is none of this protocol' });
		} else if (name === channel.stdout) {
			takeStdout(bytes);
		} else if (name === channel.stderr) {
			stderrTail = Buffer.concat([stderrTail, bytes]).subarray(-stderrTailBytes);
		} else if (name === channel.status) {
			takeStatus(bytes);
		} else if (name !== channel.close) {
			fail('stream-failed', { reason: `the server sent a message on a channel that nobody asked for: ${name}` });
		}
	});
	socket.on('pong', () => (lastSign = Date.now()));
	socket.on('error', (error) => {
		if (end === null) {
			fail('stream-failed', { reason: errorText(error) }, error);
		}
	});
	socket.on('close', (code) => {
		if (end === null) {
			const reason = `the connection was closed before the command said how it ended: ${code}`;
			fail('stream-failed', { reason });
		}
		settle();
	});
	const onAbort = (): void => fail('cancelled', {}, signal?.reason);
	signal?.addEventListener('abort', onAbort, { once: true });
	deadline.start(timeoutMs);
	idle.start(idleMs);

	function count(bytes: number): void {
		moved += bytes;
		if (moved >= collectBytes) {
			moved = 0;
			collectYoungGarbage();
		}
	}

	function flow(): void {
		if (socket.readyState === socket.OPEN) {
			socket.resume();
		}
	}

	function sendFrames(chunk: Buffer, at: number, done: (error?: Error | null) => void): void {
		if (at >= chunk.length) {
			done();
			return;
		}
		count(Math.min(frameBytes, chunk.length - at));
		socket.send(stdinFrame(chunk.subarray(at, at + frameBytes)), (error) => {
			idle.start(settled || end !== null ? undefined : idleMs);
			if (error) {
				done(error);
			} else {
				sendFrames(chunk, at + frameBytes, done);
			}
		});
	}

	function takeStdout(bytes: Buffer): void {
		received += bytes.length;
		count(bytes.length);
		if (received > maxBytes) {
			fail('limit-exceeded', { what: `The output of ${command}`, limit: maxBytes });
		} else if (bytes.length > 0 && !stdout.push(bytes)) {
			socket.pause();
		}
	}

	function takeStatus(bytes: Buffer): void {
		statusText += bytes.toString('utf8');
		const read = readStatus(statusText);
		if (read === null) {
			if (statusText.length > statusBytes) {
				fail('stream-failed', { reason: 'the status cannot be read' });
			}
			return;
		}
		end = read;
		if ('failure' in read) {
			fail(notThere.test(read.failure) ? 'session-unreachable' : 'stream-failed', { reason: read.failure });
			return;
		}
		idle.stop();
		// The server closes when all is sent.
		closing.start(closingMs);
	}

	function fail(code: ErrorCode, details: ErrorDetails, cause?: unknown): void {
		if (failure !== null || settled) {
			return;
		}
		failure = new HomeportError(code, { command, ...details, stderr: tail() }, cause);
		stdout.destroy(failure);
		stdin.destroy(failure);
		flow();
		socket.terminate();
		settle();
	}

	function settle(): void {
		if (settled) {
			return;
		}
		settled = true;
		for (const each of [idle, deadline, closing]) {
			each.stop();
		}
		clearInterval(pulse);
		signal?.removeEventListener('abort', onAbort);
		stdin.destroy();
		if (failure !== null) {
			reject(failure);
		} else if (end !== null && 'exit' in end) {
			stdout.push(null);
			resolve(end.exit);
		}
	}

	return {
		stdin,
		stdout,
		status,
		stderrTail: tail,
		resize: (size) => {
			if (socket.readyState === socket.OPEN) {
				socket.send(resizeFrame(size));
			}
		},
		kill: () => fail('cancelled', { reason: 'it was stopped' }),
	};
}

// What the kubelet says where the pod is there and its container is not running.
const notThere = /container not found|container .* is not running|not created or running/;
