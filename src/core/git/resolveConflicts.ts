import { nulInput } from './bytePath.js';
import { fileAt, type MergedTree, type StageEntry } from './mergedTree.js';
import type { Git } from './run.js';

export type Side = 'ours' | 'theirs';

/** Kinds of conflict in which one side's version of a file is an answer; others concern names, and stay. */
const settled = /^CONFLICT \((?:contents|add\/add|modify\/delete)\)$/;

/**
 * Settles a merge as `git merge -X ours` and `-X theirs` do: in each place that both sides changed, one side's lines
 * stand; a file that one side deleted, and one that is no text, is taken whole from that side. What concerns names, as
 * two renames of one file, is left in conflict. The merge must have been made with markers of `markerSize`.
 */
export async function settleConflicts(
	git: Git,
	merged: MergedTree,
	side: Side,
	markerSize: number,
	indexFile: string,
): Promise<MergedTree> {
	const own = side === 'ours' ? 2 : 3;
	return settle(git, merged, indexFile, own, (stages) => settleText(git, merged, stages, side, markerSize));
}

/** A merge in which every file that both sides changed in the same places stays as ours has it. */
export async function keepOurs(git: Git, merged: MergedTree, indexFile: string): Promise<MergedTree> {
	return settle(git, merged, indexFile, 2, async () => null);
}

async function settle(
	git: Git,
	merged: MergedTree,
	indexFile: string,
	ownStage: 2 | 3,
	textOf: (stages: readonly StageEntry[]) => Promise<string | null>,
): Promise<MergedTree> {
	const kinds = new Map(
		merged.messages
			.filter(({ kind }) => kind.startsWith('CONFLICT'))
			.flatMap(({ kind, paths }) => paths.map((path) => [path, kind] as const)),
	);
	const info: string[] = [];
	const left: StageEntry[] = [];
	for (const [path, stages] of groupByPath(merged.stages)) {
		if (!settled.test(kinds.get(path) ?? '')) {
			left.push(...stages);
			continue;
		}
		const own = stages.find((entry) => entry.stage === ownStage);
		if (own === undefined) {
			info.push(`0 ${'0'.repeat(merged.tree.length)}\t${path}`);
			continue;
		}
		const text = await textOf(stages);
		info.push(`${text === null ? own.mode : modeOf(stages, own)} ${text ?? own.oid}\t${path}`);
	}
	const onIndex = git.with({ env: { GIT_INDEX_FILE: indexFile } });
	await onIndex.run(['read-tree', merged.tree]);
	await onIndex.run(['update-index', '-z', '--index-info'], { input: nulInput(info) });
	const tree = await onIndex.text(['write-tree']);
	return { tree, clean: left.length === 0, stages: left, messages: merged.messages };
}

function groupByPath(stages: readonly StageEntry[]): Map<string, StageEntry[]> {
	const entries = new Map<string, StageEntry[]>();
	for (const entry of stages) {
		entries.set(entry.path, [...(entries.get(entry.path) ?? []), entry]);
	}
	return entries;
}

// A mode that one side alone changed is that side's.
function modeOf(stages: readonly StageEntry[], own: StageEntry): string {
	const base = stages.find((entry) => entry.stage === 1);
	const other = stages.find((entry) => entry.stage > 1 && entry !== own);
	return base !== undefined && other !== undefined && own.mode === base.mode ? other.mode : own.mode;
}

// The file with one side's lines, or null where it is taken whole.
async function settleText(
	git: Git,
	merged: MergedTree,
	stages: readonly StageEntry[],
	side: Side,
	markerSize: number,
): Promise<string | null> {
	const sides = stages.filter((entry) => entry.stage > 1);
	if (sides.length !== 2 || !sides.every((entry) => entry.mode.startsWith('100'))) {
		return null;
	}
	const own = sides.find((entry) => entry.stage === (side === 'ours' ? 2 : 3))!;
	const [marked, whole] = [await fileAt(git, merged.tree, own.path), await git.run(['cat-file', 'blob', own.oid])];
	const cut = whole.stdout.at(-1) !== 0x0a;
	const text = marked === null ? null : pickSide(marked, side, markerSize, cut);
	return text === null
		? null
		: git.text(['hash-object', '-w', '--no-filters', '--stdin'], { input: Buffer.from(text, 'latin1') });
}

/**
 * A file with conflict markers of this size, with one side's lines in their place; null where there are none. `cut` says
 * that the side's file has no newline at its end, which a marker behind it has added.
 */
export function pickSide(marked: string, side: Side, markerSize: number, cut: boolean): string | null {
	const isMarker = (line: string, sign: string): boolean =>
		line.startsWith(sign.repeat(markerSize)) && /^[ \r\n]/.test(line.slice(markerSize));
	const kept: string[] = [];
	let place: 'both' | Side | 'base' = 'both';
	let found = false;
	let lastWasConflict = false;
	for (const line of marked.split(/(?<=\n)/)) {
		if (place === 'both' && isMarker(line, '<')) {
			place = 'ours';
			found = true;
		} else if (place === 'ours' && isMarker(line, '|')) {
			place = 'base';
		} else if ((place === 'ours' || place === 'base') && isMarker(line, '=')) {
			place = 'theirs';
		} else if (place === 'theirs' && isMarker(line, '>')) {
			place = 'both';
			lastWasConflict = true;
		} else if (place === 'both' || place === side) {
			kept.push(line);
			lastWasConflict = false;
		}
	}
	if (!found) {
		return null;
	}
	const text = kept.join('');
	return lastWasConflict && cut ? text.replace(/\r?\n$/, '') : text;
}
