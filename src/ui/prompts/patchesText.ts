import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { PatchResult, PatchSeries } from '../../core/model/patches.js';
import type { Notice } from './prompter.js';

/** What patches were made, and what is in none of them, in one message. */
export function patchesWords(result: PatchResult): Pick<Notice, 'level' | 'message'> {
	const left = result.series.reduce((sum, { merges }) => sum + merges, 0);
	const parts = [
		...(result.series.length === 0 ? [vscode.l10n.t('There is no commit to make a patch of.')] : []),
		...result.series.map(seriesWords),
		...(left === 0
			? []
			: [vscode.l10n.t('Merges are in no patch, what they change by themselves neither: {0}.', left)]),
		...(result.nothingUncommitted ? [vscode.l10n.t('Nothing is uncommitted.')] : []),
		...(result.missing > 0
			? [vscode.l10n.t('What could not be taken of the session is in none: {0}.', result.missing)]
			: []),
	];
	return { level: left + result.missing > 0 ? 'warning' : 'info', message: parts.join(' ') };
}

function seriesWords({ branch, commits, uncommitted, file }: PatchSeries): string {
	const name = branch === null ? vscode.l10n.t('The detached HEAD') : shownText(branch, 100);
	const amount = commits + (uncommitted === null ? 0 : 1);
	if (amount === 0) {
		return vscode.l10n.t('{0}: nothing new, so there is no patch.', name);
	}
	const patches = amount === 1 ? vscode.l10n.t('1 patch') : vscode.l10n.t('{0} patches', amount);
	return file === null
		? vscode.l10n.t('{0}: {1}.', name, patches)
		: vscode.l10n.t('{0}: {1} in {2}.', name, patches, shownText(file, 300));
}
