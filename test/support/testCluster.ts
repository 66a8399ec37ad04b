import type { Cluster } from './cluster/cluster.js';
import type { PodHandle } from './cluster/podHandle.js';
import type { Layout } from './cluster/layout.js';
import type { DataOptions, LegacyOptions } from './cluster/sessions.js';

/** A pod as a test works in it, on whatever cluster. */
export type TestPod = Pick<PodHandle, 'namespace' | 'name' | 'run'>;

/** What a test asks of a cluster, be it the tests' own or a real one; each resolves once the pods have come to rest. */
export interface TestCluster extends Pick<Cluster, 'scale' | 'stop'> {
	addSession(...given: Parameters<Layout['addSession']>): Promise<TestPod>;
	addLegacyPod(options: LegacyOptions): Promise<TestPod>;
	addDataPod(options?: DataOptions): Promise<TestPod>;
	pod(namespace: string, name: string): TestPod;
	replacePod(namespace: string, name: string): Promise<TestPod>;
}
