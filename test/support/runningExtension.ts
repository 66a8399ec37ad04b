import { cp } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { ActivationTime } from '../../src/extension.js';
import type { Extension } from '../../src/ui/compositionRoot.js';
import type { Prompter } from '../../src/ui/prompts/prompter.js';
import { type BugFixture, bugFixture } from './bugFixture.js';

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

/** Starts the extension, and makes sessions in folders of their own beside the window's home, which is made where there is none. */
export async function workspaceFixture(): Promise<BugFixture> {
	await installed().activate();
	const fixture = await bugFixture();
	const home = workspaceFolder();
	if ((await fixture.git(fixture.folder, 'ls-remote', home).catch(() => '')) === '') {
		await cp(fixture.home, home, { recursive: true });
	}
	return fixture;
}

/** The tab of that title, as soon as VS Code tells of it. */
export async function tabNamed(title: RegExp): Promise<vscode.Tab> {
	const find = (): vscode.Tab | undefined =>
		vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => title.test(label));
	return (
		find() ??
		new Promise((resolve) => {
			const listener = vscode.window.tabGroups.onDidChangeTabs(() => {
				const found = find();
				if (found !== undefined) {
					listener.dispose();
					resolve(found);
				}
			});
		})
	);
}
