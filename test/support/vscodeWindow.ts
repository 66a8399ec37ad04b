import { mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { type Homeport, openHome } from '../../src/core/homeport.js';

/** One window of the VS Code that the runner started, as a person has it. */
export interface VscodeWindow {
	readonly page: Page;
	/** The line of a tree that a screen reader would name so. */
	line(name: RegExp): Locator;
	/** Runs the inline action of a line. */
	inlineAction(line: Locator, name: RegExp): Promise<void>;
	/** Runs an action of a line's context menu. */
	menuAction(line: Locator, name: RegExp): Promise<void>;
	/** Marks these in the quick pick that is open, and goes on. */
	mark(names: readonly RegExp[]): Promise<void>;
	/** The page that is shown in the editor. */
	readonly readablePage: FrameLocator;
	/** Runs a command by the title that it has in the palette. */
	run(title: string): Promise<void>;
	/** Chooses from the quick pick that is open. */
	choose(name: RegExp): Promise<void>;
	/** The newest message that says this. */
	message(text: RegExp): Locator;
	/** The modal that is open. */
	readonly dialog: Locator;
	/** Waits for the folders of a workspace file, and reloads a window that VS Code has opened without them. */
	folders(names: readonly string[]): Promise<void>;
	/** Opens the Homeport view by its icon. */
	openView(): Promise<void>;
	/** Trusts the folder from the view's own button, of that name. */
	trust(name?: RegExp): Promise<void>;
	widenSideBar(pixels: number): Promise<void>;
	/** Changes the colours, as the operating system would ask for. */
	theme(name: Theme): Promise<void>;
	/** The quick pick or input box that is open. */
	readonly quickPick: Locator;
	/** Saves the picture in dark, light and high contrast, and goes back to dark. */
	pictures(name: string): Promise<void>;
	/** Saves a picture into `.cache/screenshots`. */
	picture(name: string): Promise<void>;
	close(): Promise<void>;
}

type Theme = 'dark' | 'light' | 'highContrast';

const themes = {
	dark: { media: { colorScheme: 'dark', forcedColors: 'none' }, shown: '.monaco-workbench.vs-dark' },
	light: { media: { colorScheme: 'light', forcedColors: 'none' }, shown: '.monaco-workbench.vs' },
	highContrast: { media: { colorScheme: 'dark', forcedColors: 'active' }, shown: '.monaco-workbench.hc-black' },
} as const satisfies Record<Theme, unknown>;

/** Resolves once nothing in the side bar was drawn for a while. */
const drawn = `new Promise((resolve) => {
	let timer = setTimeout(resolve, 300);
	new MutationObserver(() => {
		clearTimeout(timer);
		timer = setTimeout(resolve, 300);
	}).observe(document.querySelector('.part.sidebar'), { subtree: true, childList: true });
})`;

/** What a window is opened on: one folder, a workspace file, or nothing. */
type Opened = { readonly folder: string } | { readonly workspace: string } | { readonly ew: 'true' };

/**
 * Opens a window in dark colours. In another language than English extensions speak that, where they can; VS Code itself
 * would need a language pack.
 */
export async function openWindow(opened: Opened, language = 'en'): Promise<VscodeWindow> {
	const browser = await chromium.connect(required('HOMEPORT_TEST_BROWSER'));
	const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...themes.dark.media });
	await page.addInitScript((name) => Object.assign(globalThis, { _VSCODE_NLS_LANGUAGE: name }), language);
	await page.goto(`${required('HOMEPORT_TEST_SERVER')}/?${new URLSearchParams(opened).toString()}`);
	const line = (name: RegExp): Locator => page.getByRole('treeitem', { name });
	const theme = async (name: Theme): Promise<void> => {
		await page.emulateMedia(themes[name].media);
		await page.locator(themes[name].shown).waitFor();
	};
	const picture = async (name: string): Promise<void> => {
		mkdirSync('.cache/screenshots', { recursive: true });
		await page.screenshot({ path: `.cache/screenshots/${name}.png`, animations: 'disabled' });
	};
	return {
		page,
		line,
		inlineAction: async (item, name) => {
			await item.hover();
			// A click is lost on a line that is drawn anew under it.
			await page.evaluate(drawn);
			await item.getByRole('button', { name }).click();
		},
		menuAction: async (item, name) => {
			await item.click({ button: 'right' });
			// A menu ignores a click that comes as it opens.
			const entry = page.getByRole('menuitem', { name });
			await entry.hover();
			await entry
				.and(page.locator(':focus'))
				.or(page.locator('.action-item.focused', { has: entry }))
				.first()
				.waitFor();
			await page.keyboard.press('Enter');
		},
		mark: async (names) => {
			const widget = page.locator('.quick-input-widget');
			for (const name of names) {
				await widget.getByRole('checkbox', { name }).first().click();
			}
			await widget.getByRole('button', { name: 'OK' }).click();
		},
		readablePage: page.frameLocator('iframe.webview.ready').frameLocator('#active-frame'),
		run: async (title) => {
			const palette = page.locator('.quick-input-widget');
			// What opens at this moment takes the focus, and the palette closes.
			for (let attempts = 1; ; attempts += 1) {
				await page.keyboard.press('F1');
				try {
					await palette.locator('input.input').first().fill(`>${title}`, { timeout: 3000 });
					await palette.getByRole('option', { name: title }).first().click({ timeout: 3000 });
					return;
				} catch (error) {
					if (attempts === 3) {
						throw error;
					}
				}
			}
		},
		choose: async (name) => page.locator('.quick-input-widget').getByRole('option', { name }).click(),
		message: (text) => page.locator('.notification-toast', { hasText: text }),
		dialog: page.getByRole('dialog').filter({ has: page.locator('.dialog-message-text') }),
		folders: async (names) => {
			for (let reloads = 0; ; reloads += 1) {
				try {
					for (const name of names) {
						await page.getByRole('treeitem', { name, exact: true }).waitFor({ timeout: 5_000 });
					}
					return;
				} catch (error) {
					if (reloads === 5) {
						throw error;
					}
					await page.reload();
				}
			}
		},
		openView: async () => page.getByRole('tab', { name: 'Homeport' }).first().click(),
		trust: async (name = /Manage Workspace Trust/) => {
			// VS Code loses an extension whose start is cut short by trust.
			await page.getByRole('button', { name }).first().waitFor();
			await page.locator('.part.sidebar .monaco-progress-container.active').waitFor({ state: 'hidden' });
			await page.getByRole('button', { name }).first().click();
			await page.getByRole('button', { name: 'Trust', exact: true }).click();
			const editor = page.locator('.monaco-modal-editor-block');
			await editor.getByRole('button', { name: /^Close/ }).click();
		},
		widenSideBar: async (pixels) => {
			const sideBar = await page.locator('.part.sidebar').boundingBox();
			const [edge, middle] = [sideBar!.x + sideBar!.width, sideBar!.y + sideBar!.height / 2];
			await page.mouse.move(edge, middle);
			await page.mouse.down();
			await page.mouse.move(edge + pixels, middle, { steps: 5 });
			await page.mouse.up();
		},
		quickPick: page.locator('.quick-input-widget'),
		theme,
		picture,
		pictures: async (name) => {
			await picture(name);
			await theme('light');
			await picture(`${name}-light`);
			await theme('highContrast');
			await picture(`${name}-high-contrast`);
			await theme('dark');
		},
		close: () => browser.close(),
	};
}

