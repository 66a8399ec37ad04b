import { deepStrictEqual, match } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type * as vscode from 'vscode';
import { type Homeport, openHome } from '../../src/core/homeport.js';
import type { BugFixture } from '../support/bugFixture.js';
import { command, installed, tabNamed, workspaceFixture, workspaceFolder } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

describe('what gets in each other’s way', () => {
	let fixture: BugFixture;
	let homeport: Homeport;

	before(async () => {
		fixture = await workspaceFixture();
		homeport = await openHome({ repo: workspaceFolder() });
		for (const [name, folder] of [
			['left', fixture.alpha],
			['right', fixture.beta],
		] as const) {
			await writeFile(join(folder, 'clash.txt'), `${name}\n`);
			await fixture.git(folder, 'add', 'clash.txt');
			await fixture.git(folder, 'commit', '-qm', `clash ${name}`);
			await homeport.add(name, folder, 'claude');
		}
	});
	after(async () => {
		await homeport.remove('left');
		await homeport.remove('right');
		homeport.dispose();
		await installed().exports.model.refresh();
		await fixture.dispose();
	});

	const overlapOf = async (name: string, wanted: RegExp): Promise<vscode.TreeItem> => {
		const { tree } = installed().exports;
		const find = (): vscode.TreeItem | undefined => {
			const item = tree.getTreeItem(`overlap:local/${name}`);
			return wanted.test(String(item.description)) ? item : undefined;
		};
		return (
			find() ??
			new Promise((resolve) => {
				const listener = tree.onDidChangeTreeData(() => {
					const found = find();
					if (found !== undefined) {
						listener.dispose();
						resolve(found);
					}
				});
			})
		);
	};

	it('stands below each of two sessions once both were seen, without being asked for', async () => {
		for (const name of ['left', 'right']) {
			await homeport.rescue(await homeport.find(name));
		}
		await installed().exports.model.refresh();
		const left = await overlapOf('left', /would conflict with .*right/);
		await overlapOf('right', /would conflict with .*left/);
		deepStrictEqual(
			[left.label, left.command?.command, left.accessibilityInformation?.label],
			['Overlap', 'homeport.showOverlap', `Overlap, ${String(left.description)}`],
		);
	});

	it('opens as a page, and goes once nothing is in the way any more', async () => {
		await command('homeport.showOverlap', new ScriptedPrompter());
		match((await tabNamed(/^Overlap of Sessions$/)).label, /Overlap/);
		await fixture.git(fixture.beta, 'checkout', '-q', 'HEAD~1');
		await fixture.git(fixture.beta, 'checkout', '-q', '-B', 'main');
		await homeport.rescue(await homeport.find('right'));
		await installed().exports.model.refresh();
		const { tree } = installed().exports;
		const about = (): string => String(tree.getTreeItem('overlap:local/left').description ?? '');
		while (/conflict with [^·]*right/.test(about())) {
			await new Promise((resolve) => {
				const listener = tree.onDidChangeTreeData(() => {
					listener.dispose();
					resolve(undefined);
				});
			});
		}
	});
});
