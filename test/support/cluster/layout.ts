import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Changes } from './changes.js';
import { mappedId } from './container.js';
import type { KubeObject } from './objects.js';
import type { PodHandle } from './podHandle.js';
import { type Resource, namespaces, pods, replicaSets, resources, statefulSets } from './resources.js';
import {
	type DataOptions,
	type LegacyOptions,
	type SessionOptions,
	dataManifest,
	legacyManifest,
	sessionManifest,
} from './sessions.js';
import type { Store } from './store.js';

/** What lays things down in the cluster; each resolves once all pods have come to rest. */
export interface Layout {
	addNamespace(name: string): void;
	/** A session as paude has it. Gives its pod, which there may not be where it wants no replicas. */
	addSession(options: SessionOptions): Promise<PodHandle>;
	/** A pod of the oldest versions of paude, without a StatefulSet. */
	addLegacyPod(options: LegacyOptions): Promise<PodHandle>;
	/** A pod with a bare clone of data, of a ReplicaSet. */
	addDataPod(options?: DataOptions): Promise<PodHandle>;
	/** Any object in the form of its manifest. */
	add(manifest: object, namespace?: string): Promise<KubeObject>;
}

interface Needs {
	readonly store: Store;
	readonly changes: Changes;
	readonly settled: () => Promise<void>;
	readonly handle: (namespace: string, name: string) => PodHandle;
}

const run = promisify(execFile);

export function createLayout({ store, changes, settled, handle }: Needs): Layout {
	const create = (resource: Resource, namespace: string, manifest: object): KubeObject =>
		changes.create({ resource, namespace, name: '', subresource: '' }, manifest);
	return {
		addNamespace: (name) => {
			create(namespaces, '', { metadata: { name } });
		},
		addSession: async (options) => {
			const { namespace = 'agents', name, repo, replicas = 1 } = options;
			const statefulSet = `paude-${name}`;
			create(statefulSets, namespace, sessionManifest(options));
			await settled();
			const pod = handle(namespace, `${statefulSet}-0`);
			if (repo !== undefined) {
				await copyRepository(pod, repo, '/pvc/workspace');
			}
			if (replicas !== 1) {
				changes.scale({ resource: statefulSets, namespace, name: statefulSet, subresource: '' }, replicas);
				await settled();
			}
			return pod;
		},
		addLegacyPod: async (options) => {
			const { namespace = 'agents', id, repo } = options;
			create(pods, namespace, legacyManifest(options));
			await settled();
			const pod = handle(namespace, `paude-session-${id}`);
			if (repo !== undefined) {
				await copyRepository(pod, repo, '/workspace');
			}
			return pod;
		},
		addDataPod: async (options = {}) => {
			const { namespace = 'data', repo, branch = 'published' } = options;
			const set = create(replicaSets, namespace, dataManifest(options));
			await settled();
			const made = store
				.list(pods, namespace)
				.find(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid));
			const pod = handle(namespace, made?.metadata.name ?? '');
			if (repo !== undefined) {
				const to = pod.path('/app/data');
				await run('git', ['clone', '-q', '--bare', '--branch', branch, repo, to]);
				await giveTo(pod, to);
			}
			return pod;
		},
		add: async (manifest, namespace = 'agents') => {
			const { kind } = manifest as KubeObject;
			const resource = resources.find((one) => one.kind === kind);
			if (resource === undefined) {
				throw new Error(`The double keeps nothing of the kind ${kind}`);
			}
			const made = create(resource, resource.namespaced ? namespace : '', manifest);
			await settled();
			return made;
		},
	};
}

/** Copies a working tree with its repository, as the user of the pod would own it. */
async function copyRepository(pod: PodHandle, from: string, inside: string): Promise<void> {
	const to = pod.path(inside);
	mkdirSync(to, { recursive: true });
	await run('cp', ['-a', `${from}/.`, to]);
	await giveTo(pod, to);
}

async function giveTo(pod: PodHandle, folder: string): Promise<void> {
	const { runAsUser = 0, runAsGroup = 0 } = pod.object().spec.securityContext ?? {};
	await run('chown', ['-R', `${mappedId(runAsUser)}:${mappedId(runAsGroup)}`, folder]);
	await run('chmod', ['-R', 'g+rwX', folder]);
}
