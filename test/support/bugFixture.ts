import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';

/** How a process ended, and all that it wrote. */
export interface Ended {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly out: string;
	readonly err: string;
}

/** A home and two sessions of it, in the situation of BUG-003, and the command line over them. */
export interface BugFixture {
	/** The folder that holds everything, the user's own folder included. */
	readonly folder: string;
	readonly home: string;
	readonly alpha: string;
	readonly beta: string;
	/** Where the registered sessions are kept. */
	readonly registry: string;
	/** Runs git in a folder; its stdout without the last newline. Fails when git does. */
	git(dir: string, ...args: readonly string[]): Promise<string>;
	/** Runs `dist/cli.js` in home, or in the folder given. */
	cli(args: readonly string[], options?: CliOptions): Promise<Ended>;
	dispose(): Promise<void>;
}

export interface CliOptions {
	readonly dir?: string;
	/** The node to run it with; this process's own by default. */
	readonly node?: string;
	/** Called with the running process's way to signal it. */
	readonly onStart?: (signal: (name: NodeJS.Signals) => void) => void;
}

/**
 * All start at X. Home has H1 and an edit of `local.txt`; alpha has A1, A2, an edit of `shared.txt` and the untracked
 * `draft.txt`; beta has B1, B2. Nothing outside the folder is read or written.
 */
export async function bugFixture(): Promise<BugFixture> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), 'homeport-cli-')));
	const [home, alpha, beta] = ['home', 'alpha', 'beta'].map((name) => join(folder, name)) as [string, string, string];
	const user = join(folder, 'user');
	const config = join(user, 'config');
	await mkdir(config, { recursive: true });
	const env: NodeJS.ProcessEnv = {
		PATH: process.env['PATH'],
		HOME: user,
		XDG_CONFIG_HOME: config,
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_AUTHOR_NAME: 'User',
		GIT_AUTHOR_EMAIL: 'user@localhost',
		GIT_COMMITTER_NAME: 'User',
		GIT_COMMITTER_EMAIL: 'user@localhost',
		LC_ALL: 'C',
	};
	const git = async (dir: string, ...args: readonly string[]): Promise<string> => {
		const ended = await run('git', args, { cwd: dir, env });
		if (ended.code !== 0) {
			throw new Error(`git ${args.join(' ')}: ${ended.err}`);
		}
		return ended.out.replace(/\n$/, '');
	};
	const commit = async (dir: string, name: string): Promise<void> => {
		await writeFile(join(dir, `${name}.txt`), `${name}\n`);
		await git(dir, 'add', '-A');
		await git(dir, 'commit', '-qm', name);
	};

	await git(folder, 'init', '-q', '-b', 'main', home);
	await writeFile(join(home, 'shared.txt'), 'shared\n');
	await writeFile(join(home, 'local.txt'), 'local\n');
	await commit(home, 'X');
	for (const dir of [alpha, beta]) {
		await git(folder, 'clone', '-q', home, dir);
	}
	await commit(alpha, 'A1');
	await commit(alpha, 'A2');
	await commit(beta, 'B1');
	await commit(beta, 'B2');
	await commit(home, 'H1');
	await writeFile(join(alpha, 'shared.txt'), 'changed by alpha\n');
	await writeFile(join(alpha, 'draft.txt'), 'never committed\n');
	await writeFile(join(home, 'local.txt'), 'changed by the user\n');

	return {
		folder,
		home,
		alpha,
		beta,
		registry: join(config, 'homeport', 'sessions.json'),
		git,
		cli: (args, { dir = home, node = process.execPath, onStart } = {}) =>
			run(node, [resolve('dist/cli.js'), ...args], { cwd: dir, env }, onStart),
		dispose: () => rm(folder, { recursive: true, force: true }),
	};
}

/** A node on the PATH that is older than what Homeport needs, or null. */
export async function oldNode(): Promise<string | null> {
	const folders = (process.env['PATH'] ?? '').split(delimiter);
	for (const folder of [...folders, '/usr/bin', '/usr/local/bin', dirname(process.execPath)]) {
		const node = join(folder, 'node');
		const { code, out } = await run(node, ['-p', 'process.versions.node'], { cwd: '/', env: {} });
		const [major = 0, minor = 0] = out.split('.').map(Number);
		if (code === 0 && (major < 22 || (major === 22 && minor < 19))) {
			return node;
		}
	}
	return null;
}

function run(
	command: string,
	args: readonly string[],
	options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
	onStart?: (signal: (name: NodeJS.Signals) => void) => void,
): Promise<Ended> {
	return new Promise((resolveRun) => {
		const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
		const written = { out: '', err: '' };
		child.stdout.setEncoding('utf8').on('data', (text: string) => (written.out += text));
		child.stderr.setEncoding('utf8').on('data', (text: string) => (written.err += text));
		child.once('error', (error) => resolveRun({ code: null, signal: null, out: '', err: error.message }));
		child.once('close', (code, signal) => resolveRun({ code, signal, ...written }));
		onStart?.((name) => child.kill(name));
	});
}
