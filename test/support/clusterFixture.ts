import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, startCluster } from './cluster/cluster.js';
import type { PodHandle } from './cluster/podHandle.js';
import type { SessionOptions } from './cluster/sessions.js';
import { type EngineFixture, engineFixture } from './engineFixture.js';

/** A home, and a cluster whose sessions begin as clones of it. */
export interface ClusterFixture extends EngineFixture {
	readonly cluster: Cluster;
	/** A session of this home in the namespace `agents`, with the repository that the fixture's local session is. */
	readonly addPod: (name: string, options?: Partial<SessionOptions>) => Promise<PodHandle>;
	/** Runs lines of a shell in the session's repository, as its user; its stdout without the last newline. */
	readonly inPod: (pod: PodHandle, script: string) => Promise<string>;
	/** A commit of the session's, with these files; its id. */
	readonly commitIn: (pod: PodHandle, message: string, files?: Readonly<Record<string, string>>) => Promise<string>;
}

/** Makes the fixture; the user's kubeconfig is at its usual place. */
export async function clusterFixture(): Promise<ClusterFixture> {
	const [fixture, cluster] = await Promise.all([engineFixture(), startCluster()]);
	await mkdir(join(fixture.env['HOME']!, '.kube'));
	await writeFile(join(fixture.env['HOME']!, '.kube/config'), cluster.kubeconfig());
	const inPod: ClusterFixture['inPod'] = async (pod, script) => {
		const lines = `set -e; export HOME=/tmp; cd /pvc/workspace\n${script}`;
		const { stdout, stderr, exitCode } = await pod.run(['sh', '-c', lines]);
		if (exitCode !== 0) {
			throw new Error(`${script}\n${stderr}`);
		}
		return stdout.replace(/\n$/, '');
	};
	return {
		...fixture,
		cluster,
		inPod,
		addPod: (name, options = {}) =>
			cluster.addSession({ name, workspace: fixture.home, repo: fixture.session, ...options }),
		commitIn: async (pod, message, files = {}) => {
			const writes = Object.entries(files).map(([path, text]) => `printf '%s' '${text}' >'${path}'`);
			const identity = '-c user.name=Agent -c user.email=agent@localhost';
			const commit = `git add -A && git ${identity} commit -q --allow-empty -m '${message}'`;
			return inPod(pod, [...writes, commit, 'git rev-parse HEAD'].join('\n'));
		},
		dispose: async () => {
			fixture.homeport.dispose();
			await cluster.stop();
			await fixture.dispose();
		},
	};
}
