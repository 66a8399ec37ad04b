import * as vscode from 'vscode';
import { unaccepted } from '../../core/model/warning.js';
import { planConfirmation } from '../prompts/planText.js';
import { undoWords } from '../prompts/resultText.js';
import type { UndoDirection } from '../prompts/resultText.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';

/** Takes back the operation named, or the newest that can be; asks where the user has built on it since. */
export async function undoOperation(
	context: CommandContext,
	operation: string | null,
	direction: UndoDirection = 'undo',
): Promise<void> {
	const { model, ports } = context;
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const words = directionWords[direction]();
	const result = await ports.prompter.progress(words.progress, (call) =>
		model.operate(call.signal, async () => {
			const { signal } = call;
			const planned = await homeport.undo(operation, { accepted: [], dryRun: true, signal });
			const accepted = unaccepted(planned.warnings, new Set());
			const confirmation = planConfirmation({
				title: words.question,
				plan: { ...planned, findings: [] },
				root: homeport.root,
				wayBack: words.wayBack,
				action: words.action,
			});
			const proceed = accepted.length === 0 || (await call.whileAsking(() => ports.prompter.confirm(confirmation)));
			return proceed ? homeport.undo(planned.undoes, { accepted, signal }) : null;
		}),
	);
	if (result === null) {
		return;
	}
	const actions = result.operation === null ? [] : [words.opposite];
	void context.detached(async () => {
		if ((await ports.prompter.notify({ ...undoWords(result, direction), actions })) === words.opposite) {
			await undoOperation(context, result.operation, direction === 'undo' ? 'redo' : 'undo');
		}
	});
}

const directionWords = {
	undo: () => ({
		progress: vscode.l10n.t('Undoing'),
		question: vscode.l10n.t('Undo this operation?'),
		action: vscode.l10n.t('Undo and Put Aside'),
		wayBack: vscode.l10n.t('"Redo" in the message afterwards brings it back.'),
		opposite: vscode.l10n.t('Redo'),
	}),
	redo: () => ({
		progress: vscode.l10n.t('Redoing'),
		question: vscode.l10n.t('Redo this operation?'),
		action: vscode.l10n.t('Redo and Put Aside'),
		wayBack: vscode.l10n.t('"Undo" in the message afterwards takes it back again.'),
		opposite: vscode.l10n.t('Undo'),
	}),
};
