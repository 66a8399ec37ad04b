import { deepStrictEqual } from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/core/base/clock.js';
import { acquireLock } from '../../src/core/coordination/syncLock.js';
import { openHome } from '../../src/core/homeport.js';
import { bugFixture } from '../support/bugFixture.js';
import type { BugFixture } from '../support/bugFixture.js';
import { openWindow, required } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

// What a person does and sees: one window, each step going on where the one before it ended.
describe('a first sync in a window', () => {
	let fixture: BugFixture;
	let window: VscodeWindow;

	before(async () => {
		fixture = await bugFixture();
		const env = { PATH: process.env['PATH'], HOME: required('HOMEPORT_TEST_SERVER_HOME') };
		const homeport = await openHome({ repo: fixture.home, env });
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
		await window.choose(/^Branch/);
		await window.message(/alpha is home\. claude\/alpha: created, with 2 commits\./).waitFor();
		await window.line(/^Session alpha, all home, main$/).waitFor();
		await window.line(/^Your branch claude\/alpha, brought home at/).waitFor();
		await window.message(/Bringing alpha home/).waitFor({ state: 'hidden' });
		await window.picture('branch');
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
	});

	it('names what an overwrite loses, and does it only then', async () => {
		await window.inlineAction(window.line(/^Session beta/), /Sync Session/);
		await window.choose(/^Overwrite/);
		await window.dialog.getByText('Bring beta home, over 1 commit of yours?').waitFor();
		await window.dialog.getByText('gains 2 commits, loses 1 commit').waitFor();
		await window.dialog.getByText(/− [0-9a-f]{7,} H1/).waitFor();
		await window.picture('overwrite');
		await window.theme('highContrast');
		await window.picture('overwrite-high-contrast');
		await window.theme('dark');
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
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
		await window.inlineAction(window.line(/^Session alpha/), /Sync Session/);
		await window.choose(/^Overwrite/);
		await window.dialog.getByRole('button', { name: 'Overwrite 2 Commits' }).click();
		const progress = window.message(/Bringing alpha home/);
		await progress.waitFor();
		await window.picture('progress');
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
});
