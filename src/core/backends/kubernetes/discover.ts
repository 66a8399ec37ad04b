import { sessionId } from '../../model/session.js';
import type { PodPlace, Session } from '../../model/session.js';
import type { Claim, Pod, StatefulSet } from './objects.js';
import type { PodTarget } from './podExec.js';
import { podState } from './podState.js';

/** What was listed of one namespace. `claims` is null where this user may not list them. */
export interface Listed {
	readonly statefulSets: readonly StatefulSet[];
	readonly pods: readonly Pod[];
	readonly claims: readonly Claim[] | null;
}

/** Pods that are sessions because the user says so, with where their repository is. */
export interface Selector {
	readonly labels: string;
	/** The first container where it is null. */
	readonly container: string | null;
	readonly path: string;
}

/** A session on a cluster, and the container that it works in where there is one to run commands in. */
export interface Found {
	readonly session: Session;
	readonly target: PodTarget | null;
}

/** The label that every StatefulSet of paude carries, and the one of its pods from before 0.6. */
export const paudeLabels = 'app=paude';
export const legacyLabels = 'session-id';

const paudeWorkspace = '/pvc/workspace';
const legacyWorkspace = '/workspace';
const paudeContainer = 'paude';

/**
 * The sessions in what was listed: StatefulSets of paude since 0.6 with their pods, its single pods from before, and the
 * pods that selectors name. A pod that is both counts once.
 */
export function discover(context: string, listed: Listed, selected: ReadonlyMap<Selector, readonly Pod[]>): Found[] {
	const found: Found[] = [];
	const taken = new Set<string>();
	for (const set of listed.statefulSets) {
		const pod = listed.pods.find(({ metadata }) => metadata.name === `${set.metadata.name}-0`) ?? null;
		const container = containerOf(pod, paudeContainer);
		const stopped = (set.spec.replicas ?? 1) === 0;
		if (pod !== null) {
			taken.add(pod.metadata.uid);
		}
		found.push(
			foundOf({
				context,
				about: set.metadata,
				name: freeName(
					found,
					set.metadata,
					set.metadata.labels?.['paude.io/session-name'] || set.metadata.name.replace(/^paude-/, ''),
				),
				agent: 'claude',
				pod,
				container,
				path: paudeWorkspace,
				state: stopped ? { state: 'stopped', reason: 'it has no pod: it was scaled to 0' } : podState(pod, container),
				claims: listed.claims,
			}),
		);
	}
	const single = (pod: Pod, name: string, container: string, path: string, agent = 'claude'): void => {
		if (!taken.has(pod.metadata.uid)) {
			taken.add(pod.metadata.uid);
			const state = podState(pod, container);
			const free = freeName(found, pod.metadata, name);
			const parts = {
				context,
				about: pod.metadata,
				name: free,
				agent,
				pod,
				container,
				path,
				state,
				claims: listed.claims,
			};
			found.push(foundOf(parts));
		}
	};
	for (const pod of listed.pods) {
		const id = /^paude-session-(.+)$/.exec(pod.metadata.name)?.[1];
		if (id !== undefined && pod.metadata.labels?.[legacyLabels] === id) {
			single(pod, id, containerOf(pod, paudeContainer), legacyWorkspace);
		}
	}
	for (const [{ container, path }, pods] of selected) {
		for (const pod of pods) {
			single(pod, selectedName(pod), containerOf(pod, container), path, 'pod');
		}
	}
	return found;
}

// Labels may say the same of two; the objects' own names and UIDs do not.
function freeName(found: readonly Found[], about: StatefulSet['metadata'], wanted: string): string {
	const taken = new Set(found.map(({ session }) => session.name));
	return [wanted, about.name].find((name) => !taken.has(name)) ?? `${about.name}-${about.uid}`;
}

// The pods of a Deployment come and go under names of their own; what stays is what they are made by.
function selectedName({ metadata }: Pod): string {
	const hash = metadata.labels?.['pod-template-hash'] ?? '';
	const stem = hash === '' ? -1 : metadata.name.lastIndexOf(`-${hash}-`);
	return stem > 0 ? metadata.name.slice(0, stem) : metadata.name;
}

