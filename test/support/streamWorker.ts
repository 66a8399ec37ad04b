import { setTimeout as sleep } from 'node:timers/promises';
import { backendOn, sessionNamed } from './clusterBackend.js';

/*
 * A process that moves bytes through one stream slowly and tells by how much it grew: `KUBECONFIG read|write MEGABYTES`.
 * It waits a little after every four megabytes, so that the other side is always the faster one.
 */
const [kubeconfig = '', direction = '', megabytes = '0'] = process.argv.slice(2);
const total = Number(megabytes) * 1024 * 1024;
const pauseEvery = 4 * 1024 * 1024;

async function main(): Promise<void> {
	const backend = backendOn(kubeconfig);
	const session = await sessionNamed(backend, 'alpha');
	// What the first stream makes the process load and keep is no part of what the bytes cost.
	await move(await backend.exec(session, ['sh', '-c', 'cat']), 'write', pauseEvery);
	const before = process.memoryUsage().rss;
	let peak = before;
	const sampling = setInterval(() => (peak = Math.max(peak, process.memoryUsage().rss)), 5);
	const script = direction === 'read' ? `head -c ${total} /dev/zero` : 'wc -c';
	const moved = await move(await backend.exec(session, ['sh', '-c', script]), direction, total);
	clearInterval(sampling);
	backend.dispose();
	process.stdout.write(JSON.stringify({ moved, grownBytes: peak - before }));
}

async function move(
	stream: Awaited<ReturnType<ReturnType<typeof backendOn>['exec']>>,
	direction: string,
	bytes: number,
): Promise<number> {
	let moved = 0;
	if (direction === 'write') {
		const chunk = Buffer.alloc(64 * 1024);
		for (; moved < bytes; moved += chunk.length) {
			if (!stream.stdin.write(chunk)) {
				await new Promise((resolve) => stream.stdin.once('drain', resolve));
			}
			if (moved % pauseEvery === 0) {
				await sleep(1);
			}
		}
	}
	stream.stdin.end();
	let said = '';
	let read = 0;
	for await (const chunk of stream.stdout) {
		const before = Math.floor(read / pauseEvery);
		read += (chunk as Buffer).length;
		said = read < 100 ? said + String(chunk) : '';
		if (Math.floor(read / pauseEvery) !== before) {
			await sleep(10);
		}
	}
	await stream.status;
	return direction === 'write' && said !== '' ? Number(said) : read;
}

void main();
