import type { ServerResponse } from 'node:http';
import type { Kubelet } from './kubelet.js';
import type { Pod, ReplicaSet } from './objects.js';
import { badRequest } from './status.js';

/** An object that has replicas, as its scale. */
export function scaleOf({ metadata, spec, status }: ReplicaSet): object {
	const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
	const labels = Object.entries(spec.selector.matchLabels).sort(([a], [b]) => (a < b ? -1 : 1));
	return {
		kind: 'Scale',
		apiVersion: 'autoscaling/v1',
		metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
		spec: { replicas: spec.replicas },
		status: {
			replicas: (status as { replicas?: number } | undefined)?.replicas ?? 0,
			selector: labels.map(([key, value]) => `${key}=${value}`).join(','),
		},
	};
}

/** The container that a request means. Fails with a 400 where it names none that there is, or has to name one. */
export function chosenContainer({ metadata, spec }: Pod, asked: string | null): string {
	const names = spec.containers.map(({ name }) => name);
	if (asked === null || asked === '') {
		const [only = '', ...others] = names;
		const annotated = metadata.annotations?.['kubectl.kubernetes.io/default-container'];
		if (others.length > 0 && annotated === undefined) {
			const choice = `choose one of: [${names.join(' ')}]`;
			throw badRequest(`a container name must be specified for pod ${metadata.name}, ${choice}`);
		}
		return annotated ?? only;
	}
	if (!names.includes(asked)) {
		throw badRequest(`container ${asked} is not valid for pod ${metadata.name}`);
	}
	return asked;
}

/** Sends what a container has printed, and with `follow` what it prints until it has ended. */
export function sendLog(kubelet: Kubelet, pod: Pod, query: URLSearchParams, response: ServerResponse): void {
	const name = chosenContainer(pod, query.get('container'));
	const waiting = pod.status.containerStatuses?.find((status) => status.name === name)?.state.waiting;
	if (waiting !== undefined && waiting.reason !== 'CrashLoopBackOff') {
		const where = `container "${name}" in pod "${pod.metadata.name}"`;
		throw badRequest(`${where} is waiting to start: ${waiting.reason}`);
	}
	const log = kubelet.log(pod, name);
	const tail = query.has('tailLines') ? Number(query.get('tailLines')) : Infinity;
	const lines = log.lines();
	const stamped = query.get('timestamps') === 'true';
	const send = ({ at, text }: { at: string; text: string }): void => {
		response.write(stamped ? `${at} ${text}\n` : `${text}\n`);
	};
	response.writeHead(200, { 'content-type': 'text/plain' });
	response.flushHeaders();
	lines.slice(Math.max(0, lines.length - tail)).forEach(send);
	if (query.get('follow') === 'true') {
		const stop = log.follow(send, () => response.end());
		response.on('close', stop);
	} else {
		response.end();
	}
}
