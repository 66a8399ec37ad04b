import { strictEqual } from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type BugFixture, bugFixture } from '../support/bugFixture.js';
import { openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

describe('a session that is added in a window, and removed', () => {
	let fixture: BugFixture;
	let window: VscodeWindow;

	tellOnFailure(() => window);
	before(async () => {
		fixture = await bugFixture();
		await rename(fixture.alpha, join(fixture.folder, 'my agent'));
		window = await openWindow({ folder: fixture.home });
		await window.openView();
		await window.trust();
	});
	after(async () => {
		await window.close();
		await fixture.dispose();
	});

	it('is found beside home, gets a name that is checked as it is typed, stands in the tree, and can be taken off it', async () => {
		await window.page.getByRole('button', { name: 'Add Local Session…' }).first().click();
		const picker = window.quickPick;
		const path = picker.getByRole('textbox').first();
		await window.choose(/^my agent/);
		await picker.getByRole('option', { name: 'my agent' }).waitFor({ state: 'detached' });
		await picker.getByRole('button', { name: 'Add as Session' }).click();
		await picker.getByText(/Name of the session/).waitFor();
		strictEqual(await path.inputValue(), 'my-agent');
		await path.fill('my agent');
		await picker.getByText(/Begin with a letter or digit/).waitFor();
		await window.pictures('session-name');
		await path.fill('agent');
		await path.press('Enter');
		await picker.getByText(/Name of the agent/).waitFor();
		await path.press('Enter');
		await window.line(/^Session agent, 2 commits, 2 files only there/).waitFor();
		await window.pictures('session-added');
		await window.menuAction(window.line(/^Session agent/), /Remove Local Session/);
		await window.line(/^Session agent/).waitFor({ state: 'detached' });
		await window
			.message(/agent is no longer listed\. Its folder, and what came home of it, stay\./)
			.getByRole('button', { name: 'Add Again' })
			.click();
		await window.line(/^Session agent/).waitFor();
		await window.menuAction(window.line(/^Session agent/), /Remove Local Session/);
		await window.line(/^Session agent/).waitFor({ state: 'detached' });
	});
});
