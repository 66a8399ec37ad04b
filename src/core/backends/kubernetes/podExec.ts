import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import * as z from 'zod/mini';
import { HomeportError, errorText, throwIfCancelled } from '../../base/errors.js';
import type { ExecOptions, ExecStream, TerminalSize, TerminalStream } from '../backend.js';
import { protocols } from './channels.js';
import { connectionError, refusalError, refusalMessage } from './clusterErrors.js';
import type { Connection } from './connection.js';
import { socketStream } from './socketStream.js';

/** One container of one life of a pod. */
export interface PodTarget {
	readonly namespace: string;
	readonly pod: string;
	readonly uid: string;
	readonly container: string;
}

const handshakeMs = 15_000;
/** A larger message is none that an API server sends. */
const maxMessageBytes = 8 * 1024 * 1024;

const podSchema = z.looseObject({ metadata: z.looseObject({ uid: z.string() }) });

/**
 * Runs `argv` in the container. What the command is goes there on stdin, read by a shell, and only once the connection is
 * known to be with the pod of that UID: a request names a pod by its name alone, and a pod of the same name is another
 * session. That also keeps long scripts out of the address, which proxies limit.
 *
 * Fails with `session-missing` where that pod is no longer there, with `session-unreachable` where its container does not
 * run, with `stream-failed`, and with the codes of `clusterErrors.ts`.
 */
export async function execInPod(
	connection: Connection,
	target: PodTarget,
	argv: readonly string[],
	options: ExecOptions = {},
): Promise<ExecStream> {
	throwIfCancelled(options.signal);
	const script = Buffer.from(shellScript(argv, options.env ?? {}));
	const reader = `eval "$(dd bs=1 count=${script.length} 2>/dev/null)"`;
	const streams = { stdin: 'true', stdout: 'true', stderr: 'true' };
	const stream = await openStream(connection, target, ['sh', '-c', reader], streams, argv[0] ?? '', options);
	try {
		await requireSamePod(connection, target, options.signal);
	} catch (error) {
		stream.kill();
		throw error;
	}
	stream.stdin.write(script);
	return stream;
}

/**
 * Runs `argv` in a terminal of the container. Nothing that a person types goes there before the connection is known to be
 * with the pod of that UID. Fails as {@link execInPod} does.
 */
export async function terminalInPod(
	connection: Connection,
	target: PodTarget,
	argv: readonly string[],
	size: TerminalSize,
	options: ExecOptions = {},
): Promise<TerminalStream> {
	throwIfCancelled(options.signal);
	const streams = { stdin: 'true', stdout: 'true', tty: 'true' };
	const stream = await openStream(connection, target, argv, streams, argv[0] ?? '', options);
	stream.resize(size);
	try {
		await requireSamePod(connection, target, options.signal);
	} catch (error) {
		stream.kill();
		throw error;
	}
	return stream;
}

/** Lines that the container has printed, from the newest `tail` on and as they come, until it ends or the signal. */
export async function podLog(
	connection: Connection,
	target: PodTarget,
	tail: number,
	signal: AbortSignal,
): Promise<AsyncIterable<string>> {
	const { namespace, pod, container } = target;
	const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/log`;
	const query = { container, follow: 'true', tailLines: String(tail) };
	await requireSamePod(connection, target, signal);
	return connection.lines(path, query, `read what pod ${pod} of ${namespace} prints`, signal);
}

/** The lines that a POSIX shell becomes this command by. */
export function shellScript(argv: readonly string[], env: Readonly<Record<string, string>>): string {
	const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
	const variables = Object.entries(env).map(([name, value]) => `export ${name}=${quoted(value)}\n`);
	return `${variables.join('')}exec ${argv.map(quoted).join(' ')}`;
}

async function openStream(
	connection: Connection,
	{ namespace, pod, container }: PodTarget,
	argv: readonly string[],
	streams: Readonly<Record<string, string>>,
	command: string,
	options: ExecOptions,
): Promise<TerminalStream> {
	const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}/exec`;
	const query = new URLSearchParams({ container, ...streams });
	for (const word of argv) {
		query.append('command', word);
	}
	const asked = connection.asked(`run a command in pod ${pod} of ${namespace}`);
	for (let renewed = false; ; renewed = true) {
		const { url, agent, headers } = await connection.socket(path, query);
		const socket = new WebSocket(url, [...protocols], {
			agent,
			headers,
			perMessageDeflate: false,
			followRedirects: false,
			handshakeTimeout: handshakeMs,
			maxPayload: maxMessageBytes,
		});
		const stream = socketStream(socket, command, options);
		const refused = new Promise<IncomingMessage>((resolve) => {
			socket.once('unexpected-response', (_request, response) => resolve(response));
		});
		const opened = once(socket, 'open');
		// The losers of the race below are looked at by nobody.
		opened.catch(() => undefined);
		const answer = await Promise.race([opened.then(() => null), refused, stream.status.then(() => null)]).catch(
			(error: unknown) => {
				stream.kill();
				throwIfCancelled(options.signal);
				throw withoutProtocol(error) ?? connectionError(asked, causeOf(error));
			},
		);
		if (answer === null) {
			return stream;
		}
		const status = answer.statusCode ?? 0;
		const retryAfter = Number(answer.headers['retry-after'] ?? Number.NaN);
		const message = refusalMessage(await text(answer).catch(() => ''));
		stream.kill();
		if (status === 401 && !renewed && connection.renew()) {
			continue;
		}
		if (status === 404) {
			throw new HomeportError('session-missing', { pod, reason: message });
		}
		throw refusalError(asked, { status, message, retryAfter: Number.isNaN(retryAfter) ? null : retryAfter });
	}
}

// A server too old for these protocols, or something in between that is none, agrees to a WebSocket without naming one.
function withoutProtocol(error: unknown): HomeportError | null {
	return /subprotocol/i.test(errorText(causeOf(error)))
		? new HomeportError('cluster-too-old', { protocols: [...protocols], reason: errorText(causeOf(error)) }, error)
		: null;
}

function causeOf(error: unknown): unknown {
	return error instanceof HomeportError && error.cause !== undefined ? error.cause : error;
}

async function requireSamePod(
	connection: Connection,
	{ namespace, pod, uid }: PodTarget,
	signal: AbortSignal | undefined,
): Promise<void> {
	const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(pod)}`;
	const found = await connection.get(path, {}, `get pod ${pod} in ${namespace}`, { signal }).catch((error: unknown) => {
		if (error instanceof HomeportError && error.code === 'cluster-not-found') {
			throw new HomeportError('session-missing', { pod, reason: 'the pod is gone' }, error);
		}
		throw error;
	});
	const parsed = z.safeParse(podSchema, found);
	if (!parsed.success || parsed.data.metadata.uid !== uid) {
		throw new HomeportError('session-missing', { pod, reason: 'another pod has its name now' });
	}
}
