import { strict as assert } from 'node:assert';
import { createKubernetesBackend } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
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
	let clusters: Cluster[];

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
	after(() => Promise.all(clusters.map((cluster) => cluster.stop())));

	it('are listed, and the dead one is told of', async () => {
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
		const config = await kubeconfigFile(
			JSON.stringify({
				clusters: parts.flatMap((part) => part.clusters),
				users: parts.flatMap((part) => part.users),
				contexts: parts.flatMap((part) => part.contexts),
			}),
		);
		const backend = createKubernetesBackend({
			choice: { kubeconfig: config.path, contexts: [], namespaces: [], allContexts: true },
			env: { PATH: process.env['PATH'] },
			clock: systemClock,
			logger: silentLogger,
			foreign: async () => [],
			selectors: async () => [],
		});
		try {
			const began = performance.now();
			const { sessions, problems } = await backend.look();
			const requests = clusters.slice(0, 4).map(({ counters }) => counters.requests.length);
			console.log(`      ${Math.round(performance.now() - began)} ms for all, ${requests.join(', ')} requests`);
			assert.deepStrictEqual(
				[sessions.length, new Set(sessions.map(({ id }) => id)).size, problems.map(({ context }) => context)],
				[4 * perCluster, 4 * perCluster, ['c4']],
			);
		} finally {
			backend.dispose();
			await config.dispose();
		}
	});
});
