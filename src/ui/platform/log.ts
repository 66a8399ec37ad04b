import * as vscode from 'vscode';
import type { Logger } from '../../core/base/logger.js';

/** The extension's log. Never comes into view by itself. */
export interface Log extends vscode.Disposable {
	info(...parts: readonly string[]): void;
	error(...parts: readonly string[]): void;
	/** Brings the log into view. */
	show(): void;
	/** The last lines of this window, oldest first, those of any level. */
	lastLines(): readonly string[];
	/** For the core. */
	readonly logger: Logger;
}

const keptLines = 300;
const mostCharacters = 2000;

/** The log channel, of which the last lines are kept beside. */
export function createLog(name: string): Log {
	const channel = vscode.window.createOutputChannel(name, { log: true });
	const lines: string[] = [];
	const write = (level: 'debug' | 'info' | 'warn' | 'error', ...parts: readonly string[]): void => {
		const text = parts.join(' ');
		channel[level](text);
		lines.push(`${new Date().toISOString()} [${level}] ${text.slice(0, mostCharacters)}`);
		lines.splice(0, lines.length - keptLines);
	};
	return {
		info: (...parts) => write('info', ...parts),
		error: (...parts) => write('error', ...parts),
		show: () => channel.show(),
		lastLines: () => [...lines],
		logger: { log: (level, message) => write(level, message) },
		dispose: () => channel.dispose(),
	};
}
