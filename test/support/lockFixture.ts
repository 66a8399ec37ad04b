import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LockRecord } from '../../src/core/coordination/lockFiles.js';
import { hasCode } from '../../src/core/base/errors.js';
import { thisProcess } from '../../src/core/base/process.js';

// The folder that mirrors test/; this file is bundled into each of test/unit/coordination.
const outTest = resolve(__dirname, '../..');

/** A sync folder of its own and the processes that a test starts over it; all are gone after `dispose`. */
export interface LockFixture {
	readonly folder: string;
	/** Starts `lockWorker.ts`; its messages are collected, and `said` waits for one of them. */
	worker(...args: readonly string[]): LockWorker;
	/** Lays down the two files as given; `null` means none, and `ageMs` sets the time of the lock file back. */
	lay(lock: string | null, record: object | string | null, ageMs?: number): Promise<void>;
	/** The names in the folder that begin with `sync.lock`. */
	lockFiles(): Promise<string[]>;
	dispose(): Promise<void>;
}

export interface LockWorker {
	readonly pid: number;
	readonly messages: readonly string[];
	said(message: string): Promise<void>;
	tell(message: string): void;
	/** Ends it by SIGKILL, and waits until it is gone. */
	kill(): Promise<void>;
	readonly ended: Promise<void>;
}

export async function lockFixture(): Promise<LockFixture> {
	const folder = await mkdtemp(join(tmpdir(), 'homeport-lock-'));
	const children: ChildProcess[] = [];
	return {
		folder,
		worker: (mode = '', ...args) => {
			const child = fork(join(outTest, 'support', 'lockWorker.js'), [mode, folder, ...args]);
			children.push(child);
			return follow(child);
		},
		lay: async (lock, record, ageMs = 0) => {
			await lay(join(folder, 'sync.lock'), lock);
			await lay(join(folder, 'sync.lock.json'), record);
			const time = (Date.now() - ageMs) / 1000;
			for (const name of await readdir(folder)) {
				await utimes(join(folder, name), time, time).catch((error: unknown) => {
					// An owner may just have put it into its place.
					if (!hasCode(error, 'ENOENT')) {
						throw error;
					}
				});
			}
		},
		lockFiles: async () => (await readdir(folder)).filter((name) => name.startsWith('sync.lock')).toSorted(),
		dispose: async () => {
			for (const child of children) {
				child.kill('SIGKILL');
			}
			await rm(folder, { recursive: true, force: true });
		},
	};
}

/** A record of this very process, with some of its parts replaced. */
export async function recordOf(parts: Partial<LockRecord> = {}): Promise<LockRecord> {
	return {
		...(await thisProcess()),
		token: 'a token of another',
		heartbeat: new Date().toISOString(),
		purpose: 'sync alpha',
		...parts,
	};
}

/** The pid of a process that has ended and was waited for. */
export async function deadPid(): Promise<number> {
	const child = spawn(process.execPath, ['-e', '']);
	await once(child, 'exit');
	return child.pid ?? 0;
}

/** What `sync.lock.json` holds. */
export async function readRecordFile(folder: string): Promise<LockRecord> {
	return JSON.parse(await readFile(join(folder, 'sync.lock.json'), 'utf8')) as LockRecord;
}

async function lay(path: string, content: object | string | null): Promise<void> {
	if (content !== null) {
		await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
	}
}

function follow(child: ChildProcess): LockWorker {
	const messages: string[] = [];
	child.on('message', (message) => {
		if (typeof message === 'string') {
			messages.push(message);
		}
	});
	const ended = once(child, 'exit').then(() => undefined);
	return {
		pid: child.pid ?? 0,
		messages,
		ended,
		said: async (message) => {
			while (!messages.includes(message)) {
				await Promise.race([
					once(child, 'message'),
					ended.then(() => {
						throw new Error(`the worker ended without saying ${message}`);
					}),
				]);
			}
		},
		tell: (message) => child.send(message),
		kill: async () => {
			child.kill('SIGKILL');
			await ended;
		},
	};
}
