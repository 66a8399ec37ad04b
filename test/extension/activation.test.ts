import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds } from '../../src/ui/commands/registry.js';
import { command, installed, workspaceFolder } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

interface Manifest {
	readonly contributes: { readonly commands: readonly { readonly command: string; readonly title: string }[] };
}

const read = (name: string): string => readFileSync(join(installed().extensionPath, name), 'utf8');
const coreLoaded = (): boolean => Object.keys(require.cache).some((file) => file.endsWith('/dist/core.js'));

/** How long it takes to load the extension's file once more. */
const loadingMs = (): number => {
	const file = join(installed().extensionPath, 'dist/extension.js');
	const loaded = require.cache[file];
	delete require.cache[file];
	const began = performance.now();
	require(file);
	const ms = performance.now() - began;
	require.cache[file] = loaded;
	return ms;
};

// Files of the workspace and of the user's folder, where the server keeps its own beside.
const ownFiles = (): string[] =>
	[workspaceFolder(), homedir()].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }));

describe('activation', () => {
	it('waits until it is asked for, loads no core, makes no file and looks at nothing', async () => {
		strictEqual(installed().isActive, false);
		const before = ownFiles();
		const { model, tree, activationMs } = await installed().activate();
		console.log(
			`suite:     own activation: ${activationMs.toFixed(0)} ms, after ${loadingMs().toFixed(0)} ms of loading`,
		);
		deepStrictEqual(
			{ core: coreLoaded(), state: model.snapshot.state, tree: tree.getChildren(), files: ownFiles() },
			{ core: false, state: 'unopened', tree: [], files: before },
		);
	});

	it('has nothing in it that could start a process: that is in the core', () => {
		deepStrictEqual(
			[read('dist/extension.js'), read('dist/core.js')].map((text) => text.includes('child_process')),
			[false, true],
		);
	});

	it('has the same commands in the registry, the manifest and the window', async () => {
		const manifest = JSON.parse(read('package.json')) as Manifest;
		const contributed = manifest.contributes.commands.map((command) => command.command);
		const known = new Set(await vscode.commands.getCommands(true));
		deepStrictEqual(contributed.toSorted(), commandIds.toSorted());
		deepStrictEqual(
			commandIds.filter((id) => !known.has(id)),
			[],
		);
	});

	it('names no icon and no command of VS Code that there is not', async () => {
		const workbench = readFileSync(
			join(vscode.env.appRoot, 'out/vs/workbench/api/node/extensionHostProcess.js'),
			'utf8',
		);
		const icons = new Set([...workbench.matchAll(/\("([a-z0-9-]+)",6(?:\d{4}|e4)\)/g)].map(([, name]) => name!));
		const known = new Set(await vscode.commands.getCommands(false));
		const texts = read('package.json') + read('package.nls.json');
		const named = (pattern: RegExp): string[] => [...texts.matchAll(pattern)].map(([, name]) => name!);
		strictEqual(icons.size > 400, true);
		deepStrictEqual(
			{
				icons: named(/\$\(([a-z0-9-]+)\)/g).filter((name) => !icons.has(name)),
				commands: named(/\]\(command:([\w.-]+)/g).filter((name) => !known.has(name)),
			},
			{ icons: [], commands: [] },
		);
	});

	it('says so where the folder is no git repository, and takes that for no empty list', async () => {
		const { model } = installed().exports;
		await model.refresh();
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.sync', prompter);
		await prompter.done;
		deepStrictEqual(
			{ core: coreLoaded(), state: model.snapshot.state, asked: prompter.asked },
			{
				core: true,
				state: 'notRepository',
				asked: [
					[
						'error',
						`${workspaceFolder()} is not inside a git repository. Open the folder of the repository that the work should come home to.`,
						'Show Log',
					],
				],
			},
		);
	});
});
