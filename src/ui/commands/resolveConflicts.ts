import { join } from 'node:path';
import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import type { MergeConflict, OpenMerge } from '../../core/model/merge.js';
import { contentUri } from '../contents/contentUri.js';
import { shortRef } from '../tree/words.js';
import { openedHome } from './chooseHome.js';
import { chosenMerge } from './chosenMerge.js';
import type { CommandContext } from './context.js';
import type { CommandId } from './registry.js';

/** Opens a file of an open merge whose conflict is left in the merge editor; asks which where there are several. */
export async function resolveConflicts(context: CommandContext): Promise<void> {
	const { prompter } = context.ports;
	const homeport = await openedHome(context);
	const title = vscode.l10n.t('Settle the conflicts of a merge');
	const chosen = homeport === null ? null : await chosenMerge(context, homeport, title);
	if (homeport === null || chosen === null) {
		return;
	}
	const { id, merge } = chosen;
	const conflicts = await homeport.conflicts(id);
	const proceed = {
		label: vscode.l10n.t('Continue the Merge'),
		description: vscode.l10n.t('nothing is left to settle'),
		value: 'continue' as const,
	};
	const files = conflicts.map((conflict) => ({
		label: shownText(conflict.path, 300),
		description: stateOf(conflict),
		value: conflict,
	}));
	const choices = conflicts.some(({ isLeft }) => isLeft) ? files : [proceed, ...files];
	const [only] = files;
	const picked =
		conflicts.length === 1 && only!.value.isLeft
			? only!.value
			: await prompter.pick<MergeConflict | 'continue'>(
					vscode.l10n.t('Files in conflict of {0}', shortRef(merge.ref)),
					choices,
				);
	if (picked === 'continue') {
		await vscode.commands.executeCommand('homeport.continueMerge' satisfies CommandId);
	} else if (picked !== null) {
		await (isOneSided(picked) ? keepOrDelete(context, homeport, id, picked) : openMergeEditor(merge, picked));
	}
}

/**
 * Before a merge is continued: files that somebody has decided, and that git still holds for conflicts, are settled where the
 * user says so. False where they turn away, or conflicts are left.
 */
export async function settleBefore(context: CommandContext, homeport: Homeport, id: string): Promise<boolean> {
	const { prompter } = context.ports;
	const conflicts = await homeport.conflicts(id);
	const left = conflicts.filter(({ isLeft }) => isLeft);
	if (left.length > 0) {
		const settle = vscode.l10n.t('Settle Conflicts…');
		const message = vscode.l10n.t('Conflicts are left in {0}. Nothing was changed.', namesOf(left));
		void context.detached(async () => {
			if ((await prompter.notify({ level: 'warning', message, actions: [settle] })) === settle) {
				await vscode.commands.executeCommand('homeport.resolveConflicts' satisfies CommandId);
			}
		});
		return false;
	}
	if (conflicts.length === 0) {
		return true;
	}
	const proceed = await prompter.confirm({
		message: vscode.l10n.t('Take {0} for settled, as it stands there now?', namesOf(conflicts)),
		detail: [
			...conflicts.filter(({ undecided }) => undecided > 0).map((conflict) => `• ${undecidedWords(conflict)}`),
			vscode.l10n.t('Your branch moves only when the merge is complete, and undo takes it back.'),
		].join('\n'),
		action: vscode.l10n.t('Continue the Merge'),
	});
	if (proceed) {
		await homeport.settleConflicts(
			id,
			conflicts.map(({ path }) => path),
			'as-it-stands',
		);
	}
	return proceed;
}

function isOneSided({ ours, theirs }: MergeConflict): boolean {
	return ours === null || theirs === null;
}

function stateOf(conflict: MergeConflict): string {
	if (conflict.ours === null) {
		return vscode.l10n.t('deleted at home, changed in the session');
	}
	if (conflict.theirs === null) {
		return vscode.l10n.t('changed at home, deleted in the session');
	}
	if (conflict.undecided > 0 && !conflict.isLeft) {
		return vscode.l10n.t(
			'{0} of {1} places are as they were in the common commit',
			conflict.undecided,
			conflict.places,
		);
	}
	return conflict.isLeft ? vscode.l10n.t('conflicts are left') : vscode.l10n.t('no conflict marker is left');
}

function undecidedWords(conflict: MergeConflict): string {
	return `${shownText(conflict.path, 200)}: ${stateOf(conflict)}`;
}

const mostNamed = 5;

function namesOf(conflicts: readonly MergeConflict[]): string {
	const names = conflicts.slice(0, mostNamed).map(({ path }) => shownText(path, 200));
	const more = conflicts.length - names.length;
	return more > 0 ? vscode.l10n.t('{0} and {1} more', names.join(', '), more) : names.join(', ');
}

async function keepOrDelete(
	context: CommandContext,
	homeport: Homeport,
	id: string,
	conflict: MergeConflict,
): Promise<void> {
	const name = shownText(conflict.path, 200);
	const picked = await context.ports.prompter.pick(`${name}: ${stateOf(conflict)}`, [
		{
			label: vscode.l10n.t('Keep the File'),
			description: vscode.l10n.t('as it stands there'),
			value: 'as-it-stands' as const,
		},
		{ label: vscode.l10n.t('Delete the File'), description: '', value: 'deleted' as const },
		{ label: vscode.l10n.t('Show What Changed'), description: '', value: 'show' as const },
	]);
	if (picked === 'show') {
		const side = contentUri(conflict.ours ?? conflict.theirs, conflict.path);
		await vscode.commands.executeCommand('vscode.diff', contentUri(conflict.base, conflict.path), side, name);
	} else if (picked !== null) {
		await homeport.settleConflicts(id, [conflict.path], picked);
	}
}

async function openMergeEditor(
	{ path, ref }: OpenMerge,
	{ path: name, base, ours, theirs }: MergeConflict,
): Promise<void> {
	await vscode.commands.executeCommand('_open.mergeEditor', {
		base: contentUri(base, name),
		input1: { uri: contentUri(ours, name), title: vscode.l10n.t('Home'), description: shortRef(ref) },
		input2: { uri: contentUri(theirs, name), title: vscode.l10n.t('Session') },
		output: vscode.Uri.file(join(path, name)),
	});
}
