import { deepStrictEqual } from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Homeport } from '../../src/core/homeport.js';
import { bugFixture } from '../support/bugFixture.js';
import type { BugFixture } from '../support/bugFixture.js';
import { homeOfWindow, openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

describe('a conflict in a window', () => {
	let fixture: BugFixture;
	let window: VscodeWindow;
	let homeport: Homeport;

	tellOnFailure(() => window);
	before(async () => {
		fixture = await bugFixture();
		const { home, alpha } = fixture;
		await writeFile(join(alpha, 'shared.txt'), 'of alpha\n');
		await fixture.git(alpha, 'commit', '-qam', 'A3');
		await fixture.git(home, 'config', 'user.name', 'User');
		await fixture.git(home, 'config', 'user.email', 'user@localhost');
		await writeFile(join(home, 'shared.txt'), 'of home\n');
		await fixture.git(home, 'commit', '-qm', 'H2', 'shared.txt');
		homeport = await homeOfWindow(home);
		await homeport.add('crossed', alpha, 'claude');
		window = await openWindow({ folder: home });
		await window.openView();
		await window.trust();
	});

	after(async () => {
		await window.close();
		await homeport.remove('local/crossed');
		await fixture.dispose();
	});

	afterEach(async function () {
		if (this.currentTest?.state === 'failed') {
			await window.picture('conflict-failed');
		}
	});

	const openMerge = async (): Promise<void> => {
		await window.menuAction(window.line(/^Session crossed/), /Sync Session With Options/);
		for (const answer of [
			/^Bring Home/,
			/^Merge/,
			/^Settle Them Yourself/,
			/^The One That It Is On/,
			/^The One of the Same Name/,
			/^Leave/,
		]) {
			await window.choose(answer);
		}
		await window.dialog.getByRole('button', { name: 'Open Merge' }).click();
		await window.message(/is open in/).waitFor();
	};

	it('opens in the merge editor, from the message that tells of it', async () => {
		await openMerge();
		await window
			.message(/is open in/)
			.getByRole('button', { name: 'Settle Conflicts' })
			.click();
		await window.page.locator('.merge-editor').first().waitFor();
		await window.page.locator('.merge-editor').getByText('of alpha').first().waitFor();
		await window.pictures('merge-editor');
	});

	it('is settled there, and the merge goes on only when nothing is left', async () => {
		await window.run('Homeport: Continue Merge');
		await window.message(/Conflicts are left in shared\.txt\. Nothing was changed\./).waitFor();
		const result = window.page.locator('.merge-editor .code-view.result .monaco-editor').first();
		await result.click();
		await window.page.keyboard.press('Control+a');
		await window.page.keyboard.type('of both');
		await window.page.keyboard.press('Control+s');
		await window.page.locator('.tab.dirty').waitFor({ state: 'detached' });
		await window.run('Homeport: Continue Merge');
		await window.dialog.getByText('Take shared.txt for settled, as it stands there now?').waitFor();
		await window.pictures('settled');
		await window.dialog.getByRole('button', { name: 'Continue the Merge' }).click();
		await window.message(/main is merged\./).waitFor();
		deepStrictEqual(await fixture.git(fixture.home, 'show', 'main:shared.txt'), 'of both');
	});

	it('can be dropped, names the work on it that is put aside, and is opened again with it', async () => {
		const { alpha, home } = fixture;
		await writeFile(join(alpha, 'shared.txt'), 'of alpha again\n');
		await fixture.git(alpha, 'commit', '-qam', 'A4');
		await writeFile(join(home, 'shared.txt'), 'of home again\n');
		await fixture.git(home, 'commit', '-qm', 'H3', 'shared.txt');
		await window.run('Notifications: Clear All Notifications');
		await openMerge();
		const folder = (await fixture.git(home, 'worktree', 'list', '--porcelain'))
			.split('\n')
			.filter((line) => line.startsWith('worktree '))
			.at(-1)!
			.slice('worktree '.length);
		await writeFile(join(folder, 'shared.txt'), 'half settled\n');
		await window.run('Homeport: Drop Merge');
		await window.dialog.getByText('Drop this merge?').waitFor();
		await window.pictures('drop-merge');
		await window.dialog.getByRole('button', { name: 'Drop Merge' }).click();
		await window.message(/The merge is dropped, and your branches are as they were\./).waitFor();
		await window.pictures('dropped');
		deepStrictEqual(await fixture.git(home, 'show', 'main:shared.txt'), 'of home again');
		await window
			.message(/The merge is dropped/)
			.getByRole('button', { name: 'Redo' })
			.click();
		await window.message(/Redone\. The merge is open again in .*, as it was\./).waitFor();
		deepStrictEqual(await readFile(join(folder, 'shared.txt'), 'utf8'), 'half settled\n');
	});
});
