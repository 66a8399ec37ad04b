import * as vscode from 'vscode';
import type { SessionsTree } from './sessionsTree.js';

/**
 * The lines that a key in the view is about: all that are selected where there are several, else the one that has the
 * focus, which the arrow keys move and VS Code tells to nobody. Selecting it is the one way to learn which it is.
 */
export async function keyboardLines(tree: SessionsTree): Promise<readonly string[]> {
	const before = tree.selection;
	if (before.length > 1) {
		return before;
	}
	await vscode.commands.executeCommand('list.toggleSelection');
	const focused = tree.selection.filter((id) => !before.includes(id));
	if (focused.length === 0) {
		// It was selected, and would not be any more.
		await vscode.commands.executeCommand('list.toggleSelection');
		return before;
	}
	await tree.select(focused[0]!);
	return focused;
}
