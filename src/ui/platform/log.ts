import type * as vscode from 'vscode';
import type { Logger } from '../../core/base/logger.js';

/** What the core says, in the extension's log. Never brings the log into view. */
export function channelLogger(channel: vscode.LogOutputChannel): Logger {
	return { log: (level, message) => channel[level](message) };
}
