import { lstat, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { HomeportError } from '../base/errors.js';
import type { HomeRepository } from '../git/home.js';
import { bytePaths, type BytePath, inFolder, nulInput, readable } from '../git/bytePath.js';
import { gitAt, gitDirOfWorktree, inProgressAt } from '../git/home.js';
import type { Git } from '../git/run.js';
import { treeGit } from '../git/worktree.js';
import type { Oid } from '../model/observation.js';

export const snapshotState = z.object({
	worktree: z.string(),
	head: z.object({ branch: z.nullable(z.string()), oid: z.nullable(z.string()) }),
	/** Tracked files that were not there. */
	deleted: z.array(z.string()),
	/** The index as a tree could not be written; its bytes stand beside. */
	unmerged: z.boolean(),
	inProgress: z.nullable(z.string()),
	/** Files that could not be read. */
	unreadable: z.array(z.string()),
});
type SnapshotState = z.infer<typeof snapshotState>;

/** The state of one working tree, and what it held. */
export interface Snapshot {
	readonly state: SnapshotState;
	/**
	 * `index`: the index as a tree; `files`: every file that differs from the index and every untracked one, byte for byte.
	 * Where a merge is open, instead of `index`, `stages`: every entry of the index by stage, and its bytes.
	 */
	readonly trees: Readonly<Record<string, Oid>>;
}

/** Takes a snapshot of one working tree of home; ignored files are not in it. Touches nothing but home's objects. */
export async function takeSnapshot(home: HomeRepository, worktree: string): Promise<Snapshot> {
	const git = await treeGit(home, worktree);
	const gitDir = (await gitDirOfWorktree(worktree)) ?? home.gitDir;
	// An index that is damaged is told as that, before git stumbles over it.
	const bytes = await wholeIndex(home, join(gitDir, 'index'));
	const [index, dirty, head, inProgress] = await Promise.all([
		storeIndex(home, git, gitDir, bytes),
		dirtyFiles(git),
		readHead(git),
		inProgressAt(gitDir),
	]);
	const files = await storeFiles(home, worktree, dirty.present);
	return {
		state: {
			worktree,
			head,
			deleted: dirty.deleted.map(readable),
			unmerged: index.unmerged,
			inProgress,
			unreadable: files.unreadable,
		},
		trees: { ...(files.tree === null ? {} : { files: files.tree }), ...index.trees },
	};
}

async function readHead(git: Git): Promise<SnapshotState['head']> {
	const [answer, branch] = await Promise.all([
		git.run(['rev-parse', '-q', '--verify', 'HEAD'], { allow: [1, 128] }),
		git.run(['symbolic-ref', '-q', '--short', 'HEAD'], { allow: [1, 128] }),
	]);
	const text = (bytes: Buffer): string | null => bytes.toString('utf8').trim() || null;
	return { branch: text(branch.stdout), oid: answer.exitCode === 0 ? text(answer.stdout) : null };
}

async function dirtyFiles(git: Git): Promise<{ present: BytePath[]; deleted: BytePath[] }> {
	const output = await git.run(['ls-files', '-z', '-t', '-m', '-d', '-o', '--exclude-standard']);
	const listed = bytePaths(output.stdout);
	const deleted = new Set(listed.filter((line) => line.startsWith('R ')).map((line) => line.slice(2)));
	const present = listed
		.filter((line) => !line.startsWith('R ') && !line.endsWith('/'))
		.map((line) => line.slice(2))
		.filter((path) => !deleted.has(path));
	return { present: [...new Set(present)].sort(), deleted: [...deleted].sort() };
}

/**
 * Stores files as they are on the disk. A git folder of our own, whose attributes switch every conversion off, keeps an
 * index between snapshots, so that a file is read again only when it has changed.
 */
async function storeFiles(
	home: HomeRepository,
	worktree: string,
	paths: readonly BytePath[],
): Promise<{ tree: Oid | null; unreadable: string[] }> {
	if (paths.length === 0) {
		return { tree: null, unreadable: [] };
	}
	const shadow = await shadowGit(home, worktree);
	const unreadable: string[] = [];
	const storable: BytePath[] = [];
	for (const path of paths) {
		const info = await lstat(inFolder(worktree, path)).catch(() => null);
		if (info?.isFile() || info?.isSymbolicLink()) {
			storable.push(path);
		} else if (info !== null && !info.isDirectory()) {
			unreadable.push(readable(path));
		}
	}
	const wanted = new Set(storable);
	const before = bytePaths((await shadow.run(['ls-files', '-z'])).stdout);
	const leaving = before.filter((path) => !wanted.has(path));
	if (leaving.length > 0) {
		await shadow.run(['update-index', '--force-remove', '-z', '--stdin'], { input: nulInput(leaving) });
	}
	if (storable.length > 0) {
		const added = await shadow.run(['update-index', '--add', '--replace', '-z', '--stdin'], {
			input: nulInput(storable),
			allow: [128],
		});
		if (added.exitCode !== 0) {
			for (const path of storable) {
				const single = await shadow.run(['update-index', '--add', '--replace', '-z', '--stdin'], {
					input: nulInput([path]),
					allow: [1, 128],
				});
				if (single.exitCode !== 0) {
					unreadable.push(readable(path));
				}
			}
		}
	}
	return { tree: await shadow.text(['write-tree']), unreadable };
}

/** git for the bytes of a working tree: no conversion touches them, and its index is none of the user's. */
export async function shadowGit(home: HomeRepository, worktree: string): Promise<Git> {
	const key = createHash('sha256').update(worktree).digest('hex').slice(0, 16);
	const path = join(home.commonDir, 'homeport', `snapshot-${key}.git`);
	const ready = await lstat(join(path, 'info/attributes')).catch(() => null);
	if (ready === null) {
		await rm(path, { recursive: true, force: true });
		await home.git.run(['init', '-q', '--bare', '--template=', `--object-format=${home.objectFormat}`, path]);
		await mkdir(join(path, 'info'), { recursive: true });
		await writeFile(join(path, 'info/attributes'), '* -text -eol -filter -ident -working-tree-encoding\n');
	}
	await Promise.all(['index.lock', 'config.lock'].map((lock) => rm(join(path, lock), { force: true })));
	return gitAt(home, worktree, {
		env: {
			GIT_DIR: path,
			GIT_WORK_TREE: worktree,
			GIT_OBJECT_DIRECTORY: join(home.commonDir, 'objects'),
			GIT_OPTIONAL_LOCKS: '1',
		},
		config: [
			['core.bare', 'false'],
			['core.autocrlf', 'false'],
			['core.bigFileThreshold', '16m'],
		],
	});
}

async function storeIndex(
	home: HomeRepository,
	git: Git,
	gitDir: string,
	bytes: Buffer | null,
): Promise<{ trees: Record<string, Oid>; unmerged: boolean }> {
	if (bytes === null) {
		return { trees: {}, unmerged: false };
	}
	// The first operation of a home may come before anything else made it.
	await mkdir(join(home.commonDir, 'homeport'), { recursive: true, mode: 0o700 });
	const copy = join(home.commonDir, 'homeport', `index-${process.pid}-${Date.now().toString(36)}-${indexCopies++}`);
	await writeFile(copy, bytes, { mode: 0o600 });
	try {
		const onCopy = git.with({ env: { GIT_INDEX_FILE: copy, GIT_DIR: gitDir } });
		const written = await onCopy.run(['write-tree'], { allow: [1, 128] });
		if (written.exitCode === 0) {
			return { trees: { index: written.stdout.toString('utf8').trim() }, unmerged: false };
		}
		const stages = await onCopy.run(['ls-files', '-s', '-u', '-z'], { allow: [128] });
		if (stages.exitCode !== 0) {
			throw new HomeportError('git-failed', { command: 'ls-files', stderr: stages.stderr.trim() });
		}
		const bytes = await git.text(['hash-object', '-w', '--no-filters', copy]);
		return { trees: { stages: await storeStages(git, copy, bytes) }, unmerged: true };
	} finally {
		await rm(copy, { force: true });
		await rm(`${copy}.lock`, { force: true });
	}
}

let indexCopies = 0;

// An index ends with the hash of all before it, or with zeros where the user switched that off (gitformat-index(5)).
async function wholeIndex(home: HomeRepository, path: string): Promise<Buffer | null> {
	const bytes = await readFile(path).catch(() => null);
	if (bytes === null) {
		return null;
	}
	const length = home.objectFormat === 'sha256' ? 32 : 20;
	const stored = bytes.subarray(-length);
	const computed = createHash(home.objectFormat).update(bytes.subarray(0, -length)).digest();
	if (!stored.equals(computed) && stored.some((byte) => byte !== 0)) {
		throw new HomeportError('state-damaged', { path, reason: 'its checksum is wrong' });
	}
	return bytes;
}

// Every entry under `0/` to `3/` by its stage, so that gc keeps it, and the bytes of the index beside.
async function storeStages(git: Git, copy: string, bytes: Oid): Promise<Oid> {
	const onCopy = git.with({ env: { GIT_INDEX_FILE: copy } });
	const all = bytePaths((await onCopy.run(['ls-files', '-s', '-z'])).stdout);
	const info = all.map((line) => line.replace(/^(\d+) ([0-9a-f]+) ([0-3])\t/, '$1 $2\t$3/'));
	const stagesIndex = `${copy}-stages`;
	try {
		const onStages = git.with({ env: { GIT_INDEX_FILE: stagesIndex } });
		await onStages.run(['update-index', '-z', '--index-info'], {
			input: nulInput([...info, `100644 ${bytes}\tindex.bytes`]),
		});
		return await onStages.text(['write-tree']);
	} finally {
		await rm(stagesIndex, { force: true });
	}
}
