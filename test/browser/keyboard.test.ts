import { deepStrictEqual } from 'node:assert/strict';
import { type Homeport } from '../../src/core/homeport.js';
import { type BugFixture, bugFixture } from '../support/bugFixture.js';
import { homeOfWindow, openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

describe('a window without a mouse', () => {
	let fixture: BugFixture;
	let window: VscodeWindow;
	let homeport: Homeport;

	tellOnFailure(() => window);
	before(async () => {
		fixture = await bugFixture();
		homeport = await homeOfWindow(fixture.home);
		await homeport.add('keys', fixture.alpha, 'claude');
		await homeport.add('other', fixture.beta, 'claude');
		window = await openWindow({ folder: fixture.home });
		await window.page.getByRole('tab', { name: 'Homeport' }).first().waitFor();
	});
	after(async () => {
		await window.close();
		await homeport.remove('keys');
		await homeport.remove('other');
		homeport.dispose();
		await fixture.dispose();
	});

	const press = (...keys: readonly string[]): Promise<void> =>
		keys.reduce<Promise<void>>((before, key) => before.then(() => window.page.keyboard.press(key)), Promise.resolve());
	const run = async (command: string): Promise<void> => {
		await press('F1');
		await window.quickPick.locator('input[type=text]').first().waitFor();
		await window.page.keyboard.type(command);
		await window.quickPick.getByRole('option', { name: command }).first().waitFor();
		await press('Enter');
	};
	/** Presses a key until what has the focus says this. */
	const until = async (key: string, wanted: RegExp): Promise<void> => {
		for (let presses = 0; presses < 60; presses += 1) {
			// A list keeps the focus and marks the row; a screen reader is told the row.
			const said = await window.page.evaluate<string[]>(`
				[document.activeElement, document.activeElement?.querySelector('.monaco-list-row.focused')].map((part) =>
					(part?.getAttribute('aria-label') ?? part?.textContent ?? '').trim(),
				)`);
			if (said.some((text) => wanted.test(text))) {
				return;
			}
			await press(key);
			// The focus goes where it goes a moment later.
			await window.page.waitForTimeout(50);
		}
		throw new Error(`${String(wanted)} never had the focus`);
	};
	const branches = (): Promise<string> =>
		fixture.git(fixture.home, 'for-each-ref', '--format=%(refname:short)', 'refs/heads');

	it('is trusted from the view', async () => {
		await run('Homeport: Focus on Sessions View');
		await window.page.getByRole('button', { name: 'Manage Workspace Trust' }).first().waitFor();
		await window.page.locator('.part.sidebar .monaco-progress-container.active').waitFor({ state: 'hidden' });
		await run('Homeport: Focus on Sessions View');
		await until('Tab', /^Manage Workspace Trust$/);
		await press('Enter');
		await window.page.getByRole('button', { name: 'Trust', exact: true }).waitFor();
		await until('Tab', /^Trust$/);
		await press('Enter');
		await press('Escape');
		await window.line(/^Session keys, 2 commits, 2 files only there/).waitFor();
	});

	it('brings a session home from its line, and takes it back from the message', async () => {
		await run('Homeport: Focus on Sessions View');
		await until('ArrowDown', /^Session keys,/);
		await press('Control+Enter');
		await window.message(/keys is home\./).waitFor();
		deepStrictEqual((await branches()).split('\n'), ['claude/keys', 'main']);
		await run('Notifications: Focus Notification Toast');
		await until('Tab', /^Undo$/);
		await press('Enter');
		await window.message(/Undone\. claude\/keys: removed\./).waitFor();
		deepStrictEqual(await branches(), 'main');
	});

	it('is about the line that has the focus, whatever was selected before', async () => {
		await run('Homeport: Focus on Sessions View');
		await until('ArrowDown', /^Session other,/);
		await press('Control+Enter');
		await window.message(/other is home\./).waitFor();
		deepStrictEqual((await branches()).split('\n'), ['claude/other', 'main']);
		await run('Homeport: Undo Last Operation');
		await window.message(/Undone\. claude\/other: removed\./).waitFor();
	});

	it('asks which, is turned down, and opens a plan, and reads the history', async () => {
		await run('Homeport: Sync Session With Options');
		await window.quickPick.getByRole('checkbox', { name: /keys/ }).first().waitFor();
		await press('Escape');
		await window.quickPick.waitFor({ state: 'hidden' });
		deepStrictEqual(await branches(), 'main');
		await run('Homeport: Show Plan');
		await window.quickPick.getByRole('option', { name: /keys/ }).waitFor();
		await press('Enter');
		await window.readablePage.getByRole('heading', { name: 'Changes in this repository' }).waitFor();
		await run('Homeport: Focus on History View');
		await window
			.line(/Sync of keys/)
			.first()
			.waitFor();
		await run('Homeport: Focus on History View');
		await until('ArrowDown', /Sync of keys/);
		await press('Enter');
		await window.readablePage.getByRole('heading', { name: 'Your branches' }).waitFor();
	});
});
