import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { openHome } from '../../src/core/homeport.js';
import type { SyncResult } from '../../src/core/model/report.js';
import { type RealCluster, reachCluster } from '../../test/support/realCluster.js';
import { command } from '../commands.js';
import {
	type Opened,
	copyOf,
	emptyBare,
	emptyHome,
	fetchCommand,
	firstFetch,
	remove,
	repeatedFetch,
	syncArrived,
	syncOnce,
} from '../contenders.js';
import { clone } from '../material.js';
import type { Attempt, Contender, Row, Scene } from '../measure.js';
import { sessionAhead } from './firstSync.js';

const overExec = 'git fetch ext::kubectl';
const byPath = 'git fetch by path';

/** Why there can be no rows of pods; undefined where there can. */
export function whyNoPods(): string | undefined {
	return spawnSync('kubectl', ['version', '--client']).status === 0 ? undefined : 'there is no kubectl';
}

/** The first sync of a session in a pod; home has nothing of it. */
export function podFirstRow(files: number, runs: number): Row {
	return {
		name: 'pod-first',
		title: `first sync from a pod, ${files} files, home has nothing of it`,
		aim: {
			text: `fetch ≤ 1.2 × ${byPath}`,
			phases: ['fetch'],
			limit: (median) => 1.2 * median(byPath),
		},
		runs,
		warmUps: 1,
		open: async (folder) => {
			const { session } = await sessionAhead(folder, files);
			const home = join(folder, 'ours');
			const pod = await startPod(folder, session, home);
			return {
				contenders: [
					ours('synced', session, async () => {
						await emptyHome(home);
						return { opened: await pod.open(home), dispose: async () => remove(home) };
					}),
					firstFetch(folder, session, emptyBare, { name: byPath }),
					firstFetch(folder, session, emptyBare, { name: overExec, from: pod.address }),
					...pod.copies(folder, session),
				],
				close: pod.stop,
			};
		},
	};
}

/** Nothing new in a pod since the last sync. */
export function podNoChangeRow(files: number, runs: number): Row {
	return {
		name: 'pod-none',
		title: `no change in a pod, ${files} files`,
		aim: { text: `≤ 0.5 × ${overExec}`, limit: (median) => 0.5 * median(overExec) },
		runs,
		warmUps: 3,
		open: async (folder): Promise<Scene> => {
			const { base, session } = await sessionAhead(folder, files);
			const [home, other] = [join(folder, 'ours'), join(folder, 'other')];
			await clone(base, home);
			await clone(base, other);
			const pod = await startPod(folder, session, home);
			const opened = await pod.open(home);
			await syncOnce(opened);
			await command(fetchCommand(other, pod.address));
			return {
				contenders: [
					ours('up-to-date', session, async () => ({ opened, dispose: async () => undefined })),
					repeatedFetch(other, session, { name: overExec, from: pod.address }),
					repeatedFetch(other, session, { name: byPath }),
				],
				close: pod.stop,
			};
		},
	};
}

function ours(
	expected: SyncResult['outcome'],
	session: string,
	open: () => Promise<{ readonly opened: Opened; readonly dispose: () => Promise<void> }>,
): Contender {
	return {
		name: 'homeport',
		prepare: async (): Promise<Attempt> => {
			const { opened, dispose } = await open();
			let result: SyncResult;
			return {
				run: async () => {
					const synced = await syncOnce(opened);
					result = synced.result;
					return synced.phases;
				},
				check: async (thorough) => syncArrived(opened, result, expected, thorough, session),
				dispose: async () => {
					if (expected === 'synced') {
						opened.homeport.dispose();
					}
					await dispose();
				},
			};
		},
	};
}

/** A pod with a copy of a session, on a cluster in another process, and the ways into it. */
interface SessionPod {
	/** What git fetches from through `kubectl`. */
	readonly address: string;
	/** A home that knows the pod, with the connection to its cluster open. */
	open(home: string): Promise<Opened>;
	/** The means to copy the session that a user has beside git. */
	copies(folder: string, session: string): Contender[];
	readonly stop: () => Promise<void>;
}

async function startPod(folder: string, session: string, home: string): Promise<SessionPod> {
	const { cluster, stop } = await startCluster(folder);
	const { name } = await cluster.addSession({ name: 'alpha', agent: 'agent', workspace: home, repo: session });
	const config = join(folder, 'kubeconfig');
	await writeFile(config, cluster.kubeconfig);
	const kubectl = ['kubectl', '--kubeconfig', config, '-n', cluster.namespace];
	const exec = [...kubectl, 'exec', '-i', name, '--'];
	const remoteShell = join(folder, 'remote-shell');
	await writeFile(remoteShell, `#!/bin/sh\nshift\nexec ${exec.join(' ')} "$@"\n`);
	await chmod(remoteShell, 0o755);
	await command(['git', 'config', '--global', 'protocol.ext.allow', 'always']);
	return {
		address: `ext::${exec.join(' ')} %S /pvc/workspace`,
		open: async (path) => {
			const homeport = await openHome({ repo: path, env: { ...process.env, KUBECONFIG: config } });
			return { home: path, homeport, session: await homeport.find('alpha') };
		},
		copies: (into, source) => [
			copyOf(into, source, 'kubectl cp', async (target) =>
				command([...kubectl, 'cp', `${name}:/pvc/workspace`, target]),
			),
			copyOf(into, source, 'tar over kubectl', async (target) => {
				const script = `${exec.join(' ')} tar -C /pvc/workspace -cf - . | tar -C "$1" -xf -`;
				return command(['sh', '-c', script, 'tar', target]);
			}),
			...(has('rsync')
				? [
						copyOf(into, source, 'rsync over kubectl', async (target) =>
							command(['rsync', '-a', '--blocking-io', '--rsh', remoteShell, 'pod:/pvc/workspace/', `${target}/`]),
						),
					]
				: []),
		],
		stop,
	};
}

/** A namespace on the cluster of `HOMEPORT_TEST_KUBECONFIG`, or on the tests' own in another process. */
async function startCluster(folder: string): Promise<{ cluster: RealCluster; stop: () => Promise<void> }> {
	let file = process.env['HOMEPORT_TEST_KUBECONFIG'];
	let double: ChildProcess | undefined;
	if (file === undefined) {
		const started = spawn(process.execPath, ['out/test/support/clusterProcess.js'], {
			stdio: ['pipe', 'pipe', 'inherit'],
		});
		const [line] = (await once(started.stdout, 'data')) as [Buffer];
		file = join(folder, 'kubeconfig-of-the-cluster');
		await writeFile(file, JSON.parse(line.toString()) as string);
		double = started;
	}
	const cluster = await reachCluster(file);
	return {
		cluster,
		stop: async () => {
			await cluster.stop();
			if (double !== undefined) {
				double.stdin!.end();
				await once(double, 'exit');
			}
		},
	};
}

function has(program: string): boolean {
	return (process.env['PATH'] ?? '')
		.split(delimiter)
		.some((path) => spawnSync(join(path, program), ['--version']).status === 0);
}
