import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Homeport, openHome } from '../../src/core/homeport.js';
import type { Observation } from '../../src/core/model/observation.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import type { SyncResult } from '../../src/core/model/report.js';
import { sessionRefName } from '../../src/core/model/session.js';

const execFileAsync = promisify(execFile);

/** The default request: every branch of the session, each to a branch of its own. */
export const branchRequest: SyncRequest = { strategy: 'branch', direction: 'home', branch: null, from: null };

/** A home and a session that is a clone of it, both at one commit X with `base.txt` and `shared.txt`. */
export interface EngineFixture {
	readonly folder: string;
	readonly home: string;
	readonly session: string;
	readonly env: NodeJS.ProcessEnv;
	readonly homeport: Homeport;
	/** Runs git in a folder; its stdout without the last newline. */
	readonly git: (dir: string, ...args: readonly string[]) => Promise<string>;
	readonly write: (dir: string, files: Readonly<Record<string, string>>) => Promise<void>;
	readonly commit: (dir: string, message: string, files?: Readonly<Record<string, string>>) => Promise<string>;
	/** Registers a folder as session `name`. */
	readonly add: (name: string, dir: string) => Promise<void>;
	/** Syncs a session by branch, accepting what is listed. */
	readonly sync: (name: string, accepted?: readonly string[], request?: Partial<SyncRequest>) => Promise<SyncResult>;
	/** The newest entry of a session's ledger. */
	newest(
		name: string,
	): Promise<Pick<Observation, 'branches' | 'detached' | 'stashes' | 'reflog' | 'capture' | 'missing'>>;
	/** The paths of the newest capture, with mode and content. */
	readonly captured: (name: string) => Promise<Record<string, string>>;
	readonly dispose: () => Promise<void>;
}

/** Makes the fixture; `prepare` may change home before the session is cloned from it. */
export async function engineFixture(
	prepare?: (fixture: Pick<EngineFixture, 'home' | 'git' | 'write'>) => Promise<void>,
): Promise<EngineFixture> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), 'homeport-engine-')));
	const user = join(folder, 'user');
	await mkdir(join(user, 'config'), { recursive: true });
	const env: NodeJS.ProcessEnv = {
		PATH: process.env['PATH'],
		HOME: user,
		XDG_CONFIG_HOME: join(user, 'config'),
		XDG_CACHE_HOME: join(user, 'cache'),
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_AUTHOR_NAME: 'User',
		GIT_AUTHOR_EMAIL: 'user@localhost',
		GIT_COMMITTER_NAME: 'User',
		GIT_COMMITTER_EMAIL: 'user@localhost',
		LC_ALL: 'C',
	};
	const git: EngineFixture['git'] = async (dir, ...args) => {
		const { stdout } = await execFileAsync('git', [...args], { cwd: dir, env, maxBuffer: 64 * 1024 * 1024 });
		return stdout.replace(/\n$/, '');
	};
	const write: EngineFixture['write'] = async (dir, files) => {
		for (const [name, text] of Object.entries(files)) {
			await mkdir(dirname(join(dir, name)), { recursive: true });
			await writeFile(join(dir, name), text);
		}
	};
	const commit: EngineFixture['commit'] = async (dir, message, files = {}) => {
		await write(dir, files);
		await git(dir, 'add', '-A');
		await git(dir, 'commit', '-q', '--allow-empty', '-m', message);
		return git(dir, 'rev-parse', 'HEAD');
	};
	const home = join(folder, 'home');
	const session = join(folder, 'session');
	await git(folder, 'init', '-q', '-b', 'main', home);
	await prepare?.({ home, git, write });
	await commit(home, 'X', { 'base.txt': 'base\n', 'shared.txt': 'shared\n' });
	await git(folder, 'clone', '-q', home, session);
	const homeport = await openHome({ repo: home, env });
	return {
		folder,
		home,
		session,
		env,
		homeport,
		git,
		write,
		commit,
		add: async (name, dir) => {
			await homeport.add(name, dir, 'claude');
		},
		sync: async (name, accepted = [], request = {}) =>
			homeport.sync(await homeport.find(name), { ...branchRequest, ...request }, async () => ({
				proceed: true,
				accepted,
			})),
		newest: async (name) => (await homeport.ledger((await homeport.find(name)).id, 1))[0]!,
		captured: async (name) => {
			const ref = `refs/homeport/sessions/${sessionRefName((await homeport.find(name)).id)}/capture`;
			const listed = await git(home, 'ls-tree', '-r', '-z', ref);
			const files: Record<string, string> = {};
			for (const line of listed.split('\0').filter((entry) => entry !== '')) {
				const [, mode = '', oid = '', path = ''] = /^(\d+) \w+ ([0-9a-f]+)\t([^]*)$/.exec(line) ?? [];
				files[path] = mode === '160000' ? mode : `${mode} ${await git(home, 'cat-file', 'blob', oid)}`;
			}
			return files;
		},
		dispose: () => rm(folder, { recursive: true, force: true }),
	};
}
