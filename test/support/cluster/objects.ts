/** The objects of the API, as far as the double looks into them; what it does not know it keeps as it is. */

export interface OwnerReference {
	readonly apiVersion: string;
	readonly kind: string;
	readonly name: string;
	readonly uid: string;
	readonly controller?: boolean;
	readonly blockOwnerDeletion?: boolean;
}

export interface Metadata {
	name: string;
	generateName?: string;
	namespace?: string;
	uid: string;
	resourceVersion: string;
	generation?: number;
	creationTimestamp: string | null;
	deletionTimestamp?: string;
	deletionGracePeriodSeconds?: number;
	labels?: Record<string, string>;
	annotations?: Record<string, string>;
	ownerReferences?: OwnerReference[];
	finalizers?: string[];
}

export interface KubeObject {
	kind: string;
	apiVersion: string;
	metadata: Metadata;
	spec?: unknown;
	status?: unknown;
	data?: unknown;
}

export interface VolumeMount {
	name: string;
	mountPath: string;
	subPath?: string;
	readOnly?: boolean;
}

export interface Container {
	name: string;
	image: string;
	command?: string[];
	args?: string[];
	workingDir?: string;
	env?: { name: string; value?: string }[];
	volumeMounts?: VolumeMount[];
	resources?: unknown;
	terminationMessagePath?: string;
	terminationMessagePolicy?: string;
	imagePullPolicy?: string;
	securityContext?: SecurityContext & { readOnlyRootFilesystem?: boolean };
}

export interface SecurityContext {
	runAsUser?: number;
	runAsGroup?: number;
	runAsNonRoot?: boolean;
	fsGroup?: number;
}

export interface Volume {
	name: string;
	emptyDir?: object;
	persistentVolumeClaim?: { claimName: string };
	projected?: unknown;
}

export interface PodSpec {
	volumes?: Volume[];
	containers: Container[];
	restartPolicy?: string;
	terminationGracePeriodSeconds?: number;
	dnsPolicy?: string;
	serviceAccountName?: string;
	serviceAccount?: string;
	automountServiceAccountToken?: boolean;
	nodeName?: string;
	securityContext?: SecurityContext;
	hostname?: string;
	subdomain?: string;
	schedulerName?: string;
	tolerations?: unknown[];
	priority?: number;
	enableServiceLinks?: boolean;
	preemptionPolicy?: string;
}

export interface Condition {
	type: string;
	status: 'True' | 'False';
	lastProbeTime: null;
	lastTransitionTime: string;
	reason?: string;
	message?: string;
}

export interface TerminatedState {
	exitCode: number;
	reason: string;
	startedAt: string;
	finishedAt: string;
	containerID: string;
}

export interface ContainerState {
	running?: { startedAt: string };
	waiting?: { reason: string; message?: string };
	terminated?: TerminatedState;
}

export interface ContainerStatus {
	name: string;
	state: ContainerState;
	lastState: ContainerState;
	ready: boolean;
	restartCount: number;
	image: string;
	imageID: string;
	containerID?: string;
	started: boolean;
	resources?: object;
	volumeMounts?: unknown[];
}

export interface PodStatus {
	phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
	conditions?: Condition[];
	hostIP?: string;
	hostIPs?: { ip: string }[];
	podIP?: string;
	podIPs?: { ip: string }[];
	startTime?: string;
	containerStatuses?: ContainerStatus[];
	qosClass?: string;
	reason?: string;
	message?: string;
}

export interface Pod extends KubeObject {
	spec: PodSpec;
	status: PodStatus;
}

export interface PodTemplate {
	metadata: { creationTimestamp?: null; labels?: Record<string, string>; annotations?: Record<string, string> };
	spec: PodSpec;
}

export interface ClaimTemplate {
	kind?: string;
	apiVersion?: string;
	metadata: { name: string; creationTimestamp?: null };
	spec: ClaimSpec;
	status?: unknown;
}

export interface ClaimSpec {
	accessModes: string[];
	resources: { requests: { storage: string } };
	volumeMode?: string;
	volumeName?: string;
	storageClassName?: string;
}

/** What has replicas of a pod: a StatefulSet, or a ReplicaSet. */
export interface ReplicaSpec {
	replicas: number;
	selector: { matchLabels: Record<string, string> };
	template: PodTemplate;
}

export interface ReplicaSet extends KubeObject {
	spec: ReplicaSpec;
}

export interface StatefulSetStatus {
	observedGeneration?: number;
	replicas: number;
	readyReplicas?: number;
	currentReplicas?: number;
	updatedReplicas?: number;
	currentRevision?: string;
	updateRevision?: string;
	collisionCount?: number;
	availableReplicas: number;
}

export interface StatefulSet extends KubeObject {
	spec: ReplicaSpec & {
		volumeClaimTemplates?: ClaimTemplate[];
		serviceName: string;
		podManagementPolicy?: string;
		updateStrategy?: unknown;
		revisionHistoryLimit?: number;
		persistentVolumeClaimRetentionPolicy?: unknown;
	};
	status: StatefulSetStatus;
}

/** The time in the form of the API, in whole seconds. */
export function timestamp(at = Date.now()): string {
	return `${new Date(at).toISOString().slice(0, 19)}Z`;
}
