import * as vscode from 'vscode';
import { html } from './html.js';
import type { Html } from './html.js';

/** Says how many of a list are not shown; nothing where all are. */
export function moreLine(left: number): Html | null {
	return left > 0 ? html`<p class="muted">${vscode.l10n.t('and {0} more', left)}</p>` : null;
}
