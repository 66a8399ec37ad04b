import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type Socket } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { ExecStream } from '../backends/backend.js';
import { HomeportError, errorText, isHomeportError } from '../base/errors.js';
import { ownError, requireExit } from './session/exec.js';

const requestLimit = 4096;
const requestDeadlineMs = 10_000;

export interface Tunnel {
	/** The address that git is given, with the token in it. */
	readonly url: string;
	/**
	 * Resolves when the session's side has ended well, at once where git never came; rejects with the reason why it has
	 * not. Asked for after git has ended.
	 */
	finished(): Promise<void>;
	/** How many bytes have passed, both ways together. */
	bytes(): number;
	/** Ends listener, connection and command. */
	close(): void;
}

/**
 * Opens a listener on 127.0.0.1 that serves one connection of git's own protocol (gitprotocol-pack(5), "git" transport)
 * from a command in a session. The path is a 128-bit token; a connection whose first line lacks it is closed and does
 * not count. `open` starts the command once the connection is there.
 */
export async function openTunnel(open: () => Promise<ExecStream>): Promise<Tunnel> {
	const token = randomBytes(16).toString('hex');
	const waiting = new Set<Socket>();
	let stream: ExecStream | undefined;
	let served: Socket | undefined;
	let serving: Promise<void> | undefined;

	const server = createServer({ allowHalfOpen: true }, (socket) => {
		waiting.add(socket);
		socket.on('error', () => socket.destroy());
		socket.on('close', () => waiting.delete(socket));
		void receive(socket);
	});
	const receive = async (socket: Socket): Promise<void> => {
		const request = await readRequest(socket).catch(() => null);
		if (request === null || !carriesToken(request.line, token) || serving !== undefined) {
			socket.destroy();
			return;
		}
		server.close();
		served = socket;
		serving = serve(socket, request.rest);
		serving.catch(() => undefined);
	};
	const serve = async (socket: Socket, early: Buffer): Promise<void> => {
		try {
			stream = await open();
			const command = stream;
			socket.on('close', () => command.stdin.end());
			command.stdin.write(early);
			// git closes its side as soon as it has all; that is no failure of the session.
			const upward = pipeline(socket, command.stdin).catch(() => undefined);
			await pipeline(command.stdout, socket, { end: false });
			await requireExit(command);
			socket.end();
			await upward;
		} catch (error) {
			socket.destroy();
			const ended = await ownError(stream);
			stream?.kill();
			if (ended !== null) {
				throw ended;
			}
			throw isHomeportError(error) ? error : new HomeportError('stream-failed', { reason: errorText(error) }, error);
		}
	};
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(0, '127.0.0.1', resolve);
	});
	server.unref();
	const address = server.address();
	if (address === null || typeof address === 'string') {
		throw new HomeportError('internal', { what: 'the tunnel has no port' });
	}
	return {
		url: `git://127.0.0.1:${address.port}/${token}`,
		finished: () => serving ?? Promise.resolve(),
		bytes: () => (served?.bytesRead ?? 0) + (served?.bytesWritten ?? 0),
		close: () => {
			server.close();
			for (const socket of waiting) {
				socket.destroy();
			}
			stream?.kill();
		},
	};
}

async function readRequest(socket: Socket): Promise<{ line: Buffer; rest: Buffer }> {
	return new Promise((resolve, reject) => {
		let received = Buffer.alloc(0);
		const deadline = setTimeout(() => reject(new Error('no request')), requestDeadlineMs);
		deadline.unref();
		const finish = (): void => {
			clearTimeout(deadline);
			socket.off('data', onData);
			socket.off('close', onClose);
			socket.pause();
		};
		const onClose = (): void => {
			finish();
			reject(new Error('closed'));
		};
		const onData = (chunk: Buffer): void => {
			received = Buffer.concat([received, chunk]);
			const header = received.toString('latin1', 0, 4);
			const length = Number.parseInt(header, 16);
			const complete = received.length >= 4;
			if (
				received.length > requestLimit ||
				(complete && (!/^[0-9a-f]{4}$/.test(header) || length < 5 || length > requestLimit))
			) {
				finish();
				reject(new Error('no request of git'));
			} else if (complete && received.length >= length) {
				finish();
				resolve({ line: received.subarray(4, length), rest: received.subarray(length) });
			}
		};
		socket.on('data', onData);
		socket.on('close', onClose);
	});
}

// `git-upload-pack /TOKEN\0host=…`
function carriesToken(line: Buffer, token: string): boolean {
	const path = /^git-(?:upload|receive)-pack \/([0-9a-f]{32})\0/.exec(line.toString('latin1'))?.[1];
	return path !== undefined && timingSafeEqual(Buffer.from(path), Buffer.from(token));
}
