import * as vscode from 'vscode';

/** The address of a file of home's machine: where the window is a remote one, so is the file. */
export function localUri(path: string): vscode.Uri {
	const [here] = vscode.workspace.workspaceFolders ?? [];
	return here === undefined ? vscode.Uri.file(path) : here.uri.with({ path });
}
