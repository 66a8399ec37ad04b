import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Strategy } from '../../core/model/plan.js';
import type { Session } from '../../core/model/session.js';
import type { Prompter } from '../prompts/prompter.js';

/** Asks how the session's branches become branches of home, the one that loses nothing first. */
export function pickStrategy(prompter: Prompter, session: Session): Promise<Strategy | null> {
	const name = shownText(session.name, 100);
	return prompter.pick<Strategy>(vscode.l10n.t('How to bring {0} home', name), [
		{
			label: vscode.l10n.t('Branch'),
			description: vscode.l10n.t('default'),
			detail: vscode.l10n.t('Every branch of the session becomes a branch of its own; yours stay as they are.'),
			value: 'branch',
		},
		{
			label: vscode.l10n.t('Merge'),
			detail: vscode.l10n.t(
				'Its commits are merged into your branch of the same name, else into the one checked out; conflicts are told first.',
			),
			value: 'merge',
		},
		{
			label: vscode.l10n.t('Files Only'),
			detail: vscode.l10n.t('Its files come into your working tree as changes to commit; its history stays out.'),
			value: 'exclude',
		},
		{
			label: vscode.l10n.t('Overwrite'),
			detail: vscode.l10n.t(
				'Your branch of the same name becomes what the session has; you are asked before anything of it goes.',
			),
			value: 'overwrite',
		},
	]);
}
