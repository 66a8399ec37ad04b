import { createHash, randomBytes } from 'node:crypto';
import {
	type Condition,
	type Container,
	type ContainerState,
	type ContainerStatus,
	type Pod,
	type PodStatus,
	type TerminatedState,
	timestamp,
} from './objects.js';

/** Why a container waits: one of the words that a kubelet says. */
export type WaitingReason =
	| 'ContainerCreating'
	| 'CrashLoopBackOff'
	| 'CreateContainerConfigError'
	| 'CreateContainerError'
	| 'ErrImageNeverPull'
	| 'ErrImagePull'
	| 'ImagePullBackOff'
	| 'InvalidImageName';

export const nodeName = 'node1';
const hostIP = '10.244.0.1';

/** What a pod's status is before anything looks at it. */
export function newStatus(): PodStatus {
	return { phase: 'Pending', qosClass: 'BestEffort' };
}

export function setScheduled(pod: Pod): void {
	pod.spec.nodeName = nodeName;
	setConditions(pod, { PodScheduled: {} });
}

export function setUnschedulable(pod: Pod): void {
	const message = '0/1 nodes are available: 1 Insufficient cpu.';
	setConditions(pod, { PodScheduled: { status: 'False', reason: 'Unschedulable', message } });
}

/** All containers wait for the same; those that ran before keep that as their last state. */
export function setWaiting(pod: Pod, reason: WaitingReason, ip: string): void {
	const { status } = pod;
	const begun = reason !== 'ContainerCreating';
	status.phase = 'Pending';
	status.startTime ??= timestamp();
	setHost(status);
	if (begun) {
		setAddress(status, ip);
	}
	setConditions(pod, { PodReadyToStartContainers: begun ? {} : { status: 'False' }, ...notReady(pod) });
	status.containerStatuses = pod.spec.containers.map((container) => {
		const before = status.containerStatuses?.find(({ name }) => name === container.name);
		const crashed = reason === 'CrashLoopBackOff' && before !== undefined;
		const message = waitingMessage(reason, container, pod);
		return {
			name: container.name,
			state: { waiting: { reason, ...(message === undefined ? {} : { message }) } },
			lastState: crashed ? lastState(before) : {},
			ready: false,
			restartCount: before?.restartCount ?? 0,
			image: container.image,
			imageID: '',
			started: false,
			...mounts(container),
		};
	});
	if (reason === 'CrashLoopBackOff') {
		status.phase = 'Running';
	}
}

export function setRunning(pod: Pod, ip: string): void {
	const { status } = pod;
	status.phase = 'Running';
	status.startTime ??= timestamp();
	setHost(status);
	setAddress(status, ip);
	setConditions(pod, { PodReadyToStartContainers: {}, Initialized: {}, Ready: {}, ContainersReady: {} });
	status.containerStatuses = pod.spec.containers.map((container) => started(container, 0, {}));
}

/** One container has begun anew after an end. */
export function setRestarted(pod: Pod, name: string, ended: { exitCode: number; reason: string }): void {
	const { status, spec } = pod;
	status.containerStatuses = (status.containerStatuses ?? []).map((before) => {
		const container = spec.containers.find((one) => one.name === before.name);
		const last = { terminated: terminatedState(before, ended) };
		return before.name !== name || container === undefined ? before : started(container, before.restartCount + 1, last);
	});
}

/** One container has ended too often, and waits to begin anew. */
export function setCrashed(pod: Pod, name: string, ended: { exitCode: number; reason: string }): void {
	const { status } = pod;
	setConditions(pod, notReady(pod));
	status.containerStatuses = (status.containerStatuses ?? []).map((before) => {
		if (before.name !== name) {
			return before;
		}
		const message = `back-off 5m0s restarting failed container=${name} pod=${pod.metadata.name}`;
		return {
			...before,
			state: { waiting: { reason: 'CrashLoopBackOff', message } },
			lastState: { terminated: terminatedState(before, ended) },
			ready: false,
			started: false,
			restartCount: before.restartCount + 1,
		};
	});
}

