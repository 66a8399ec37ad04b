import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Container, Pod } from './cluster/objects.js';
import { type SessionOptions, dataManifest, legacyManifest, sessionManifest } from './cluster/sessions.js';
import type { TestCluster, TestPod } from './testCluster.js';

const run = promisify(execFile);
/** Milliseconds in which a pod of a real cluster has to begin or end; the first one has to fetch its image. */
const restMs = 300_000;

interface Ended {
	readonly stdout: string;
	readonly stderr: string;
	readonly exitCode: number;
}

/** A cluster that this process did not start. */
export interface RealCluster extends TestCluster {
	/** The text of a kubeconfig whose one context works in {@link namespace}. */
	readonly kubeconfig: string;
	readonly context: string;
	/** The namespace that was made for the test, and goes with it. */
	readonly namespace: string;
}

/**
 * Makes a namespace on the cluster of the file's current context, through `kubectl` 1.31 or newer. Its pods run
 * `HOMEPORT_TEST_IMAGE`, or `alpine/git`: an image with git, sh and tar. `agents` in what a test asks for is the new
 * namespace.
 */
export async function reachCluster(file: string): Promise<RealCluster> {
	const namespace = `homeport-test-${randomBytes(4).toString('hex')}`;
	const image = process.env['HOMEPORT_TEST_IMAGE'] ?? 'alpine/git';
	const flat = ['config', 'view', '--raw', '--flatten', '--minify', '-o', 'json', '--kubeconfig', file];
	const config = JSON.parse((await run('kubectl', flat)).stdout) as {
		'current-context': string;
		contexts: { context: { namespace?: string } }[];
	};
	config.contexts[0]!.context.namespace = namespace;
	const kubeconfig = JSON.stringify(config);
	const folder = await mkdtemp(join(tmpdir(), 'homeport-real-'));
	const own = join(folder, 'config');
	await writeFile(own, kubeconfig, { mode: 0o600 });

	const kubectl = async (args: readonly string[], input: string | Buffer | Readable = ''): Promise<Ended> => {
		const child = spawn('kubectl', ['--kubeconfig', own, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
		child.stdin.on('error', () => undefined);
		if (typeof input === 'string' || Buffer.isBuffer(input)) {
			child.stdin.end(input);
		} else {
			input.pipe(child.stdin);
		}
		const ended = once(child, 'close') as Promise<[number]>;
		const [stdout, stderr, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
		return { stdout, stderr, exitCode };
	};
	const done = async (args: readonly string[], input?: string | Readable): Promise<string> => {
		const { stdout, stderr, exitCode } = await kubectl(args, input);
		if (exitCode !== 0) {
			throw new Error(`kubectl ${args.join(' ')}: ${stderr}`);
		}
		return stdout;
	};
	const create = (kind: string, apiVersion: string, manifest: object): Promise<string> =>
		done(['create', '--validate=false', '-f', '-'], JSON.stringify(suited({ kind, apiVersion, ...manifest }, image)));
	const found = async (name: string): Promise<Pod | null> => {
		const stdout = await done(['get', 'pod', name, '--ignore-not-found', '-o', 'json']);
		return stdout.trim() === '' ? null : (JSON.parse(stdout) as Pod);
	};
	const until = async (what: string, holds: () => Promise<boolean>): Promise<void> => {
		for (const end = performance.now() + restMs; !(await holds()); await sleep(250)) {
			if (performance.now() > end) {
				throw new Error(`${what}: not within ${restMs / 1000} s\n${await done(['get', 'pods,events'])}`);
			}
		}
	};
	const isReady = (pod: Pod | null): boolean =>
		pod !== null &&
		pod.metadata.deletionTimestamp === undefined &&
		pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
	const ready = async (name: string): Promise<TestPod> => {
		await until(`${name} is ready`, async () => isReady(await found(name)));
		return handle(name);
	};
	const handle = (name: string): TestPod => ({
		namespace,
		name,
		run: (argv, input) => kubectl(['exec', '-i', name, '--', ...argv], input),
	});
	/** Unpacks what is in a folder of this machine in one of a pod, as the pod's user, who may not own that folder. */
	const copy = async (name: string, from: string, to: string): Promise<void> => {
		const tar = spawn('tar', ['-C', from, '-cf', '-', '--', ...readdirSync(from)], {
			stdio: ['ignore', 'pipe', 'ignore'],
		});
		const unpack = ['sh', '-c', `mkdir -p ${to} && tar -xof - -C ${to}`];
		await done(['exec', '-i', name, '--', ...unpack], tar.stdout);
	};
	const scale: TestCluster['scale'] = async (_, name, replicas) => {
		await done(['scale', 'statefulset', name, `--replicas=${replicas}`]);
		if (replicas === 0) {
			await until(`${name} has no pod`, async () => (await found(`${name}-0`)) === null);
		} else {
			await ready(`${name}-0`);
		}
	};

	await create('Namespace', 'v1', { metadata: { name: namespace } });
	return {
		kubeconfig,
		context: config['current-context'],
		namespace,
		addSession: async (options: SessionOptions) => {
			const { name, repo, replicas = 1 } = options;
			await create('StatefulSet', 'apps/v1', sessionManifest(options));
			const pod = await ready(`paude-${name}-0`);
			if (repo !== undefined) {
				await copy(pod.name, repo, '/pvc/workspace');
			}
			if (replicas !== 1) {
				await scale(namespace, `paude-${name}`, replicas);
			}
			return pod;
		},
		addLegacyPod: async (options) => {
			await create('Pod', 'v1', legacyManifest(options));
			const pod = await ready(`paude-session-${options.id}`);
			if (options.repo !== undefined) {
				await copy(pod.name, options.repo, '/workspace');
			}
			return pod;
		},
		addDataPod: async (options = {}) => {
			const manifest = dataManifest(options);
			await create('ReplicaSet', 'apps/v1', manifest);
			const made = ['get', 'pods', '-l', `app.kubernetes.io/name=${options.name}`, '-o', 'name'];
			let name = '';
			await until('the pod of the data is made', async () => {
				name = (await done(made)).trim().replace(/^pod\//, '');
				return name !== '';
			});
			const pod = await ready(name);
			if (options.repo !== undefined) {
				const bare = join(folder, `${name}.git`);
				await run('git', ['clone', '-q', '--bare', options.repo, bare]);
				await copy(name, bare, '/app/data');
			}
			return pod;
		},
		pod: (_, name) => handle(name),
		scale,
		replacePod: async (_, name) => {
			const before = (await found(name))?.metadata.uid;
			// kubectl waits for ever where a pod is replaced while it begins to wait.
			await done(['delete', 'pod', name, '--wait=false']);
			await until(`${name} is another`, async () => {
				const pod = await found(name);
				return pod?.metadata.uid !== before && isReady(pod);
			});
			return handle(name);
		},
		stop: async () => {
			await done(['delete', 'namespace', namespace, '--wait=false']);
			await rm(folder, { recursive: true });
		},
	};
}

/** A manifest of the tests' own cluster, with an image that a real one can have. */
function suited(manifest: object, image: string): object {
	return JSON.parse(JSON.stringify(manifest), (_, value: unknown) => {
		const { command, imagePullPolicy } = (value ?? {}) as Partial<Container>;
		return command === undefined || imagePullPolicy === undefined
			? value
			: {
					...(value as Container),
					image,
					imagePullPolicy: 'IfNotPresent',
					command: command.map((word) => (word === '/bin/bash' ? '/bin/sh' : word)),
				};
	}) as object;
}
