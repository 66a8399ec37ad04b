import * as vscode from 'vscode';

/** Calls `focused` when the user comes back to this window from another. */
export function onWindowFocus(focused: () => void): vscode.Disposable {
	let before = vscode.window.state.focused;
	return vscode.window.onDidChangeWindowState((state) => {
		// The state also changes where somebody has rested for a while.
		const came = state.focused && !before;
		before = state.focused;
		if (came) {
			focused();
		}
	});
}
