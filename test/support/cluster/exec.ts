import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, STATUS_CODES } from 'node:http';
import type { Duplex, Readable, Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Admitted, admit } from './admission.js';
import { type RunningContainer, exitCode } from './container.js';
import { commandNotFound, containerNotFound, nonZeroExit, success } from './execStatus.js';
import type { Cut, ExecFault } from './faults.js';
import { type Moved, type Outlet, channels, createOutlet } from './outlet.js';
import type { Parts } from './parts.js';
import { Refusal } from './status.js';
import { resize } from './terminalSize.js';
import type { Tasks } from './tasks.js';

/** The execs that are going on. */
export interface Execs {
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	/** Ends the streams of all of them. */
	cut(how: Cut): void;
	count(): number;
	/** Of every exec since the beginning or the last call of this, in the order they came. */
	takeMoved(): Moved[];
}

const v5 = 'v5.channel.k8s.io';
const v4 = 'v4.channel.k8s.io';

export function createExecs(parts: Parts, tasks: Tasks): Execs {
	const going = new Set<Outlet>();
	const all: Moved[] = [];
	return {
		upgrade: (request, socket, head) => {
			try {
				const { pod, container, argv, query, fault } = admit(parts, request);
				const protocol = negotiate(request.headers['sec-websocket-protocol'], fault);
				if (protocol === undefined) {
					refuse(socket, 403, '');
					return;
				}
				accept(request, socket, head, protocol, fault, (webSocket) => {
					const outlet = createOutlet(webSocket, fault);
					going.add(outlet);
					all.push(outlet.moved);
					webSocket.on('close', () => going.delete(outlet));
					const running = parts.kubelet.container(pod, container);
					tasks.track(serve({ webSocket, outlet, protocol, running, container, argv, query, fault }));
				});
			} catch (error) {
				if (!(error instanceof Refusal)) {
					throw error;
				}
				refuse(socket, error.status.code, `${JSON.stringify(error.status)}\n`);
			}
		},
		cut: (how) => {
			for (const outlet of going) {
				outlet.cut(how);
			}
		},
		count: () => going.size,
		takeMoved: () => all.splice(0),
	};
}

/** The protocol to speak: empty where the client asks for none, undefined where it asks for none that is known. */
function negotiate(header: string | undefined, fault: ExecFault): string | undefined {
	const offered = header?.split(',').map((name) => name.trim());
	if (offered === undefined) {
		return '';
	}
	return (fault.onlyV4 === true ? [v4] : [v5, v4]).find((name) => offered.includes(name));
}

function refuse(socket: Duplex, status: number, body: string): void {
	const head = [
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
		...(body === '' ? [] : ['content-type: application/json']),
		`content-length: ${Buffer.byteLength(body)}`,
		'connection: close',
	];
	socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function accept(
	request: IncomingMessage,
	socket: Duplex,
	head: Buffer,
	protocol: string,
	fault: ExecFault,
	then: (webSocket: WebSocket) => void,
): void {
	const named = protocol !== '' && fault.noProtocol !== true;
	const server = new WebSocketServer({
		noServer: true,
		perMessageDeflate: false,
		handleProtocols: () => (named ? protocol : false),
	});
	server.on('headers', (headers) => {
		if (protocol === '' && fault.noProtocol !== true) {
			headers.push('Sec-WebSocket-Protocol: ');
		}
	});
	server.handleUpgrade(request, socket, head, then);
}

interface Session extends Omit<Admitted, 'pod'> {
	readonly webSocket: WebSocket;
	readonly outlet: Outlet;
	readonly protocol: string;
	readonly running: RunningContainer | undefined;
}

async function serve(session: Session): Promise<void> {
	const { webSocket, outlet, protocol, running, container, argv, query, fault } = session;
	webSocket.on('error', () => webSocket.terminate());
	// What the client sends meanwhile has nobody yet who would hear it.
	webSocket.pause();
	await outlet.send(channels.stdout, Buffer.alloc(0));
	webSocket.resume();
	if (running === undefined) {
		await outlet.finish(containerNotFound(container));
		return;
	}
	if (fault.flood === true) {
		await flood(outlet);
		return;
	}
	const wants = (stream: string): boolean => ['true', '1'].includes(query.get(stream) ?? '');
	const { child, missing } = running.exec(argv, wants('tty'));
	const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
	readStdin(session, child, wants('stdin'));
	await Promise.all([
		pump(outlet, wants('stdout') ? channels.stdout : undefined, child.stdout as Readable),
		pump(outlet, wants('stderr') ? channels.stderr : undefined, child.stderr as Readable),
	]);
	const [code, signal] = await ended;
	if (await missing) {
		await outlet.finish(commandNotFound(argv[0] ?? '', randomBytes(32).toString('hex')));
		return;
	}
	const exit = exitCode(code, signal);
	await outlet.finish(exit === 0 ? success : nonZeroExit(protocol, argv, exit));
}

/** Hands on what the client sends, no faster than the command takes it. */
function readStdin({ webSocket, outlet, protocol }: Session, child: ChildProcess, wanted: boolean): void {
	const stdin = child.stdin as Writable;
	stdin.on('drain', () => webSocket.resume());
	stdin.on('close', () => webSocket.resume());
	stdin.on('error', () => undefined);
	webSocket.on('close', () => stdin.end());
	if (!wanted) {
		stdin.end();
	}
	webSocket.on('message', (data) => {
		const frame = data as Buffer;
		if (outlet.over()) {
			return;
		}
		if (frame[0] === channels.stdin && stdin.writable) {
			if (!stdin.write(frame.subarray(1))) {
				webSocket.pause();
			}
			outlet.countStdin(frame.length - 1);
		} else if (frame[0] === channels.resize) {
			resize(child.pid, JSON.parse(frame.subarray(1).toString()) as { Width: number; Height: number });
		} else if (frame[0] === channels.close && frame[1] === channels.stdin && protocol === v5) {
			stdin.end();
			// There is no drain after an end, and the client's close has to be heard.
			webSocket.resume();
		}
	});
}

/** Sends what the command prints, and reads no more of it before that has left. Where nobody listens, it is closed. */
async function pump(outlet: Outlet, channel: number | undefined, stream: Readable): Promise<void> {
	for await (const chunk of stream) {
		if (channel !== undefined) {
			await outlet.send(channel, chunk as Buffer);
		}
		if (outlet.over()) {
			return;
		}
	}
}

async function flood(outlet: Outlet): Promise<void> {
	const chunk = Buffer.alloc(32 * 1024, 'flood ');
	while (!outlet.over()) {
		await outlet.send(channels.stdout, chunk);
		// A socket that is closing takes frames at once; its end has to come by.
		await setImmediate();
	}
}