/** Prints what the window of a describe block shows when one of its tests fails, and saves a picture of it. */
export function tellOnFailure(window: () => VscodeWindow | undefined): void {
	afterEach(async function () {
		const shown = window();
		if (this.currentTest?.state !== 'failed' || shown === undefined) {
			return;
		}
		const all = async (kind: string, parts: Locator): Promise<string> =>
			(
				await parts.evaluateAll((found) =>
					found.map((one) => one.getAttribute('aria-label') ?? (one as unknown as { innerText: string }).innerText),
				)
			)
				.map((text) => `      ${kind}: ${text}\n`)
				.join('');
		process.stdout.write(
			`    the window showed:\n${await all('line', shown.page.getByRole('treeitem'))}${await all('message', shown.message(/./))}${await all('status', shown.page.locator('.statusbar-item'))}${await all('dialog', shown.dialog)}`,
		);
		await shown.picture(`failed-${this.currentTest.title.replaceAll(/\W+/g, '-')}`);
	});
}

/** A home as the window's extension opens it: with the settings of the server's own user. */
export function homeOfWindow(repo: string): Promise<Homeport> {
	return openHome({ repo, env: { PATH: process.env['PATH'], HOME: required('HOMEPORT_TEST_SERVER_HOME') } });
}

/** A variable that the runner of the browser suite sets. */
export function required(name: string): string {
	const value = process.env[name];
	if (value === undefined) {
		throw new Error(`${name} is not set; run this by "node scripts/vscode.mjs --suite browser"`);
	}
	return value;
}
