import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { type ContainerPlan, type RunningContainer, startContainer } from './container.js';
import { deletionMark } from './defaults.js';
import { type Log, createLog } from './log.js';
import type { Container, Pod } from './objects.js';
import {
	type WaitingReason,
	setCrashed,
	setEnded,
	setEvicted,
	setRestarted,
	setRunning,
	setScheduled,
	setUnschedulable,
	setWaiting,
} from './podStatus.js';
import { pods } from './resources.js';
import type { Store } from './store.js';
import { type Volumes, outerPath } from './volumes.js';

/** A state that a pod is held in: it finds no node, it has been thrown out, or its containers wait. */
export type HeldState = 'Unschedulable' | 'Evicted' | WaitingReason;

/** What runs the pods of the one node. */
export interface Kubelet {
	/** Runs a new pod; resolves when it runs, or is held in another state. */
	start(pod: Pod): Promise<void>;
	/** Marks the pod as being deleted, ends its containers, and takes it away; at once with a grace of 0. */
	end(pod: Pod, graceSeconds?: number): Promise<void>;
	/** Ends one container, and begins it anew in the same pod. */
	restart(pod: Pod, container: string, exitCode: number, reason: string): Promise<void>;
	/** Holds the pod of this name in a state, now and whenever it is made anew; null lets it run. */
	hold(namespace: string, name: string, state: HeldState | null): Promise<void>;
	container(pod: Pod, name: string): RunningContainer | undefined;
	log(pod: Pod, name: string): Log;
	/** Where a path of the container lies on this machine. */
	path(pod: Pod, container: string, path: string): string;
	/** Kills everything. */
	stop(): Promise<void>;
}

interface Life {
	readonly containers: Map<string, RunningContainer>;
	readonly logs: Map<string, Log>;
	readonly ip: string;
	/** How often a container has ended by itself or by {@link Kubelet.restart}. */
	readonly ends: Map<string, number>;
	ending: boolean;
}

const path = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const mostRestarts = 3;

export function createKubelet(store: Store, volumes: Volumes): Kubelet {
	const lives = new Map<string, Life>();
	const held = new Map<string, HeldState>();
	const heldKey = ({ metadata }: Pod): string => `${metadata.namespace}/${metadata.name}`;
	let addresses = 16;

	const lifeOf = ({ metadata }: Pod): Life => {
		const known = lives.get(metadata.uid);
		if (known !== undefined) {
			return known;
		}
		addresses += 1;
		const ip = `10.244.${addresses >> 8}.${addresses & 255}`;
		const life = { containers: new Map(), logs: new Map(), ends: new Map(), ip, ending: false };
		lives.set(metadata.uid, life);
		return life;
	};
	const change = (pod: Pod, apply: (draft: Pod) => void): void => {
		store.update<Pod>(pods, pod, apply);
	};
	const logOf = (pod: Pod, name: string): Log => {
		const { logs } = lifeOf(pod);
		const log = logs.get(name) ?? createLog();
		logs.set(name, log);
		return log;
	};

	const launch = async (pod: Pod, life: Life, container: Container): Promise<void> => {
		const plan = planContainer(pod, container, volumes, life.ends.get(container.name) ?? 0);
		const log = logOf(pod, container.name);
		const running = await startContainer(plan, (stream) => log.add(stream));
		if (life.ending) {
			running.signal('SIGKILL');
			await running.exited;
			volumes.removePod(pod);
			return;
		}
		life.containers.set(container.name, running);
		void running.exited.then((exitCode) => {
			if (life.containers.get(container.name) === running) {
				life.containers.delete(container.name);
				return ended(pod, life, container, { exitCode, reason: exitCode === 0 ? 'Completed' : 'Error' });
			}
			return undefined;
		});
	};

	/** A container has ended, and nobody deletes its pod. */
	const ended = async (
		pod: Pod,
		life: Life,
		container: Container,
		end: { exitCode: number; reason: string },
	): Promise<void> => {
		if (life.ending || held.has(heldKey(pod))) {
			return;
		}
		const count = (life.ends.get(container.name) ?? 0) + 1;
		life.ends.set(container.name, count);
		if (count > mostRestarts) {
			change(pod, (draft) => setCrashed(draft, container.name, end));
			return;
		}
		await launch(pod, life, container);
		change(pod, (draft) => setRestarted(draft, container.name, end));
	};

	const killAll = async (life: Life): Promise<void> => {
		const all = [...life.containers.values()];
		life.containers.clear();
		for (const container of all) {
			container.signal('SIGKILL');
		}
		await Promise.all(all.map(({ exited }) => exited));
	};

	const run = async (pod: Pod): Promise<void> => {
		const life = lifeOf(pod);
		const reason = held.get(heldKey(pod)) ?? missingImage(pod);
		if (reason === 'Unschedulable') {
			change(pod, setUnschedulable);
			return;
		}
		change(pod, setScheduled);
		await turn();
		await turn();
		if (reason === 'Evicted') {
			change(pod, setEvicted);
			return;
		}
		change(pod, (draft) => setWaiting(draft, 'ContainerCreating', life.ip));
		await turn();
		if (reason !== undefined) {
			change(pod, (draft) => setWaiting(draft, reason, life.ip));
			return;
		}
		for (const container of pod.spec.containers) {
			if (!life.ending) {
				await launch(pod, life, container);
			}
		}
		if (!life.ending) {
			change(pod, (draft) => setRunning(draft, life.ip));
		}
	};

	const remove = async (pod: Pod, life: Life): Promise<void> => {
		await killAll(life);
		for (const log of life.logs.values()) {
			log.end();
		}
		lives.delete(pod.metadata.uid);
		volumes.removePod(pod);
	};

	return {
		start: run,
		end: async (pod, grace) => {
			const life = lifeOf(pod);
			const begun = life.containers.size > 0;
			const seconds = begun ? (grace ?? pod.spec.terminationGracePeriodSeconds ?? 30) : 0;
			const again = life.ending;
			life.ending = true;
			if (seconds === 0) {
				// Taken away at once, as with --force; what runs in it is ended behind that.
				store.remove(pods, pod);
				await remove(pod, life);
				return;
			}
			if (again) {
				return;
			}
			change(pod, ({ metadata }) => {
				metadata.generation = (metadata.generation ?? 1) + 1;
				Object.assign(metadata, deletionMark(seconds));
			});
			const codes = await endContainers(life.containers, seconds);
			change(pod, (draft) => setEnded(draft, codes));
			await turn();
			await turn();
			change(pod, ({ metadata }) => Object.assign(metadata, deletionMark(0)));
			await remove(pod, life);
			store.remove(pods, pod);
		},
		restart: async (pod, name, exitCode, reason) => {
			const life = lifeOf(pod);
			const running = life.containers.get(name);
			const container = pod.spec.containers.find((one) => one.name === name);
			if (container === undefined) {
				throw new Error(`The pod ${pod.metadata.name} has no container ${name}`);
			}
			life.containers.delete(name);
			running?.signal('SIGKILL');
			await running?.exited;
			life.ends.set(name, (life.ends.get(name) ?? 0) + 1);
			await launch(pod, life, container);
			change(pod, (draft) => setRestarted(draft, name, { exitCode, reason }));
		},
		hold: async (namespace, name, state) => {
			const key = `${namespace}/${name}`;
			if (state === null) {
				held.delete(key);
			} else {
				held.set(key, state);
			}
			const pod = store.get(pods, namespace, name) as Pod | undefined;
			if (pod !== undefined && pod.metadata.deletionTimestamp === undefined) {
				await killAll(lifeOf(pod));
				await run(pod);
			}
		},
		container: (pod, name) => lives.get(pod.metadata.uid)?.containers.get(name),
		log: logOf,
		path: (pod, name, inner) => {
			const running = lives.get(pod.metadata.uid)?.containers.get(name);
			const container = pod.spec.containers.find((one) => one.name === name);
			if (container === undefined) {
				throw new Error(`The pod ${pod.metadata.name} has no container ${name}`);
			}
			return outerPath(inner, volumes.mounts(pod, container), running?.plan.root ?? volumes.podFolder(pod));
		},
		stop: async () => {
			const all = [...lives.values()];
			for (const life of all) {
				life.ending = true;
			}
			await Promise.all(all.map(killAll));
		},
	};
}

