import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Homeport } from '../../src/core/homeport.js';
import type { Plan, SyncRequest } from '../../src/core/model/plan.js';

/** What is killed on the way. All but `add` are about the session `alpha`. */
export type OperationName =
	| 'rescue'
	| 'create'
	| 'fast-forward'
	| 'overwrite'
	| 'merge'
	| 'exclude'
	| 'undo'
	| 'forget'
	| 'add'
	| 'push';

export interface Operation {
	readonly name: OperationName;
	/** The session's folder. */
	readonly session: string;
}

/** An instant: milliseconds after so many processes were started; with the process group, or node alone. */
export interface Instant {
	readonly after: number;
	readonly delayMs: number;
	readonly group: boolean;
}

export interface Job {
	readonly repo: string;
	readonly env: NodeJS.ProcessEnv;
	readonly operation: Operation;
	readonly kill: Instant | null;
}

/** When an operation started its processes, and how long it took, in milliseconds from its start. */
export interface Measured {
	readonly spawns: readonly number[];
	readonly duration: number;
}

const branch: SyncRequest = { strategy: 'branch', direction: 'home', branch: null, from: null };
const push: SyncRequest = { strategy: 'branch', direction: 'session', branch: null, from: null };
const overwrite: SyncRequest = { strategy: 'overwrite', direction: 'home', branch: 'main', from: null };

/** The request of the syncs: to the session's branch, onto `main`, or into the session. */
export function requestOf(name: OperationName): SyncRequest {
	if (name === 'push') {
		return push;
	}
	if (name === 'merge' || name === 'exclude') {
		return { ...branch, strategy: name };
	}
	return name === 'overwrite' || name === 'undo' ? overwrite : branch;
}

/** Accepts a plan with all its warnings. */
export async function acceptAll(plan: Plan): Promise<{ proceed: boolean; accepted: string[] }> {
	return { proceed: true, accepted: plan.warnings.map((warning) => warning.code) };
}

/** Does the operation; a sync that did not end well is an error. */
export async function doOperation(homeport: Homeport, { name, session }: Operation): Promise<void> {
	if (name === 'add') {
		await homeport.add('alpha', session, 'claude');
		return;
	}
	const alpha = await homeport.find('alpha');
	if (name === 'undo') {
		await homeport.undo(null, { accepted: [] });
		return;
	}
	if (name === 'forget') {
		await homeport.forget(alpha.id, {}, 'alpha');
		return;
	}
	const result =
		name === 'rescue' ? await homeport.rescue(alpha) : await homeport.sync(alpha, requestOf(name), acceptAll);
	if (result.outcome !== 'synced' && result.outcome !== 'up-to-date') {
		throw result.error ?? new Error(`${result.outcome}: ${result.warnings.map(({ code }) => code).join(', ')}`);
	}
}

/** Starts a worker, which loads the core and waits for its job. */
export function startWorker(env: NodeJS.ProcessEnv): Worker {
	const child = fork(join(resolve(__dirname, '../..'), 'support', 'killWorker.js'), {
		env,
		detached: true,
		execArgv: [],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
	const gone = once(child, 'exit').then(([code]) => {
		throw new Error(`the worker ended with ${String(code)} before it was ready`);
	});
	gone.catch(() => undefined);
	return { child, ready: Promise.race([once(child, 'message'), gone]) };
}

export interface Worker {
	readonly child: ChildProcess;
	readonly ready: Promise<unknown>;
}

/** Gives a worker its job and waits for its end; null when it was killed. */
export async function runJob({ child, ready }: Worker, job: Job): Promise<Measured | null> {
	await ready;
	let measured: Measured | null = null;
	let errors = '';
	child.stderr?.setEncoding('utf8').on('data', (text: string) => (errors += text));
	child.on('message', (message) => (measured = message as Measured));
	const ended = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
	child.send(job);
	const [code, signal] = await ended;
	child.stderr?.destroy();
	if (code !== 0 && signal !== 'SIGKILL') {
		throw new Error(`the worker ended with ${String(code)}: ${errors}`);
	}
	return measured;
}

/** The instant at `part` (0 to 1) of a measured operation. */
export function instantAt({ spawns, duration }: Measured, part: number, group: boolean): Instant {
	const at = duration * part;
	const after = spawns.filter((time) => time <= at).length;
	return { after, delayMs: at - (after === 0 ? 0 : spawns[after - 1]!), group };
}

/** Waits until nothing that a killed process had started works below the folder; fails after 20 s. */
export async function nothingRunsIn(folder: string): Promise<void> {
	for (let round = 0; ; round += 1) {
		const running = readdirSync('/proc').filter((pid) => {
			try {
				return /^\d+$/.test(pid) && pid !== String(process.pid) && readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
			} catch {
				return false;
			}
		});
		if (running.length === 0) {
			return;
		}
		if (round === 4000) {
			throw new Error(`still at work after the kill: ${running.join(', ')}`);
		}
		await sleep(5);
	}
}
