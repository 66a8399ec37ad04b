import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { skipsOwn } from './edits.js';
import { differences, listing, type ModelPath, type StoredFile, storedFiles } from './files.js';
import { Violation } from './violation.js';
import { readHead, readRefs } from './plainRepository.js';
import { git, must, utf8Bytes, type World } from './world.js';

/** A working tree of home as it stands. */
export interface TreeState {
	readonly dir: string;
	readonly gitDir: string;
	readonly head: string;
	readonly index: Buffer;
	readonly files: ReadonlyMap<ModelPath, StoredFile>;
}

/** Everything of home that is the user's. */
export interface HomeState {
	/** All refs but Homeport's own. */
	readonly refs: ReadonlyMap<string, string>;
	readonly trees: readonly TreeState[];
	/** Configuration, hooks, and whatever else lies in the git folder, by path. */
	readonly rest: ReadonlyMap<string, string>;
}

/** One ref that is expected to have moved; its name's bytes are one character each. */
export interface Move {
	readonly ref: string;
	readonly from: string | null;
	readonly to: string | null;
}

// What an operation may write: objects, logs, and the three things of a tree that are looked at one by one.
const elsewhere = /^(?:objects|logs|homeport|refs|worktrees|packed-refs|HEAD|index)(?:\/|$)/;

export function homeState(world: World): HomeState {
	const common = join(world.home, '.git');
	const refs = new Map([...readRefs(common)].filter(([ref]) => !ref.startsWith('refs/homeport/')));
	const places = Object.values(world.places).filter((place) => place.kind === 'home-worktree');
	const linked = [...places.map((place) => place.name as string), 'wt'];
	const trees = linked
		.map((name) => ({ dir: join(world.folder, name), gitDir: join(common, `worktrees/${name}`) }))
		.filter(({ dir, gitDir }) => existsSync(dir) && existsSync(gitDir));
	return {
		refs,
		trees: [{ dir: world.home, gitDir: common }, ...trees].map(treeState),
		rest: listing(common, (path) => elsewhere.test(path)),
	};
}

function treeState({ dir, gitDir }: { dir: string; gitDir: string }): TreeState {
	const index = join(gitDir, 'index');
	return {
		dir,
		gitDir,
		head: readHead(gitDir),
		index: existsSync(index) ? readFileSync(index) : Buffer.alloc(0),
		files: storedFiles(dir, skipsOwn),
	};
}

/** Files of a working tree that are expected to have changed without a commit, as trees. */
export interface FilesMove {
	readonly worktree: string;
	readonly from: string;
	readonly to: string;
}

/**
 * Fails unless home is as it was but for exactly these refs, the files of trees that have one of them checked out, and
 * `files`. Of an index that stays, the bytes are compared, or the entries alone, where files were written and put back.
 */
export function requireMoved(
	world: World,
	what: string,
	before: HomeState,
	moves: readonly Move[],
	files: readonly FilesMove[] = [],
	index: 'bytes' | 'entries' = 'bytes',
): void {
	const after = homeState(world);
	const expected = new Map(before.refs);
	const wrong: string[] = [];
	for (const { ref, from, to } of moves) {
		if ((expected.get(ref) ?? null) !== from) {
			wrong.push(`ref ${ref} was moved from ${from}, and had been moved meanwhile to ${expected.get(ref)}`);
		}
		if (to === null) {
			expected.delete(ref);
		} else {
			expected.set(ref, to);
		}
	}
	wrong.push(...differences(expected, after.refs).map((line) => `ref ${line}`));
	wrong.push(...differences(before.rest, after.rest).map((line) => `.git ${line}`));
	for (const tree of before.trees) {
		const now = after.trees.find(({ dir }) => dir === tree.dir);
		const move = moves.find(({ ref }) => ref === tree.head);
		wrong.push(
			...(now === undefined
				? [`the tree ${tree.dir} is gone`]
				: treeProblems(world, tree, now, { move, files, index })),
		);
	}
	if (wrong.length > 0) {
		throw new Violation(`${what} changed what it should not`, wrong);
	}
}

function treeProblems(
	world: World,
	before: TreeState,
	now: TreeState,
	{
		move,
		files: filesMoves,
		index,
	}: { move: Move | undefined; files: readonly FilesMove[]; index: 'bytes' | 'entries' },
): string[] {
	const where = `in ${before.dir}:`;
	const wrong = before.head === now.head ? [] : [`${where} HEAD ${before.head} -> ${now.head}`];
	const files = new Map(before.files);
	if (move === undefined || move.from === null || move.to === null || move.from === move.to) {
		if (index === 'bytes' && !before.index.equals(now.index)) {
			wrong.push(`${where} the index is not the same`);
		} else if (index === 'entries') {
			const [old, current] = [before, now].map((tree) => indexEntries(world, before.dir, tree.index));
			wrong.push(...differences(old!, current!).map((line) => `${where} index ${line}`));
		}
	} else {
		const entries = indexEntries(world, before.dir, before.index);
		for (const [path, file] of treeChanges(world, move.from, move.to)) {
			if (file === null) {
				files.delete(path);
				entries.delete(path);
			} else {
				files.set(path, file);
				entries.set(path, `${file.mode} ${file.oid} 0`);
			}
		}
		const current = indexEntries(world, before.dir, now.index);
		wrong.push(...differences(entries, current).map((line) => `${where} index ${line}`));
	}
	for (const { from, to } of filesMoves.filter(({ worktree }) => worktree === before.dir)) {
		for (const [path, file] of treeChanges(world, from, to)) {
			if (file === null) {
				files.delete(path);
			} else {
				files.set(path, file);
			}
		}
	}
	wrong.push(...differences(files, now.files).map((line) => `${where} file ${line}`));
	return wrong;
}

/** What differs between two commits, by path; null for a file that the second has not. */
function treeChanges(world: World, from: string, to: string): Map<ModelPath, StoredFile | null> {
	const raw = must(git(world, world.home, ['diff-tree', '-r', '-z', '--no-renames', from, to])).split('\0');
	const changes = new Map<ModelPath, StoredFile | null>();
	for (let index = 0; index + 1 < raw.length; index += 2) {
		const [, mode = '', , oid = '', status = ''] = raw[index]!.split(' ');
		changes.set(raw[index + 1]!, status === 'D' ? null : { mode, oid });
	}
	return changes;
}

/** The entries of an index given as bytes: `mode oid stage` by path, each stage of a merge by itself. */
export function indexEntries(world: World, dir: string, bytes: Buffer): Map<ModelPath, string> {
	const entries = new Map<ModelPath, string>();
	if (bytes.length === 0) {
		return entries;
	}
	const copy = join(world.folder, 'index-copy');
	writeFileSync(copy, bytes);
	const listed = must(git(world, dir, ['ls-files', '-s', '-z'], '', { GIT_INDEX_FILE: copy }));
	for (const line of listed.split('\0').filter((text) => text !== '')) {
		const tab = line.indexOf('\t');
		const [entry, path] = [line.slice(0, tab), line.slice(tab + 1)];
		entries.set(entry.endsWith(' 0') ? path : `${path}\0${entry.at(-1)}`, entry);
	}
	return entries;
}

/** Refs as the product tells them, for the model. */
export function movesOf(refs: readonly Move[]): Move[] {
	return refs.map(({ ref, from, to }) => ({ ref: utf8Bytes(ref), from, to }));
}
