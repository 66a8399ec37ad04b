import type * as vscode from 'vscode';

/** One line of the tree, made once. Nodes are known by their id alone, which outlives every refresh. */
export interface TreeNode {
	readonly id: string;
	readonly parent: string | null;
	readonly children: readonly string[];
	readonly item: vscode.TreeItem;
	readonly tooltip: string;
	/** The session that the line is about, or null for a group. */
	readonly sessionId: string | null;
}

/** The id of a session's line. */
export function sessionNodeId(sessionId: string): string {
	return `session:${sessionId}`;
}

/** The id of the line of a session's branch. */
export function branchNodeId(sessionId: string, branch: string): string {
	return `branch:${sessionId}:${branch}`;
}
