import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { CommandId } from '../commands/registry.js';
import type { Snapshot } from '../tree/snapshot.js';
import { ageText, sessionWords } from '../tree/words.js';
import type { Worst } from './worst.js';

/** What the status item says. */
export interface StatusText {
	readonly text: string;
	readonly tooltip: vscode.MarkdownString;
	/** The same as the text, for a screen reader. */
	readonly spoken: string;
}

const mostNamed = 20;

/** The text for a snapshot, or null where the item has nothing to say and is hidden. `now` in milliseconds since 1970. */
export function statusText(snapshot: Snapshot, worst: Worst, now: number): StatusText | null {
	const firstLook = snapshot.lookedAt === null && snapshot.error === null;
	if ((snapshot.state !== 'ready' && snapshot.state !== 'failed') || firstLook) {
		return null;
	}
	const words = snapshot.state === 'failed' ? vscode.l10n.t('unknown') : summary(worst);
	const looked = lookedAtWords(snapshot, now);
	const old = worst.stale && snapshot.lookedAt !== null;
	return {
		text: `$(home) ${old ? '~' : ''}${words}`,
		tooltip: tooltipOf(snapshot, looked),
		spoken: [vscode.l10n.t('Homeport: {0}', words), ...(old ? [looked] : [])].join(', '),
	};
}

function summary({ exposed, unknown, clusterUnknown, oldestSeconds, allHome }: Worst): string {
	if (allHome) {
		return vscode.l10n.t('all home');
	}
	const parts = [
		exposed > 0 ? vscode.l10n.t('{0} not home', exposed) : null,
		unknown > 0 ? vscode.l10n.t('{0} unknown', unknown) : null,
		clusterUnknown ? vscode.l10n.t('cluster unknown') : null,
	].filter((part) => part !== null);
	const said = parts.length === 0 ? vscode.l10n.t('unknown') : parts.join(', ');
	return oldestSeconds === null ? said : `${said} · ${ageText(oldestSeconds)}`;
}

// Only our own links are ever links; what sessions are called is text.
function tooltipOf(snapshot: Snapshot, looked: string): vscode.MarkdownString {
	const tooltip = new vscode.MarkdownString();
	const commands = ['homeport.sync', 'homeport.refresh', 'homeport.showOverlap'] satisfies CommandId[];
	tooltip.isTrusted = { enabledCommands: commands };
	tooltip.appendMarkdown(`**${vscode.l10n.t('Homeport')}**\n\n`);
	for (const view of snapshot.sessions.slice(0, mostNamed)) {
		tooltip.appendText(`${shownText(view.session.name, 100)}: ${sessionWords(view)}`);
		tooltip.appendMarkdown('\n\n');
	}
	const more = snapshot.sessions.length - mostNamed;
	tooltip.appendText(more > 0 ? `${vscode.l10n.t('and {0} more', more)}\n${looked}` : looked);
	const links = [
		[vscode.l10n.t('Sync…'), 'homeport.sync'],
		[vscode.l10n.t('Look Again'), 'homeport.refresh'],
		[vscode.l10n.t('Show Overlap'), 'homeport.showOverlap'],
	] as const;
	tooltip.appendMarkdown(`\n\n---\n\n${links.map(([text, id]) => `[${text}](command:${id})`).join(' · ')}`);
	return tooltip;
}

function lookedAtWords(snapshot: Snapshot, now: number): string {
	if (snapshot.lookedAt === null) {
		return vscode.l10n.t('Not looked at yet');
	}
	const age = ageText((now - snapshot.lookedAt) / 1000);
	return snapshot.error === null
		? vscode.l10n.t('Looked at {0} ago', age)
		: vscode.l10n.t('Looked at {0} ago; since then the sessions could not be listed', age);
}
