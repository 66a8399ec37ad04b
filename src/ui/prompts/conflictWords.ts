import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';

/** What keeps git from settling a file, by its word for it: that of git 2.38 and newer, of which the rarest stay as they are. */
export function conflictWords(kind: string): string {
	return words[kind]?.() ?? shownText(kind, 100);
}

const words: Readonly<Record<string, () => string>> = {
	contents: () => vscode.l10n.t('both changed the same lines'),
	binary: () => vscode.l10n.t('both changed a file that has no lines'),
	'add/add': () => vscode.l10n.t('both added it'),
	'modify/delete': () => vscode.l10n.t('one changed it, the other removed it'),
	'rename/rename': () => vscode.l10n.t('each renamed it otherwise'),
	'rename/delete': () => vscode.l10n.t('one renamed it, the other removed it'),
	'file/directory': () => vscode.l10n.t('a file here, a folder there'),
	'distinct modes': () => vscode.l10n.t('a file here, a link there'),
};
