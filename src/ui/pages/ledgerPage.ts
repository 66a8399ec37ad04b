import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Missing, Tip } from '../../core/model/observation.js';
import type { LedgerEntry } from '../../core/model/report.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { moreLine } from './moreLine.js';
import { commandLink } from './page.js';
import type { PageContent } from './page.js';

const mostNamed = 20;

/** What is kept of a session: each time that something new was seen there, the newest first. */
export function ledgerPage(name: string, entries: readonly LedgerEntry[], more: boolean): PageContent {
	return {
		title: vscode.l10n.t('Kept of {0}', name),
		commands: ['homeport.showCommit', 'homeport.showChanges'],
		body: html`<p class="muted">
				${vscode.l10n.t('All of this is in this repository, whatever becomes of the session, until you forget it.')}
			</p>
			${entries.map(entryOf)}
			${more ? html`<p class="muted">${vscode.l10n.t('Older entries are not shown.')}</p>` : null}`,
	};
}

function entryOf(entry: LedgerEntry): Html {
	const { head, capture, branches, detached, stashes, missing } = entry;
	return html`<section>
		<h2>${new Date(entry.time).toLocaleString()}</h2>
		<p>
			${
				head.branch === null
					? vscode.l10n.t('On no branch')
					: vscode.l10n.t('On branch {0}', shownText(head.branch, 200))
			}${
				capture === null
					? null
					: html` ·
						${commandLink(
							'homeport.showChanges',
							{ from: head.oid, to: capture.oid, title: vscode.l10n.t('Uncommitted') },
							vscode.l10n.t('Uncommitted Files'),
						)}`
			}
		</p>
		${tipsOf(vscode.l10n.t('Branches'), branches)} ${tipsOf(vscode.l10n.t('On no branch'), detached)}
		${tipsOf(vscode.l10n.t('Stashes'), stashes)} ${missingOf(missing)}
	</section>`;
}

function tipsOf(title: string, tips: readonly Tip[]): Html | null {
	const left = tips.length - mostNamed;
	return tips.length === 0
		? null
		: html`<h3>${title}</h3>
				<ul class="commits">
					${tips
						.slice(0, mostNamed)
						.map(
							({ name, oid }) =>
								html`<li>${commandLink('homeport.showCommit', { oid }, oid.slice(0, 8))} ${shownText(name, 200)}</li>`,
						)}
				</ul>
				${moreLine(left)}`;
}

function missingOf(missing: readonly Missing[]): Html | null {
	const left = missing.length - mostNamed;
	return missing.length === 0
		? null
		: html`<h3>${vscode.l10n.t('Not kept')}</h3>
				<ul>
					${missing
						.slice(0, mostNamed)
						.map(({ name, reason }) => html`<li><code>${shownText(name)}</code>: ${shownText(reason)}</li>`)}
				</ul>
				${moreLine(left)}`;
}