function containerOf(pod: Pod | null, wanted: string | null): string {
	const names = pod?.spec.containers.map(({ name }) => name) ?? [];
	return names.find((name) => name === wanted) ?? names[0] ?? wanted ?? '';
}

interface Parts {
	readonly context: string;
	readonly about: StatefulSet['metadata'];
	readonly name: string;
	/** What a session has that does not name its agent. */
	readonly agent: string;
	readonly pod: Pod | null;
	readonly container: string;
	readonly path: string;
	readonly state: Pick<Session, 'state' | 'reason'>;
	readonly claims: readonly Claim[] | null;
}

function foundOf({ context, about, name, agent, pod, container, path, state, claims }: Parts): Found {
	const scope = `${context}/${about.namespace}`;
	return {
		session: {
			id: sessionId('kubernetes', scope, name),
			name,
			backend: 'kubernetes',
			scope,
			agent: about.labels?.['paude.io/agent'] || agent,
			...state,
			workspace: path,
			gitDir: null,
			storage: pod === null ? '' : storageOf(pod, container, path, claims),
			home: workspaceOf(about.annotations?.['paude.io/workspace']),
			worktreeOfHome: false,
			...(pod === null ? {} : { place: placeOf(pod, container, path, claims) }),
		},
		target:
			pod === null || state.state !== 'running'
				? null
				: { namespace: about.namespace, pod: pod.metadata.name, uid: pod.metadata.uid, container },
	};
}

function placeOf(pod: Pod, container: string, path: string, claims: readonly Claim[] | null): PodPlace {
	const claim = claimNameOf(pod, volumeOf(pod, container, path)) ?? null;
	const { spec } = claims?.find(({ metadata }) => metadata.name === claim) ?? {};
	const storageClass = spec?.storageClassName ?? null;
	return { pod: pod.metadata.name, restarts: restartsOf(pod, container), claim, storageClass };
}

type Volume = NonNullable<Pod['spec']['volumes']>[number];

function volumeOf(pod: Pod, container: string, path: string): Volume | undefined {
	const mounts = pod.spec.containers.find(({ name }) => name === container)?.volumeMounts ?? [];
	const mount = mounts
		.filter(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath.replace(/\/+$/, '')}/`))
		.toSorted((one, other) => other.mountPath.length - one.mountPath.length)[0];
	return pod.spec.volumes?.find(({ name }) => name === mount?.name);
}

function claimNameOf(pod: Pod, volume: Volume | undefined): string | undefined {
	const own = volume?.ephemeral === undefined ? undefined : `${pod.metadata.name}-${volume.name}`;
	return volume?.persistentVolumeClaim?.claimName ?? own;
}

function restartsOf(pod: Pod, container: string): number {
	return pod.status.containerStatuses?.find(({ name }) => name === container)?.restartCount ?? 0;
}

/**
 * What tells one life of the workspace's storage from the next: the claim of a volume that outlives the pod, the pod for
 * an emptyDir, which outlives its containers, and else the very start of the container.
 */
function storageOf(pod: Pod, container: string, path: string, claims: readonly Claim[] | null): string {
	const volume = volumeOf(pod, container, path);
	const claimName = claimNameOf(pod, volume);
	if (claimName !== undefined) {
		const claim = claims?.find(({ metadata }) => metadata.name === claimName);
		// Without the right to list claims, a new claim of the same name cannot be told from the old one.
		return `claim:${claim?.metadata.uid ?? claimName}`;
	}
	if (volume?.emptyDir !== undefined) {
		return `emptyDir:${pod.metadata.uid}`;
	}
	if (volume !== undefined) {
		return `volume:${volume.name}:${pod.metadata.uid}`;
	}
	return `container:${pod.metadata.uid}:${restartsOf(pod, container)}`;
}

// Standard base64, or the URL-safe form of later versions.
function workspaceOf(annotation: string | undefined): string | null {
	const path = Buffer.from(annotation ?? '', 'base64').toString('utf8');
	return /^\/\P{Cc}*$/u.test(path) ? path : null;
}
