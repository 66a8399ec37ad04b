import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Examination, WindowCheck, WindowRemedy } from '../platform/doctorChecks.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { commandButton } from './page.js';
import type { PageContent } from './page.js';

/** What the doctor found, what is not in order first, each with what can be done about it. */
export function doctorPage({ ofWindow, ofHome }: Examination): PageContent {
	const bad = [...ofWindow, ...ofHome].filter(({ ok }) => !ok);
	return {
		title: vscode.l10n.t('Homeport Doctor'),
		commands: ['homeport.fix', 'homeport.doctor', 'homeport.exportDiagnostics', 'homeport.showLog'],
		body: html`<p>${summary(bad.length)}</p>
			${bad.length === 0 ? null : html`<h2>${vscode.l10n.t('Not in order')}</h2>`} ${bad.map(problemOf)}
			${inOrder(vscode.l10n.t('In this window'), ofWindow)} ${inOrder(vscode.l10n.t('In this home'), ofHome)}
			<div class="actions">
				${commandButton('homeport.doctor', null, vscode.l10n.t('Check Again'), bad.length === 0 ? 'primary' : 'secondary')}
				${commandButton('homeport.exportDiagnostics', null, vscode.l10n.t('Export Diagnostics'), 'secondary')}
				${commandButton('homeport.showLog', null, vscode.l10n.t('Show Log'), 'secondary')}
			</div>`,
	};
}

function summary(bad: number): string {
	if (bad === 0) {
		return vscode.l10n.t('Everything that Homeport relies on is in order.');
	}
	return bad === 1
		? vscode.l10n.t('1 thing is not in order. Nothing was changed.')
		: vscode.l10n.t('{0} things are not in order. Nothing was changed.', bad);
}

function problemOf({ name, detail, fix, remedy }: WindowCheck): Html {
	return html`<div class="ask">
		<h3>${shownText(name, 200)}</h3>
		<p>${shownText(detail, 2000)}</p>
		${fix === null ? null : html`<p>${shownText(fix, 2000)}</p>`}
		${remedy === null ? null : html`<div class="actions">${remedyButton(remedy)}</div>`}
	</div>`;
}

function remedyButton(remedy: WindowRemedy): Html {
	if (remedy.kind === 'install-git') {
		return html`<a class="button" href="https://git-scm.com/downloads">${vscode.l10n.t('Get git')}</a>`;
	}
	const words: Record<typeof remedy.kind, () => string> = {
		'break-lock': () => vscode.l10n.t('Break Lock…'),
		'choose-contexts': () => vscode.l10n.t('Choose Contexts…'),
		'choose-home': () => vscode.l10n.t('Choose Home…'),
		'manage-trust': () => vscode.l10n.t('Manage Workspace Trust'),
		'open-file': () => vscode.l10n.t('Open File'),
		'open-folder': () => vscode.l10n.t('Open Folder…'),
		'open-settings': () => vscode.l10n.t('Open Settings'),
		'show-kept': () => vscode.l10n.t('Show What Is Kept'),
	};
	return commandButton('homeport.fix', remedy, words[remedy.kind]());
}

function inOrder(title: string, checks: readonly WindowCheck[]): Html | null {
	const good = checks.filter(({ ok }) => ok);
	return good.length === 0
		? null
		: html`<h2>${title}</h2>
				<table>
					<tbody>
						${good.map(
							({ name, detail }) =>
								html`<tr>
									<th scope="row">${shownText(name, 200)}</th>
									<td>${shownText(detail, 2000)}</td>
								</tr>`,
						)}
					</tbody>
				</table>`;
}
