import { type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { type RequestOptions, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import type { Cluster } from './cluster.js';

/** An answer of the cluster. */
export interface Answer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly text: string;
	/** The body, where it is JSON. */
	readonly json: unknown;
}

export interface AskOptions {
	/** A token of `developer` where it is missing; null for none. */
	readonly token?: string | null;
	readonly body?: unknown;
	readonly headers?: Readonly<Record<string, string>>;
	/** More of the connection, such as a client certificate. */
	readonly tls?: RequestOptions;
}

/** Asks the cluster for something, as a simple client does. */
export async function ask(cluster: Cluster, method: string, path: string, options: AskOptions = {}): Promise<Answer> {
	const response = await openRequest(cluster, method, path, options);
	const body = await text(response);
	const { statusCode = 0, headers } = response;
	return { status: statusCode, headers, text: body, json: parse(body) };
}

/** The answer before its body has come. */
export function openRequest(
	cluster: Cluster,
	method: string,
	path: string,
	{ token = cluster.token('developer'), body, headers = {}, tls = {} }: AskOptions = {},
): Promise<IncomingMessage> {
	return new Promise((resolve, reject) => {
		const authorization = token === null ? {} : { authorization: `Bearer ${token}` };
		const text = body === undefined ? '' : JSON.stringify(body);
		// A DELETE would go out without a length of its own accord.
		const kind =
			body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
		const all = { ...authorization, ...kind, ...headers };
		const options = { method, agent: false, ca: cluster.caCertificate, headers: all, ...tls };
		const sent = request(`${cluster.url}${path}`, options, resolve);
		sent.on('error', reject);
		sent.end(text);
	});
}

/** An event of a watch. */
export interface WatchEvent {
	readonly type: string;
	readonly object: Record<string, unknown>;
}

/** The events of a watch as they come, until it ends. */
export async function* watchEvents(response: AsyncIterable<unknown>): AsyncGenerator<WatchEvent> {
	let rest = '';
	for await (const chunk of response) {
		const lines = `${rest}${String(chunk)}`.split('\n');
		rest = lines.pop() ?? '';
		for (const line of lines) {
			yield JSON.parse(line) as WatchEvent;
		}
	}
}

/** One frame of the server. */
export interface Frame {
	readonly channel: number;
	readonly data: Buffer;
}

/** How a talk over a WebSocket went. */
export interface Talk {
	readonly protocol: string;
	readonly frames: readonly Frame[];
	/** An answer instead of the upgrade. */
	readonly refused: { status: number; body: string } | undefined;
	readonly error: string | undefined;
	readonly closeCode: number;
}

/** A talk that is going on. */
export interface Talking {
	readonly socket: WebSocket;
	readonly frames: readonly Frame[];
	/** Resolves when the condition holds, which is asked again at each frame; fails when the talk ends before. */
	until(condition: (frames: readonly Frame[]) => boolean): Promise<void>;
	readonly ended: Promise<Talk>;
}

/** Opens an exec; `path` has the query. */
export function openExec(
	cluster: Cluster,
	path: string,
	protocols: readonly string[],
	token = cluster.token('developer'),
): Talking {
	const frames: Frame[] = [];
	const waiting = new Set<() => void>();
	const socket = new WebSocket(`${cluster.url.replace('https', 'wss')}${path}`, [...protocols], {
		ca: cluster.caCertificate,
		headers: { authorization: `Bearer ${token}` },
		perMessageDeflate: false,
	});
	let refused: { status: number; body: string } | undefined;
	let error: string | undefined;
	const { promise: ended, resolve } = Promise.withResolvers<Talk>();
	const wake = (): void => {
		for (const look of waiting) {
			look();
		}
	};
	const readRefusal = async (response: IncomingMessage): Promise<void> => {
		refused = { status: response.statusCode ?? 0, body: await text(response) };
		socket.terminate();
	};
	socket.on('message', (data: Buffer) => {
		frames.push({ channel: data[0] ?? -1, data: data.subarray(1) });
		wake();
	});
	socket.on('unexpected-response', (_request, response: IncomingMessage) => {
		void readRefusal(response);
	});
	socket.on('error', ({ message }) => {
		error = message;
	});
	socket.on('close', (closeCode) => {
		resolve({ protocol: socket.protocol, frames, refused, error, closeCode });
		wake();
	});
	return {
		socket,
		frames,
		ended,
		until: (condition) =>
			new Promise((resolve, reject) => {
				const look = (): void => {
					if (condition(frames)) {
						waiting.delete(look);
						resolve();
					} else if (socket.readyState === WebSocket.CLOSED) {
						waiting.delete(look);
						reject(new Error(`The exec has ended: ${error ?? refused?.body ?? ''}`));
					}
				};
				waiting.add(look);
				look();
			}),
	};
}

/** Path and query of an exec. */
export function execPath(
	{ namespace, name }: { namespace: string; name: string },
	argv: readonly string[],
	streams: readonly string[] = ['stdin', 'stdout', 'stderr'],
): string {
	const query = new URLSearchParams(Object.fromEntries(streams.map((stream) => [stream, 'true'])));
	for (const word of argv) {
		query.append('command', word);
	}
	return `/api/v1/namespaces/${namespace}/pods/${name}/exec?${query.toString()}`;
}

/** What came on one channel, all frames together. */
export function channelText(frames: readonly Frame[], channel: number): string {
	return Buffer.concat(frames.filter((frame) => frame.channel === channel).map(({ data }) => data)).toString();
}

function parse(body: string): unknown {
	try {
		return JSON.parse(body) as unknown;
	} catch {
		return undefined;
	}
}
