import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { openedHome } from './chooseHome.js';
import { chosenSession } from './chosenSessions.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';

/** Takes a folder off the list of sessions; the folder, and what home has of it, stay. The message can take it back. */
export async function removeSession(context: CommandContext, input: CommandInput): Promise<void> {
	const { model, ports } = context;
	const homeport = await openedHome(context);
	const view = homeport === null ? null : await chosenSession(context, input, vscode.l10n.t('Session to remove'));
	if (homeport === null || view === null) {
		return;
	}
	const { name, workspace, agent } = await homeport.remove(view.session.id);
	await model.refresh();
	void context.detached(async () => {
		const again = vscode.l10n.t('Add Again');
		const message = vscode.l10n.t(
			'{0} is no longer listed. Its folder, and what came home of it, stay.',
			shownText(name, 100),
		);
		if ((await ports.prompter.notify({ level: 'info', message, actions: [again] })) === again) {
			await homeport.add(name, workspace, agent);
			await model.refresh();
		}
	});
}