/** All containers have ended for good. */
export function setEnded(pod: Pod, exitCodes: Readonly<Record<string, number>>): void {
	const { status } = pod;
	const failed = Object.values(exitCodes).some((code) => code !== 0);
	status.phase = failed ? 'Failed' : 'Succeeded';
	const reason = failed ? 'PodFailed' : 'PodCompleted';
	setConditions(pod, {
		PodReadyToStartContainers: { status: 'False' },
		Initialized: failed ? {} : { reason },
		Ready: { status: 'False', reason },
		ContainersReady: { status: 'False', reason },
	});
	status.containerStatuses = (status.containerStatuses ?? []).map((before) => {
		const exitCode = exitCodes[before.name] ?? 0;
		const ended = { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' };
		return { ...before, state: { terminated: terminatedState(before, ended) }, ready: false, started: false };
	});
}

/** The node has thrown the pod out. */
export function setEvicted(pod: Pod): void {
	const message = 'The node was low on resource: ephemeral-storage.';
	pod.status = { ...newStatus(), phase: 'Failed', reason: 'Evicted', message, startTime: timestamp() };
}

function notReady(pod: Pod): Record<string, Partial<Condition>> {
	const message = `containers with unready status: [${pod.spec.containers.map(({ name }) => name).join(' ')}]`;
	const unready = { status: 'False', reason: 'ContainersNotReady', message } as const;
	return { Initialized: {}, Ready: unready, ContainersReady: unready };
}

const order = ['PodReadyToStartContainers', 'Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];

function setConditions({ status }: Pod, changes: Readonly<Record<string, Partial<Condition>>>): void {
	const before = status.conditions ?? [];
	status.conditions = order.flatMap((type): Condition[] => {
		const old = before.find((condition) => condition.type === type);
		const change = changes[type];
		if (change === undefined) {
			return old === undefined ? [] : [old];
		}
		const isNew = old?.status !== (change.status ?? 'True');
		const lastTransitionTime = isNew ? timestamp() : old.lastTransitionTime;
		return [{ type, status: 'True', lastProbeTime: null, lastTransitionTime, ...change }];
	});
}

function setHost(status: PodStatus): void {
	status.hostIP = hostIP;
	status.hostIPs = [{ ip: hostIP }];
}

function setAddress(status: PodStatus, ip: string): void {
	status.podIP = ip;
	status.podIPs = [{ ip }];
}

function started(container: Container, restartCount: number, last: ContainerState): ContainerStatus {
	const { name, image } = container;
	return {
		name,
		state: { running: { startedAt: timestamp() } },
		lastState: last,
		ready: true,
		restartCount,
		image: image.split('/').length < 3 ? `docker.io/${image}` : image,
		imageID: `sha256:${createHash('sha256').update(image).digest('hex')}`,
		containerID: `containerd://${randomBytes(32).toString('hex')}`,
		started: true,
		resources: {},
		...mounts(container),
	};
}

function terminatedState(before: ContainerStatus, ended: { exitCode: number; reason: string }): TerminatedState {
	const startedAt = before.state.running?.startedAt ?? timestamp();
	return { ...ended, startedAt, finishedAt: timestamp(), containerID: before.containerID ?? '' };
}

function lastState(before: ContainerStatus): ContainerState {
	return before.state.running === undefined
		? before.lastState
		: { terminated: terminatedState(before, { exitCode: 1, reason: 'Error' }) };
}

function mounts({ volumeMounts = [] }: Container): { volumeMounts?: unknown[] } {
	const told = volumeMounts.map(({ name, mountPath, readOnly }) => ({
		name,
		mountPath,
		...(readOnly === true ? { readOnly, recursiveReadOnly: 'Disabled' } : {}),
	}));
	return told.length === 0 ? {} : { volumeMounts: told };
}

function waitingMessage(reason: WaitingReason, { image, name }: Container, pod: Pod): string | undefined {
	switch (reason) {
		case 'ContainerCreating':
			return undefined;
		case 'ErrImageNeverPull':
			return `Container image "${image}" is not present with pull policy of Never`;
		case 'CrashLoopBackOff':
			return `back-off 5m0s restarting failed container=${name} pod=${pod.metadata.name}`;
		case 'ImagePullBackOff':
			return `Back-off pulling image "${image}"`;
		default:
			return `${reason}: container ${name}`;
	}
}
