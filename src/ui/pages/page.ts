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
