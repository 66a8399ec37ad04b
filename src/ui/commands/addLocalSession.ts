import { basename } from 'node:path';
import * as vscode from 'vscode';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';

const defaultAgent = 'claude';

/** Registers a folder of this machine as a session of the home: asks for the folder, its name and its agent. */
export async function addLocalSession(context: CommandContext): Promise<void> {
	const { model, ports } = context;
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const title = vscode.l10n.t('Add Local Session');
	const folder = await ports.prompter.folder(title, vscode.l10n.t('Add as Session'));
	if (folder === null) {
		return;
	}
	const name = await ports.prompter.ask({
		title,
		prompt: vscode.l10n.t('Name of the session'),
		value: basename(folder),
		problem: emptyProblem,
	});
	if (name === null) {
		return;
	}
	const agent = await ports.prompter.ask({
		title,
		prompt: vscode.l10n.t('Name of the agent; its branches begin with it'),
		value: defaultAgent,
		problem: emptyProblem,
	});
	if (agent === null) {
		return;
	}
	await homeport.add(name.trim(), folder, agent.trim());
	await model.refresh();
}

function emptyProblem(text: string): string | null {
	return text.trim() === '' ? vscode.l10n.t('A name is needed.') : null;
}
