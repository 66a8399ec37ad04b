import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Homeport, openHome } from '../../src/core/homeport.js';

const execFileAsync = promisify(execFile);

/** A home and the sessions alpha and beta, in one of the situations that a sync can meet. */
export interface Situation {
	readonly folder: string;
	readonly home: string;
	readonly alpha: string;
	readonly beta: string;
	readonly homeport: Homeport;
	readonly git: (dir: string, ...args: readonly string[]) => Promise<string>;
	readonly commit: (dir: string, message: string, files: Readonly<Record<string, string>>) => Promise<string>;
	readonly write: (dir: string, files: Readonly<Record<string, string>>) => Promise<void>;
	readonly dispose: () => Promise<void>;
}

type Arrange = (situation: Situation) => Promise<unknown>;

const lines = Array.from({ length: 12 }, (_, row) => `line ${row}`);
const text = (row: number, line: string): string => `${lines.with(row, line).join('\n')}\n`;

const alphaWorks: Arrange = async ({ alpha, commit }) => {
	await commit(alpha, 'A1', { 'alpha.txt': 'alpha\n' });
	await commit(alpha, 'A2', { 'text.txt': text(1, 'alpha') });
};
const homeWorks: Arrange = ({ home, commit }) =>
	commit(home, 'H1', { 'home.txt': 'home\n', 'text.txt': text(10, 'home') });

/** What home and alpha have to do with each other, by name; both begin at X. */
export const situations: Readonly<Record<string, Arrange>> = {
	equal: async () => undefined,
	ahead: homeWorks,
	behind: alphaWorks,
	diverged: async (situation) => {
		await alphaWorks(situation);
		await homeWorks(situation);
	},
	conflicting: async (situation) => {
		await alphaWorks(situation);
		await situation.commit(situation.home, 'H1', { 'text.txt': text(1, 'home') });
	},
	rewound: async (situation) => {
		const { alpha, homeport, git, commit } = situation;
		await alphaWorks(situation);
		await homeport.rescue(await homeport.find('alpha'));
		await git(alpha, 'reset', '-q', '--hard', 'HEAD~1');
		await commit(alpha, 'A3', { 'alpha.txt': 'alpha again\n' });
		await homeWorks(situation);
	},
	unrelated: async ({ alpha, git, commit }) => {
		await git(alpha, 'checkout', '-q', '--orphan', 'other');
		await commit(alpha, 'O1', { 'other.txt': 'other\n' });
		await git(alpha, 'branch', '-q', '-M', 'main');
	},
	missing: async (situation) => {
		await situation.git(situation.alpha, 'switch', '-q', '-c', 'feature');
		await alphaWorks(situation);
	},
	elsewhere: async (situation) => {
		const { folder, home, git } = situation;
		await alphaWorks(situation);
		await homeWorks(situation);
		await git(home, 'switch', '-q', '-c', 'side');
		await git(home, 'worktree', 'add', '-q', join(folder, 'other'), 'main');
	},
	'dirty home': async (situation) => {
		await alphaWorks(situation);
		await homeWorks(situation);
		await situation.write(situation.home, { 'text.txt': text(5, 'not committed'), 'alpha.txt': 'mine\n' });
	},
	'home merging': async (situation) => {
		const { home, git, commit } = situation;
		await alphaWorks(situation);
		await git(home, 'switch', '-q', '-c', 'side');
		await commit(home, 'S1', { 'both.txt': 'side\n' });
		await git(home, 'switch', '-q', 'main');
		await commit(home, 'H1', { 'both.txt': 'main\n' });
		await git(home, 'merge', '-q', 'side').catch(() => undefined);
	},
	'name clash': async (situation) => {
		await alphaWorks(situation);
		await homeWorks(situation);
		await situation.git(situation.home, 'branch', 'claude');
	},
	'dirty session': async (situation) => {
		await homeWorks(situation);
		await situation.write(situation.alpha, { 'text.txt': text(1, 'edited'), 'loose.txt': 'loose\n' });
	},
	'BUG-003': async (situation) => {
		const { beta, commit } = situation;
		await alphaWorks(situation);
		await commit(beta, 'B1', { 'beta.txt': 'beta\n' });
		await commit(beta, 'B2', { 'text.txt': text(7, 'beta') });
		await homeWorks(situation);
	},
};

/** Makes a home and two clones of it, all at X, and brings them into the situation. */
export async function situation(name: string): Promise<Situation> {
	const folder = await realpath(await mkdtemp(join(tmpdir(), 'homeport-situation-')));
	const [home, alpha, beta, user] = ['home', 'alpha', 'beta', 'user'].map((part) => join(folder, part)) as [
		string,
		string,
		string,
		string,
	];
	await mkdir(user);
	const env: NodeJS.ProcessEnv = {
		PATH: process.env['PATH'],
		HOME: user,
		XDG_CONFIG_HOME: join(user, 'config'),
		XDG_CACHE_HOME: join(user, 'cache'),
		GIT_CONFIG_NOSYSTEM: '1',
		LC_ALL: 'C',
	};
	const git: Situation['git'] = async (dir, ...args) =>
		(await execFileAsync('git', [...args], { cwd: dir, env })).stdout.replace(/\n$/, '');
	const write: Situation['write'] = async (dir, files) => {
		for (const [path, content] of Object.entries(files)) {
			await mkdir(dirname(join(dir, path)), { recursive: true });
			await writeFile(join(dir, path), content);
		}
	};
	const commit: Situation['commit'] = async (dir, message, files) => {
		await write(dir, files);
		await git(dir, 'add', '-A');
		await git(dir, 'commit', '-q', '-m', message);
		return git(dir, 'rev-parse', 'HEAD');
	};
	await git(folder, 'init', '-q', '-b', 'main', home);
	await writeFile(
		join(home, '.git/config'),
		'[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = false\n[user]\n\tname = User\n\temail = user@localhost\n',
	);
	await commit(home, 'X', { 'text.txt': `${lines.join('\n')}\n`, 'base.txt': 'base\n' });
	for (const session of [alpha, beta]) {
		await git(folder, 'clone', '-q', home, session);
		await git(session, 'config', 'user.name', 'Agent');
		await git(session, 'config', 'user.email', 'agent@localhost');
	}
	const homeport = await openHome({ repo: home, env });
	await homeport.add('alpha', alpha, 'claude');
	await homeport.add('beta', beta, 'claude');
	const made: Situation = {
		folder,
		home,
		alpha,
		beta,
		homeport,
		git,
		commit,
		write,
		dispose: () => rm(folder, { recursive: true, force: true }),
	};
	await situations[name]!(made);
	return made;
}
