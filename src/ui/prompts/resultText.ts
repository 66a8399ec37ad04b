import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { ContinueResult, SyncResult, UndoResult } from '../../core/model/report.js';
import { shortRef } from '../tree/words.js';
import { changesText } from './planText.js';
import type { Notice } from './prompter.js';
import { errorWords, findingWords, warningWords } from '../platform/coreWords.js';

type Words = Pick<Notice, 'level' | 'message'>;

/** A redo is the undo of an undo. */
export type UndoDirection = 'undo' | 'redo';

// A message is read at a glance; the log has the rest.
const mostShown = 3;

/** How a sync ended, in one message. */
export function syncWords(name: string, result: SyncResult): Words {
	const shown = shownText(name, 100);
	if (result.opened !== undefined) {
		const message = vscode.l10n.t(
			'The merge of {0} is open in {1}. Settle the conflicts there, stage the files, and continue it.',
			shown,
			shownText(result.opened, 300),
		);
		return { level: 'info', message };
	}
	if (result.outcome === 'synced' && (result.push ?? []).length > 0) {
		return { level: 'info', message: vscode.l10n.t('{0} is synced. {1}', shown, changesText(result)).trim() };
	}
	if (result.outcome === 'synced') {
		return { level: 'info', message: vscode.l10n.t('{0} is home. {1}', shown, changesText(result)).trim() };
	}
	if (result.outcome === 'up-to-date') {
		return { level: 'info', message: vscode.l10n.t('{0} was home already.', shown) };
	}
	if (result.outcome === 'refused') {
		const kept = vscode.l10n.t('{0}: your branches are as before, and its work is kept under refs/homeport.', shown);
		return { level: 'warning', message: `${kept} ${openQuestions(result.warnings)}` };
	}
	if (result.outcome === 'blocked') {
		const blocks = result.findings.filter((finding) => finding.level === 'block').slice(0, mostShown);
		const reasons = blocks.map((finding) => `${finding.path}: ${findingWords(finding)}.`).join(' ');
		return { level: 'error', message: vscode.l10n.t('{0} holds what may not come home. {1}', shown, reasons) };
	}
	return { level: 'error', message: `${shown}: ${errorWords(result.error).message}` };
}

/** How the sync of several sessions ended, in one message. */
export function severalWords(results: readonly SyncResult[]): Words {
	const well = results.filter(({ outcome }) => outcome === 'synced' || outcome === 'up-to-date');
	const others = results.filter((result) => !well.includes(result));
	const message =
		others.length === 0
			? vscode.l10n.t('{0} sessions are synced.', well.length)
			: vscode.l10n.t('{0} of {1} sessions are synced.', well.length, results.length);
	const told = others.map((result) => syncWords(result.session, result));
	const more = told.length > mostShown ? [vscode.l10n.t('And {0} more.', told.length - mostShown)] : [];
	const worst = ['error', 'warning'] as const;
	return {
		level: worst.find((level) => told.some((words) => words.level === level)) ?? 'info',
		message: [message, ...told.slice(0, mostShown).map((words) => words.message), ...more].join(' '),
	};
}

/** How bringing sessions to safety ended, in one message. */
export function rescueWords(results: readonly SyncResult[]): Words {
	const told = results.map((result): Words => {
		const name = shownText(result.session.slice(result.session.lastIndexOf('/') + 1), 100);
		switch (result.outcome) {
			case 'synced':
				return {
					level: 'info',
					message: vscode.l10n.t('{0} is safe: all that it has is kept under refs/homeport.', name),
				};
			case 'up-to-date':
				return { level: 'info', message: vscode.l10n.t('{0} was safe already.', name) };
			default:
				return syncWords(name, result);
		}
	});
	const level = told.some((words) => words.level !== 'info') ? 'warning' : 'info';
	return { level, message: told.map((words) => words.message).join(' ') };
}

/** How an undo, or the undo of an undo, ended, in one message that begins with what is `done` where it is. */
export function undoWords(result: UndoResult, done: string): Words {
	if (result.outcome !== 'done') {
		const questions = openQuestions(result.warnings);
		return { level: 'warning', message: vscode.l10n.t('Nothing was changed. {0}', questions).trim() };
	}
	const opened =
		result.opened === undefined
			? ''
			: vscode.l10n.t('The merge is open again in {0}, as it was.', shownText(result.opened, 300));
	return { level: 'info', message: [done, changesText(result), opened].filter((text) => text !== '').join(' ') };
}

/** How continuing a merge ended, in one message. */
export function continueWords(result: ContinueResult): Words {
	const name = shortRef(result.ref);
	return result.outcome === 'done'
		? { level: 'info', message: vscode.l10n.t('{0} is merged.', name) }
		: { level: 'warning', message: vscode.l10n.t('{0} is not merged. {1}', name, openQuestions(result.warnings)) };
}

function openQuestions(warnings: SyncResult['warnings']): string {
	const open = warnings.filter((warning) => warning.level === 'ask' && !warning.accepted).slice(0, mostShown);
	return open.map((warning) => warningWords(warning)).join(' ');
}
