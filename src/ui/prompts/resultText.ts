import * as vscode from 'vscode';
import { describeError } from '../../core/base/messages.js';
import { shownText } from '../../core/base/text.js';
import { findingText, warningText } from '../../core/model/words.js';
import type { ContinueResult, SyncResult, UndoResult } from '../../core/model/report.js';
import { shortRef } from '../tree/words.js';
import { changesText } from './planText.js';
import type { Notice } from './prompter.js';

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
		const reasons = blocks.map((finding) => `${finding.path}: ${findingText(finding)}.`).join(' ');
		return { level: 'error', message: vscode.l10n.t('{0} holds what may not come home. {1}', shown, reasons) };
	}
	return { level: 'error', message: `${shown}: ${describeError(result.error, 'ui').message}` };
}

/** How an undo, or the undo of an undo, ended, in one message. */
export function undoWords(result: UndoResult, direction: UndoDirection): Words {
	if (result.outcome !== 'done') {
		const questions = openQuestions(result.warnings);
		return { level: 'warning', message: vscode.l10n.t('Nothing was changed. {0}', questions).trim() };
	}
	const changed = changesText(result);
	const message = direction === 'undo' ? vscode.l10n.t('Undone. {0}', changed) : vscode.l10n.t('Redone. {0}', changed);
	return { level: 'info', message: message.trim() };
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
	return open.map((warning) => warningText(warning, 'ui')).join(' ');
}
