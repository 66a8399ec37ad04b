import type { Session } from '../../model/session.js';
import type { Pod } from './objects.js';

// Waiting for these does not help (https://github.com/kubernetes/kubernetes, pkg/kubelet/images and pkg/kubelet/container).
const unhealing: ReadonlySet<string> = new Set([
	'ImagePullBackOff',
	'ErrImagePull',
	'ErrImageNeverPull',
	'InvalidImageName',
	'CrashLoopBackOff',
	'CreateContainerConfigError',
	'CreateContainerError',
	'RunContainerError',
]);

type State = Pick<Session, 'state' | 'reason'>;

/** The state of a session by its pod and the container it works in; null where a StatefulSet has no pod yet. */
export function podState(pod: Pod | null, container: string): State {
	if (pod === null) {
		return { state: 'pending', reason: 'its pod is not there yet' };
	}
	const { phase, reason, message, containerStatuses } = pod.status;
	if (pod.metadata.deletionTimestamp) {
		return { state: 'pending', reason: 'its pod is being ended' };
	}
	if (phase === 'Failed') {
		return { state: 'error', reason: because('its pod has failed', reason, message) };
	}
	if (phase === 'Succeeded') {
		return { state: 'stopped', reason: 'its pod has come to its end' };
	}
	if (phase === 'Unknown') {
		return { state: 'unreachable', reason: 'the node of its pod does not answer' };
	}
	const state = containerStatuses?.find(({ name }) => name === container)?.state;
	if (state?.running !== undefined) {
		return { state: 'running', reason: null };
	}
	if (state?.waiting !== undefined) {
		const waiting = state.waiting.reason ?? '';
		const said = because(waiting === '' ? 'its container is not started yet' : waiting, null, state.waiting.message);
		return { state: unhealing.has(waiting) ? 'error' : 'pending', reason: said };
	}
	if (state?.terminated !== undefined) {
		const code = state.terminated.exitCode;
		const ended = `its container ended${code === undefined ? '' : ` with exit code ${code}`}`;
		return { state: 'error', reason: because(ended, state.terminated.reason, state.terminated.message) };
	}
	return { state: 'pending', reason: because('its pod waits for a node', reason, message) };
}

function because(what: string, reason: string | null | undefined, message: string | null | undefined): string {
	const said = [reason, message].filter((text) => text !== null && text !== undefined && text !== '');
	return said.length === 0 ? what : `${what}: ${said.join(': ').slice(0, 300)}`;
}
