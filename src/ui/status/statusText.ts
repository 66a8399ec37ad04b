import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Snapshot } from '../tree/snapshot.js';
import { sessionWords, standing } from '../tree/words.js';

/** What the status item says. */
export interface StatusText {
	readonly text: string;
	readonly tooltip: string;
	/** The same as the text, for a screen reader. */
	readonly spoken: string;
}

/** The text for a snapshot, or null where the item has nothing to say and is hidden. */
export function statusText(snapshot: Snapshot): StatusText | null {
	const firstLook = snapshot.lookedAt === null && snapshot.error === null;
	if ((snapshot.state !== 'ready' && snapshot.state !== 'failed') || firstLook) {
		return null;
	}
	const words = snapshot.state === 'failed' ? vscode.l10n.t('unknown') : summary(snapshot);
	const lines = snapshot.sessions.map((view) => `${shownText(view.session.name, 100)}: ${sessionWords(view)}`);
	return {
		text: `$(home) ${words}`,
		tooltip: [vscode.l10n.t('Homeport'), ...lines, lookedAtWords(snapshot)].join('\n'),
		spoken: vscode.l10n.t('Homeport: {0}', words),
	};
}

function summary(snapshot: Snapshot): string {
	const standings = snapshot.sessions.map(standing);
	const exposed = standings.filter((one) => one === 'exposed').length;
	const unknown = snapshot.error === null ? standings.filter((one) => one === 'unknown').length : standings.length;
	const parts = [
		exposed > 0 && snapshot.error === null ? vscode.l10n.t('{0} not home', exposed) : null,
		unknown > 0 ? vscode.l10n.t('{0} unknown', unknown) : null,
		snapshot.problem === null ? null : vscode.l10n.t('cluster unknown'),
	].filter((part) => part !== null);
	return parts.length === 0 ? vscode.l10n.t('all home') : parts.join(', ');
}

function lookedAtWords(snapshot: Snapshot): string {
	if (snapshot.lookedAt === null) {
		return vscode.l10n.t('Not looked at yet');
	}
	const time = new Date(snapshot.lookedAt).toLocaleTimeString();
	return snapshot.error === null
		? vscode.l10n.t('Looked at {0}', time)
		: vscode.l10n.t('Looked at {0}; since then the sessions could not be listed', time);
}
