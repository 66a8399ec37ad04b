import { constants } from 'node:fs';
import { lstat, open, realpath, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { errorText } from '../../base/errors.js';

/** A repository or working tree, found without running anything of it; every path is real. */
export interface GitFolder {
	readonly path: string;
	/** The git folder of this working tree; for a linked one that below `worktrees`. */
	readonly gitDir: string;
	/** The git folder that all its working trees share. */
	readonly commonDir: string;
	/** Tells this git folder from any other that ever stands at the same path. */
	readonly storage: string;
}

/** Why a folder is no repository that could be used. */
export interface NoGitFolder {
	readonly problem: 'missing' | 'unreachable' | 'damaged';
	readonly reason: string;
}

/** A pointer file holds one path; `PATH_MAX` is 4,096. */
const maxPointerBytes = 8192;

/**
 * Looks for the git folder of `path` as gitrepository-layout(5) lays it down: `.git` as a folder, as a link to one or as
 * a `gitdir:` file, else `path` itself as a bare repository. Only the file system is asked; nothing that may stand there
 * (a FIFO, a device, an endless file) makes it wait. Parents are not searched. Never rejects.
 */
export async function findGitFolder(path: string): Promise<GitFolder | NoGitFolder> {
	try {
		return await find(path);
	} catch (error) {
		if (error instanceof Unusable) {
			return { problem: error.problem, reason: error.message };
		}
		const code = error instanceof Error && 'code' in error ? String(error.code) : '';
		const gone = code === 'ENOENT' || code === 'ENOTDIR';
		return { problem: gone ? 'missing' : 'unreachable', reason: errorText(error) };
	}
}

class Unusable extends Error {
	readonly problem: NoGitFolder['problem'];

	constructor(problem: NoGitFolder['problem'], what: string, path: string) {
		super(`${what}: ${path}`);
		this.problem = problem;
	}
}

async function find(path: string): Promise<GitFolder> {
	const real = await realpath(path).catch(orMissing('there is no folder', path));
	if (!(await stat(real)).isDirectory()) {
		throw new Unusable('missing', 'this is no folder', path);
	}
	const gitDir = await gitDirOf(real);
	const commonDir = await commonDirOf(gitDir);
	await Promise.all([
		expectKind(join(gitDir, 'HEAD'), 'file'),
		expectKind(join(commonDir, 'objects'), 'folder'),
		expectKind(join(commonDir, 'refs'), 'folder'),
	]);
	return { path: real, gitDir, commonDir, storage: await storageOf(gitDir) };
}

async function gitDirOf(path: string): Promise<string> {
	const dotGit = join(path, '.git');
	const stats = await lstat(dotGit).catch(nullIfMissing);
	if (stats === null) {
		if ((await lstat(join(path, 'HEAD')).catch(nullIfMissing)) === null) {
			throw new Unusable('missing', 'this is not the top folder of a git repository or working tree', path);
		}
		return path;
	}
	if (stats.isFile()) {
		const target = /^gitdir: ([^\0\r\n][^\0]*?)[\r\n]*$/.exec(await readPointer(dotGit))?.[1];
		if (target === undefined) {
			throw new Unusable('damaged', 'this names no git folder', dotGit);
		}
		return realFolder(resolve(path, target));
	}
	if (stats.isDirectory() || stats.isSymbolicLink()) {
		return realFolder(dotGit);
	}
	throw new Unusable('damaged', 'this is neither a file nor a folder', dotGit);
}

async function commonDirOf(gitDir: string): Promise<string> {
	const pointer = join(gitDir, 'commondir');
	const stats = await lstat(pointer).catch(nullIfMissing);
	if (stats === null) {
		return gitDir;
	}
	const target = (await readPointer(pointer)).replace(/[\r\n]+$/, '');
	if (target === '' || target.includes('\0')) {
		throw new Unusable('damaged', 'this names no git folder', pointer);
	}
	return realFolder(resolve(gitDir, target));
}

async function realFolder(path: string): Promise<string> {
	const real = await realpath(path).catch(orMissing('there is no git folder', path));
	if (!(await stat(real)).isDirectory()) {
		throw new Unusable('damaged', 'this is no folder', path);
	}
	return real;
}

async function expectKind(path: string, kind: 'file' | 'folder'): Promise<void> {
	// HEAD may be a symbolic link into refs that do not exist yet; the folders may be links to those of another clone.
	const stats = await (kind === 'file' ? lstat(path) : stat(path)).catch(
		orMissing('this part of a git folder is not there', path),
	);
	if (kind === 'file' ? !stats.isFile() && !stats.isSymbolicLink() : !stats.isDirectory()) {
		throw new Unusable('damaged', kind === 'file' ? 'this is no file' : 'this is no folder', path);
	}
}

async function readPointer(path: string): Promise<string> {
	const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
	try {
		const stats = await handle.stat();
		if (!stats.isFile() || stats.size > maxPointerBytes) {
			throw new Unusable('damaged', 'this is no small file', path);
		}
		const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxPointerBytes), 0, maxPointerBytes, 0);
		return buffer.toString('utf8', 0, bytesRead);
	} finally {
		await handle.close();
	}
}

async function storageOf(gitDir: string): Promise<string> {
	const stats = await stat(gitDir, { bigint: true });
	const parts = [stats.dev, stats.ino];
	// 0 where the file system keeps no time of birth.
	if (stats.birthtimeNs !== 0n) {
		parts.push(stats.birthtimeNs);
	}
	return parts.map((part) => part.toString(36)).join('-');
}

function nullIfMissing(error: unknown): null {
	if (isMissing(error)) {
		return null;
	}
	throw error;
}

function orMissing(what: string, path: string): (error: unknown) => never {
	return (error) => {
		throw isMissing(error) ? new Unusable('missing', what, path) : error;
	};
}

function isMissing(error: unknown): boolean {
	return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
