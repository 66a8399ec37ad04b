import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { ledgerPage } from '../pages/ledgerPage.js';
import { openedHome } from './chooseHome.js';
import { chosenSession } from './chosenSessions.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';

const mostEntries = 100;

/** Shows all that is kept of a session; contacts none. */
export async function showLedger(context: CommandContext, input: CommandInput): Promise<void> {
	const view = await chosenSession(context, input, vscode.l10n.t('Session whose kept work to show'));
	if (view !== null) {
		await showKept(context, view.session.id);
	}
}

/** The same of the session of that id, whether or not there is any such session now. */
export async function showKept(context: CommandContext, id: string): Promise<void> {
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const name = id.slice(id.lastIndexOf('/') + 1);
	const entries = await homeport.ledger(id, mostEntries + 1);
	if (entries.length === 0) {
		const message = vscode.l10n.t('Nothing of {0} is kept yet.', shownText(name, 100));
		await context.ports.prompter.notify({ level: 'info', message, actions: [] });
		return;
	}
	const page = ledgerPage(shownText(name, 60), entries.slice(0, mostEntries), entries.length > mostEntries);
	context.pages.show(`ledger:${id}`, page);
}
