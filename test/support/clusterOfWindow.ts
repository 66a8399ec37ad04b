import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BugFixture, bugFixture } from './bugFixture.js';
import { type Cluster, startCluster } from './cluster/cluster.js';
import { required } from './vscodeWindow.js';

/** A home, and a cluster that a window finds once the kubeconfig of its user is there. */
export interface ClusterOfWindow {
	readonly fixture: BugFixture;
	readonly cluster: Cluster;
	/** Writes the kubeconfig of the window's user: that of the cluster, or this. */
	writeKubeconfig(text?: string): Promise<void>;
	dispose(): Promise<void>;
}

/** Makes both; nothing of them is known to a window yet. */
export async function clusterOfWindow(): Promise<ClusterOfWindow> {
	const [fixture, cluster] = await Promise.all([bugFixture(), startCluster()]);
	const folder = join(required('HOMEPORT_TEST_SERVER_HOME'), '.kube');
	return {
		fixture,
		cluster,
		writeKubeconfig: async (text = cluster.kubeconfig()) => {
			await mkdir(folder, { recursive: true });
			await writeFile(join(folder, 'config'), text);
		},
		dispose: async () => {
			await cluster.stop();
			await fixture.dispose();
			await rm(folder, { recursive: true, force: true });
		},
	};
}
