import { lstat, readFile, realpath } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import { HomeportError } from '../base/errors.js';
import { searchPathOutside } from '../base/searchPath.js';
import type { InProgress } from '../model/observation.js';
import { createGit, type Git, type GitCall } from './run.js';

/** The user's repository, found and checked. */
export interface HomeRepository {
	/** The top of the working tree that home was opened in; the git folder itself for a bare home. */
	readonly root: string;
	/** The main working tree, where Homeport keeps its files; null for a bare home. */
	readonly mainWorktree: string | null;
	/** The git folder of `root`, and the one that all worktrees share. */
	readonly gitDir: string;
	readonly commonDir: string;
	readonly objectFormat: 'sha1' | 'sha256';
	/** The file system takes names that differ in case alone for one. */
	readonly ignoreCase: boolean;
	/** Folders of sessions, in which no program is looked for. */
	readonly sessionFolders: readonly string[];
	/** git for `root`. */
	readonly git: Git;
}

/** Opens the repository around a folder. Fails with `not-a-repository`, `git-missing` or `git-too-old`. */
export async function openHomeRepository(
	folder: string,
	sessionFolders: readonly string[] = [],
): Promise<HomeRepository> {
	const found = await lstat(folder).catch(() => null);
	if (found === null) {
		throw new HomeportError('not-a-repository', { path: folder });
	}
	const base = { env: { PATH: searchPathOutside([folder, ...sessionFolders], process.env['PATH'] ?? '') } };
	const git = createGit(folder, base);
	await requireVersion(git);
	const answer = await git.run(
		['rev-parse', '--is-bare-repository', '--absolute-git-dir', '--git-common-dir', '--show-object-format'],
		{ allow: [128] },
	);
	const [bare, gitDir, commonDir, format] = answer.stdout.toString('utf8').split('\n');
	if (answer.exitCode !== 0 || gitDir === undefined || commonDir === undefined) {
		throw new HomeportError('not-a-repository', { path: folder, reason: answer.stderr.trim() });
	}
	const common = await realpath(isAbsolute(commonDir) ? commonDir : resolve(folder, commonDir));
	const isBare = bare === 'true';
	const top = isBare ? gitDir : await git.text(['rev-parse', '--show-toplevel']);
	const root = await realpath(top === '' ? gitDir : top);
	return {
		root,
		mainWorktree: isBare ? null : await mainWorktreeOf(createGit(root, base), common),
		gitDir: await realpath(gitDir),
		commonDir: common,
		ignoreCase: (await git.run(['config', '--type=bool', '--get', 'core.ignoreCase'], { allow: [1] })).stdout.includes(
			'true',
		),
		objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
		sessionFolders,
		git: createGit(root, base),
	};
}

async function requireVersion(git: Git): Promise<void> {
	const version = await git.text(['version']);
	const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(version) ?? [];
	if (Number(major) < 2 || (Number(major) === 2 && Number(minor) < 38)) {
		throw new HomeportError('git-too-old', { found: version, needed: '2.38' });
	}
}

async function mainWorktreeOf(git: Git, commonDir: string): Promise<string> {
	const [first] = await git.list(['worktree', 'list', '--porcelain', '-z']);
	const path = first?.startsWith('worktree ') ? first.slice('worktree '.length) : null;
	return path === null ? resolve(commonDir, '..') : await realpath(path).catch(() => path);
}

/** What the working tree of a git folder is in the middle of, as the files that git keeps there tell. */
export async function inProgressAt(gitDir: string): Promise<InProgress | null> {
	const signs: readonly (readonly [string, InProgress])[] = [
		['rebase-merge', 'rebase'],
		['rebase-apply/applying', 'am'],
		['rebase-apply', 'rebase'],
		['MERGE_HEAD', 'merge'],
		['CHERRY_PICK_HEAD', 'cherry-pick'],
		['REVERT_HEAD', 'revert'],
		['BISECT_LOG', 'bisect'],
	];
	for (const [name, operation] of signs) {
		if ((await lstat(join(gitDir, name)).catch(() => null)) !== null) {
			return operation;
		}
	}
	return null;
}

/** The git folder of a working tree: `.git` itself, or where its `.git` file points. Null where there is none. */
export async function gitDirOfWorktree(worktree: string): Promise<string | null> {
	const path = join(worktree, '.git');
	const info = await lstat(path).catch(() => null);
	if (info?.isDirectory()) {
		return path;
	}
	if (!info?.isFile() || info.size > 4096) {
		return null;
	}
	const target = /^gitdir: (.+)\n?$/.exec(await readFile(path, 'utf8'))?.[1];
	return target === undefined ? null : resolve(worktree, target);
}

/** git for another folder of home's, a working tree or a git folder of our own, that finds no program of a session. */
export function gitAt(
	home: Pick<HomeRepository, 'root' | 'sessionFolders'>,
	dir: string,
	base: Pick<GitCall, 'env' | 'config'> = {},
): Git {
	const path = searchPathOutside([dir, home.root, ...home.sessionFolders], process.env['PATH'] ?? '');
	return createGit(dir, { ...base, env: { PATH: path, ...base.env } });
}
