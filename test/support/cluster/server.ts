import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ServerHttp2Session, createSecureServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Certificate } from './certificates.js';
import type { Counters, SeenRequest } from './counters.js';
import type { Execs } from './exec.js';
import type { Parts } from './parts.js';
import { answer } from './rest.js';

/** The socket that the cluster is reached by. */
export interface Listener {
	readonly port: number;
	readonly counters: Counters;
	/** Shows another certificate from the next connection on. */
	useCertificate(certificate: Certificate): void;
	/** Breaks off every connection. */
	breakConnections(): void;
	stop(): Promise<void>;
}

/** Listens on a free port of the loopback. `clientAuthority` signs the certificates that users may come with. */
export async function listen(
	parts: Parts,
	execs: Execs,
	certificate: Certificate,
	clientAuthority: string,
): Promise<Listener> {
	const sockets = new Set<Socket>();
	const requests: SeenRequest[] = [];
	let connections = 0;
	const see = (request: IncomingMessage, upgrade: boolean): void => {
		const { pathname: path, search: query } = new URL(request.url ?? '/', 'https://localhost');
		requests.push({ method: request.method ?? '', path, query, upgrade });
	};
	const tls = ({ certificate: cert, key }: Certificate): object => ({ cert, key, ca: clientAuthority });
	// HTTP/2 for whoever can, as a real API server; execs come over HTTP/1.1.
	const server = createSecureServer({
		...tls(certificate),
		requestCert: true,
		rejectUnauthorized: false,
		allowHTTP1: true,
	});
	server.on('request', (request: IncomingMessage, response: ServerResponse) => {
		see(request, false);
		response.on('error', () => undefined);
		answer(parts, request, response).catch((error: unknown) => {
			response.destroy();
			queueMicrotask(() => {
				throw error;
			});
		});
	});
	server.on('session', (session: ServerHttp2Session) => session.on('error', () => undefined));
	server.on('connection', (socket: Socket) => {
		connections += 1;
		sockets.add(socket);
		socket.on('close', () => sockets.delete(socket));
	});
	server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
		see(request, true);
		socket.on('error', () => undefined);
		execs.upgrade(request, socket, head);
	});
	await new Promise<void>((resolve) => {
		server.listen(0, '127.0.0.1', resolve);
	});
	const breakConnections = (): void => {
		for (const socket of sockets) {
			socket.destroy();
		}
	};
	return {
		port: (server.address() as AddressInfo).port,
		counters: {
			requests,
			connections: () => connections,
			openSockets: () => sockets.size,
			reset: () => {
				requests.length = 0;
				connections = 0;
			},
		},
		useCertificate: (other) => server.setSecureContext(tls(other)),
		breakConnections,
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				breakConnections();
			}),
	};
}
