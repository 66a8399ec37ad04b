import { basename } from 'node:path';
import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import { NoHomeError } from '../platform/home.js';
import type { CommandContext } from './context.js';

/** Asks which of the window's repositories is home, and remembers it; null where the user turned away. */
export async function chooseHome({ home, ports }: CommandContext): Promise<Homeport | null> {
	const choices = (await home.candidates()).map((candidate) => ({
		label: shownText(basename(candidate.root), 100),
		description: shownText(candidate.root),
		value: candidate,
	}));
	const chosen = await ports.prompter.pick(vscode.l10n.t('Repository that work comes home to'), choices);
	if (chosen !== null) {
		await home.choose(chosen);
	}
	return chosen;
}

/** The home of the window, chosen first where there are several; null where the user turned away from that. */
export async function openedHome(context: CommandContext): Promise<Homeport | null> {
	try {
		return await context.home.open();
	} catch (error) {
		if (error instanceof NoHomeError && error.reason === 'unchosen') {
			return chooseHome(context);
		}
		throw error;
	}
}
