import childProcess from 'node:child_process';
import { openHome } from '../../../src/core/homeport.js';
import type { Plan } from '../../../src/core/model/plan.js';
import type { DoomedOperation } from './kill.js';
import { useEnvironment } from './world.js';

/** Does one operation and kills this process on the way, or ends when it was too late for that. */
export async function runDoomedOperation(doomed: DoomedOperation): Promise<void> {
	useEnvironment(doomed.env);
	killAtGit(doomed);
	const homeport = await openHome({ repo: doomed.repo, env: doomed.env });
	const session = await homeport.find(doomed.session);
	const yes = async (plan: Plan): Promise<{ proceed: boolean; accepted: string[] }> => ({
		proceed: true,
		accepted: plan.warnings.map((warning) => warning.code),
	});
	const request = { direction: 'home', from: null } as const;
	const work: Record<DoomedOperation['operation'], () => Promise<unknown>> = {
		sync: () => homeport.sync(session, { ...request, strategy: 'branch', branch: null }, yes),
		overwrite: () => homeport.sync(session, { ...request, strategy: 'overwrite', branch: 'main' }, yes),
		merge: () => homeport.sync(session, { ...request, strategy: 'merge', branch: null }, yes),
		exclude: () => homeport.sync(session, { ...request, strategy: 'exclude', branch: null }, yes),
		rescue: () => homeport.rescue(session),
		undo: () => homeport.undo(null, { accepted: ['built-on'] }),
		forget: () => homeport.forget(doomed.session, {}, doomed.name),
	};
	await work[doomed.operation]().catch(() => undefined);
}

function killAtGit({ at, delayMs, group }: DoomedOperation): void {
	const start = childProcess.spawn;
	let started = 0;
	const counted = (...args: Parameters<typeof start>): ReturnType<typeof start> => {
		const child = start(...args);
		started += 1;
		if (started === at) {
			const die = (): boolean => process.kill(group ? -process.pid : process.pid, 'SIGKILL');
			if (delayMs === 0) {
				die();
			} else {
				setTimeout(die, delayMs);
			}
		}
		return child;
	};
	childProcess.spawn = counted as typeof start;
}
