import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Rule, createAccess } from './access.js';
import { type Certificate, type Subject, createAuthority } from './certificates.js';
import { createChanges, releaseClaims } from './changes.js';
import { whyNoContainers } from './container.js';
import type { Counters } from './counters.js';
import { type Execs, createExecs } from './exec.js';
import { type Faults, createFaults } from './faults.js';
import { type KubeconfigOptions, kubeconfigText } from './kubeconfig.js';
import { type HeldState, createKubelet } from './kubelet.js';
import { type Layout, createLayout } from './layout.js';
import type { Pod } from './objects.js';
import { type PodHandle, podHandle } from './podHandle.js';
import { controlReplicaSets } from './replicaSets.js';
import { namespaces, pods, statefulSets } from './resources.js';
import { listen } from './server.js';
import { controlStatefulSets } from './statefulSets.js';
import { createStore } from './store.js';
import { createTasks } from './tasks.js';
import { createVolumes } from './volumes.js';
import { type Watches, createWatches } from './watch.js';

export interface ClusterOptions {
	/** Beside `default` and `kube-system`; `agents` and `data` where it is missing. */
	readonly namespaces?: readonly string[];
}

/** A Kubernetes cluster of one node in this process, as far as sessions need one. */
export interface Cluster extends Layout {
	/** `https://127.0.0.1:PORT` */
	readonly url: string;
	/** The authority of the server's certificate, as PEM. */
	readonly caCertificate: string;
	/** Everything of the cluster that lies on the disk. */
	readonly folder: string;
	readonly faults: Faults;
	readonly counters: Counters;
	/** The watches that are going on. */
	readonly watches: Omit<Watches, 'open'>;
	/** The execs that are going on. */
	readonly execs: Omit<Execs, 'upgrade'>;
	/** A new token for a user, who may do all unless {@link allow} says otherwise. */
	token(user: string): string;
	/** Requests with the token are answered with 401 from now on. */
	revoke(token: string): void;
	clientCertificate(user: string, more?: Partial<Subject>): Certificate;
	/** Gives a user these rights and no others; null for all. */
	allow(user: string, rules: readonly Rule[] | null): void;
	/** The text of a kubeconfig. */
	kubeconfig(options?: KubeconfigOptions): string;
	pod(namespace: string, name: string): PodHandle;
	/** Deletes a pod, with its own grace or another; resolves once it has gone. */
	deletePod(namespace: string, name: string, graceSeconds?: number): Promise<void>;
	/** Deletes a pod, and resolves once another of the same name has come to rest. */
	replacePod(namespace: string, name: string): Promise<PodHandle>;
	/** Sets the replicas of a StatefulSet, and waits until it has them. */
	scale(namespace: string, name: string, replicas: number): Promise<void>;
	/** Ends a container, and begins it anew in the same pod. */
	restartContainer(namespace: string, pod: string, options?: RestartOptions): Promise<void>;
	/** Holds the pod of this name in a state, now and whenever it is made anew; null lets it run. */
	hold(namespace: string, pod: string, state: HeldState | null): Promise<void>;
	/** Empties the volume of a claim. */
	loseVolume(namespace: string, claim: string): void;
	/** Forgets all past changes: a watch from before is answered with 410. */
	compact(): void;
	/** Shows a certificate of an authority that nobody knows, or the right one again. */
	useForeignCertificate(foreign: boolean): void;
	/** Breaks off every connection. */
	breakConnections(): void;
	/** Resolves once the pods are as they are wanted, or held; fails with what went wrong. */
	settled(): Promise<void>;
	/** Ends everything, and takes the folder away. */
	stop(): Promise<void>;
}

export interface RestartOptions {
	/** The first one where it is missing. */
	readonly container?: string;
	/** 137 */
	readonly exitCode?: number;
	/** OOMKilled */
	readonly reason?: string;
}

const hosts = ['127.0.0.1', 'localhost'];

/** Starts a cluster. Fails where this process may not make containers: it has to be root on Linux. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
	const refused = whyNoContainers();
	if (refused !== undefined) {
		throw new Error(`The cluster runs its pods in namespaces of Linux, which root may make: ${refused}`);
	}
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeport-cluster-')));
	const authority = createAuthority('double authority');
	const clients = createAuthority('double clients');
	const [store, tasks, talks] = [createStore(), createTasks(), createTasks()];
	const volumes = createVolumes(folder);
	const kubelet = createKubelet(store, volumes);
	const [access, faults, watches] = [createAccess(), createFaults(), createWatches(store)];
	const changes = createChanges(store, kubelet, tasks);
	const parts = { store, kubelet, changes, watches, access, faults };
	controlStatefulSets(store, kubelet, tasks);
	controlReplicaSets(store, kubelet, tasks);
	releaseClaims(store);
	for (const name of ['default', 'kube-system', ...(options.namespaces ?? ['agents', 'data'])]) {
		changes.create({ resource: namespaces, namespace: '', name: '', subresource: '' }, { metadata: { name } });
	}
	const execs = createExecs(parts, talks);
	const own = authority.issue({ commonName: 'kube-apiserver', hosts });
	const foreign = createAuthority('elsewhere').issue({ commonName: 'kube-apiserver', hosts });
	const listener = await listen(parts, execs, own, clients.certificate);
	const url = `https://127.0.0.1:${listener.port}`;
	const clientCertificate = (user: string, more: Partial<Subject> = {}): Certificate =>
		clients.issue({ commonName: user, ...more });
	const handle = (namespace: string, name: string): PodHandle => podHandle(store, kubelet, namespace, name);
	const settled = (): Promise<void> => tasks.settled();
	const deletePod = async (namespace: string, name: string, graceSeconds?: number): Promise<void> => {
		await kubelet.end(handle(namespace, name).object(), graceSeconds);
	};

	return {
		...createLayout({ store, changes, settled, handle }),
		url,
		caCertificate: authority.certificate,
		folder,
		faults,
		counters: listener.counters,
		watches,
		execs,
		token: (user) => access.token(user),
		revoke: (token) => access.revoke(token),
		clientCertificate,
		allow: (user, rules) => access.allow(user, rules),
		kubeconfig: (config = {}) => {
			const { user = 'developer', by = 'token', caCertificate = authority.certificate } = config;
			const credentials =
				by === 'nothing' ? null : by === 'token' ? { token: access.token(user) } : clientCertificate(user);
			return kubeconfigText(url, caCertificate, credentials, config);
		},
		pod: handle,
		deletePod,
		replacePod: async (namespace, name) => {
			await deletePod(namespace, name);
			await settled();
			return handle(namespace, name);
		},
		scale: async (namespace, name, replicas) => {
			changes.scale({ resource: statefulSets, namespace, name, subresource: '' }, replicas);
			await settled();
		},
		restartContainer: async (namespace, name, { container, exitCode = 137, reason = 'OOMKilled' } = {}) => {
			const pod = store.get(pods, namespace, name) as Pod;
			await kubelet.restart(pod, container ?? pod.spec.containers[0]?.name ?? '', exitCode, reason);
		},
		hold: async (namespace, name, state) => {
			await kubelet.hold(namespace, name, state);
			await settled();
		},
		loseVolume: (namespace, claim) => volumes.emptyClaim(namespace, claim),
		compact: () => store.compact(),
		useForeignCertificate: (wrong) => listener.useCertificate(wrong ? foreign : own),
		breakConnections: () => listener.breakConnections(),
		settled,
		stop: async () => {
			await listener.stop();
			await kubelet.stop();
			await talks.settled();
			rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
		},
	};
}
