import { once } from 'node:events';
import { startCluster } from './cluster/cluster.js';

/** The tests' own cluster as a process: prints its kubeconfig as one line of JSON, and ends with its input. */
async function main(): Promise<void> {
	const cluster = await startCluster();
	process.stdout.write(`${JSON.stringify(cluster.kubeconfig())}\n`);
	process.stdin.resume();
	await once(process.stdin, 'end');
	await cluster.stop();
}

void main();
