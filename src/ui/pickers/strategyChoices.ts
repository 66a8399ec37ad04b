import * as vscode from 'vscode';
import type { Direction, SyncRequest } from '../../core/model/plan.js';
import type { Choice } from '../prompts/choice.js';

type Way = Pick<SyncRequest, 'strategy' | 'rebase'>;

/** The ways that work can go, the one that loses nothing first. */
export function directionChoices(): Choice<Direction>[] {
	return [
		{
			label: vscode.l10n.t('Bring Home'),
			detail: vscode.l10n.t('What the session has comes into this repository.'),
			value: 'home',
		},
		{
			label: vscode.l10n.t('Send to Session'),
			detail: vscode.l10n.t('A branch of yours goes to the session; its own work is brought to safety first.'),
			value: 'session',
		},
		{
			label: vscode.l10n.t('Both Ways'),
			detail: vscode.l10n.t('What the session has comes here, then your branch goes there.'),
			value: 'both',
		},
	];
}

/** How branches become those of the other side, the way that loses nothing first. */
export function strategyChoices(direction: Direction): Choice<Way>[] {
	return direction === 'session' ? outwardChoices() : inwardChoices();
}

function inwardChoices(): Choice<Way>[] {
	return [
		{
			label: vscode.l10n.t('Branch'),
			description: vscode.l10n.t('safe'),
			detail: vscode.l10n.t('Every branch of the session becomes a branch of its own; yours stay as they are.'),
			value: { strategy: 'branch' },
		},
		{
			label: vscode.l10n.t('Merge'),
			detail: vscode.l10n.t('Its commits are merged into a branch of yours; conflicts are told first.'),
			value: { strategy: 'merge' },
		},
		{
			label: vscode.l10n.t('Rebase'),
			detail: vscode.l10n.t('Its commits are put on top of a branch of yours; conflicts are told first.'),
			value: { strategy: 'merge', rebase: true },
		},
		{
			label: vscode.l10n.t('Files Only'),
			detail: vscode.l10n.t('Its files come into your working tree as changes to commit; its history stays out.'),
			value: { strategy: 'exclude' },
		},
		{
			label: vscode.l10n.t('Overwrite'),
			detail: vscode.l10n.t('A branch of yours becomes what the session has; what it loses is asked first.'),
			value: { strategy: 'overwrite' },
		},
	];
}

function outwardChoices(): Choice<Way>[] {
	return [
		{
			label: vscode.l10n.t('Branch'),
			description: vscode.l10n.t('safe'),
			detail: vscode.l10n.t("The session's branch moves forward; where it cannot, the work arrives on one beside it."),
			value: { strategy: 'branch' },
		},
		{
			label: vscode.l10n.t('Merge'),
			detail: vscode.l10n.t("Your commits are merged into the session's branch."),
			value: { strategy: 'merge' },
		},
		{
			label: vscode.l10n.t('Files Only'),
			detail: vscode.l10n.t('Your files arrive as one commit; your history stays here.'),
			value: { strategy: 'exclude' },
		},
		{
			label: vscode.l10n.t('Overwrite'),
			detail: vscode.l10n.t("The session's branch becomes what yours is; what it loses is asked first."),
			value: { strategy: 'overwrite' },
		},
	];
}

/** What a merge does where both sides changed the same lines. */
export function conflictChoices(): Choice<NonNullable<SyncRequest['onConflict']>>[] {
	return [
		{
			label: vscode.l10n.t('Settle Them Yourself'),
			detail: vscode.l10n.t('The merge opens in a folder of its own, once you have accepted that.'),
			value: 'manual',
		},
		{
			label: vscode.l10n.t('Take Your Lines'),
			detail: vscode.l10n.t("Where the two differ, home's lines are taken."),
			value: 'auto-ours',
		},
		{
			label: vscode.l10n.t("Take the Session's Lines"),
			detail: vscode.l10n.t("Where the two differ, the session's lines are taken."),
			value: 'auto-theirs',
		},
	];
}
