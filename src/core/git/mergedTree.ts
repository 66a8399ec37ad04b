import { shownText } from '../base/text.js';
import type { Conflict, ConflictRegion } from '../model/merge.js';
import type { Oid } from '../model/observation.js';
import { type BytePath, bytePaths, readable } from './bytePath.js';
import type { Git } from './run.js';

/** One entry of the index in conflict: `stage` 1 is the base, 2 ours, 3 theirs. */
export interface StageEntry {
	readonly mode: string;
	readonly oid: Oid;
	readonly stage: 1 | 2 | 3;
	readonly path: BytePath;
}

/** What git says of one or more paths of a merge: `kind` is its word, such as `CONFLICT (contents)` or `Auto-merging`. */
interface MergeMessage {
	readonly paths: readonly BytePath[];
	readonly kind: string;
	readonly text: string;
}

/** A merge that was computed and applied nowhere. */
export interface MergedTree {
	/** The tree of the result; where it is not clean, files in conflict hold markers there. */
	readonly tree: Oid;
	readonly clean: boolean;
	readonly stages: readonly StageEntry[];
	readonly messages: readonly MergeMessage[];
}

/**
 * Merges two commits as `git merge` would, and writes the objects of the result alone (git-merge-tree(1)). Null where the
 * two have no commit in common.
 */
export async function mergeTrees(git: Git, ours: Oid, theirs: Oid): Promise<MergedTree | null> {
	const args = ['merge-tree', '--write-tree', '-z', '--messages', '--end-of-options', ours, theirs];
	const merged = await git.run(args, { allow: [1, 128] });
	if (merged.exitCode > 1) {
		if ((await git.run(['merge-base', ours, theirs], { allow: [1] })).exitCode === 1) {
			return null;
		}
		return parseMerge((await git.run(args, { allow: [1] })).stdout, false);
	}
	return parseMerge(merged.stdout, merged.exitCode === 0);
}

/** Reads the `-z` form of `git merge-tree --write-tree --messages`. */
export function parseMerge(output: Buffer, clean: boolean): MergedTree {
	const fields = bytePaths(output);
	let next = 0;
	const tree = fields[next++] ?? '';
	const stages: StageEntry[] = [];
	for (; fields[next] !== undefined && fields[next] !== ''; next += 1) {
		const [, mode = '', oid = '', stage = '', path = ''] =
			/^(\d+) ([0-9a-f]+) ([123])\t([^]*)$/.exec(fields[next]!) ?? [];
		stages.push({ mode, oid, stage: Number(stage) as 1 | 2 | 3, path });
	}
	next += 1;
	const messages: MergeMessage[] = [];
	while (next + 2 < fields.length) {
		const count = Number(fields[next]);
		const paths = fields.slice(next + 1, next + 1 + count);
		const [kind = '', text = ''] = fields.slice(next + 1 + count, next + 3 + count);
		messages.push({ paths, kind, text: readable(text).trim() });
		next += 3 + count;
	}
	return { tree, clean, stages, messages };
}

const mostConflicts = 200;
const mostRead = 50;

/** The conflicts of a merge, for people: each file once, with the lines between markers where there are some. */
export async function conflictsOf(git: Git, merged: MergedTree): Promise<Conflict[]> {
	const kinds = new Map<BytePath, string>();
	for (const { paths, kind } of merged.messages) {
		const word = /^CONFLICT \((.*)\)$/.exec(kind)?.[1];
		const [path] = paths;
		if (word !== undefined && path !== undefined && !kinds.has(path)) {
			kinds.set(path, word);
		}
	}
	const paths = [...new Set(merged.stages.map((entry) => entry.path))];
	const conflicts: Conflict[] = [];
	for (const [index, path] of paths.slice(0, mostConflicts).entries()) {
		const kind = kinds.get(path) ?? 'contents';
		const text = index < mostRead ? await fileAt(git, merged.tree, path) : null;
		conflicts.push({
			path: shownText(readable(path), 4096),
			kind: shownText(kind),
			regions: markedRegions(text ?? ''),
		});
	}
	return conflicts;
}

/** A file of a tree, one character for each byte; null where there is none, or its name cannot be asked for. */
export async function fileAt(git: Git, tree: Oid, path: BytePath): Promise<string | null> {
	if (path.includes('\n')) {
		return null;
	}
	const answer = await git.run(['cat-file', '--batch'], { input: Buffer.from(`${tree}:${path}\n`, 'latin1') });
	const text = answer.stdout.toString('latin1');
	const [header = ''] = text.split('\n', 1);
	return / blob \d+$/.test(header) ? text.slice(header.length + 1, -1) : null;
}

/** The lines between git's conflict markers. */
export function markedRegions(text: string): ConflictRegion[] {
	const regions: ConflictRegion[] = [];
	let first: number | null = null;
	for (const [index, line] of text.split('\n').entries()) {
		if (/^<{7} /.test(line)) {
			first = index + 1;
		} else if (first !== null && /^>{7} /.test(line)) {
			regions.push({ first, last: index + 1 });
			first = null;
		}
	}
	return regions;
}
