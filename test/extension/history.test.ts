import { deepStrictEqual, match, strictEqual } from 'node:assert/strict';
import * as vscode from 'vscode';
import { openHome } from '../../src/core/homeport.js';
import { sessionNodeId } from '../../src/ui/tree/treeNode.js';
import type { BugFixture } from '../support/bugFixture.js';
import { command, installed, tabNamed, workspaceFolder, workspaceFixture } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

describe('the history', () => {
	const home = workspaceFolder();
	let fixture: BugFixture;

	before(async () => {
		fixture = await workspaceFixture();
		const homeport = await openHome({ repo: home });
		await homeport.add('historic', fixture.beta, 'claude');
		await installed().exports.model.refresh();
	});

	after(async () => {
		const homeport = await openHome({ repo: home });
		await homeport.remove('local/historic');
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		await vscode.commands.executeCommand('workbench.view.explorer');
		await fixture.dispose();
	});

	const history = (): ReturnType<typeof installed>['exports']['history'] => installed().exports.history;
	/** The newest lines, each with its state and what may be done with it. */
	const newest = (amount: number): string[] =>
		history()
			.getChildren()
			.slice(0, amount)
			.map((id) => {
				const { label, description, contextValue } = history().getTreeItem(id);
				return `${label as string}: ${(description as string).replace(/ · [^·]*$/, '')} (${contextValue!})`;
			});
	const sync = async (): Promise<void> => {
		await command('homeport.sync', new ScriptedPrompter(['notify', null]), sessionNodeId('local/historic'));
		await history().refresh();
	};
	const branch = async (): Promise<string> =>
		fixture.git(home, 'for-each-ref', '--format=%(subject)', 'refs/heads/claude/historic');
	it('has a line for each operation, newest first, with what it changed below', async () => {
		await sync();
		deepStrictEqual(newest(1), ['Sync of historic: claude/historic (operation+undoable)']);
		const [line] = history().getChildren();
		const below = history().getChildren(line);
		const item = history().getTreeItem(below[0]!);
		deepStrictEqual([below.length, item.label], [1, 'claude/historic']);
		match(item.description as string, /^created at [0-9a-f]{8}$/);
		match(history().getTreeItem(line!).accessibilityInformation!.label, /^Sync of historic, claude\/historic, /);
	});

	it('takes an operation back from its line, and brings it back from the line of the undo', async () => {
		const [synced] = history().getChildren();
		await command('homeport.undoOperation', new ScriptedPrompter(['notify', null]), synced);
		await history().refresh();
		deepStrictEqual(
			[await branch(), ...newest(2)],
			[
				'',
				'Undo for historic: claude/historic (operation+redoable)',
				'Sync of historic: undone · claude/historic (operation+settled)',
			],
		);
		const [undone] = history().getChildren();
		await command('homeport.redoOperation', new ScriptedPrompter(['notify', null]), undone);
		await history().refresh();
		deepStrictEqual(
			[await branch(), ...newest(3)],
			[
				'B2',
				'Redo for historic: claude/historic (operation+undoable)',
				'Undo for historic: undone · claude/historic (operation+settled)',
				'Sync of historic: claude/historic (operation+undoable)',
			],
		);
	});

	it('opens the page of an operation, from its line or picked, once for each', async () => {
		const [redone] = history().getChildren();
		await command('homeport.showOperation', new ScriptedPrompter(), redone);
		await command('homeport.showOperation', new ScriptedPrompter(), redone);
		await command('homeport.showOperation', new ScriptedPrompter(['pick', 'Undo for historic']));
		await tabNamed(/^Undo for historic$/);
		const pages = vscode.window.tabGroups.all
			.flatMap(({ tabs }) => tabs.map(({ label }) => label))
			.filter((label) => label.endsWith(' historic'));
		deepStrictEqual(pages.toSorted(), ['Redo for historic', 'Undo for historic']);
	});

	it('names no operation that is not there', async () => {
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.showOperation', prompter, { id: 'abcdefabcdef' } as never);
		match(JSON.stringify(prompter.asked), /There is no operation/);
	});

	it('shows what another Homeport does, while it is seen', async () => {
		await vscode.commands.executeCommand('homeport.history.focus');
		const moved = new Promise<void>((resolve) => {
			const listener = history().onDidChangeTreeData(() => {
				if (newest(1)[0]?.startsWith('Undo for historic')) {
					listener.dispose();
					resolve();
				}
			});
		});
		const homeport = await openHome({ repo: home });
		const { undoes } = await homeport.undo(null, { accepted: [] });
		await moved;
		strictEqual(await branch(), '');
		match(undoes, /^[0-9a-f]{12}$/);
	});
});
