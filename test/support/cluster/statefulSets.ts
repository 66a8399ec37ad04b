import { setImmediate as turn } from 'node:timers/promises';
import { boundClaim, completePod, templateHash } from './defaults.js';
import type { Kubelet } from './kubelet.js';
import type { Pod, StatefulSet, StatefulSetStatus } from './objects.js';
import { claims, pods, statefulSets } from './resources.js';
import type { Store } from './store.js';
import type { Tasks } from './tasks.js';

/**
 * Keeps as many pods of every StatefulSet as it wants, each with its claims, in order: the next one is made when the one
 * before is ready, and the last one goes first.
 */
export function controlStatefulSets(store: Store, kubelet: Kubelet, tasks: Tasks): void {
	const waiting = new Set<string>();
	const reconcileSoon = (namespace: string, name: string): void => {
		const key = `${namespace}/${name}`;
		if (!waiting.has(key)) {
			waiting.add(key);
			tasks.track(
				turn().then(() => {
					waiting.delete(key);
					return reconcile(namespace, name);
				}),
			);
		}
	};

	const reconcile = (namespace: string, name: string): void => {
		const set = store.get(statefulSets, namespace, name) as StatefulSet | undefined;
		const own = store
			.list(pods, namespace)
			.filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === set?.metadata.uid)) as Pod[];
		if (set === undefined) {
			return;
		}
		const status = statusOf(set, own);
		const byName = new Map(own.map((pod) => [pod.metadata.name, pod]));
		for (let ordinal = 0; ordinal < set.spec.replicas; ordinal += 1) {
			const pod = byName.get(`${name}-${ordinal}`);
			if (pod === undefined) {
				makeClaims(store, set, ordinal);
				const made = store.create(pods, podOf(set, ordinal)) as Pod;
				tasks.track(kubelet.start(made));
			}
			if (pod === undefined || !isReady(pod)) {
				break;
			}
		}
		const last = own
			.filter((pod) => ordinalOf(pod) >= set.spec.replicas)
			.sort((a, b) => ordinalOf(b) - ordinalOf(a))[0];
		if (last !== undefined && last.metadata.deletionTimestamp === undefined) {
			tasks.track(kubelet.end(last));
		}
		store.update<StatefulSet>(statefulSets, set, (draft) => {
			draft.status = status;
		});
	};

	store.subscribe(({ resource, object, type }) => {
		const { namespace = '', name, ownerReferences = [] } = object.metadata;
		if (resource === statefulSets && type !== 'DELETED') {
			reconcileSoon(namespace, name);
		}
		const owner = ownerReferences.find(({ kind }) => kind === 'StatefulSet');
		if (resource === pods && owner !== undefined) {
			reconcileSoon(namespace, owner.name);
		}
		if (resource === statefulSets && type === 'DELETED') {
			for (const pod of store.list(pods, namespace) as Pod[]) {
				if (pod.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.uid)) {
					tasks.track(kubelet.end(pod));
				}
			}
		}
	});
}

function revisionOf({ metadata, spec }: StatefulSet): string {
	return `${metadata.name}-${templateHash(spec.template)}`;
}

function ordinalOf({ metadata }: Pod): number {
	return Number(/\d+$/.exec(metadata.name)?.[0]);
}

function isReady({ metadata, status }: Pod): boolean {
	const ready = status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
	return ready && metadata.deletionTimestamp === undefined;
}

/** A field is missing where its count is 0, but for the two that are always said. */
function statusOf(set: StatefulSet, own: readonly Pod[]): StatefulSetStatus {
	const ready = own.filter(({ status }) =>
		status.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True'),
	);
	const current = own.filter(({ metadata }) => metadata.deletionTimestamp === undefined).length;
	const revision = revisionOf(set);
	return {
		...(set.metadata.generation === undefined ? {} : { observedGeneration: set.metadata.generation }),
		replicas: own.length,
		...(ready.length === 0 ? {} : { readyReplicas: ready.length }),
		...(current === 0 ? {} : { currentReplicas: current, updatedReplicas: current }),
		currentRevision: revision,
		updateRevision: revision,
		collisionCount: 0,
		availableReplicas: ready.length,
	};
}

function makeClaims(store: Store, { metadata, spec }: StatefulSet, ordinal: number): void {
	for (const template of spec.volumeClaimTemplates ?? []) {
		const name = `${template.metadata.name}-${metadata.name}-${ordinal}`;
		const namespace = metadata.namespace ?? '';
		if (store.get(claims, namespace, name) === undefined) {
			const labels = { ...spec.selector.matchLabels };
			const claim = store.create(claims, boundClaim({ name, namespace, labels }, template, ''));
			store.update(claims, claim, (draft) => {
				(draft.spec as { volumeName: string }).volumeName = `pvc-${draft.metadata.uid}`;
			});
		}
	}
}

function podOf(set: StatefulSet, ordinal: number): Pick<Pod, 'metadata' | 'spec' | 'status'> {
	const { metadata, spec } = set;
	const name = `${metadata.name}-${ordinal}`;
	const mounts = (spec.volumeClaimTemplates ?? []).map(({ metadata: { name: volume } }) => ({
		name: volume,
		persistentVolumeClaim: { claimName: `${volume}-${name}` },
	}));
	const { volumes = [], ...rest } = spec.template.spec;
	const all = [...volumes, ...mounts];
	return completePod(
		{
			name,
			generateName: `${metadata.name}-`,
			...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
			labels: {
				...spec.template.metadata.labels,
				'apps.kubernetes.io/pod-index': String(ordinal),
				'controller-revision-hash': revisionOf(set),
				'statefulset.kubernetes.io/pod-name': name,
			},
			...(spec.template.metadata.annotations === undefined
				? {}
				: { annotations: { ...spec.template.metadata.annotations } }),
			ownerReferences: [
				{
					apiVersion: 'apps/v1',
					kind: 'StatefulSet',
					name: metadata.name,
					uid: metadata.uid,
					controller: true,
					blockOwnerDeletion: true,
				},
			],
		},
		{
			...(all.length === 0 ? {} : { volumes: all }),
			...rest,
			hostname: name,
			subdomain: spec.serviceName,
		},
	);
}
