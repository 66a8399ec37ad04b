import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { ForgetPlan } from '../../core/model/report.js';
import { commitItem } from './changeDetails.js';
import { moreLine } from './moreLine.js';
import { html } from './html.js';
import type { PageContent } from './page.js';

const mostShown = 1000;

/** The last copies that a forget would drop, as a page to read before the session's name is typed. */
export function forgetPage({ session, entries, lastCopies, known }: ForgetPlan): PageContent {
	const more = lastCopies.length - mostShown;
	return {
		title: vscode.l10n.t('Forget: {0}', shownText(session, 60)),
		commands: ['homeport.showCommit'],
		body: html`<p>
				<strong>${vscode.l10n.t('Entries of the ledger that would go: {0}.', entries)}</strong>
				${
					lastCopies.length === 0
						? vscode.l10n.t('All their commits are somewhere else in this repository too.')
						: vscode.l10n.t('With them go the last copies of these commits. Nothing brings them back.')
				}
			</p>
			${
				lastCopies.length === 0
					? null
					: html`<section class="block">
							<ul class="commits">
								${lastCopies
									.slice(0, mostShown)
									.map(({ oid, subject }) => commitItem({ oid, subject: shownText(subject, 200) }))}
							</ul>
							${moreLine(more)}
						</section>`
			}
			${(known ?? []).map(
				({ name, known: { commits, known: there, target } }) =>
					html`<p class="note">
						${vscode.l10n.t(
							'{0}: of {1} commits, {2} are in {3} by content.',
							shownText(name, 100),
							commits,
							there ?? '?',
							shownText(target ?? '', 100),
						)}
					</p>`,
			)}`,
	};
}
