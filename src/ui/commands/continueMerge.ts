import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import { unaccepted } from '../../core/model/warning.js';
import { planConfirmation } from '../prompts/planText.js';
import { continueWords } from '../prompts/resultText.js';
import { shortRef } from '../tree/words.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';
import { undoOperation } from './undo.js';

/** Ends a merge that was opened with conflicts; asks which where there are several. */
export async function continueMerge(context: CommandContext): Promise<void> {
	const { model, ports } = context;
	const homeport = await openedHome(context);
	const id = homeport === null ? null : await openMergeId(context, homeport, vscode.l10n.t('Continue a merge'));
	if (homeport === null || id === null) {
		return;
	}
	const result = await ports.prompter.progress(vscode.l10n.t('Merging'), (call) =>
		model.operate(call.signal, async () => {
			const { signal } = call;
			const first = await homeport.continueMerge(id, { accepted: [], signal });
			if (first.outcome === 'done') {
				return first;
			}
			const confirmation = planConfirmation({
				title: vscode.l10n.t('Merge into {0}?', shortRef(first.ref)),
				plan: { refs: [], warnings: first.warnings, findings: [] },
				root: homeport.root,
				wayBack: vscode.l10n.t('"Homeport: Undo Last Operation" brings it all back.'),
			});
			const proceed = await call.whileAsking(() => ports.prompter.confirm(confirmation));
			return proceed ? homeport.continueMerge(id, { accepted: unaccepted(first.warnings, new Set()), signal }) : null;
		}),
	);
	if (result === null) {
		return;
	}
	const undo = vscode.l10n.t('Undo');
	void context.detached(async () => {
		const actions = result.operation === null ? [] : [undo];
		if ((await ports.prompter.notify({ ...continueWords(result), actions })) === undo) {
			await undoOperation(context, result.operation);
		}
	});
}

/** Drops a merge that was opened with conflicts: its folder goes, your branches are as before. */
export async function dropMerge(context: CommandContext): Promise<void> {
	const homeport = await openedHome(context);
	const id = homeport === null ? null : await openMergeId(context, homeport, vscode.l10n.t('Drop a merge'));
	if (id !== null) {
		await undoOperation(context, id);
	}
}

/** The operation of the one open merge, or of that which the user chooses; null where there is none. */
async function openMergeId({ ports }: CommandContext, homeport: Homeport, title: string): Promise<string | null> {
	const open = (await homeport.operations()).filter((operation) => operation.isOpen);
	if (open.length === 0) {
		await ports.prompter.notify({ level: 'info', message: vscode.l10n.t('No merge is open.'), actions: [] });
		return null;
	}
	const choices = open.map(({ id, session, merge }) => ({
		label: shortRef(merge?.ref ?? ''),
		description: shownText(session ?? '', 100),
		detail: shownText(merge?.path ?? '', 300),
		value: id,
	}));
	const [only] = choices;
	return choices.length === 1 ? only!.value : ports.prompter.pick(title, choices);
}
