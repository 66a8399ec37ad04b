import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Session } from '../../core/model/session.js';
import type { Prompter } from '../prompts/prompter.js';
import type { SessionView } from '../tree/snapshot.js';
import { sessionWords } from '../tree/words.js';

/** Asks for one of the sessions; null where the user turned away. */
export function pickSession(prompter: Prompter, views: readonly SessionView[]): Promise<Session | null> {
	const choices = views.map((view) => ({
		label: shownText(view.session.name, 100),
		description: sessionWords(view),
		detail: shownText(view.session.workspace),
		value: view.session,
	}));
	return prompter.pick(vscode.l10n.t('Session to bring home'), choices);
}
