import { basename, dirname } from 'node:path';
import * as vscode from 'vscode';
import { asSessionName, sessionNameFormat } from '../../core/model/sessionName.js';
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
	// Clones for agents stand beside home more often than in it.
	const folder = await ports.prompter.folder(title, vscode.l10n.t('Add as Session'), dirname(homeport.root));
	if (folder === null) {
		return;
	}
	const name = await ports.prompter.ask({
		title,
		prompt: vscode.l10n.t('Name of the session'),
		value: asSessionName(basename(folder)),
		problem: nameProblem,
	});
	if (name === null) {
		return;
	}
	const agent = await ports.prompter.ask({
		title,
		prompt: vscode.l10n.t('Name of the agent; its branches begin with it'),
		value: defaultAgent,
		problem: nameProblem,
	});
	if (agent === null) {
		return;
	}
	await homeport.add(name.trim(), folder, agent.trim());
	await model.refresh();
}

function nameProblem(text: string): string | null {
	if (text.trim() === '') {
		return vscode.l10n.t('A name is needed.');
	}
	return sessionNameFormat.test(text.trim())
		? null
		: vscode.l10n.t(
				'Begin with a letter or digit; up to 63 letters, digits, dots, dashes and underscores are allowed.',
			);
}
