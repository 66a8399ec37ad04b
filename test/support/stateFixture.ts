import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Starts eight `stateWorker.ts` on the same file, lets them all go at once, and gives their exit codes. */
export async function eightWriters(mode: string, path: string, count: number, ...more: string[]): Promise<unknown[]> {
	const workers = Array.from({ length: 8 }, (_, id) =>
		fork(stateWorker(), [mode, path, String(id), String(count), ...more]),
	);
	try {
		const ended = workers.map(async (worker) => (await once(worker, 'exit'))[0] as unknown);
		await Promise.all(workers.map((worker) => once(worker, 'message')));
		for (const worker of workers) {
			worker.send('go');
		}
		return await Promise.all(ended);
	} finally {
		for (const worker of workers) {
			worker.kill('SIGKILL');
		}
	}
}

/** The worker beside the bundles of the tests, which lie one folder deeper or two. */
function stateWorker(): string {
	let folder = __dirname;
	while (!existsSync(join(folder, 'support', 'stateWorker.js')) && dirname(folder) !== folder) {
		folder = dirname(folder);
	}
	return join(folder, 'support', 'stateWorker.js');
}
