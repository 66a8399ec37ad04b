import { readFile } from 'node:fs/promises';
import { delimiter, dirname, resolve } from 'node:path';
import type { Oid } from '../model/observation.js';
import { contentFacts } from './inspectContent.js';
import type { Draft } from './inspectDrafts.js';
import { objectInfos, readNamed, type Reader } from './inspectObjects.js';
import type { BaseFolder } from './inspectScan.js';
import { treeEntries } from './inspectTree.js';
import type { Git } from './run.js';

/** What a commit of the packs names. */
export interface CommitLinks {
	readonly tree: Oid | null;
	readonly parents: readonly Oid[];
}

// Folders of home that are read to compare with, at most; beyond it the findings stand.
const mostFolders = 20_000;
const foldersAtOnce = 1000;

/**
 * git on the objects that the quarantine borrows, alone; null where it borrows none. The quarantine is found by the
 * place of its packs, `objects/pack`.
 */
export async function borrowedGit(git: Git, packIndex: string): Promise<Git | null> {
	const objects = dirname(dirname(packIndex));
	const listing = await readFile(`${objects}/info/alternates`, 'utf8').catch(() => '');
	const folders = listing.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
	if (folders.length === 0) {
		return null;
	}
	const [first, ...others] = folders.map((folder) => resolve(objects, folder));
	return git.with({
		env: { GIT_OBJECT_DIRECTORY: first!, GIT_ALTERNATE_OBJECT_DIRECTORIES: others.join(delimiter) },
	});
}

/**
 * The drafts that tell something new: leaves out those about objects that home has, and those that hold in the same
 * way for the commits of home on which the session has built.
 */
export async function newToHome(
	reader: Reader,
	home: Git | null,
	drafts: readonly Draft[],
	commits: ReadonlyMap<Oid, CommitLinks>,
	oidBytes: number,
): Promise<Draft[]> {
	if (drafts.length === 0) {
		return [];
	}
	const known = await homeObjects(reader, home, drafts, commits);
	const bases = basesOf(commits, known);
	const candidates = drafts.filter(
		(draft) => draft.objects.length === 0 || !draft.objects.every((oid) => known.has(oid)),
	);
	if (bases.length === 0) {
		return candidates.filter((draft) => draft.entry === null || !known.has(draft.entry));
	}
	const folders = await baseFolders(reader, candidates, bases, oidBytes);
	const facts = await contentFacts(
		reader,
		candidates.flatMap(({ dir, read }) => {
			const entries = read === null ? [] : (folders.get(dir ?? '') ?? []).map((base) => base.get(read.name));
			return entries.flatMap((entry) => (entry === undefined ? [] : [{ kind: read!.kind, oid: entry.oid }]));
		}),
	);
	return candidates.filter(
		(draft) => draft.dir === null || !(folders.get(draft.dir) ?? []).some((base) => draft.isIn(base, facts)),
	);
}

async function homeObjects(
	reader: Reader,
	home: Git | null,
	drafts: readonly Draft[],
	commits: ReadonlyMap<Oid, CommitLinks>,
): Promise<Set<Oid>> {
	if (home === null) {
		return new Set();
	}
	const asked = new Set(commits.keys());
	for (const draft of drafts) {
		for (const oid of draft.objects) {
			asked.add(oid);
		}
		if (draft.entry !== null) {
			asked.add(draft.entry);
		}
	}
	const infos = await objectInfos(reader, [...asked], home);
	return new Set(infos.map((info) => info.oid));
}

/** The commits of home on which new commits stand. */
function basesOf(commits: ReadonlyMap<Oid, CommitLinks>, known: ReadonlySet<Oid>): Oid[] {
	const bases = new Set<Oid>();
	for (const [oid, { parents }] of commits) {
		for (const parent of known.has(oid) ? [] : parents) {
			if (known.has(parent) || !commits.has(parent)) {
				bases.add(parent);
			}
		}
	}
	return [...bases];
}

async function baseFolders(
	reader: Reader,
	drafts: readonly Draft[],
	bases: readonly Oid[],
	oidBytes: number,
): Promise<Map<string, BaseFolder[]>> {
	const dirs = [...new Set(drafts.map((draft) => draft.dir))].filter((dir) => dir !== null && isPlainPath(dir));
	const names: { readonly dir: string; readonly name: string }[] = [];
	for (const base of bases) {
		if (names.length + dirs.length > mostFolders && names.length > 0) {
			break;
		}
		for (const dir of dirs.slice(0, mostFolders)) {
			names.push({ dir: dir!, name: `${base}:${dir}` });
		}
	}
	const folders = new Map<string, BaseFolder[]>();
	for (let start = 0; start < names.length; start += foldersAtOnce) {
		const chunk = names.slice(start, start + foldersAtOnce);
		const answers = await readNamed(
			reader,
			chunk.map(({ name }) => name),
		);
		for (const [index, answer] of answers.entries()) {
			if (answer?.type === 'tree') {
				const { dir } = chunk[index]!;
				const list = folders.get(dir) ?? [];
				folders.set(dir, list);
				list.push(treeEntries(answer.bytes, oidBytes));
			}
		}
	}
	return folders;
}

// git reads `./` and `../` after a commit as relative to a working tree, and fails where there is none.
function isPlainPath(dir: string): boolean {
	return (
		dir === '' || (!dir.includes('\n') && dir.split('/').every((part) => part !== '' && part !== '.' && part !== '..'))
	);
}
