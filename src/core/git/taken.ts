import type { Oid } from '../model/observation.js';
import { type BytePath, readable } from './bytePath.js';
import { mergeSettled } from './integrate.js';
import { fileAt } from './mergedTree.js';
import { type ChangeLine, patchesOf, replacementsOf } from './patchText.js';
import type { Git } from './run.js';
import { changesBetween, type TreeChange } from './worktree.js';

/** Where objects go that are thrown away, and a folder for files that are. */
export interface Scratch {
	readonly git: Git;
	readonly folder: string;
}

/**
 * How a commit stands to a change. `there`: making the change once more would alter nothing, so all of it is there today.
 * `edited`: nor would it, but for places that both changed; `places` are those files. `gone`: some of it is not there, as
 * after a revert, or it cannot be told; `missing` are files that lack something of it, where that is known.
 */
export type Taken =
	| { readonly kind: 'there' }
	| { readonly kind: 'edited'; readonly places: readonly string[] }
	| { readonly kind: 'gone'; readonly missing: readonly BytePath[] };

/** Tells whether commit `at` has the change from commit `from` to commit `to`, which must descend from it. */
export async function takenBy({ git, folder }: Scratch, at: Oid, from: Oid, to: Oid): Promise<Taken> {
	const tree = await git.text(['rev-parse', `${at}^{tree}`]);
	// A commit with that tree and the parent `from` has it for its merge base with `to`.
	const stand = await git.text(['commit-tree', '-p', from, tree], { input: 'ours\n' });
	const merged = await mergeSettled(git, folder, stand, to, 'auto-ours');
	if (merged === null || !merged.clean) {
		return { kind: 'gone', missing: [] };
	}
	if (merged.tree !== tree) {
		return { kind: 'gone', missing: (await changesBetween(git, tree, merged.tree)).map((file) => file.path) };
	}
	return merged.settled.length === 0 ? { kind: 'there' } : { kind: 'edited', places: merged.settled };
}

const mostPlaces = 50;

/**
 * True when commit `at` still has what a change put into these files: of each stretch of lines that it replaced, at least
 * three quarters, as often as the change left them. A stretch that only takes away, and a file that is no text, count as lost.
 */
export async function mostSurvives(
	git: Git,
	at: Oid,
	to: Oid,
	line: ChangeLine,
	files: readonly TreeChange[],
	places: readonly string[],
): Promise<boolean> {
	const sections = (await patchesOf(git, new Map([[line, files]]))).get(line);
	if (sections === undefined || places.length > mostPlaces) {
		return false;
	}
	for (const place of places) {
		const index = files.findIndex((file) => readable(file.path) === place);
		const replacements = index < 0 ? [] : replacementsOf(sections[index]!);
		if (replacements.length === 0) {
			return false;
		}
		const [now, then] = [await lineCounts(git, at, files[index]!.path), await lineCounts(git, to, files[index]!.path)];
		for (const { added } of replacements) {
			// A brace or an empty line says nothing.
			const telling = added.filter((text) => /[\p{L}\p{N}]/u.test(text));
			const kept = telling.filter((text) => (now.get(text) ?? 0) >= (then.get(text) ?? 1));
			if (telling.length === 0 || kept.length * 4 < telling.length * 3) {
				return false;
			}
		}
	}
	return true;
}

async function lineCounts(git: Git, commit: Oid, path: BytePath): Promise<Map<string, number>> {
	const counts = new Map<string, number>();
	for (const line of ((await fileAt(git, commit, path)) ?? '').split('\n')) {
		counts.set(line, (counts.get(line) ?? 0) + 1);
	}
	return counts;
}
