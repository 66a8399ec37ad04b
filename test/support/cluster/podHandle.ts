import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { exitCode } from './container.js';
import type { Kubelet } from './kubelet.js';
import type { Pod } from './objects.js';
import { pods } from './resources.js';
import type { Store } from './store.js';

/** A pod as a test reaches into it, without the API. */
export interface PodHandle {
	readonly namespace: string;
	readonly name: string;
	/** The pod as it is now; fails where there is none. */
	object(): Pod;
	uid(): string;
	/** Where a path of the container lies on this machine; of its first one where none is named. */
	path(inside: string, container?: string): string;
	/** Runs a command in the container, as its user. */
	run(argv: readonly string[], input?: string | Buffer): Promise<{ stdout: string; stderr: string; exitCode: number }>;
	/** Whole lines that the container has printed. */
	log(container?: string): string[];
	/** Prints a line in the container's name. */
	print(line: string, container?: string): void;
}

export function podHandle(store: Store, kubelet: Kubelet, namespace: string, name: string): PodHandle {
	const object = (): Pod => {
		const pod = store.get(pods, namespace, name) as Pod | undefined;
		if (pod === undefined) {
			throw new Error(`There is no pod ${name} in ${namespace}`);
		}
		return pod;
	};
	const first = (): string => object().spec.containers[0]?.name ?? '';
	return {
		namespace,
		name,
		object,
		uid: () => object().metadata.uid,
		path: (inside, container) => kubelet.path(object(), container ?? first(), inside),
		run: async (argv, input = '') => {
			const running = kubelet.container(object(), first());
			if (running === undefined) {
				throw new Error(`The pod ${name} does not run`);
			}
			const { child } = running.exec(argv, false);
			const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
			const stdin = child.stdin as Writable;
			stdin.on('error', () => undefined).end(input);
			const [stdout, stderr] = await Promise.all([text(child.stdout as Readable), text(child.stderr as Readable)]);
			return { stdout, stderr, exitCode: exitCode(...(await ended)) };
		},
		log: (container) =>
			kubelet
				.log(object(), container ?? first())
				.lines()
				.map((line) => line.text),
		print: (line, container) => kubelet.log(object(), container ?? first()).write(`${line}\n`),
	};
}
