import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { LogTerminal } from '../terminal/logTerminal.js';
import { PodTerminal } from '../terminal/podTerminal.js';
import { openedHome } from './chooseHome.js';
import { chosenSession } from './chosenSessions.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';

/** Lines of a log that came before it is opened. */
const pastLines = 1000;

/** Opens a terminal where a session works: its agent's in a pod, else a shell in its folder. */
export async function openTerminal(context: CommandContext, input: CommandInput): Promise<void> {
	const view = await chosenSession(context, input, vscode.l10n.t('Session to open a terminal in'));
	const homeport = view === null ? null : await openedHome(context);
	if (view === null || homeport === null) {
		return;
	}
	const { session } = view;
	const name = shownText(session.name, 60);
	const terminal =
		session.backend === 'local'
			? vscode.window.createTerminal({ name, cwd: session.workspace, iconPath: new vscode.ThemeIcon('folder') })
			: vscode.window.createTerminal({
					name,
					iconPath: new vscode.ThemeIcon('server'),
					pty: new PodTerminal((size, signal) => homeport.attach(session, size, { signal })),
				});
	terminal.show();
}

/** Shows what the container of a session prints, and goes on as it prints more. */
export async function followLog(context: CommandContext, input: CommandInput): Promise<void> {
	const view = await chosenSession(context, input, vscode.l10n.t('Session whose log to follow'));
	const homeport = view === null ? null : await openedHome(context);
	if (view === null || homeport === null) {
		return;
	}
	const { session } = view;
	vscode.window
		.createTerminal({
			name: vscode.l10n.t('Log of {0}', shownText(session.name, 60)),
			iconPath: new vscode.ThemeIcon('output'),
			pty: new LogTerminal((signal) => homeport.log(session, pastLines, signal)),
		})
		.show();
}
