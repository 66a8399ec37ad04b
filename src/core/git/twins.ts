import type { Oid } from '../model/observation.js';
import { type ChangeLine, exactOf, patchesOf, patchIdOf, shapeOf } from './patchText.js';
import type { Git } from './run.js';
import type { TreeChange } from './worktree.js';

/** A commit of home that makes the same change as one or more of a session. */
export interface Twin {
	readonly commit: Oid;
	/** From the same content to the same content; otherwise by the same patch, which may stand in another place. */
	readonly exact: boolean;
}

/** Commits among which twins are looked for. */
export interface TwinPool {
	readonly files: ReadonlyMap<ChangeLine, readonly TreeChange[]>;
	readonly exact: ReadonlyMap<string, Oid>;
	readonly shapes: ReadonlyMap<string, readonly Oid[]>;
	/** By commit, what was read before. */
	readonly patchIds: Map<Oid, string>;
}

const mostAlike = 200;

/** Makes a pool of these commits, by what each changes; none of them is a merge. */
export function twinPool(files: ReadonlyMap<Oid, readonly TreeChange[]>): TwinPool {
	const exact = new Map<string, Oid>();
	const shapes = new Map<string, Oid[]>();
	for (const [commit, changed] of files) {
		const shape = shapeOf(changed);
		exact.set(exactOf(changed), commit);
		shapes.set(shape, [...(shapes.get(shape) ?? []), commit]);
	}
	return { files, exact, shapes, patchIds: new Map() };
}

/** Twins of these changes, where there are some. Of many commits that concern the same files alone, it reads the newest. */
export async function findTwins(
	git: Git,
	changes: ReadonlyMap<ChangeLine, readonly TreeChange[]>,
	pool: TwinPool,
): Promise<Map<ChangeLine, Twin>> {
	const twins = new Map<ChangeLine, Twin>();
	const alike = new Map<ChangeLine, readonly Oid[]>();
	for (const [line, files] of changes) {
		const exact = pool.exact.get(exactOf(files));
		const candidates = (pool.shapes.get(shapeOf(files)) ?? []).slice(0, mostAlike);
		if (files.length > 0 && exact !== undefined) {
			twins.set(line, { commit: exact, exact: true });
		} else if (files.length > 0 && candidates.length > 0) {
			alike.set(line, candidates);
		}
	}
	const unread = new Set([...alike.values()].flat().filter((commit) => !pool.patchIds.has(commit)));
	for (const [commit, id] of await patchIds(git, [...unread], pool.files)) {
		pool.patchIds.set(commit, id);
	}
	for (const [line, id] of await patchIds(git, [...alike.keys()], changes)) {
		const commit = alike.get(line)!.find((candidate) => pool.patchIds.get(candidate) === id);
		if (commit !== undefined) {
			twins.set(line, { commit, exact: false });
		}
	}
	return twins;
}

async function patchIds(
	git: Git,
	lines: readonly ChangeLine[],
	files: ReadonlyMap<ChangeLine, readonly TreeChange[]>,
): Promise<[ChangeLine, string][]> {
	const wanted = new Map(lines.map((line) => [line, files.get(line)!]));
	const patches = await patchesOf(git, wanted);
	return [...patches].map(([line, sections]) => [line, patchIdOf(wanted.get(line)!, sections)]);
}
