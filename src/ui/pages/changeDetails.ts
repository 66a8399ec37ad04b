import * as vscode from 'vscode';
import type { ChangeDetails, CommitLine, FileLine } from '../../core/model/planDetails.js';
import { html } from './html.js';
import type { Html } from './html.js';

/** One branch and what happens to it. */
export interface ShownChange {
	readonly name: string;
	readonly words: string;
	/** Where it comes from and where it is checked out. */
	readonly where: readonly string[];
	readonly details: ChangeDetails | null;
}

/** A branch, what happens to it, and the commits and files that it gains. */
export function changeDetails({ name, words, where, details }: ShownChange): Html {
	return html`<h3>${name}</h3>
		<p>${words} ${where.length === 0 ? null : html`<span class="muted">${where.join(' · ')}</span>`}</p>
		${details === null ? null : gained(details)}`;
}

function gained({ gained, files, moreFiles }: ChangeDetails): Html {
	return html`${
		gained.length === 0
			? null
			: html`<ul class="commits">
					${gained.map(commitItem)}
				</ul>`
	}
	${
		files.length === 0
			? null
			: html`<details ${files.length <= mostOpen ? { html: 'open' } : null}>
					<summary>${fileCount(files.length + moreFiles)}</summary>
					<ul class="files">
						${files.map(fileItem)}
					</ul>
					${moreFiles > 0 ? html`<p class="muted">${vscode.l10n.t('and {0} more', moreFiles)}</p>` : null}
				</details>`
	}`;
}

const mostOpen = 12;

/** A commit as an item of a list. */
export function commitItem({ oid, subject }: CommitLine): Html {
	return html`<li><code>${oid.slice(0, 8)}</code> ${subject}</li>`;
}

function fileItem({ path, kind }: FileLine): Html {
	return html`<li><code>${path}</code> <span class="muted">${kindWords[kind]()}</span></li>`;
}

function fileCount(amount: number): string {
	return amount === 1 ? vscode.l10n.t('1 file changes') : vscode.l10n.t('{0} files change', amount);
}

const kindWords: Record<FileLine['kind'], () => string> = {
	added: () => vscode.l10n.t('added'),
	changed: () => vscode.l10n.t('changed'),
	removed: () => vscode.l10n.t('removed'),
};
