import { deepStrictEqual } from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/core/base/clock.js';
import { acquireLock } from '../../src/core/coordination/syncLock.js';
import { bugFixture } from '../support/bugFixture.js';
import type { BugFixture } from '../support/bugFixture.js';
import { homeOfWindow, openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

// What a person does and sees: one window, each step going on where the one before it ended.
describe('a first sync in a window', () => {
	let fixture: BugFixture;
	let window: VscodeWindow;

	tellOnFailure(() => window);
	before(async () => {
		fixture = await bugFixture();
		const homeport = await homeOfWindow(fixture.home);
		await homeport.add('alpha', fixture.alpha, 'claude');
		await homeport.add('beta', fixture.beta, 'claude');
		window = await openWindow({ folder: fixture.home });
	});

	after(async () => {
		await window.close();
		await fixture.dispose();
	});

	afterEach(async function () {
		if (this.currentTest?.state === 'failed') {
			await window.picture('failed');
		}
	});

	const branches = async (): Promise<string[]> => {
		const format = '--format=%(refname:short) %(subject)';
		return (await fixture.git(fixture.home, 'for-each-ref', format, 'refs/heads')).split('\n');
	};

	// Through all the questions, to the modal.
	const overwrite = async (session: RegExp): Promise<void> => {
		await window.menuAction(window.line(session), /Sync Session With Options/);
		for (const answer of [
			/^Bring Home/,
			/^Overwrite/,
			/^The One That It Is On/,
			/^The One of the Same Name/,
			/^Leave/,
		]) {
			await window.choose(answer);
		}
		await window.mark([/^main loses/, /^main is protected/, /^The files here are replaced/]);
	};

	it('does nothing in a folder that is not trusted, and says so', async () => {
		await window.openView();
		await window.page.getByText('Homeport runs nothing here and lists nothing until you trust it.').waitFor();
		await window.picture('untrusted');
		deepStrictEqual((await readdir(fixture.home)).toSorted(), ['.git', 'H1.txt', 'X.txt', 'local.txt', 'shared.txt']);
	});

	it('shows the sessions and what is only there, once the folder is trusted', async () => {
		await window.trust();
		await window.line(/^Session alpha, 2 commits, 2 files only there, oldest .*, main$/).waitFor();
		await window.line(/^Session beta, 2 commits only there, oldest .*, main$/).waitFor();
		await window.line(/^2 uncommitted files, only there$/).waitFor();
		await window.page.getByRole('button', { name: 'Homeport: 2 not home' }).waitFor();
		await window.picture('sessions-narrow');
		await window.widenSideBar(140);
		await window.picture('sessions');
	});

	it('brings a session home as a new branch, and asks nothing about it', async () => {
		await window.inlineAction(window.line(/^Session alpha/), /Sync Session/);
		await window.message(/alpha is home\. claude\/alpha: created, with 2 commits\./).waitFor();
		await window.line(/^Session alpha, all home, main$/).waitFor();
		await window.line(/^Your branch claude\/alpha, brought home at/).waitFor();
		await window.message(/Bringing alpha home/).waitFor({ state: 'hidden' });
		await window.pictures('branch');
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
	});

	it('asks how, and shows the plan as a page beside what it asks', async () => {
		await window.run('Homeport: Sync Session With Options…');
		await window.quickPick.getByRole('checkbox', { name: /^beta, 2 commits only there/ }).click();
		await window.quickPick.getByRole('button', { name: 'OK' }).click();
		await window.choose(/^Bring Home/);
		await window.quickPick.getByRole('option', { name: /^Overwrite/ }).waitFor();
		await window.pictures('strategies');
		await window.choose(/^Overwrite/);
		await window.choose(/^The One That It Is On/);
		await window.quickPick.getByRole('option', { name: /^New Branch/ }).click();
		// The box proposes a name as it opens, over what was typed before.
		await window.quickPick.getByText('Name of the branch').waitFor();
		await window.quickPick.getByRole('textbox').fill('not a..name');
		await window.page.getByText('git takes no branch of this name.').first().waitFor();
		await window.pictures('branch-name');
		await window.page.keyboard.press('Escape');
		await window.choose(/^The One of the Same Name/);
		await window.choose(/^Leave the Origin/);
		await window.readablePage.getByRole('heading', { name: 'Lost' }).waitFor();
		await window.readablePage.getByText(/would be set to the session's commit/).waitFor();
		await window.pictures('plan');
		// One of three accepted is none.
		await window.mark([/^main loses 1 commit of yours/]);
		await window.message(/not all that is asked was accepted/).waitFor();
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
	});

	it('opens each commit and each file of the plan as a diff', async () => {
		await window.readablePage.getByRole('link', { name: 'B1.txt' }).first().click();
		await window.page.getByRole('tab', { name: /B1\.txt \(.* ↔ / }).waitFor();
		await window.page.locator('.monaco-diff-editor').first().waitFor();
		await window.pictures('file-diff');
		await window.page.getByRole('tab', { name: /^Plan: beta/ }).click();
		await window.readablePage
			.getByRole('link', { name: /^[0-9a-f]{8}$/ })
			.first()
			.click();
		await window.page.locator('.multiDiffEditor .view-line').first().waitFor();
		await window.pictures('commit-diff');
		await window.page.getByRole('tab', { name: /^Plan: beta/ }).click();
	});

	it('names what an overwrite loses, and does it only then', async () => {
		await window.readablePage.getByRole('link', { name: 'Overwrite 1 Commit' }).click();
		await window.mark([/^main loses/, /^main is protected/, /^The files here are replaced/]);
		await window.dialog.getByText('Bring beta home, over 1 commit of yours?').waitFor();
		await window.dialog.getByText('gains 2 commits, loses 1 commit').waitFor();
		await window.dialog.getByText(/− [0-9a-f]{7,} H1/).waitFor();
		await window.pictures('overwrite');
		await window.dialog.getByRole('button', { name: 'Cancel' }).click();
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
		// What was chosen is remembered.
		await window.inlineAction(window.line(/^Session beta/), /Sync Session/);
		await window.mark([/^main loses/, /^main is protected/, /^The files here are replaced/]);
		await window.dialog.getByRole('button', { name: 'Overwrite 1 Commit' }).click();
		await window.message(/beta is home\. main: gains 2 commits, loses 1 commit\./).waitFor();
		await window.line(/^Session beta, all home, main$/).waitFor();
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main B2']);
		deepStrictEqual(await fixture.git(fixture.home, 'status', '--porcelain'), ' M local.txt');
	});

	it('shows what takes longer, and cancels it', async () => {
		const lock = await acquireLock(join(fixture.home, '.claude/sync'), {
			purpose: 'test',
			waitSeconds: 0,
			clock: systemClock,
		});
		await overwrite(/^Session alpha/);
		await window.dialog.getByRole('button', { name: 'Overwrite 2 Commits' }).click();
		const progress = window.message(/Bringing alpha home/);
		await progress.waitFor();
		await window.pictures('progress');
		await progress.getByRole('button', { name: 'Cancel' }).click();
		await window.message(/Cancelled\. Nothing is half done/).waitFor();
		await progress.waitFor({ state: 'hidden' });
		await lock.release();
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main B2']);
		deepStrictEqual(await fixture.git(fixture.home, 'status', '--porcelain'), ' M local.txt');
	});

	it('undoes it from the message', async () => {
		const message = window.message(/beta is home/);
		await message.getByRole('button', { name: 'Undo' }).click();
		await window.message(/Undone\. main: gains 1 commit, loses 2 commits\./).waitFor();
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
		deepStrictEqual(await fixture.git(fixture.home, 'status', '--porcelain'), ' M local.txt');
		await window.theme('highContrast');
		await window.picture('undone-high-contrast');
		await window.theme('light');
		await window.picture('undone');
	});

	it('keeps a history, and a page for each operation with a way to take it back', async () => {
		await window.theme('dark');
		await window.page.getByRole('button', { name: 'History Section' }).click();
		const sync = window.line(/^Sync of beta, undone, main, /);
		await sync.waitFor();
		await window.line(/^Sync of alpha, claude\/alpha, /).click();
		await window.readablePage.getByRole('heading', { name: 'Your branches' }).waitFor();
		await sync.hover();
		await sync.locator('.monaco-tl-twistie').click();
		await window.line(/^Branch main, from [0-9a-f]{8} to [0-9a-f]{8}$/).waitFor();
		await window.pictures('history');
		await window.readablePage.getByRole('link', { name: 'Undo' }).click();
		await window.message(/Undone\. claude\/alpha: removed/).waitFor();
		deepStrictEqual(await branches(), ['main H1']);
	});
});
