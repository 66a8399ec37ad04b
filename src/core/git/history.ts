import { lstat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HomeportError } from '../base/errors.js';
import type { Oid } from '../model/observation.js';
import type { Git } from './run.js';

/** More parents than this on one commit make every walk of the history slow; the rest is chained. */
const maxParents = 200;

/** One entry of a history: a commit whose tree tells what happened, and whose parents keep what it names. */
export interface HistoryEntry {
	/** The first line of the commit's message. */
	readonly subject: string;
	/** Files of the entry's tree. */
	readonly files: Readonly<Record<string, string>>;
	/** Trees of the entry's tree, by name. */
	readonly trees?: Readonly<Record<string, Oid>>;
	/** The entry before, or null for the first. */
	readonly previous: Oid | null;
	/** Commits that must stay reachable from this entry; those that the entry before reaches may be among them. */
	readonly tips: readonly Oid[];
}

const chained = 'Homeport: further tips of the next entry';
// Without it, the first parent of the first entry would be a commit that the entry keeps.
const beginning = 'Homeport: beginning';

/**
 * Adds an entry that says no more than its subject: it has the tree of the entry before, or that tree with more trees in
 * it, and keeps nothing that the entry before does not keep.
 */
export async function writeNote(
	git: Git,
	subject: string,
	previous: Oid,
	more: Readonly<Record<string, Oid>>,
): Promise<Oid> {
	const own = `${previous}^{tree}`;
	if (Object.keys(more).length === 0) {
		return commitTree(git, subject, own, [previous]);
	}
	const listed = (await git.run(['ls-tree', '-z', own])).stdout.toString('latin1');
	const added = Object.entries(more).map(([name, tree]) => `040000 tree ${tree}\t${name}\0`);
	const tree = await git.text(['mktree', '-z'], { input: Buffer.from(listed + added.join(''), 'latin1') });
	return commitTree(git, subject, tree, [previous]);
}

/** Writes an entry; nothing names it until a ref is moved to the returned commit. */
export async function writeEntry(git: Git, entry: HistoryEntry): Promise<Oid> {
	const [tree, keeps] = await Promise.all([writeTree(git, entry), notReachable(git, entry.tips, entry.previous)]);
	let last = entry.previous ?? (await commitTree(git, beginning, tree, []));
	while (keeps.length > maxParents - 1) {
		last = await commitTree(git, chained, tree, [last, ...keeps.splice(0, maxParents - 1)]);
	}
	return commitTree(git, entry.subject, tree, [last, ...keeps]);
}

async function writeTree(git: Git, { files, trees = {} }: HistoryEntry): Promise<Oid> {
	const listed: string[] = [];
	for (const [name, text] of Object.entries(files)) {
		const blob = await git.text(['hash-object', '-w', '--no-filters', '--stdin'], { input: text });
		listed.push(`100644 blob ${blob}\t${name}\0`);
	}
	for (const [name, tree] of Object.entries(trees)) {
		listed.push(`040000 tree ${tree}\t${name}\0`);
	}
	return git.text(['mktree', '-z'], { input: listed.join('') });
}

async function commitTree(git: Git, subject: string, tree: Oid, parents: readonly Oid[]): Promise<Oid> {
	return git.text(['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])], { input: `${subject}\n` });
}

/** The entries under a ref, newest first; commits that only hold the chain together are left out. */
export async function listEntries(git: Git, tip: Oid): Promise<{ oid: Oid; subject: string }[]> {
	const log = await git.text(['log', '--first-parent', '--format=%H %s', '--end-of-options', tip]);
	return log
		.split('\n')
		.map((line) => ({ oid: line.slice(0, line.indexOf(' ')), subject: line.slice(line.indexOf(' ') + 1) }))
		.filter(({ oid, subject }) => oid !== '' && subject !== chained && subject !== beginning);
}

/** The object id that a ref of ours names, or null where there is none. Fails with `state-damaged` where it is broken. */
export async function resolveRef(git: Git, ref: string): Promise<Oid | null> {
	const answer = await git.run(['rev-parse', '-q', '--verify', '--end-of-options', ref], { allow: [1, 128] });
	const text = answer.stdout.toString('utf8').trim();
	if (answer.exitCode === 0 && text !== '') {
		return text;
	}
	const path = resolve(git.dir, await git.text(['rev-parse', '--git-path', ref]));
	if ((await lstat(path).catch(() => null))?.isFile()) {
		throw new HomeportError('state-damaged', { path, reason: 'it names no object' });
	}
	return null;
}

/** Reads one file of each entry; null where the entry has none. */
export async function readEntryFiles(git: Git, entries: readonly Oid[], name: string): Promise<(string | null)[]> {
	if (entries.length === 0) {
		return [];
	}
	const input = entries.map((oid) => `${oid}:${name}\n`).join('');
	const { stdout } = await git.run(['cat-file', '--batch'], { input });
	return parseBatch(stdout, entries.length).map((bytes) => bytes?.toString('utf8') ?? null);
}

/** The contents that `cat-file --batch` printed, in order; null for what is missing. */
export function parseBatch(output: Buffer, amount: number): (Buffer | null)[] {
	const contents: (Buffer | null)[] = [];
	let position = 0;
	while (contents.length < amount && position < output.length) {
		const end = output.indexOf(10, position);
		const header = output.toString('utf8', position, end);
		position = end + 1;
		const size = / (?:blob|tree|commit|tag) (\d+)$/.exec(header)?.[1];
		if (size === undefined) {
			contents.push(null);
		} else {
			contents.push(output.subarray(position, position + Number(size)));
			position += Number(size) + 1;
		}
	}
	return contents;
}

/** Those of the commits that `from` does not reach, in the order given. `from` null reaches nothing. */
export async function notReachable(git: Git, commits: readonly Oid[], from: Oid | null): Promise<Oid[]> {
	const unique = [...new Set(commits)];
	if (unique.length === 0 || from === null) {
		return unique;
	}
	const walked = await git.text(['rev-list', '--stdin'], { input: `${unique.join('\n')}\n^${from}\n` });
	const fresh = new Set(walked.split('\n'));
	return unique.filter((oid) => fresh.has(oid));
}
