import { createHash, randomBytes } from 'node:crypto';
import {
	type ClaimTemplate,
	type Container,
	type Metadata,
	type Pod,
	type PodSpec,
	type PodTemplate,
	type ReplicaSpec,
	type StatefulSet,
	type Volume,
	timestamp,
} from './objects.js';
import { newStatus } from './podStatus.js';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount';

/** The pod's specification with all that a server adds to it in a template. */
export function completeTemplate(template: PodTemplate): PodTemplate {
	return {
		metadata: { creationTimestamp: null, ...template.metadata },
		spec: {
			restartPolicy: 'Always',
			terminationGracePeriodSeconds: 30,
			dnsPolicy: 'ClusterFirst',
			securityContext: {},
			schedulerName: 'default-scheduler',
			...template.spec,
			containers: template.spec.containers.map(completeContainer),
		},
	};
}

function completeContainer(container: Container): Container {
	return {
		resources: {},
		terminationMessagePath: '/dev/termination-log',
		terminationMessagePolicy: 'File',
		imagePullPolicy: /:(?!latest$)[^/]+$/.test(container.image) ? 'IfNotPresent' : 'Always',
		...container,
	};
}

/** The specification of a StatefulSet with all that a server adds to it. */
export function completeStatefulSet(spec: StatefulSet['spec']): StatefulSet['spec'] {
	const claims = spec.volumeClaimTemplates?.map(completeClaim);
	return {
		podManagementPolicy: 'OrderedReady',
		updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
		revisionHistoryLimit: 10,
		persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' },
		...spec,
		replicas: spec.replicas ?? 1,
		template: completeTemplate(spec.template),
		...(claims === undefined ? {} : { volumeClaimTemplates: claims }),
	};
}

/** The specification of a ReplicaSet or of a Deployment. */
export function completeReplicas(spec: ReplicaSpec): ReplicaSpec {
	return { ...spec, replicas: spec.replicas ?? 1, template: completeTemplate(spec.template) };
}

function completeClaim(claim: ClaimTemplate): ClaimTemplate {
	return {
		kind: 'PersistentVolumeClaim',
		apiVersion: 'v1',
		metadata: { ...claim.metadata, creationTimestamp: null },
		spec: { volumeMode: 'Filesystem', ...claim.spec },
		status: { phase: 'Pending' },
	};
}

/** A pod as it is kept when it has just been made: its token's volume with it, unless it wants none. */
export function completePod(metadata: Partial<Metadata> & { name: string }, given: PodSpec): Omit<Pod, keyof Kind> {
	const { spec } = completeTemplate({ metadata: {}, spec: given });
	const tolerate = (key: string): object => ({
		key: `node.kubernetes.io/${key}`,
		operator: 'Exists',
		effect: 'NoExecute',
		tolerationSeconds: 300,
	});
	const pod = {
		metadata: { ...metadata, generation: 1 } as Metadata,
		spec: {
			...spec,
			serviceAccountName: spec.serviceAccountName ?? 'default',
			serviceAccount: spec.serviceAccountName ?? 'default',
			tolerations: [tolerate('not-ready'), tolerate('unreachable')],
			priority: 0,
			enableServiceLinks: spec.enableServiceLinks ?? true,
			preemptionPolicy: 'PreemptLowerPriority',
		},
		status: newStatus(),
	};
	if (spec.automountServiceAccountToken !== false) {
		addToken(pod.spec);
	}
	return pod;
}

interface Kind {
	kind: string;
	apiVersion: string;
}

function addToken(spec: PodSpec): void {
	const name = `kube-api-access-${randomBytes(3).toString('hex').slice(0, 5)}`;
	spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
	spec.containers = spec.containers.map((container) => ({
		...container,
		volumeMounts: [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: tokenPath }],
	}));
}

function tokenVolume(name: string): Volume {
	const file = (map: string, key: string): object => ({ configMap: { name: map, items: [{ key, path: key }] } });
	const fieldRef = { apiVersion: 'v1', fieldPath: 'metadata.namespace' };
	return {
		name,
		projected: {
			sources: [
				{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
				file('kube-root-ca.crt', 'ca.crt'),
				{ downwardAPI: { items: [{ path: 'namespace', fieldRef }] } },
				file('openshift-service-ca.crt', 'service-ca.crt'),
			],
			defaultMode: 420,
		},
	};
}

/** A claim as it is kept once it is bound. */
export function boundClaim(
	metadata: Partial<Metadata> & { name: string },
	{ spec }: Pick<ClaimTemplate, 'spec'>,
	volumeName: string,
): { metadata: typeof metadata; spec: unknown; status: unknown } {
	const provisioner = 'local.test/dir';
	return {
		metadata: {
			...metadata,
			annotations: {
				...metadata.annotations,
				'pv.kubernetes.io/bind-completed': 'yes',
				'pv.kubernetes.io/bound-by-controller': 'yes',
				'volume.beta.kubernetes.io/storage-provisioner': provisioner,
				'volume.kubernetes.io/selected-node': 'node1',
				'volume.kubernetes.io/storage-provisioner': provisioner,
			},
			finalizers: ['kubernetes.io/pvc-protection'],
		},
		spec: { volumeMode: 'Filesystem', storageClassName: 'standard', ...spec, volumeName },
		status: { phase: 'Bound', accessModes: spec.accessModes, capacity: spec.resources.requests },
	};
}

/** A short name for what a template says, as in the revision of a StatefulSet. */
export function templateHash(template: PodTemplate): string {
	return createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 10);
}

/** What a deletion says of itself before it is done. */
export function deletionMark(graceSeconds: number): { deletionTimestamp: string; deletionGracePeriodSeconds: number } {
	return {
		deletionTimestamp: timestamp(Date.now() + graceSeconds * 1000),
		deletionGracePeriodSeconds: graceSeconds,
	};
}
