import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Prompter } from '../prompts/prompter.js';
import type { Choice } from '../prompts/choice.js';
import type { SessionView } from '../tree/snapshot.js';
import { sessionWords, timeWords } from '../tree/words.js';

/** Asks for one of the sessions; null where the user turned away. */
export function pickSession(
	prompter: Prompter,
	title: string,
	views: readonly SessionView[],
): Promise<SessionView | null> {
	return prompter.pick(title, choicesOf(views));
}

/** Asks for any number of the sessions; null where the user turned away or chose none. */
export async function pickSessions(
	prompter: Prompter,
	title: string,
	views: readonly SessionView[],
): Promise<readonly SessionView[] | null> {
	const choices = choicesOf(views).map((choice) => ({ ...choice, picked: false }));
	const picked = await prompter.pickSeveral({ title, hint: vscode.l10n.t('Mark one or several') }, choices);
	return picked === null || picked.length === 0 ? null : picked;
}

// Below the place where they are, as in the tree; with what is only there, and when something was seen last.
function choicesOf(views: readonly SessionView[]): Choice<SessionView>[] {
	const choices = views.map((view) => ({
		label: shownText(view.session.name, 100),
		description: sessionWords(view),
		detail: activityWords(view),
		group: placeWords(view),
		value: view,
	}));
	const places = [...new Set(choices.map(({ group }) => group))];
	return places.flatMap((place) => choices.filter(({ group }) => group === place));
}

function placeWords({ session }: SessionView): string {
	if (session.backend === 'kubernetes') {
		return shownText(session.scope, 200);
	}
	return session.backend === 'local' ? vscode.l10n.t('This Machine') : vscode.l10n.t('Containers');
}

function activityWords({ session, last }: SessionView): string {
	return last.seen === null
		? vscode.l10n.t('never seen before · {0}', shownText(session.workspace, 200))
		: vscode.l10n.t('last activity {0} · {1}', timeWords(last.seen), shownText(session.workspace, 200));
}
