import type { Oid } from '../model/observation.js';
import type { TreeNode } from './inspectScan.js';
import { folderOf, type Folder } from './policyRisk.js';
import { judgeName } from './policyPath.js';

/** A tree of the packs at a path where a commit has it. */
export interface Place {
	readonly tree: number;
	/** The path's bytes, one character each, `''` for the root. */
	readonly dir: string;
	readonly depth: number;
	/** The tree that the path begins at where no commit of the packs reaches it; else null. */
	readonly origin: Oid | null;
	/** What the folder's name makes of the files in it. */
	readonly folder: Folder | null;
}

/**
 * Goes down from the roots, the shortest path first, and gives each tree one place, and one more for every meaning that
 * a folder's name gives it. Trees that no root reaches follow, under paths that begin at the topmost of them. `check` is
 * called for every place and ends the walk by throwing.
 */
export function placeTrees(nodes: readonly TreeNode[], roots: readonly number[], check: () => void): Place[] {
	const places: Place[] = [];
	const seen = new Map<Folder | null, Set<number>>();
	const placed = new Set<number>();
	const add = (place: Place): void => {
		let trees = seen.get(place.folder);
		if (trees === undefined) {
			seen.set(place.folder, (trees = new Set()));
		}
		if (!trees.has(place.tree)) {
			trees.add(place.tree);
			placed.add(place.tree);
			places.push(place);
		}
	};
	let next = 0;
	const descend = (): void => {
		for (; next < places.length; next++) {
			check();
			const { tree, dir, depth, origin, folder } = places[next]!;
			const { children, childNames } = nodes[tree]!;
			for (const [index, child] of children.entries()) {
				const name = childNames[index]!;
				add({
					tree: child,
					dir: joinPath(dir, name),
					depth: depth + 1,
					origin,
					folder: folderOf(judgeName(name).folded, folder),
				});
			}
		}
	};
	for (const root of roots) {
		add({ tree: root, dir: '', depth: 0, origin: null, folder: null });
	}
	descend();
	for (const top of unnamedTrees(nodes)) {
		if (!placed.has(top)) {
			add({ tree: top, dir: '', depth: 0, origin: nodes[top]!.oid, folder: null });
		}
	}
	descend();
	return places;
}

/** The trees that no other tree of the packs names. */
export function unnamedTrees(nodes: readonly TreeNode[]): number[] {
	const named = new Uint8Array(nodes.length);
	for (const { children } of nodes) {
		for (const child of children) {
			named[child] = 1;
		}
	}
	return [...nodes.keys()].filter((tree) => named[tree] === 0);
}

export function joinPath(dir: string, name: string): string {
	return dir === '' ? name : `${dir}/${name}`;
}

/** What each tree would become when checked out; subtrees that are not in the packs count as one file. */
export interface Measures {
	/** Files, a subtree counted as often as it is named; never above `Number.MAX_SAFE_INTEGER`. */
	readonly files: Float64Array;
	/** Names in the deepest path, and the child that it leads through, or -1. */
	readonly depth: Float64Array;
	readonly deepest: Int32Array;
	/** Bytes of the longest path, and the child that it leads through, or -1. */
	readonly pathBytes: Float64Array;
	readonly longest: Int32Array;
}

/** Measures every tree once, however often it is named and however deep it lies. */
export function measureTrees(nodes: readonly TreeNode[]): Measures {
	const size = nodes.length;
	const measures: Measures = {
		files: new Float64Array(size),
		depth: new Float64Array(size),
		deepest: new Int32Array(size).fill(-1),
		pathBytes: new Float64Array(size),
		longest: new Int32Array(size).fill(-1),
	};
	const entered = new Uint8Array(size);
	for (const start of nodes.keys()) {
		const stack = entered[start] === 0 ? [start] : [];
		while (stack.length > 0) {
			const tree = stack.at(-1)!;
			if (entered[tree] === 0) {
				entered[tree] = 1;
				for (const child of nodes[tree]!.children) {
					if (entered[child] === 0) {
						stack.push(child);
					}
				}
			} else {
				stack.pop();
				if (entered[tree] === 1) {
					entered[tree] = 2;
					measureTree(nodes[tree]!, tree, measures);
				}
			}
		}
	}
	return measures;
}

function measureTree(node: TreeNode, tree: number, measures: Measures): void {
	let files = node.others;
	let depth = 1;
	let pathBytes = node.longestOther;
	for (const [index, child] of node.children.entries()) {
		files += measures.files[child]!;
		if (measures.depth[child]! + 1 > depth) {
			depth = measures.depth[child]! + 1;
			measures.deepest[tree] = index;
		}
		const childPath = node.childNames[index]!.length + 1 + measures.pathBytes[child]!;
		if (childPath > pathBytes) {
			pathBytes = childPath;
			measures.longest[tree] = index;
		}
	}
	measures.files[tree] = Math.min(files, Number.MAX_SAFE_INTEGER);
	measures.depth[tree] = depth;
	measures.pathBytes[tree] = pathBytes;
}

/** The folders on the way that `through` marks, from a tree down, cut at `most` bytes. */
export function pathThrough(nodes: readonly TreeNode[], tree: number, through: Int32Array, most: number): string {
	let path = '';
	for (let at = tree; path.length < most && through[at]! >= 0;) {
		const { childNames, children } = nodes[at]!;
		path = joinPath(path, childNames[through[at]!]!);
		at = children[through[at]!]!;
	}
	return path;
}
