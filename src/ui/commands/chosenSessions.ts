import * as vscode from 'vscode';
import { HomeportError } from '../../core/base/errors.js';
import { pickSession, pickSessions } from '../pickers/sessionPicker.js';
import { keyboardLines } from '../tree/keyboardLines.js';
import type { SessionView } from '../tree/snapshot.js';
import type { CommandContext } from './context.js';
import type { CommandId, CommandInput } from './registry.js';

// What the manifest hands over where a key was pressed in the view: VS Code itself says no line then.
const fromKeyboard = 'selection';

/**
 * The sessions that a command is about: those of the selected lines, else those that the user chooses by the title; null
 * where they turn away. A session that has gone since fails with `session-unknown`.
 */
export async function chosenSessions(
	context: CommandContext,
	{ nodeId, nodeIds }: CommandInput,
	title: string,
): Promise<readonly SessionView[] | null> {
	const { model, ports, tree } = context;
	const selected = selectedViews(context, nodeId === fromKeyboard ? await keyboardLines(tree) : nodeIds);
	if (selected.length > 0) {
		return selected;
	}
	if (!(await lookedAt(context))) {
		return null;
	}
	const picked = await pickSessions(ports.prompter, title, model.snapshot.sessions);
	return picked?.map(({ session }) => viewOf(context, session.id)) ?? null;
}

/** The same for a command that is about one session alone. */
export async function chosenSession(
	context: CommandContext,
	{ nodeId }: Pick<CommandInput, 'nodeId'>,
	title: string,
): Promise<SessionView | null> {
	const { model, ports } = context;
	const [selected] = selectedViews(context, nodeId === null ? [] : [nodeId]);
	if (selected !== undefined) {
		return selected;
	}
	if (!(await lookedAt(context))) {
		return null;
	}
	const picked = await pickSession(ports.prompter, title, model.snapshot.sessions);
	return picked === null ? null : viewOf(context, picked.session.id);
}

/** The session as it is known now; fails with `session-unknown`. */
export function viewOf({ model }: CommandContext, sessionId: string): SessionView {
	const view = model.snapshot.sessions.find(({ session }) => session.id === sessionId);
	if (view === undefined) {
		throw new HomeportError('session-unknown', { name: sessionId });
	}
	return view;
}

function selectedViews({ model, tree }: CommandContext, nodeIds: readonly string[]): SessionView[] {
	const ids = new Set(nodeIds.map((nodeId) => tree.sessionOf(nodeId)));
	return model.snapshot.sessions.filter(({ session }) => ids.has(session.id));
}

/** Looks at the sessions; false where there are none, which the user is then told. */
async function lookedAt({ model, ports }: CommandContext): Promise<boolean> {
	await model.refresh();
	if (model.snapshot.sessions.length > 0) {
		return true;
	}
	const add = vscode.l10n.t('Add Local Session…');
	const message = vscode.l10n.t('No session works on this repository yet.');
	if ((await ports.prompter.notify({ level: 'info', message, actions: [add] })) === add) {
		await vscode.commands.executeCommand('homeport.addLocalSession' satisfies CommandId);
	}
	return false;
}
