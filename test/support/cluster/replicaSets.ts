import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { completePod } from './defaults.js';
import type { Kubelet } from './kubelet.js';
import type { Pod, ReplicaSet } from './objects.js';
import { pods, replicaSets } from './resources.js';
import type { Store } from './store.js';
import type { Tasks } from './tasks.js';

/** Keeps as many pods of every ReplicaSet as it wants; each new one has a name of its own. */
export function controlReplicaSets(store: Store, kubelet: Kubelet, tasks: Tasks): void {
	const reconcile = (namespace: string, name: string): void => {
		const set = store.get(replicaSets, namespace, name) as ReplicaSet | undefined;
		const living = (store.list(pods, namespace) as Pod[]).filter(
			({ metadata }) =>
				metadata.deletionTimestamp === undefined &&
				metadata.ownerReferences?.some(({ kind, name: owner }) => kind === 'ReplicaSet' && owner === name),
		);
		if (set === undefined) {
			return;
		}
		const wanted = set.spec.replicas;
		for (let count = living.length; count < wanted; count += 1) {
			tasks.track(kubelet.start(store.create(pods, podOf(set)) as Pod));
		}
		for (const pod of living.slice(wanted)) {
			tasks.track(kubelet.end(pod));
		}
	};
	store.subscribe(({ resource, object }) => {
		const { namespace = '', name, ownerReferences = [] } = object.metadata;
		const owner = ownerReferences.find(({ kind }) => kind === 'ReplicaSet');
		if (resource === replicaSets || (resource === pods && owner !== undefined)) {
			tasks.track(turn().then(() => reconcile(namespace, owner?.name ?? name)));
		}
	});
}

function podOf({ metadata, spec }: ReplicaSet): Pick<Pod, 'metadata' | 'spec' | 'status'> {
	const { name, uid, namespace = '' } = metadata;
	const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name, uid, controller: true, blockOwnerDeletion: true };
	return completePod(
		{
			name: `${name}-${randomBytes(3).toString('hex').slice(0, 5)}`,
			generateName: `${name}-`,
			namespace,
			labels: { ...spec.template.metadata.labels },
			ownerReferences: [owner],
		},
		spec.template.spec,
	);
}
