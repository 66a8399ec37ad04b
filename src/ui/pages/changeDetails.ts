import * as vscode from 'vscode';
import type { Oid } from '../../core/model/observation.js';
import type { ChangeDetails, CommitLine, FileLine } from '../../core/model/planDetails.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { moreLine } from './moreLine.js';
import { commandLink } from './page.js';

/** One branch and what happens to it. */
export interface ShownChange {
	readonly name: string;
	readonly words: string;
	/** Where it comes from and where it is checked out. */
	readonly where: readonly string[];
	readonly details: ChangeDetails | null;
}

/**
 * A branch, what happens to it, and the commits and files that it gains, each of which opens as a diff; the page must be let
 * run `homeport.showCommit` and `homeport.showFileChange`.
 */
export function changeDetails({ name, words, where, details }: ShownChange): Html {
	return html`<h3>${name}</h3>
		<p>
			${where.length === 0 ? words : words.replace(/\.$/, '')}
			${where.length === 0 ? null : html`<span class="muted">· ${where.join(' · ')}</span>`}
		</p>
		${details === null ? null : gained(details)}`;
}

function gained({ gained, files, moreFiles, base, tip }: ChangeDetails): Html {
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
						${files.map((file) => fileItem(file, base, tip))}
					</ul>
					${moreLine(moreFiles)}
				</details>`
	}`;
}

const mostOpen = 12;

/** A commit as an item of a list, which opens what it changed; the page must be let run `homeport.showCommit`. */
export function commitItem({ oid, subject }: CommitLine): Html {
	return html`<li><code>${commandLink('homeport.showCommit', { oid }, oid.slice(0, 8))}</code> ${subject}</li>`;
}

function fileItem({ path, kind }: FileLine, from: Oid | null, to: Oid): Html {
	return html`<li>
		<code>${commandLink('homeport.showFileChange', { from, to, path }, path)}</code>
		<span class="muted">${kindWords[kind]()}</span>
	</li>`;
}

function fileCount(amount: number): string {
	return amount === 1 ? vscode.l10n.t('1 file changes') : vscode.l10n.t('{0} files change', amount);
}

const kindWords: Record<FileLine['kind'], () => string> = {
	added: () => vscode.l10n.t('added'),
	changed: () => vscode.l10n.t('changed'),
	removed: () => vscode.l10n.t('removed'),
};
