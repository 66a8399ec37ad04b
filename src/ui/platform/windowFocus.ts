import * as vscode from 'vscode';

/** Calls `focused` when the user comes back to this window. */
export function onWindowFocus(focused: () => void): vscode.Disposable {
	return vscode.window.onDidChangeWindowState((state) => {
		if (state.focused) {
			focused();
		}
	});
}
