import { deepStrictEqual } from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import type { Homeport } from '../../src/core/homeport.js';
import { hindrancesOn } from '../support/accessibility.js';
import { type BugFixture, bugFixture } from '../support/bugFixture.js';
import { deadPid, recordOf } from '../support/lockFixture.js';
import { homeOfWindow, openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

// Every page is drawn in every theme, pictured, and judged by the rules of WCAG.
describe('the pages and questions of a window, in every theme', () => {
	let fixture: BugFixture;
	let window: VscodeWindow;
	let homeport: Homeport;
	let beside: Page;
	const names = ['api', 'docs', 'gone', 'tools'];

	const git: BugFixture['git'] = (dir, ...args) => fixture.git(dir, ...args);

	tellOnFailure(() => window);
	before(async () => {
		fixture = await bugFixture();
		const { home, alpha, beta, folder } = fixture;
		await git(home, 'config', 'user.name', 'User');
		await git(home, 'config', 'user.email', 'user@localhost');
		await writeFile(join(home, 'shared.txt'), 'of home\n');
		await git(home, 'commit', '-qm', 'Say whose it is', 'shared.txt');
		await writeFile(join(alpha, 'shared.txt'), 'of api\n');
		await git(alpha, 'commit', '-qam', 'Answer with a status');
		await writeFile(join(beta, 'shared.txt'), 'of docs\n');
		await git(beta, 'commit', '-qam', 'Describe the status');
		const [tools, gone] = [join(folder, 'tools'), join(folder, 'gone')];
		await git(folder, 'clone', '-q', home, tools);
		await git(folder, 'clone', '-q', home, gone);
		await mkdir(join(tools, '.vscode'));
		await writeFile(join(tools, '.envrc'), 'export PATH=.\n');
		await writeFile(join(tools, '.vscode/tasks.json'), '{}\n');
		await writeFile(join(tools, 'Makefile'), 'all:\n\ttrue\n');
		await git(tools, 'add', '-A');
		await git(tools, 'commit', '-qm', 'Build it with make');
		homeport = await homeOfWindow(home);
		await homeport.add('api', alpha, 'claude');
		await homeport.add('docs', beta, 'codex');
		await homeport.add('tools', tools, 'claude');
		await homeport.add('gone', gone, 'claude');
		await homeport.rescue(await homeport.find('gone'));
		await rm(gone, { recursive: true });
		window = await openWindow({ folder: home });
		beside = await window.page.context().browser()!.newPage();
		await window.openView();
		await window.trust();
		await window.widenSideBar(110);
	});
	after(async () => {
		await window.close();
		for (const name of names) {
			await homeport.remove(name);
		}
		homeport.dispose();
		await fixture.dispose();
	});

	/** The page that is shown, in every theme: pictured, and judged. */
	const judged = async (name: string): Promise<void> => {
		const found: string[] = [];
		for (const theme of ['light', 'highContrast', 'dark'] as const) {
			await window.theme(theme);
			// The page gets the colours a moment after the window.
			await window.readablePage.locator(`body.vscode-${themeClass[theme]}`).waitFor();
			found.push(...(await hindrancesOn(window.readablePage, beside)).map((one) => `${theme}: ${one}`));
			await window.picture(`${name}-${theme}`);
		}
		deepStrictEqual(found, []);
	};
	const themeClass = { light: 'light', dark: 'dark', highContrast: 'high-contrast' };
	const heading = (name: string | RegExp): Promise<void> =>
		window.readablePage.getByRole('heading', { name }).first().waitFor();
	const closed = async (): Promise<void> => {
		await window.run('View: Close All Editors');
		await window.page.locator('.tab').first().waitFor({ state: 'detached' });
	};
	const quiet = async (): Promise<void> => window.run('Notifications: Clear All Notifications');
	const options = async (session: RegExp, answers: readonly RegExp[]): Promise<void> => {
		await window.menuAction(window.line(session), /Sync Session With Options/);
		for (const answer of answers) {
			await window.choose(answer);
		}
	};

	it('a tree with work of every kind', async () => {
		await window.line(/^Session api, 3 commits, 1 file only there/).waitFor();
		await window.line(/^Session gone, missing/).waitFor();
		await window.line(/^1 uncommitted file/).click();
		await window.page.keyboard.press('ArrowRight');
		await window.line(/draft\.txt/).waitFor();
		await window.pictures('gallery-tree');
	});

	it('a plan with files that run code', async () => {
		await window.menuAction(window.line(/^Session tools/), /Show Plan…/);
		await heading('Plan: tools');
		await window.readablePage.getByText('.envrc').first().waitFor();
		await judged('gallery-plan-code');
		await closed();
	});

	it('a plan that would overwrite and conflict, and the list of what it asks', async () => {
		await options(/^Session api/, [
			/^Bring Home/,
			/^Merge/,
			/^Settle Them Yourself/,
			/^The One That It Is On/,
			/^The One of the Same Name/,
			/^Leave/,
		]);
		await window.dialog.waitFor();
		await window.pictures('gallery-open-merge');
		await window.dialog.getByRole('button', { name: 'Cancel' }).click();
		await heading('Plan: api');
		await judged('gallery-plan-conflict');
		await window.readablePage.getByRole('link', { name: 'shared.txt' }).first().click();
		await window.page.locator('.monaco-diff-editor').getByText('of api').first().waitFor();
		await closed();
	});

	it('what several syncs have done, as messages and as the history', async () => {
		await window.run('Homeport: Sync Session…');
		const pick = window.quickPick;
		await pick.getByRole('checkbox', { name: /docs/ }).first().click();
		await pick.getByRole('checkbox', { name: /tools/ }).first().click();
		await window.page.mouse.move(700, 600);
		await window.pictures('gallery-session-picker');
		await pick.getByRole('button', { name: 'OK' }).click();
		await window.message(/2 sessions are synced\./).waitFor();
		await window.pictures('gallery-several-home');
		await quiet();
		await window.page.getByRole('button', { name: 'History Section' }).click();
		await window.line(/^Sync of docs/).click();
		await heading(/Sync of docs/);
		await judged('gallery-operation');
		await window.readablePage.getByRole('link', { name: 'Show Commit' }).click();
		await window.page.locator('.multiDiffEditor').first().waitFor();
		await closed();
	});

	it('the overlap of all', async () => {
		await window.run('Homeport: Show Overlap of Sessions');
		await heading(/Would conflict/);
		await judged('gallery-overlap');
		await closed();
	});

	it('what is kept of a session', async () => {
		await window.menuAction(window.line(/^Session docs/), /Show What Is Kept/);
		await heading(/docs/);
		await judged('gallery-ledger');
		await closed();
	});

	it('what a session has done, as one diff, against what was chosen', async () => {
		await window.menuAction(window.line(/^Session docs/), /Compare Session With/);
		await window.quickPick.getByRole('option').first().waitFor();
		await window.page.mouse.move(700, 600);
		await window.pictures('gallery-compare-with');
		await window.page.keyboard.press('Enter');
		await window.page.locator('.multiDiffEditor').getByText('of docs').first().waitFor();
		await window.pictures('gallery-compare');
		await closed();
	});

	it('what would be forgotten, and the name that has to be typed', async () => {
		await window.menuAction(window.line(/^Session gone/), /Forget Session/);
		await window.choose(/^Everything/);
		await window.quickPick.getByText(/Type the name of the session/).waitFor();
		await window.quickPick.getByRole('textbox').fill('not it');
		await window.page.getByText('This is not the name of the session.').first().waitFor();
		await judged('gallery-forget');
		await window.page.keyboard.press('Escape');
		await closed();
	});

	it('an undo of what was built on since', async () => {
		const { home } = fixture;
		await git(home, 'branch', 'keep', 'codex/docs');
		const tree = await git(home, 'rev-parse', 'codex/docs^{tree}');
		const built = await git(home, 'commit-tree', '-p', 'codex/docs', '-m', 'Built on it', tree);
		await git(home, 'update-ref', 'refs/heads/codex/docs', built);
		await window.inlineAction(window.line(/^Sync of docs/), /Undo This Operation/);
		await window.dialog.getByText('Undo this operation?').waitFor();
		await window.dialog.getByRole('button', { name: 'Undo and Put Aside' }).waitFor();
		await window.pictures('gallery-undo');
		await window.dialog.getByRole('button', { name: 'Cancel' }).click();
	});

	it('what the doctor found', async () => {
		await window.run('Homeport: Doctor');
		await heading('Homeport Doctor');
		await judged('gallery-doctor');
		await window.readablePage.getByText('What was seen of it is kept.').waitFor();
		await window.readablePage.getByRole('link', { name: 'Show What Is Kept' }).click();
		await heading('Kept of gone');
		await window.page.getByRole('tab', { name: 'Homeport Doctor' }).click();
		const folder = join(fixture.home, '.claude/sync');
		const pid = await deadPid();
		await writeFile(join(folder, 'sync.lock'), `${pid}\n`);
		await writeFile(join(folder, 'sync.lock.json'), JSON.stringify(await recordOf({ pid })));
		await window.readablePage.getByRole('link', { name: 'Check Again' }).click();
		await window.readablePage.getByRole('link', { name: 'Break Lock…' }).click();
		await window.dialog.getByText('Take away the sync lock of this home?').waitFor();
		await window.pictures('gallery-break-lock');
		await window.dialog.getByRole('button', { name: 'Break Lock' }).click();
		await window.readablePage.getByRole('link', { name: 'Break Lock…' }).waitFor({ state: 'detached' });
		await closed();
	});

	it('diagnostics and patches, as documents', async () => {
		await window.run('Homeport: Export Diagnostics');
		await window.page.getByText('Homeport diagnostics').first().waitFor();
		await window.pictures('gallery-diagnostics');
		await window.run('Homeport: Make Patches of Session');
		await window.choose(/^docs/);
		await window.choose(/^Open as a Document/);
		await window.choose(/^Commits Alone/);
		await window.page.getByRole('tab', { name: /^From [0-9a-f]/ }).waitFor();
		await window.pictures('gallery-patches');
	});

	it('how the list is laid out, and what the status bar says', async () => {
		await window.run('Homeport: Group Sessions');
		await window.quickPick.getByRole('option').first().waitFor();
		await window.pictures('gallery-group');
		await window.page.keyboard.press('Escape');
		await window.run('Homeport: Sort Sessions');
		await window.quickPick.getByRole('option').first().waitFor();
		await window.pictures('gallery-sort');
		await window.page.keyboard.press('Escape');
		await window.page.getByRole('button', { name: /^Homeport: \d/ }).hover();
		await window.page.locator('.workbench-hover').getByText(/Sync/).first().waitFor();
		for (const theme of ['light', 'highContrast', 'dark'] as const) {
			await window.theme(theme);
			await window.picture(`gallery-status-${theme}`);
		}
	});
});
