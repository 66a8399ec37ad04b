import { strict as assert } from 'node:assert';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKubernetesBackend } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
import type { KubernetesBackend } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
import { systemClock } from '../../src/core/base/clock.js';
import { silentLogger } from '../../src/core/base/logger.js';
import { kubeconfigFile } from '../support/clusterBackend.js';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';
import { sessionManifest } from '../support/cluster/sessions.js';

interface Part {
	readonly clusters: readonly { name: string }[];
	readonly users: readonly { name: string }[];
	readonly contexts: readonly { name: string; context: { cluster: string; user: string } }[];
}

describe('a thousand sessions on five clusters, one of them dead', function () {
	this.timeout(120_000);
	const perCluster = 250;
	/** What is followed in each: StatefulSets, pods of both kinds, claims. */
	const sources = 4;
	const idleSeconds = process.env['HOMEPORT_LONG'] === '1' ? 60 : 12;
	let clusters: Cluster[];
	let config: Awaited<ReturnType<typeof kubeconfigFile>>;
	let backend: KubernetesBackend;

	before(async () => {
		clusters = await Promise.all(Array.from({ length: 5 }, () => startCluster()));
		for (const cluster of clusters.slice(0, 4)) {
			for (let number = 0; number < perCluster; number += 1) {
				const manifest = sessionManifest({ name: `session-${number}` });
				await cluster.add({ ...manifest, kind: 'StatefulSet', spec: { ...manifest.spec, replicas: 0 } });
			}
		}
		clusters[4]!.faults.rest({ kind: 'hang' });
	});
	beforeEach(async () => {
		const parts = clusters.map((cluster, index): Part => {
			const part = JSON.parse(cluster.kubeconfig()) as Part;
			const named = <T extends { name: string }>(entries: readonly T[]): T[] =>
				entries.map((entry) => ({ ...entry, name: `c${index}` }));
			return {
				clusters: named(part.clusters),
				users: named(part.users),
				contexts: named(part.contexts).map((entry) => ({
					...entry,
					context: { ...entry.context, cluster: `c${index}`, user: `c${index}` },
				})),
			};
		});
		config = await kubeconfigFile(
			JSON.stringify({
				clusters: parts.flatMap((part) => part.clusters),
				users: parts.flatMap((part) => part.users),
				contexts: parts.flatMap((part) => part.contexts),
			}),
		);
		backend = createKubernetesBackend({
			choice: { kubeconfig: config.path, contexts: [], namespaces: [], allContexts: true },
			env: { PATH: process.env['PATH'] },
			clock: systemClock,
			logger: silentLogger,
			foreign: async () => [],
			selectors: async () => [],
		});
	});
	afterEach(async () => {
		backend.dispose();
		await config.dispose();
	});
	after(() => Promise.all(clusters.map((cluster) => cluster.stop())));

	it('are listed, and the dead one is told of', async () => {
		const began = performance.now();
		const { sessions, problems } = await backend.look();
		const requests = clusters.slice(0, 4).map(({ counters }) => counters.requests.length);
		console.log(`      ${Math.round(performance.now() - began)} ms for all, ${requests.join(', ')} requests`);
		assert.deepStrictEqual(
			[sessions.length, new Set(sessions.map(({ id }) => id)).size, problems.map(({ context }) => context)],
			[4 * perCluster, 4 * perCluster, ['c4']],
		);
	});

	it('are watched over one connection each, and cost no request while nothing happens', async () => {
		clusters.forEach(({ counters }) => counters.reset());
		const seen = new Set<string>();
		const watching = backend.watch(({ session }) => seen.add(session.id));
		const living = clusters.slice(0, 4);
		const count = (counted: (cluster: Cluster) => number): number[] => clusters.map(counted);
		const watches = ({ counters }: Cluster): number =>
			counters.requests.filter(({ query }) => query.includes('watch=')).length;
		try {
			for (let waited = 0; seen.size < 4 * perCluster || living.some((one) => watches(one) < sources); waited += 50) {
				assert.ok(waited < 60_000, `${seen.size} sessions were told`);
				await sleep(50);
			}
			clusters.forEach(({ counters }) => counters.reset());
			await sleep(idleSeconds * 1000);
			const requests = count(({ counters }) => counters.requests.length);
			const perMinute = requests.map((one) => Math.round((one * 60) / idleSeconds)).join(', ');
			const open = count(({ counters }) => counters.openSockets());
			const each = open.join(', ');
			console.log(
				`      idle: ${perMinute} requests a minute (${idleSeconds} s); ${each} connections; the last is dead`,
			);
			assert.deepStrictEqual(requests.slice(0, 4), [0, 0, 0, 0]);
			// Over HTTP/2, as every API server speaks it, all watches share one.
			assert.deepStrictEqual(open.slice(0, 4), [1, 1, 1, 1]);
			// Each waits ten seconds for an answer, and then before it asks again.
			assert.ok(requests[4]! <= sources * Math.ceil(idleSeconds / 10), `the dead one: ${requests[4]}`);
		} finally {
			watching.dispose();
		}
	});
});
