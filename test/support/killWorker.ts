import childProcess from 'node:child_process';
import { openHome } from '../../src/core/homeport.js';
import { doOperation, type Job, type Measured } from './killer.js';

/** Does the one operation that it is told, and kills itself on the way where it is told an instant. */
process.once('message', (job: Job) => {
	void run(job).then(
		(measured) => process.send?.(measured, () => process.exit(0)),
		(error: unknown) => {
			process.stderr.write(`${error instanceof Error ? String(error.stack) : String(error)}\n`, () => process.exit(1));
		},
	);
});
process.send?.('ready');

async function run(job: Job): Promise<Measured> {
	const homeport = await openHome({ repo: job.repo, env: job.env });
	const start = performance.now();
	const spawns: number[] = [];
	const spawn = childProcess.spawn;
	const counted = (...args: Parameters<typeof spawn>): ReturnType<typeof spawn> => {
		const child = spawn(...args);
		spawns.push(performance.now() - start);
		killAfter(job, spawns.length);
		return child;
	};
	childProcess.spawn = counted as typeof spawn;
	killAfter(job, 0);
	await doOperation(homeport, job.operation);
	return { spawns, duration: performance.now() - start };
}

function killAfter({ kill }: Job, spawned: number): void {
	if (kill?.after === spawned) {
		const target = kill.group ? -process.pid : process.pid;
		if (kill.delayMs < 1) {
			process.kill(target, 'SIGKILL');
		} else {
			setTimeout(() => process.kill(target, 'SIGKILL'), kill.delayMs);
		}
	}
}
