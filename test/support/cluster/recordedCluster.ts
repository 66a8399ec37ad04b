import { recordedBody } from '../recordings.js';
import { ask } from './client.js';
import { type Cluster, startCluster } from './cluster.js';
import type { KubeObject } from './objects.js';

const applied = 'kubectl.kubernetes.io/last-applied-configuration';

/** A cluster with all that the recorded one had: each object is made from the manifest that its recording names. */
export async function startRecordedCluster(): Promise<Cluster> {
	const cluster = await startCluster({ namespaces: ['kube-node-lease', 'kube-public'] });
	for (const namespace of ['agents', 'data', 'smoke']) {
		await apply(cluster, itemsOf('namespaces-list', namespace), '/api/v1/namespaces');
	}
	await apply(cluster, itemsOf('statefulsets-list'), '/apis/apps/v1/namespaces/agents/statefulsets');
	await cluster.settled();
	await apply(cluster, itemsOf('pods-list', 'paude-session-1a2b3c'), '/api/v1/namespaces/agents/pods');
	await cluster.addDataPod();
	await cluster.settled();
	return cluster;
}

function itemsOf(name: string, only?: string): KubeObject[] {
	const { items } = recordedBody(name) as { items: KubeObject[] };
	return items.filter(({ metadata }) => only === undefined || metadata.name === only);
}

async function apply(cluster: Cluster, objects: readonly KubeObject[], path: string): Promise<void> {
	for (const { metadata } of objects) {
		const text = metadata.annotations?.[applied] ?? '';
		const manifest = JSON.parse(text) as KubeObject;
		manifest.metadata.annotations = { ...manifest.metadata.annotations, [applied]: text };
		const { status, text: said } = await ask(cluster, 'POST', path, { body: manifest });
		if (status !== 201) {
			throw new Error(`${metadata.name} could not be made: ${said}`);
		}
	}
}
