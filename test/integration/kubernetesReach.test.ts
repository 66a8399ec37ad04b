import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { createKubernetesBackend } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
import type { ClusterLook } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
import { systemClock } from '../../src/core/base/clock.js';
import { HomeportError } from '../../src/core/base/errors.js';
import { silentLogger } from '../../src/core/base/logger.js';
import { describeError } from '../../src/core/base/messages.js';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';

interface Config {
	readonly clusters: { name: string; cluster: Record<string, unknown> }[];
	readonly users: { name: string; user: Record<string, unknown> }[];
	readonly contexts: { name: string; context: Record<string, unknown> }[];
	'current-context': string;
}

describe('a cluster', function () {
	this.timeout(60_000);
	let cluster: Cluster;
	let folder: string;

	before(async () => {
		cluster = await startCluster();
		await cluster.addSession({ name: 'alpha' });
	});
	after(() => cluster.stop());
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-reach-'));
	});
	afterEach(async () => {
		cluster.faults.clear();
		await rm(folder, { recursive: true });
	});

	const config = (options?: Parameters<Cluster['kubeconfig']>[0]): Config =>
		JSON.parse(cluster.kubeconfig(options)) as Config;
	const look = async (
		of: Config,
		choice: { contexts?: string[]; namespaces?: string[]; allContexts?: boolean } = {},
	): Promise<ClusterLook> => {
		const path = join(folder, 'config');
		await writeFile(path, JSON.stringify(of));
		const backend = createKubernetesBackend({
			choice: { kubeconfig: path, contexts: [], namespaces: [], allContexts: false, ...choice },
			env: { PATH: process.env['PATH'], HOME: folder },
			clock: systemClock,
			logger: silentLogger,
			foreign: async () => [],
			selectors: async () => [],
		});
		try {
			return await backend.look();
		} finally {
			backend.dispose();
		}
	};
	/** The names of what was found, or the codes of what stood in the way. */
	const seen = async (...given: Parameters<typeof look>): Promise<unknown> => {
		const { sessions, problems } = await look(...given);
		return [
			...sessions.map(({ name }) => name),
			...problems.map(({ error }) => (error instanceof HomeportError ? error.code : error)),
		];
	};

	it('is reached with a token, with a client certificate, and with a token in a file', async () => {
		assert.deepStrictEqual(await seen(config()), ['alpha']);
		assert.deepStrictEqual(await seen(config({ by: 'certificate' })), ['alpha']);
		const byFile = config();
		await writeFile(join(folder, 'token'), String(byFile.users[0]!.user['token']));
		byFile.users[0]!.user = { tokenFile: 'token' };
		assert.deepStrictEqual(await seen(byFile), ['alpha']);
	});

	it('is reached with a plugin, which is asked again where the cluster refuses what it gave', async () => {
		const [old, fresh] = [cluster.token('developer'), cluster.token('developer')];
		cluster.revoke(old);
		const plugin = join(folder, 'plugin');
		const answer = (token: string): string =>
			`{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"${token}"}}`;
		await writeFile(
			plugin,
			`#!/bin/sh\nif [ -e '${folder}/asked' ]; then echo '${answer(fresh)}'; else : >'${folder}/asked'; echo '${answer(old)}'; fi\n`,
			{ mode: 0o700 },
		);
		const of = config();
		of.users[0]!.user = { exec: { apiVersion: 'client.authentication.k8s.io/v1', command: './plugin' } };
		assert.deepStrictEqual(await seen(of), ['alpha']);
	});

	it('is reached through a proxy', async () => {
		const through: string[] = [];
		const proxy = createHttpServer();
		proxy.on('connect', (request: IncomingMessage, socket: Duplex) => {
			through.push(request.url ?? '');
			const [host = '', port = ''] = (request.url ?? '').split(':');
			const onward = connect(Number(port), host, () => {
				socket.write('HTTP/1.1 200 Connected\r\n\r\n');
				socket.pipe(onward).pipe(socket);
			});
			onward.on('error', () => socket.destroy());
			socket.on('error', () => onward.destroy());
		});
		proxy.listen(0, '127.0.0.1');
		await once(proxy, 'listening');
		const of = config();
		of.clusters[0]!.cluster['proxy-url'] = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
		assert.deepStrictEqual(await seen(of), ['alpha']);
		assert.ok(through.length > 0 && through.every((to) => to === new URL(cluster.url).host));
		proxy.close();
	});

	it('that cannot be asked says why, each cause in its own words', async () => {
		const words = new Set<string>();
		const told = async (expected: string, of: Config, choice?: Parameters<typeof look>[1]): Promise<void> => {
			const { problems } = await look(of, choice);
			const error = problems[0]?.error as HomeportError;
			assert.deepStrictEqual(error?.code, expected);
			const { message, next } = describeError(error, 'cli');
			assert.ok(next !== null && !words.has(message), message);
			assert.ok(expected !== 'cluster-busy' || next.includes('7 s'), next);
			words.add(message);
		};
		const broken = (change: (of: Config) => void): Config => {
			const of = config();
			change(of);
			return of;
		};
		await told('context-unknown', config(), { contexts: ['elsewhere'] });
		await told(
			'kubeconfig-damaged',
			broken((of) => (of.contexts[0]!.context['user'] = 'nobody')),
		);
		await told(
			'cluster-unauthorized',
			broken((of) => (of.users[0]!.user = { token: 'wrong' })),
		);
		cluster.allow('limited', []);
		await told('cluster-forbidden', config({ user: 'limited' }));
		await told('cluster-untrusted', config({ caCertificate: cluster.clientCertificate('x').certificate }));
		const closed = createServer().listen(0, '127.0.0.1');
		await once(closed, 'listening');
		const { port } = closed.address() as AddressInfo;
		closed.close();
		await told(
			'cluster-unreachable',
			broken((of) => (of.clusters[0]!.cluster['server'] = `https://127.0.0.1:${port}`)),
		);
		for (const [fault, code] of [
			[{ kind: 'status', status: 429, retryAfterSeconds: 7 }, 'cluster-busy'],
			[{ kind: 'status', status: 404 }, 'cluster-not-found'],
			[{ kind: 'status', status: 503 }, 'cluster-failed'],
			[{ kind: 'garbage' }, 'cluster-failed'],
		] as const) {
			cluster.faults.rest(fault);
			await told(code, config());
			cluster.faults.clear();
		}
		assert.deepStrictEqual(
			[...words].some((message) => message.includes('7 s')),
			false,
		);
	});

	it('is asked for each context and namespace that was named and for no other, and one hides no other', async () => {
		const of = config();
		const context = of.contexts[0]!.context;
		of.contexts.push({ name: 'second', context: { ...context, namespace: 'empty' } }, { name: 'third', context });
		const listed = async (...given: Parameters<typeof look>): Promise<unknown> => {
			const { sessions, listed, problems } = await look(...given);
			return [sessions.map(({ id }) => id), listed, problems.map(({ error }) => (error as HomeportError).code)];
		};
		assert.deepStrictEqual(await listed(of, { contexts: ['second', 'third', 'second'] }), [
			['kubernetes/third/agents/alpha'],
			['second/empty', 'third/agents'],
			[],
		]);
		cluster.allow('limited', [{ namespaces: ['agents'] }]);
		const limited = config({ user: 'limited' });
		limited.contexts.push({ name: 'third', context: limited.contexts[0]!.context });
		assert.deepStrictEqual(await listed(limited, { contexts: ['third'], namespaces: ['empty', 'agents'] }), [
			['kubernetes/third/agents/alpha'],
			['third/agents'],
			['cluster-forbidden'],
		]);
	});

	it('that is dead hides no other, and delays none for long', async () => {
		const dead = createServer().listen(0, '127.0.0.1');
		await once(dead, 'listening');
		const of = config();
		of.clusters.push({
			name: 'dead',
			cluster: { server: `https://127.0.0.1:${(dead.address() as AddressInfo).port}` },
		});
		of.contexts.push({ name: 'dead', context: { cluster: 'dead', user: of.users[0]!.name } });
		assert.deepStrictEqual(await seen(of, { allContexts: true }), ['alpha', 'cluster-timed-out']);
		dead.close();
	});
});
