import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import commandScript from './command.sh';
import setupScript from './container.sh';

/** A folder of this machine that a container sees, under a path of its own. */
export interface Mount {
	readonly source: string;
	readonly target: string;
	readonly readOnly: boolean;
}

export interface ContainerUser {
	readonly uid: number;
	readonly gid: number;
	readonly groups: readonly number[];
}

/** All that a container needs to run. */
export interface ContainerPlan {
	/** An empty folder; what the container writes outside of its mounts lies there. */
	readonly root: string;
	readonly hostname: string;
	readonly mounts: readonly Mount[];
	readonly readOnlyRoot: boolean;
	readonly user: ContainerUser;
	readonly env: Readonly<Record<string, string>>;
	readonly workingDir: string;
	readonly argv: readonly string[];
}

/** A container with processes; it ends with its first one, and all others with it. */
export interface RunningContainer {
	readonly plan: ContainerPlan;
	readonly exited: Promise<number>;
	signal(name: NodeJS.Signals): void;
	/** Runs a command beside the first process. `missing` tells whether there is no such command. */
	exec(argv: readonly string[], tty: boolean): { child: ChildProcess; missing: Promise<boolean> };
}

const holderArguments = '--pdeathsig KILL unshare --mount --uts --pid --fork --kill-child --propagation private'.split(
	' ',
);
const toolPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Why this process may not make containers; undefined where it may. */
export function whyNoContainers(): string | undefined {
	const argv = ['--mount', '--uts', '--pid', '--fork', '--propagation', 'private', 'true'];
	const { error, status, stderr } = spawnSync('unshare', argv, { encoding: 'utf8', env: { PATH: toolPath } });
	return status === 0 ? undefined : (error?.message ?? stderr.trim());
}

/** Starts a container; resolves once its root is built and its first process is about to run. */
export async function startContainer(
	plan: ContainerPlan,
	output: (stream: Readable) => void,
): Promise<RunningContainer> {
	mkdirSync(plan.root, { recursive: true });
	const mounts = plan.mounts.flatMap(({ source, target, readOnly }) => [source, target, readOnly ? 'ro' : 'rw']);
	const argv = [
		...holderArguments,
		...['/bin/sh', '-c', setupScript, 'setup', plan.root, plan.hostname, plan.readOnlyRoot ? 'ro' : 'rw'].concat(
			mounts,
		),
		'--',
		...inside(plan),
		...runCommand(plan.workingDir, plan.argv, false),
	];
	const holder = spawn('setpriv', argv, { env: { PATH: toolPath }, stdio: ['ignore', 'pipe', 'pipe', 'pipe'] });
	const exited = once(holder, 'exit').then(([code, signal]) => exitCode(code, signal));
	output(holder.stdout as Readable);
	output(holder.stderr as Readable);
	const pid = Number(await firstChunk(holder.stdio[3] as Readable));
	if (!(pid > 0)) {
		throw new Error(`The container in ${plan.root} did not start: exit code ${await exited}`);
	}
	return {
		plan,
		exited,
		signal: (name) => {
			try {
				process.kill(pid, name);
			} catch {
				// It has ended by itself.
			}
		},
		exec: (command, tty) => {
			const enter = ['--target', String(pid), '--mount', '--uts', '--pid'];
			const args = [...enter, ...inside(plan), ...runCommand(plan.workingDir, command, tty)];
			const child = spawn('nsenter', args, { env: { PATH: toolPath }, stdio: ['pipe', 'pipe', 'pipe', 'pipe'] });
			return { child, missing: text(child.stdio[3] as Readable).then((said) => said !== '') };
		},
	};
}

/** What is read first; the other end stays open with the holder. Empty where it ends without a word. */
function firstChunk(stream: Readable): Promise<string> {
	return new Promise((resolve) => {
		stream.once('data', (chunk: Buffer) => {
			stream.destroy();
			resolve(chunk.toString());
		});
		stream.once('close', () => resolve(''));
	});
}

/** The exit code as a shell tells it: 128 and the signal where one ended the process. */
export function exitCode(code: number | null, signal: NodeJS.Signals | null): number {
	return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
}

/** The id itself, or one of the few that there are where this process is in a user namespace. */
export function mappedId(id: number): number {
	const count = Number(readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2] ?? 0);
	return id < count ? id : 20_000 + (id % 10_000);
}

function inside({ user, env }: ContainerPlan): string[] {
	const groups = user.groups.map(mappedId).join(',');
	const who = [`--userspec=+${mappedId(user.uid)}:+${mappedId(user.gid)}`, `--groups=${groups}`];
	const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
	return ['chroot', ...who, '/', '/usr/bin/env', '-i', ...variables];
}

function runCommand(folder: string, argv: readonly string[], tty: boolean): string[] {
	const quoted = argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
	const command = tty ? ['script', '-q', '-e', '-c', quoted, '/dev/null'] : argv;
	return ['/bin/sh', '-c', commandScript, 'run', folder, argv[0] ?? '', ...command];
}
