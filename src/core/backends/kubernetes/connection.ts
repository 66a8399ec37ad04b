import { readFile } from 'node:fs/promises';
import type { Agent } from 'node:http';
import type { RequestOptions } from 'node:https';
import { getCACertificates } from 'node:tls';
import { KubeConfig, RequestContext, HttpMethod } from '@kubernetes/client-node';
import { fetch } from 'undici';
import type { Dispatcher, Response } from 'undici';
import { HomeportError, throwIfCancelled } from '../../base/errors.js';
import { connectionError, refusalError, refusalMessage } from './clusterErrors.js';
import type { Asked } from './clusterErrors.js';
import type { Credentials, CredentialStore } from './credentials.js';
import type { ClusterEntry, ContextEntry, Kubeconfig, UserEntry } from './kubeconfig.js';

interface RequestLimits {
	readonly signal?: AbortSignal | undefined;
	/** Milliseconds until an answer has to be there whole; 10,000 by default. */
	readonly timeoutMs?: number;
}

/** Where a WebSocket goes, and with what. */
interface SocketTarget {
	readonly url: string;
	readonly agent: Agent;
	readonly headers: Readonly<Record<string, string>>;
}

/** The API server of one context, asked as the user of that context. */
export interface Connection {
	readonly context: ContextEntry;
	readonly server: string;
	/** Gets a JSON object; fails with one of the codes of `clusterErrors.ts`. */
	get(path: string, query: Readonly<Record<string, string>>, what: string, limits?: RequestLimits): Promise<unknown>;
	/** Gets an answer line by line, each as it comes; ends with the server, fails with the connection or the signal. */
	lines(
		path: string,
		query: Readonly<Record<string, string>>,
		what: string,
		signal: AbortSignal,
	): Promise<AsyncIterable<string>>;
	socket(path: string, query: URLSearchParams): Promise<SocketTarget>;
	/** After a refusal: true where other credentials may be had, and the request may be made once more. */
	renew(): boolean;
	asked(what: string): Asked;
	/** Ends the connections that are kept open. */
	dispose(): void;
}

const defaultTimeoutMs = 10_000;
/** One answer, such as a page of pods. */
const maxAnswerBytes = 64 * 1024 * 1024;

interface Transport {
	readonly fingerprint: string;
	readonly dispatcher: Dispatcher | undefined;
	readonly agent: Agent;
}

/**
 * The connection of a context; opens none before it is asked. Fails with `context-unknown`, or with `kubeconfig-damaged`
 * where the context names a cluster or user that is nowhere.
 */
export function openConnection(kubeconfig: Kubeconfig, name: string, store: CredentialStore): Connection {
	const context = kubeconfig.contexts.get(name);
	if (context === undefined) {
		throw new HomeportError('context-unknown', { context: name, known: [...kubeconfig.contexts.keys()] });
	}
	const cluster = kubeconfig.clusters.get(context.cluster);
	const user = context.user === null ? null : kubeconfig.users.get(context.user);
	if (cluster === undefined || user === undefined) {
		const reason =
			cluster === undefined
				? `the cluster of the context is not there: ${context.cluster}`
				: `the user of the context is not there: ${String(context.user)}`;
		throw new HomeportError('kubeconfig-damaged', { context: name, reason });
	}
	return connect(context, cluster, user, store);
}

function connect(
	context: ContextEntry,
	cluster: ClusterEntry,
	user: UserEntry | null,
	store: CredentialStore,
): Connection {
	let transport: Transport | null = null;
	const asked = (what: string): Asked => ({ context: context.name, server: cluster.server, what });

	const prepare = async (): Promise<{ transport: Transport; headers: Record<string, string> }> => {
		const credentials = await store.of(user, cluster);
		const fingerprint = JSON.stringify([credentials.certificate, credentials.key]);
		if (transport?.fingerprint !== fingerprint) {
			transport = await createTransport(cluster, credentials, fingerprint);
		}
		return { transport, headers: headersOf(credentials) };
	};

	const request = async (
		path: string,
		query: Readonly<Record<string, string>>,
		what: string,
		signal: AbortSignal,
	): Promise<Response> => {
		for (let renewed = false; ; renewed = true) {
			const { transport: through, headers } = await prepare();
			const url = `${cluster.server}${path}?${new URLSearchParams(query).toString()}`;
			const response = await fetch(url, {
				// A log is text, whatever was asked for.
				headers: { ...headers, accept: 'application/json, */*' },
				signal,
				// A redirect would carry the credentials elsewhere.
				redirect: 'error',
				...(through.dispatcher === undefined ? {} : { dispatcher: through.dispatcher }),
			});
			if (response.ok) {
				return response;
			}
			const message = refusalMessage(await bodyText(response));
			if (response.status === 401 && !renewed && store.drop(user)) {
				continue;
			}
			throw refusalError(asked(what), { status: response.status, message, retryAfter: retryAfterOf(response) });
		}
	};

	return {
		context,
		server: cluster.server,
		asked,
		get: async (path, query, what, { signal, timeoutMs = defaultTimeoutMs } = {}) => {
			const limit = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]);
			try {
				const response = await request(path, query, what, limit);
				return jsonOf(await bodyText(response), asked(what));
			} catch (error) {
				throwIfCancelled(signal);
				throw connectionError(asked(what), error);
			}
		},
		lines: async (path, query, what, signal) => {
			try {
				const response = await request(path, query, what, signal);
				return linesOf(response, (error) => connectionError(asked(what), error));
			} catch (error) {
				throwIfCancelled(signal);
				throw connectionError(asked(what), error);
			}
		},
		socket: async (path, query) => {
			const { transport: through, headers } = await prepare();
			const url = `${cluster.server.replace(/^http/, 'ws')}${path}?${query.toString()}`;
			return { url, agent: through.agent, headers };
		},
		renew: () => store.drop(user),
		dispose: () => {
			void transport?.dispatcher?.destroy().catch(() => undefined);
			transport?.agent.destroy();
			transport = null;
		},
	};
}

