import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import type { CommandId } from '../commands/registry.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { style } from './style.js';

/** What a page shows. */
export interface PageContent {
	readonly title: string;
	/** What stands below the title; headings in it begin with `h2`. */
	readonly body: Html;
	/** The commands that its links may run. */
	readonly commands: readonly CommandId[];
}

/** A link that runs one of the page's commands with this argument; VS Code asks nothing before it does. */
export function commandLink(id: CommandId, argument: unknown, text: string): Html {
	return html`<a href="${commandUri(id, argument)}">${text}</a>`;
}

/** The same as a button. */
export function commandButton(
	id: CommandId,
	argument: unknown,
	text: string,
	weight: 'primary' | 'secondary' = 'primary',
): Html {
	const looks = weight === 'primary' ? 'button' : 'button secondary';
	return html`<a class="${looks}" href="${commandUri(id, argument)}">${text}</a>`;
}

function commandUri(id: CommandId, argument: unknown): string {
	return `command:${id}?${encodeURIComponent(JSON.stringify([argument]))}`;
}

/** Readable pages beside the editors, one for each key: showing a key again shows the page that is there. */
export class Pages implements vscode.Disposable {
	readonly #panels = new Map<string, vscode.WebviewPanel>();

	/** Shows a page and brings it into view; a page that stands already gets the new content. */
	show(key: string, content: PageContent): void {
		const open = this.#panels.get(key);
		const panel = open ?? this.#create(key, content);
		draw(panel, content);
		if (open !== undefined) {
			panel.reveal(undefined, false);
		}
	}

	/** Closes a page that has had its time. */
	close(key: string): void {
		this.#panels.get(key)?.dispose();
	}

	/** Draws a page anew where it stands, and does not bring it into view; does nothing where it is not open. */
	update(key: string, content: () => PageContent): void {
		const panel = this.#panels.get(key);
		if (panel !== undefined) {
			draw(panel, content());
		}
	}

	/** True while a page is open whose key begins so. */
	isOpen(prefix: string): boolean {
		return [...this.#panels.keys()].some((key) => key.startsWith(prefix));
	}

	dispose(): void {
		for (const panel of this.#panels.values()) {
			panel.dispose();
		}
	}

	#create(key: string, { title, commands }: PageContent): vscode.WebviewPanel {
		const panel = vscode.window.createWebviewPanel('homeport.page', title, vscode.ViewColumn.Active, {
			enableScripts: false,
			enableCommandUris: [...commands],
			localResourceRoots: [],
		});
		this.#panels.set(key, panel);
		panel.onDidDispose(() => this.#panels.delete(key));
		return panel;
	}
}

// No script runs in a page and nothing is loaded: what comes from a session is text in it and cannot become more.
function draw(panel: vscode.WebviewPanel, { title, body }: PageContent): void {
	const nonce = randomBytes(16).toString('base64');
	panel.title = title;
	panel.webview.html = html`<!DOCTYPE html>
		<html lang="${vscode.env.language}">
			<head>
				<meta charset="utf-8" />
				<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'" />
				<title>${title}</title>
				<style nonce="${nonce}">
					${{ html: style }}
				</style>
			</head>
			<body>
				<main>
					<h1>${title}</h1>
					${body}
				</main>
			</body>
		</html>`.html;
}
