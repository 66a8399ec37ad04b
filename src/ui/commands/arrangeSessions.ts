import * as vscode from 'vscode';
import type { Grouping, Order } from '../tree/arrangement.js';
import type { ArrangementMemory } from '../tree/arrangementMemory.js';
import type { Prompter } from '../prompts/prompter.js';
import type { Choice } from '../prompts/choice.js';

/** Asks by what the sessions are grouped. */
export async function groupSessions(arrangement: ArrangementMemory, prompter: Prompter): Promise<void> {
	const choices: Choice<Grouping>[] = [
		{
			label: vscode.l10n.t('Place'),
			detail: vscode.l10n.t('This machine, then contexts and namespaces'),
			value: 'place',
		},
		{ label: vscode.l10n.t('State'), detail: vscode.l10n.t('Running, pending, error and so on'), value: 'state' },
		{ label: vscode.l10n.t('No Groups'), value: 'none' },
	];
	const title = vscode.l10n.t('Group sessions by');
	const grouping = await prompter.pick(title, marked(choices, arrangement.options.grouping));
	if (grouping !== null) {
		await arrangement.change({ grouping });
	}
}

/** Asks in which order the sessions stand. */
export async function sortSessions(arrangement: ArrangementMemory, prompter: Prompter): Promise<void> {
	const choices: Choice<Order>[] = [
		{ label: vscode.l10n.t('Name'), value: 'name' },
		{
			label: vscode.l10n.t('Attention'),
			detail: vscode.l10n.t('First what is nowhere else, the oldest first, then what is unknown'),
			value: 'attention',
		},
		{
			label: vscode.l10n.t('Last Activity'),
			detail: vscode.l10n.t('First where something new was seen last'),
			value: 'activity',
		},
	];
	const order = await prompter.pick(vscode.l10n.t('Sort sessions by'), marked(choices, arrangement.options.order));
	if (order !== null) {
		await arrangement.change({ order });
	}
}

/** Asks for a text; only sessions are shown that have it in their name, agent, branch or state. */
export async function filterSessions(arrangement: ArrangementMemory, prompter: Prompter): Promise<void> {
	const filter = await prompter.ask({
		title: vscode.l10n.t('Filter Sessions'),
		prompt: vscode.l10n.t('Part of a name, an agent, a branch or a state; nothing shows all sessions'),
		value: arrangement.options.filter,
		problem: () => null,
	});
	if (filter !== null) {
		await arrangement.change({ filter: filter.trim() });
	}
}

function marked<T>(choices: readonly Choice<T>[], chosen: T): Choice<T>[] {
	return choices.map((choice) =>
		choice.value === chosen ? { ...choice, description: vscode.l10n.t('chosen now') } : choice,
	);
}
