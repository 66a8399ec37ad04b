import * as vscode from 'vscode';
import type { ActivationTime } from '../../src/extension.js';
import type { Extension } from '../../src/ui/compositionRoot.js';
import type { Prompter } from '../../src/ui/prompts/prompter.js';

/** The extension as VS Code knows it. */
export function installed(): vscode.Extension<Extension & ActivationTime> {
	return vscode.extensions.getExtension<Extension & ActivationTime>('homeport.homeport')!;
}

/** Runs a command of the extension with these answers to what it asks. */
export async function command(id: string, prompter: Prompter, argument?: string): Promise<void> {
	installed().exports.ports.prompter = prompter;
	await vscode.commands.executeCommand(id, argument);
}

/** The tree after a fresh look, one line each: `label: description`, indented by its depth; ages as `AGE`. */
export async function treeLines(): Promise<string[]> {
	const { model, tree } = installed().exports;
	await model.refresh();
	const lines = (ids: readonly string[], indent: string): string[] =>
		ids.flatMap((id) => {
			const item = tree.getTreeItem(id);
			return [
				`${indent}${item.label as string}: ${withoutAge(item.description as string)}`,
				...lines(tree.getChildren(id), `${indent}  `),
			];
		});
	return lines(tree.getChildren(), '');
}

function withoutAge(text: string): string {
	return text.replace(/(under )?\d+ (min|h|days?)\b/, 'AGE');
}

/** The folder that the window was opened on. */
export function workspaceFolder(): string {
	return vscode.workspace.workspaceFolders![0]!.uri.fsPath;
}
