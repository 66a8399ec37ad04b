import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { homeSide } from '../../core/model/overlap.js';
import type { Oid } from '../../core/model/observation.js';
import type { Overlap, OverlapPair, OverlapSide } from '../../core/model/overlap.js';
import { conflictWords } from '../prompts/conflictWords.js';
import { timeWords } from '../tree/words.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { moreLine } from './moreLine.js';
import { commandLink } from './page.js';
import type { PageContent } from './page.js';

const mostPaths = 20;

/** Whose work gets in the way of whose, as a page. */
export function overlapPage(overlap: Overlap): PageContent {
	const conflicting = overlap.pairs.filter((pair) => pair.conflicts.length > 0 || pair.unrelated);
	const touching = overlap.pairs.filter((pair) => !conflicting.includes(pair) && pair.common.length > 0);
	return {
		title: vscode.l10n.t('Overlap of Sessions'),
		commands: ['homeport.showFileChange'],
		body: html`${summary(overlap, conflicting, touching)}
		${section(vscode.l10n.t('Would conflict'), conflicting, overlap)}
		${section(vscode.l10n.t('Touch the same files, and merge cleanly'), touching, overlap)} ${orderOf(overlap)}
		${seenOf(overlap)}`,
	};
}

function summary(overlap: Overlap, conflicting: readonly OverlapPair[], touching: readonly OverlapPair[]): Html {
	if (overlap.sides.length < 2) {
		return html`<p>
			${vscode.l10n.t('There is nothing to compare: sessions are compared once they were brought home.')}
		</p>`;
	}
	if (conflicting.length === 0 && touching.length === 0) {
		return html`<p>${vscode.l10n.t('No two of them changed the same files.')}</p>`;
	}
	return html`<p>
		${vscode.l10n.t('Compared is what home has of each session, uncommitted work included. No session was contacted.')}
	</p>`;
}

function section(title: string, pairs: readonly OverlapPair[], { sides }: Overlap): Html | null {
	return pairs.length === 0
		? null
		: html`<h2>${title}</h2>
				${pairs.map((pair) => pairOf(pair, sides))}`;
}

// Each file opens as it differs between the two.
function pairOf({ a, b, common, conflicts, unrelated }: OverlapPair, sides: readonly OverlapSide[]): Html {
	const paths = conflicts.length > 0 ? conflicts : common.map((path) => ({ path, kind: null }));
	const tip = (wanted: string): Oid | null => sides.find(({ id }) => id === wanted)?.tip ?? null;
	const [from, to] = [tip(a), tip(b)];
	const more = paths.length - mostPaths;
	return html`<h3>${vscode.l10n.t('{0} and {1}', sideName(a), sideName(b))}</h3>
		${unrelated ? html`<p>${vscode.l10n.t('They have no commit in common.')}</p>` : null}
		<ul>
			${paths.slice(0, mostPaths).map(
				({ path, kind }) =>
					html`<li>
						<code>${commandLink('homeport.showFileChange', { from, to, path }, shownText(path, 500))}</code>
						${kind === null ? null : html`<span class="muted">${conflictWords(kind)}</span>`}
					</li>`,
			)}
		</ul>
		${moreLine(more)}`;
}

function orderOf({ order }: Overlap): Html | null {
	return order.length < 2
		? null
		: html`<h2>${vscode.l10n.t('The order of merging with the fewest conflicts')}</h2>
				<ol>
					${order.map((id) => html`<li>${sideName(id)}</li>`)}
				</ol>`;
}

function seenOf({ sides, unseen }: Overlap): Html {
	return html`<h2>${vscode.l10n.t('What was compared')}</h2>
		<table>
			<thead>
				<tr>
					<th scope="col">${vscode.l10n.t('Session')}</th>
					<th scope="col">${vscode.l10n.t('Branch')}</th>
					<th scope="col">${vscode.l10n.t('Seen')}</th>
				</tr>
			</thead>
			<tbody>
				${sides.map(
					({ id, branch, seen }) =>
						html`<tr>
							<td>${sideName(id)}</td>
							<td>${shownText(branch ?? '', 200)}</td>
							<td>${seen === null ? vscode.l10n.t('now') : timeWords(seen)}</td>
						</tr>`,
				)}${unseen.map(
					(id) =>
						html`<tr>
							<td>${sideName(id)}</td>
							<td></td>
							<td>${vscode.l10n.t('never')}</td>
						</tr>`,
				)}
			</tbody>
		</table>`;
}

function sideName(id: string): string {
	return id === homeSide ? vscode.l10n.t('your branch') : shownText(id, 200);
}
