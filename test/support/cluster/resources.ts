/** A kind of object that the double serves. */
export interface Resource {
	readonly plural: string;
	readonly singular: string;
	readonly kind: string;
	/** Empty for the core. */
	readonly group: string;
	readonly version: string;
	readonly namespaced: boolean;
	readonly shortNames: readonly string[];
	/** What is said of it in discovery beside the kind itself, with the verbs that it allows. */
	readonly subresources: Readonly<Record<string, { kind: string; group?: string; version?: string; verbs: string[] }>>;
}

const changing = ['get', 'patch', 'update'];
const scale = { kind: 'Scale', group: 'autoscaling', version: 'v1', verbs: changing };

function core(plural: string, kind: string, shortNames: readonly string[], more: Partial<Resource> = {}): Resource {
	const singular = kind.toLowerCase();
	return { plural, singular, kind, group: '', version: 'v1', namespaced: true, shortNames, subresources: {}, ...more };
}

export const namespaces = core('namespaces', 'Namespace', ['ns'], { namespaced: false });
export const pods = core('pods', 'Pod', ['po'], {
	subresources: {
		exec: { kind: 'PodExecOptions', verbs: ['create', 'get'] },
		log: { kind: 'Pod', verbs: ['get'] },
	},
});
export const claims = core('persistentvolumeclaims', 'PersistentVolumeClaim', ['pvc']);
export const statefulSets = core('statefulsets', 'StatefulSet', ['sts'], { group: 'apps', subresources: { scale } });
export const replicaSets = core('replicasets', 'ReplicaSet', ['rs'], { group: 'apps', subresources: { scale } });

/** All that the double serves. Only pods and what makes them come to life; the rest is stored. */
export const resources: readonly Resource[] = [
	namespaces,
	pods,
	claims,
	statefulSets,
	replicaSets,
	core('configmaps', 'ConfigMap', ['cm']),
	core('secrets', 'Secret', []),
	core('events', 'Event', ['ev']),
	core('services', 'Service', ['svc']),
	core('deployments', 'Deployment', ['deploy'], { group: 'apps', subresources: { scale } }),
	core('networkpolicies', 'NetworkPolicy', ['netpol'], { group: 'networking.k8s.io' }),
];

/** What `apiVersion` says for the kind. */
export function groupVersion({ group, version }: Pick<Resource, 'group' | 'version'>): string {
	return group === '' ? version : `${group}/${version}`;
}

/** The kind as errors name it: `pods`, `statefulsets.apps`. */
export function qualifiedName({ plural, group }: Resource): string {
	return group === '' ? plural : `${plural}.${group}`;
}
