import * as vscode from 'vscode';
import { canBeUndone } from '../../core/model/canBeUndone.js';
import { isUndo, operationState, operationTitle } from '../history/operationWords.js';
import { operationPage, operationPrefix } from '../pages/operationPage.js';
import { timeWords } from '../tree/words.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';
import { undoOperation } from './undo.js';

/** Opens the page of an operation: the one of the line, the one that is named as `{ id }`, or one that is picked. */
export async function showOperation(context: CommandContext, input: CommandInput): Promise<void> {
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const id = namedOperation(context, input) ?? (await pickOperation(context));
	if (id !== null) {
		const operation = await homeport.operation(id);
		context.pages.show(operationPrefix + operation.id, operationPage(operation));
	}
}

/** Takes back one operation, which need not be the newest. */
export async function undoNamed(context: CommandContext, input: CommandInput): Promise<void> {
	const id = namedOperation(context, input);
	if (id !== null) {
		await undoOperation(context, id);
	}
}

/** Takes back an undo. */
export async function redoNamed(context: CommandContext, input: CommandInput): Promise<void> {
	const id = namedOperation(context, input);
	if (id !== null) {
		await undoOperation(context, id, 'redo');
	}
}

function namedOperation({ history }: CommandContext, { nodeId, argument }: CommandInput): string | null {
	if (nodeId !== null) {
		return history.operationOf(nodeId);
	}
	const id = typeof argument === 'object' && argument !== null && 'id' in argument ? argument.id : null;
	return typeof id === 'string' ? id : null;
}

async function pickOperation({ history, ports }: CommandContext): Promise<string | null> {
	await history.refresh();
	if (history.operations.length === 0) {
		await ports.prompter.notify({ level: 'info', message: vscode.l10n.t('There are no operations yet.'), actions: [] });
		return null;
	}
	const choices = history.operations.map((operation) => ({
		label: operationTitle(operation),
		description: [operationState(operation), timeWords(operation.time)].filter((part) => part !== null).join(' · '),
		detail: canBeUndone(operation)
			? isUndo(operation)
				? vscode.l10n.t('can be redone')
				: vscode.l10n.t('can be undone')
			: '',
		value: operation.id,
	}));
	return ports.prompter.pick(vscode.l10n.t('Operation to show'), choices);
}
