import * as vscode from 'vscode';
import { describeError } from '../../core/base/messages.js';
import type { ErrorWords } from '../../core/base/messages.js';
import { reasonIn } from '../../core/base/say.js';
import type { Translate } from '../../core/base/say.js';
import { progressText } from '../../core/model/progressWords.js';
import type { Progress } from '../../core/model/report.js';
import type { Finding } from '../../core/model/finding.js';
import type { Warning } from '../../core/model/warning.js';
import { findingText, warningText } from '../../core/model/words.js';

/** Texts of the core, in the language of this window. */
export const translate: Translate = (text, ...values) => vscode.l10n.t(text, ...values);

/** An error in the words of the core, in the language of this window. */
export function errorWords(error: unknown): ErrorWords {
	return describeError(error, 'ui', translate);
}

/** A warning in the words of the core, in the language of this window. */
export function warningWords(warning: Warning): string {
	return warningText(warning, 'ui', translate);
}

/** How far an operation has come, in the language of this window. */
export function progressWords(progress: Progress): string {
	return progressText(progress, translate, vscode.env.language);
}

/** A finding in the words of the core, in the language of this window. */
export function findingWords(finding: Finding): string {
	return findingText(finding, translate);
}

/** Why a session is as it is, in the words of the core, in the language of this window. */
export function reasonWords(reason: string): string {
	return reasonIn(reason, translate);
}
