import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Warning, WarningCode } from '../../core/model/warning.js';
import { commits, shortRef } from '../tree/words.js';

/** What a warning asks to be accepted, in a few words for a list; the plan's page has the whole of it. */
export function askWords(warning: Warning): string {
	const { ref, lost, files } = warning.details;
	const branch = typeof ref === 'string' ? shortRef(ref) : vscode.l10n.t('the branch');
	const amount = commits(typeof lost === 'number' ? lost : 0);
	const named = Array.isArray(files) ? shownText((files as readonly string[]).slice(0, 3).join(', '), 80) : '';
	return (words[warning.code] ?? (() => warning.code))({ branch, amount, named });
}

interface Facts {
	readonly branch: string;
	readonly amount: string;
	readonly named: string;
}

const words: Partial<Record<WarningCode, (facts: Facts) => string>> = {
	'overwrites-commits': ({ branch, amount }) => vscode.l10n.t('{0} loses {1} of yours', branch, amount),
	'moves-checked-out-branch': ({ branch }) => vscode.l10n.t('The files here are replaced: {0} is checked out', branch),
	'checked-out-elsewhere': ({ branch }) => vscode.l10n.t('Files change where {0} is checked out', branch),
	'dirty-in-way': ({ branch }) => vscode.l10n.t('{0} stays: uncommitted files are in the way', branch),
	'home-busy': ({ branch }) => vscode.l10n.t('{0} stays: something is under way there', branch),
	'protected-branch': ({ branch }) => vscode.l10n.t('{0} is protected by the configuration', branch),
	'unrelated-history': ({ branch }) => vscode.l10n.t('{0} has no commit in common with the session', branch),
	'runs-code': ({ named }) => vscode.l10n.t('Files that can run code here: {0}', named),
	'name-clash': ({ branch }) => vscode.l10n.t('{0} cannot stand beside another branch', branch),
	'merge-conflict': ({ branch }) => vscode.l10n.t('Conflicts with {0}, to be settled in a folder of their own', branch),
	'files-conflict': ({ named }) => vscode.l10n.t('Files that both sides changed stay as yours: {0}', named),
	'mixes-with-changes': ({ named }) => vscode.l10n.t('Merged into uncommitted files: {0}', named),
	'markers-left': ({ branch }) => vscode.l10n.t('{0} receives conflict markers', branch),
	'merge-worked-on': ({ branch }) => vscode.l10n.t('What was settled for {0} is put aside', branch),
	'built-on': ({ branch }) => vscode.l10n.t('What was done on {0} since is put aside', branch),
	'overwrites-session': ({ branch, amount }) =>
		vscode.l10n.t("The session's {0} loses {1} of the agent's", branch, amount),
};
