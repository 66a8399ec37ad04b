import { isDeepStrictEqual } from 'node:util';
import type { TreeNode } from './treeNode.js';

interface Tree {
	readonly nodes: ReadonlyMap<string, TreeNode>;
	readonly roots: readonly string[];
}

/** The lines to be drawn anew, each with all below it; `moved` are those below which lines came, went or moved. */
interface TreeChanges {
	readonly ids: readonly string[];
	readonly moved: ReadonlySet<string>;
}

/** What is to be drawn anew to come from one tree to the next; `all` where the lines at the top are others. */
export function treeChanges(before: Tree, after: Tree): TreeChanges | 'all' {
	if (!isDeepStrictEqual(before.roots, after.roots)) {
		return 'all';
	}
	const [ids, moved]: [string[], Set<string>] = [[], new Set()];
	const walk = (id: string): void => {
		const [old, now] = [before.nodes.get(id), after.nodes.get(id)];
		if (now === undefined || old === now) {
			return;
		}
		if (!isDeepStrictEqual(old?.children, now.children)) {
			moved.add(id);
			ids.push(id);
			return;
		}
		if (old === undefined || !looksSame(old, now)) {
			ids.push(id);
			// Those below a group of many are told one by one, for the group's own line waits.
			if (now.sessionId !== null) {
				return;
			}
		}
		now.children.forEach(walk);
	};
	after.roots.forEach(walk);
	return { ids, moved };
}

function looksSame(a: TreeNode, b: TreeNode): boolean {
	return a.tooltip === b.tooltip && isDeepStrictEqual(lookOf(a), lookOf(b));
}

function lookOf({ item }: TreeNode): unknown[] {
	const { label, description, iconPath, contextValue, accessibilityInformation, collapsibleState, command } = item;
	return [label, description, iconPath, contextValue, accessibilityInformation, collapsibleState, command];
}