/**
 * Asks the containers to end, and kills those that have not after the time. A first process that has set no trap yet
 * does not hear what is asked, so it is asked again.
 */
async function endContainers(
	containers: ReadonlyMap<string, RunningContainer>,
	seconds: number,
): Promise<Record<string, number>> {
	const all = [...containers];
	const askAll = (): void => {
		for (const [, container] of all) {
			container.signal('SIGTERM');
		}
	};
	askAll();
	const asking = setInterval(askAll, 100);
	const timer = setTimeout(() => {
		for (const [, container] of all) {
			container.signal('SIGKILL');
		}
	}, seconds * 1000);
	const codes = await Promise.all(all.map(async ([name, { exited }]) => [name, await exited] as const));
	clearInterval(asking);
	clearTimeout(timer);
	return Object.fromEntries(codes);
}

function missingImage({ spec }: Pod): WaitingReason | undefined {
	const missing = spec.containers.find(({ image }) => image.includes('nosuch'));
	if (missing === undefined) {
		return undefined;
	}
	return missing.imagePullPolicy === 'Never' ? 'ErrImageNeverPull' : 'ImagePullBackOff';
}

/** As a runtime does, HOME is set where nothing says it; here an empty one stands for none at all. */
function planContainer(pod: Pod, container: Container, volumes: Volumes, count: number): ContainerPlan {
	const { securityContext: common = {} } = pod.spec;
	const { securityContext: own = {} } = container;
	const uid = own.runAsUser ?? common.runAsUser ?? 0;
	const variables = (container.env ?? []).map(({ name, value = '' }) => [name, value]);
	const env: Record<string, string> = {
		PATH: path,
		HOSTNAME: pod.metadata.name,
		HOME: uid === 0 ? '/root' : '/',
		...Object.fromEntries(variables),
	};
	if (env['HOME'] === '') {
		delete env['HOME'];
	}
	return {
		root: join(volumes.podFolder(pod), 'containers', `${container.name}-${count}`),
		hostname: pod.metadata.name,
		mounts: volumes.mounts(pod, container),
		readOnlyRoot: own.readOnlyRootFilesystem ?? false,
		user: {
			uid,
			gid: own.runAsGroup ?? common.runAsGroup ?? 0,
			groups: common.fsGroup === undefined ? [] : [common.fsGroup],
		},
		env,
		workingDir: container.workingDir ?? '/',
		argv: [...(container.command ?? ['sleep', 'infinity']), ...(container.args ?? [])],
	};
}
