import * as vscode from 'vscode';
import { opensMerge } from '../../core/model/canBeUndone.js';
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
	let words = directionWords[direction]();
	const result = await ports.prompter.progress(words.progress, (call) =>
		model.operate(call.signal, async () => {
			const { signal } = call;
			const planned = await homeport.undo(operation, { accepted: [], dryRun: true, signal });
			if (opensMerge(await homeport.operation(planned.undoes))) {
				words = dropWords();
			}
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
	const { opposite, done } = words;
	const actions = result.operation === null ? [] : [opposite];
	void context.detached(async () => {
		if ((await ports.prompter.notify({ ...undoWords(result, done), actions })) === opposite) {
			await undoOperation(context, result.operation, direction === 'undo' ? 'redo' : 'undo');
		}
	});
}

interface UndoWords {
	readonly progress: string;
	readonly question: string;
	readonly action: string;
	readonly wayBack: string;
	readonly done: string;
	/** The button that takes it back again. */
	readonly opposite: string;
}

const directionWords: Readonly<Record<UndoDirection, () => UndoWords>> = {
	undo: () => ({
		progress: vscode.l10n.t('Undoing'),
		question: vscode.l10n.t('Undo this operation?'),
		action: vscode.l10n.t('Undo and Put Aside'),
		wayBack: vscode.l10n.t('"Redo" in the message afterwards brings it back.'),
		done: vscode.l10n.t('Undone.'),
		opposite: vscode.l10n.t('Redo'),
	}),
	redo: () => ({
		progress: vscode.l10n.t('Redoing'),
		question: vscode.l10n.t('Redo this operation?'),
		action: vscode.l10n.t('Redo and Put Aside'),
		wayBack: vscode.l10n.t('"Undo" in the message afterwards takes it back again.'),
		done: vscode.l10n.t('Redone.'),
		opposite: vscode.l10n.t('Undo'),
	}),
};

/** Of taking back the opening of a merge. */
function dropWords(): UndoWords {
	return {
		progress: vscode.l10n.t('Dropping the merge'),
		question: vscode.l10n.t('Drop this merge?'),
		action: vscode.l10n.t('Drop Merge'),
		wayBack: vscode.l10n.t('Your branches stay as they are. "Redo" in the message afterwards opens it again.'),
		done: vscode.l10n.t('The merge is dropped, and your branches are as they were.'),
		opposite: vscode.l10n.t('Redo'),
	};
}