// The library knows every kind of proxy; it makes a dispatcher for each request unless one is kept, and so is this.
async function createTransport(
	cluster: ClusterEntry,
	credentials: Credentials,
	fingerprint: string,
): Promise<Transport> {
	const config = new KubeConfig();
	const ca = await authorityOf(cluster);
	const encoded = (pem: string | null): string | undefined =>
		pem === null ? undefined : Buffer.from(pem).toString('base64');
	const certData = encoded(credentials.certificate);
	const keyData = encoded(credentials.key);
	config.loadFromClusterAndUser(
		{
			name: cluster.name,
			server: cluster.server,
			skipTLSVerify: cluster.skipTlsVerify || cluster.server.startsWith('http:'),
			...(ca === null ? {} : { caData: encoded(ca)! }),
			...(cluster.tlsServerName === null ? {} : { tlsServerName: cluster.tlsServerName }),
			...(cluster.proxyUrl === null ? {} : { proxyUrl: cluster.proxyUrl }),
		},
		{
			name: 'user',
			...(certData === undefined ? {} : { certData }),
			...(keyData === undefined ? {} : { keyData }),
		},
	);
	const request = new RequestContext(cluster.server, HttpMethod.GET);
	await config.applySecurityAuthentication(request);
	const options: RequestOptions = {};
	await config.applyToHTTPSOptions(options);
	return { fingerprint, dispatcher: request.getDispatcher(), agent: options.agent as Agent };
}

/** The certificates that the server's is checked against: the cluster's own, else Node's and the system's. */
async function authorityOf(cluster: ClusterEntry): Promise<string | null> {
	if (cluster.caData !== null) {
		return Buffer.from(cluster.caData, 'base64').toString('utf8');
	}
	if (cluster.caFile !== null) {
		return readFile(cluster.caFile, 'utf8').catch((error: unknown) => {
			throw new HomeportError('kubeconfig-damaged', { path: cluster.caFile, reason: String(error) }, error);
		});
	}
	const system = getCACertificates('system');
	return system.length === 0 ? null : [...new Set([...getCACertificates('default'), ...system])].join('\n');
}

function headersOf({ authorization, impersonate }: Credentials): Record<string, string> {
	return {
		...(authorization === null ? {} : { authorization }),
		...(impersonate === null ? {} : { 'impersonate-user': impersonate }),
	};
}

function jsonOf(text: string, asked: Asked): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		throw new HomeportError('cluster-failed', { ...asked, reason: 'the answer is no JSON' }, error);
	}
}

async function bodyText(response: Response): Promise<string> {
	const chunks: Uint8Array[] = [];
	let size = 0;
	for await (const chunk of response.body ?? []) {
		chunks.push(chunk as Uint8Array);
		size += (chunk as Uint8Array).length;
		if (size > maxAnswerBytes) {
			throw new HomeportError('limit-exceeded', { what: 'The answer of the cluster', limit: maxAnswerBytes });
		}
	}
	return Buffer.concat(chunks).toString('utf8');
}

async function* linesOf(response: Response, failure: (error: unknown) => Error): AsyncGenerator<string> {
	const decoder = new TextDecoder();
	let rest = '';
	try {
		for await (const chunk of response.body ?? []) {
			rest += decoder.decode(chunk as Uint8Array, { stream: true });
			const lines = rest.split('\n');
			rest = lines.pop() ?? '';
			yield* lines;
			if (rest.length > maxAnswerBytes) {
				throw new HomeportError('limit-exceeded', { what: 'A line of the cluster', limit: maxAnswerBytes });
			}
		}
	} catch (error) {
		throw failure(error);
	}
}

function retryAfterOf(response: Response): number | null {
	const value = Number(response.headers.get('retry-after') ?? Number.NaN);
	return Number.isFinite(value) && value >= 0 ? value : null;
}
