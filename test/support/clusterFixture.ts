import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Cluster, startCluster } from './cluster/cluster.js';
import type { PodHandle } from './cluster/podHandle.js';
import type { SessionOptions } from './cluster/sessions.js';
import { type EngineFixture, engineFixture } from './engineFixture.js';
import { type RealCluster, reachCluster } from './realCluster.js';
import type { TestCluster, TestPod } from './testCluster.js';

/** A home, and a cluster whose sessions begin as clones of it. */
interface FixtureOn<C extends TestCluster, P extends TestPod> extends EngineFixture {
	readonly cluster: C;
	/** The namespace that sessions are in. */
	readonly namespace: string;
	/** The whole name of a session that is there. */
	readonly idOf: (name: string) => string;
	/** A session of this home, with the repository that the fixture's local session is. */
	readonly addPod: (name: string, options?: Partial<SessionOptions>) => Promise<P>;
	/** Runs lines of a shell in the session's repository, as its user; its stdout without the last newline. */
	readonly inPod: (pod: TestPod, script: string) => Promise<string>;
	/** A commit of the session's, with these files; its id. */
	readonly commitIn: (pod: TestPod, message: string, files?: Readonly<Record<string, string>>) => Promise<string>;
}

/** One on the tests' own cluster. */
export type ClusterFixture = FixtureOn<Cluster, PodHandle>;

/** One on whatever cluster there is. */
export interface AnyClusterFixture extends FixtureOn<TestCluster, TestPod> {
	/** The tests' own cluster, with its knobs; a test that needs one is skipped on a real cluster. */
	readonly double: (test: Mocha.Context) => Cluster;
}

/** Makes a fixture on the tests' own cluster; the user's kubeconfig is at its usual place. */
export async function clusterFixture(): Promise<ClusterFixture> {
	const cluster = await startCluster();
	return fixtureOn(cluster, (options) => cluster.addSession(options), {
		kubeconfig: cluster.kubeconfig(),
		context: 'double',
		namespace: 'agents',
	});
}

/** Makes a fixture on the cluster of `HOMEPORT_TEST_KUBECONFIG`, in a namespace of its own, or else on the tests' own. */
export async function anyClusterFixture(): Promise<AnyClusterFixture> {
	const file = process.env['HOMEPORT_TEST_KUBECONFIG'];
	if (file === undefined) {
		const fixture = await clusterFixture();
		return { ...fixture, double: () => fixture.cluster };
	}
	const cluster = await reachCluster(file);
	return {
		...(await fixtureOn(cluster, (options) => cluster.addSession(options), cluster)),
		double: (test) => test.skip(),
	};
}

async function fixtureOn<C extends TestCluster, P extends TestPod>(
	cluster: C,
	addSession: (options: SessionOptions) => Promise<P>,
	{ kubeconfig, context, namespace }: Pick<RealCluster, 'kubeconfig' | 'context' | 'namespace'>,
): Promise<FixtureOn<C, P>> {
	const fixture = await engineFixture();
	await mkdir(join(fixture.env['HOME']!, '.kube'));
	await writeFile(join(fixture.env['HOME']!, '.kube/config'), kubeconfig);
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
		namespace,
		idOf: (name) => `kubernetes/${context}/${namespace}/${name}`,
		inPod,
		addPod: (name, options = {}) => addSession({ name, workspace: fixture.home, repo: fixture.session, ...options }),
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
