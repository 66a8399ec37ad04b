import { execFile } from 'node:child_process';
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { promisify } from 'node:util';

/** What tells one process from every other, on this machine and elsewhere, before and after a reboot. */
export interface ProcessIdentity {
	readonly pid: number;
	readonly host: string;
	/** The machine's boot, or null where the system does not name it. */
	readonly boot: string | null;
	/** The namespace that the pid counts in, or null; a container shares the host's boot and not its pids. */
	readonly pidNamespace: string | null;
	/** When the process started, in the system's own form and comparable only for equality; null where unknown. */
	readonly processStart: string | null;
}

/** `elsewhere` is a process that this machine cannot look at. */
export type ProcessState = 'alive' | 'gone' | 'elsewhere';

const run = promisify(execFile);

// The boot is known to the second.
const clockSlackMs = 2000;

/** The identity of the process that asks. */
export async function thisProcess(): Promise<ProcessIdentity> {
	const [boot, pidNamespace, look] = await Promise.all([
		readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
		readlink('/proc/self/ns/pid').catch(() => ''),
		lookAt(process.pid),
	]);
	return {
		pid: process.pid,
		host: hostname(),
		boot: boot.trim() || null,
		pidNamespace: pidNamespace || null,
		processStart: look?.start ?? null,
	};
}

/** Whether `owner` still runs, as far as `self` can tell. A pid that another process has by now counts as gone. */
export async function processState(owner: ProcessIdentity, self: ProcessIdentity): Promise<ProcessState> {
	if (owner.host !== self.host) {
		return 'elsewhere';
	}
	if (differ(owner.boot, self.boot)) {
		return 'gone';
	}
	if (differ(owner.pidNamespace, self.pidNamespace)) {
		return 'elsewhere';
	}
	return pidState(owner.pid, owner.processStart);
}

function differ(one: string | null, other: string | null): boolean {
	return one !== null && other !== null && one !== other;
}

/** Whether a process of this machine has that pid and, where `start` is known, started then. */
export async function pidState(pid: number, start: string | null): Promise<'alive' | 'gone'> {
	if (!exists(pid)) {
		return 'gone';
	}
	const look = await lookAt(pid);
	if (look === null) {
		return exists(pid) ? 'alive' : 'gone';
	}
	return look.dead || (start !== null && look.start !== start) ? 'gone' : 'alive';
}

/**
 * Whether the process that has this pid may be the one that wrote something then (milliseconds since 1970): it runs, and
 * is no later one with a pid that came round again.
 */
export async function mayHaveWritten(pid: number, time: number): Promise<boolean> {
	if (!exists(pid)) {
		return false;
	}
	const look = await lookAt(pid);
	if (look === null) {
		return exists(pid);
	}
	const began = look.dead ? null : await beganAt(look.start);
	return !look.dead && (began === null || began <= time + clockSlackMs);
}

function exists(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
}

async function beganAt(start: string): Promise<number | null> {
	if (process.platform !== 'linux') {
		return Number.isNaN(Date.parse(`${start} UTC`)) ? null : Date.parse(`${start} UTC`);
	}
	// proc_stat(5) has the boot in seconds since 1970; starts count from there, a hundred to the second.
	const boot = /^btime (\d+)$/m.exec(await readFile('/proc/stat', 'utf8').catch(() => ''))?.[1];
	return boot === undefined ? null : Number(boot) * 1000 + Number(start) * 10;
}

interface Look {
	readonly start: string;
	/** Ended, and only its parent has not noticed; such a pid still answers to signal 0. */
	readonly dead: boolean;
}

async function lookAt(pid: number): Promise<Look | null> {
	try {
		return process.platform === 'linux' ? await lookAtProc(pid) : await askPs(pid);
	} catch {
		return null;
	}
}

// proc_pid_stat(5): the command's name stands in parentheses and may hold any character; state is field 3, start 22.
async function lookAtProc(pid: number): Promise<Look | null> {
	const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	const start = fields[22 - 3];
	return start === undefined ? null : { start, dead: isDead(fields[0]) };
}

async function askPs(pid: number): Promise<Look | null> {
	// lstart is printed in the zone and language of the environment, which differ between a terminal and an editor.
	const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
	const { stdout } = await run('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], { env, timeout: 5000 });
	const [state, ...start] = stdout.trim().split(/\s+/);
	return start.length === 0 ? null : { start: start.join(' '), dead: isDead(state) };
}

function isDead(state: string | undefined): boolean {
	return state !== undefined && /^[ZX]/.test(state);
}
