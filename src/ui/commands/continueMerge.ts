import * as vscode from 'vscode';
import { unaccepted } from '../../core/model/warning.js';
import { planConfirmation } from '../prompts/planText.js';
import { continueWords } from '../prompts/resultText.js';
import { shortRef } from '../tree/words.js';
import { openedHome } from './chooseHome.js';
import { chosenMerge } from './chosenMerge.js';
import type { CommandContext } from './context.js';
import { settleBefore } from './resolveConflicts.js';
import { undoOperation } from './undo.js';

/** Ends a merge that was opened with conflicts; asks which where there are several. */
export async function continueMerge(context: CommandContext): Promise<void> {
	const { model, ports } = context;
	const homeport = await openedHome(context);
	const chosen = homeport === null ? null : await chosenMerge(context, homeport, vscode.l10n.t('Continue a merge'));
	if (homeport === null || chosen === null || !(await settleBefore(context, homeport, chosen.id))) {
		return;
	}
	const { id } = chosen;
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
	const chosen = homeport === null ? null : await chosenMerge(context, homeport, vscode.l10n.t('Drop a merge'));
	if (chosen !== null) {
		await undoOperation(context, chosen.id);
	}
}
