import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { canBeUndone } from '../../core/model/canBeUndone.js';
import type { Operation } from '../../core/model/report.js';
import { isUndo, movedWords, operationState, operationTitle } from '../history/operationWords.js';
import type { Moved } from '../history/operationWords.js';
import { shortRef } from '../tree/words.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { commandButton, commandLink } from './page.js';
import type { PageContent } from './page.js';

/** What the keys of these pages begin with; the operation's id follows. */
export const operationPrefix = 'operation:';

/** What an operation was asked to do, what it changed, and how to take it back. */
export function operationPage(operation: Operation): PageContent {
	return {
		title: operationTitle(operation),
		commands: ['homeport.undoOperation', 'homeport.redoOperation', 'homeport.showChanges', 'homeport.showCommit'],
		body: html`${stateOf(operation)} ${actions(operation)} ${refsTable(vscode.l10n.t('Your branches'), operation.refs)}
		${refsTable(vscode.l10n.t('Branches of the session'), operation.sessionRefs ?? [])} ${filesOf(operation)}
		${facts(operation)}`,
	};
}

function stateOf(operation: Operation): Html {
	const state = operationState(operation);
	const time = new Date(operation.time).toLocaleString();
	return html`<p>
		${state === null ? vscode.l10n.t('Done at {0}.', time) : vscode.l10n.t('{0}; of {1}.', state, time)}
	</p>`;
}

function actions(operation: Operation): Html | null {
	if (!canBeUndone(operation)) {
		return null;
	}
	const { id } = operation;
	const button = isUndo(operation)
		? commandButton('homeport.redoOperation', { id }, vscode.l10n.t('Redo'))
		: commandButton('homeport.undoOperation', { id }, vscode.l10n.t('Undo'));
	return html`<div class="actions">${button}</div>
		<p class="muted">
			${vscode.l10n.t('Before anything of yours changes, you are shown what was built on it since.')}
		</p>`;
}

function refsTable(title: string, refs: readonly Moved[]): Html | null {
	return refs.length === 0
		? null
		: html`<h2>${title}</h2>
				<table>
					<thead>
						<tr>
							<th scope="col">${vscode.l10n.t('Branch')}</th>
							<th scope="col">${vscode.l10n.t('What happened')}</th>
						</tr>
					</thead>
					<tbody>
						${refs.map(
							(moved) =>
								html`<tr>
									<th scope="row">${shortRef(moved.ref)}</th>
									<td>${movedWords(moved)} ${changesLink(moved)}</td>
								</tr>`,
						)}
					</tbody>
				</table>`;
}

function changesLink({ ref, from, to }: Moved): Html | null {
	if (from !== null && to !== null) {
		return html`·
		${commandLink('homeport.showChanges', { from, to, title: shortRef(ref) }, vscode.l10n.t('Show Changes'))}`;
	}
	const oid = to ?? from;
	return oid === null ? null : html`· ${commandLink('homeport.showCommit', { oid }, vscode.l10n.t('Show Commit'))}`;
}

function filesOf({ files }: Operation): Html | null {
	return files.length === 0
		? null
		: html`<h2>${vscode.l10n.t('Files changed without a commit')}</h2>
				<ul>
					${files.map(
						({ worktree, from, to }) =>
							html`<li>
								<code>${shownText(worktree, 500)}</code> ·
								${commandLink('homeport.showChanges', { from, to, title: vscode.l10n.t('Files') }, vscode.l10n.t('Show Changes'))}
							</li>`,
					)}
				</ul>`;
}

function facts(operation: Operation): Html {
	const rows: readonly (readonly [string, string | null | undefined])[] = [
		[vscode.l10n.t('Operation'), operation.id],
		[vscode.l10n.t('Session'), operation.session],
		[vscode.l10n.t('Strategy'), operation.request?.strategy],
		[vscode.l10n.t('Takes back'), operation.undoes],
		[vscode.l10n.t('Accepted'), operation.accepted.join(', ')],
		[vscode.l10n.t('Merge in'), operation.merge?.path],
	];
	const told = rows.flatMap(([name, text]) =>
		text === null || text === undefined || text === '' ? [] : [{ name, text }],
	);
	return html`<h2>${vscode.l10n.t('Details')}</h2>
		<table>
			<tbody>
				${told.map(
					({ name, text }) =>
						html`<tr>
							<th scope="row">${name}</th>
							<td>${shownText(text, 500)}</td>
						</tr>`,
				)}
			</tbody>
		</table>`;
}
