import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import type { OpenMerge } from '../../core/model/merge.js';
import { shortRef } from '../tree/words.js';
import type { CommandContext } from './context.js';

/** A merge that waits to be settled, and the id of the operation that opened it. */
export interface ChosenMerge {
	readonly id: string;
	readonly merge: OpenMerge;
}

/** The one open merge, or that which the user chooses by the title; null where there is none, which the user is told. */
export async function chosenMerge(
	{ ports }: CommandContext,
	homeport: Homeport,
	title: string,
): Promise<ChosenMerge | null> {
	const open = (await homeport.operations()).flatMap(({ id, session, merge, isOpen }) =>
		isOpen && merge !== null ? [{ id, session, merge }] : [],
	);
	if (open.length === 0) {
		await ports.prompter.notify({ level: 'info', message: vscode.l10n.t('No merge is open.'), actions: [] });
		return null;
	}
	const choices = open.map(({ id, session, merge }) => ({
		label: shortRef(merge.ref),
		description: shownText(session ?? '', 100),
		detail: shownText(merge.path, 300),
		value: { id, merge },
	}));
	const [only] = choices;
	return choices.length === 1 ? only!.value : ports.prompter.pick(title, choices);
}
