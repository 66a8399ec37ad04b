import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { rename, writeFile } from 'node:fs/promises';
import type { KubernetesBackend } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
import { HomeportError } from '../../src/core/base/errors.js';
import { backendOn, kubeconfigFile } from '../support/clusterBackend.js';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';

describe('a cluster that is watched', function () {
	this.timeout(60_000);
	let cluster: Cluster;
	let config: Awaited<ReturnType<typeof kubeconfigFile>>;
	let backend: KubernetesBackend;
	let dispose: () => void;
	/** What was told, in order: `added alpha running`, or `problem CODE` and `problem over`. */
	let told: string[];

	beforeEach(async () => {
		cluster = await startCluster();
		config = await kubeconfigFile(cluster.kubeconfig());
		backend = backendOn(config.path);
		told = [];
		await cluster.addSession({ name: 'alpha' });
	});
	afterEach(async () => {
		dispose();
		backend.dispose();
		await cluster.stop();
		await config.dispose();
	});

	const begin = (): void => {
		const watching = backend.watch(
			({ kind, session }) => told.push(`${kind} ${session.name} ${session.state}`),
			({ error }) =>
				told.push(`problem ${error === null ? 'over' : error instanceof HomeportError ? error.code : 'unknown'}`),
		);
		dispose = () => watching.dispose();
	};
	/** The session is told to run, at once or after it was told to be pending. */
	const hearsOf = async (name: string): Promise<void> => {
		for (let waited = 0; !told.some((line) => line.endsWith(` ${name} running`)); waited += 20) {
			assert.ok(waited < 20_000, `told: ${told.join(', ')}; waited for ${name}`);
			await sleep(20);
		}
	};
	/** Waits until all of these were told, in whatever order; fails with what was told instead. */
	const hears = async (...expected: readonly string[]): Promise<void> => {
		for (let waited = 0; !expected.every((line) => told.includes(line)); waited += 20) {
			assert.ok(waited < 20_000, `told: ${told.join(', ')}; waited for ${expected.join(', ')}`);
			await sleep(20);
		}
	};

	it('tells of sessions that appear, change and go, as they do', async () => {
		begin();
		await hears('added alpha running');
		await cluster.addSession({ name: 'beta' });
		await hearsOf('beta');
		await cluster.scale('agents', 'paude-beta', 0);
		await hears('changed beta stopped');
		await cluster.hold('agents', 'paude-alpha-0', 'ImagePullBackOff');
		await cluster.replacePod('agents', 'paude-alpha-0').catch(() => undefined);
		await hears('changed alpha error');
	});

	it('goes on where it was after the connection breaks, and lists anew only where it has to', async () => {
		begin();
		await hears('added alpha running');
		cluster.counters.reset();
		cluster.breakConnections();
		await cluster.addSession({ name: 'beta' });
		await hearsOf('beta');
		const lists = (): number => cluster.counters.requests.filter(({ query }) => !query.includes('watch=')).length;
		assert.deepStrictEqual(lists(), 0);
		cluster.compact();
		cluster.breakConnections();
		await cluster.addSession({ name: 'gamma' });
		await hearsOf('gamma');
		assert.ok(lists() > 0);
	});

	for (const [name, fault, code] of [
		['too many requests', { kind: 'status', status: 429, retryAfterSeconds: 1 }, 'cluster-busy'],
		['an error of the server', { kind: 'status', status: 500 }, 'cluster-failed'],
		['no right any more', { kind: 'status', status: 403 }, 'cluster-forbidden'],
		['an answer that is none', { kind: 'garbage' }, 'cluster-failed'],
		['a connection that is cut', { kind: 'reset' }, 'cluster-unreachable'],
	] as const) {
		it(`says so and goes on after ${name}`, async () => {
			begin();
			await hears('added alpha running');
			cluster.faults.rest(fault, { verb: 'watch', resource: 'statefulsets', times: 1 });
			cluster.breakConnections();
			await hears(`problem ${code}`);
			await cluster.addSession({ name: 'beta' });
			await hearsOf('beta');
			await hears('problem over');
		});
	}

	it('follows a watch that ends in the midst of an event, and one that asks to begin anew', async () => {
		cluster.faults.rest({ kind: 'cut', afterEvents: 1, how: 'midEvent' }, { verb: 'watch', times: 2 });
		cluster.faults.rest({ kind: 'expired' }, { verb: 'watch', resource: 'pods', times: 1 });
		begin();
		await hears('added alpha running');
		await cluster.addSession({ name: 'beta' });
		await cluster.addSession({ name: 'gamma' });
		await hearsOf('beta');
		await hearsOf('gamma');
	});

	it('works without the right to list claims, and asks for them once', async () => {
		const rules = ['statefulsets', 'pods'].map((resource) => ({ resources: [resource], namespaces: ['agents'] }));
		cluster.allow('limited', rules);
		const limited = await kubeconfigFile(cluster.kubeconfig({ user: 'limited' }));
		backend.dispose();
		backend = backendOn(limited.path);
		begin();
		await hears('added alpha running');
		await sleep(1500);
		const asked = cluster.counters.requests.filter(({ path }) => path.endsWith('/persistentvolumeclaims')).length;
		assert.deepStrictEqual([asked, told.filter((line) => line.startsWith('problem'))], [1, []]);
		await limited.dispose();
	});

	it('follows a kubeconfig that changes', async () => {
		begin();
		await hears('added alpha running');
		await writeFile(`${config.path}.new`, cluster.kubeconfig({ user: 'somebody' }));
		cluster.allow('developer', []);
		await rename(`${config.path}.new`, config.path);
		await sleep(500);
		await cluster.addSession({ name: 'beta' });
		await hearsOf('beta');
	});

	it('tells that a kubeconfig is mended, also where its cluster has no session', async () => {
		backend.dispose();
		const empty = cluster.kubeconfig({ namespace: 'empty' });
		for (const [damaged, code] of [
			['contexts: 3', 'kubeconfig-damaged'],
			[empty.replaceAll(/"token": *"[^"]*"/g, '"token":"wrong"'), 'cluster-unauthorized'],
		] as const) {
			await writeFile(config.path, damaged);
			told = [];
			backend = backendOn(config.path);
			begin();
			await hears(`problem ${code}`);
			await writeFile(`${config.path}.new`, empty);
			await rename(`${config.path}.new`, config.path);
			await hears('problem over');
			assert.deepStrictEqual(told.at(-1), 'problem over');
			dispose();
			backend.dispose();
		}
	});

	it('asks little where nothing happens, and nothing once nobody watches', async () => {
		begin();
		await hears('added alpha running');
		await sleep(300);
		cluster.counters.reset();
		await sleep(3000);
		const idle = cluster.counters.requests.length;
		console.log(`      idle: ${idle} requests in 3 s, ${cluster.counters.openSockets()} connections`);
		assert.deepStrictEqual(idle, 0);
		dispose();
		await cluster.addSession({ name: 'beta' });
		await sleep(500);
		assert.deepStrictEqual(told, ['added alpha running']);
	});
});
