import { resolve } from 'node:path';
import type { Logger } from '../core/base/logger.js';
import type { CallOptions, Homeport, HomeportOptions } from '../core/homeport.js';
import { shownText } from '../core/base/text.js';
import { progressLine } from './progress.js';
import { jsonText } from './safe.js';
import { createStyle, wantsColor } from './style.js';
import type { Style } from './style.js';
import type { Terminal } from './terminal.js';

/** Opens a home; the facade's own function outside of tests. */
export type OpenHome = (options: HomeportOptions) => Promise<Homeport>;

/** What every command accepts, as commander hands it over. */
export interface GlobalOptions {
	readonly json?: boolean;
	readonly repo?: string;
	readonly kubeconfig?: string;
	readonly context?: string;
	readonly namespace?: string;
	/** Of `list`. */
	readonly allContexts?: boolean;
	readonly accept: readonly string[];
	readonly dryRun?: boolean;
	/** Seconds. */
	readonly wait: number;
	readonly color?: boolean;
	readonly verbose?: boolean;
}

/** One run of one command: its options, where it writes, and the home it is about. */
export interface Call {
	readonly options: GlobalOptions;
	readonly terminal: Terminal;
	readonly signal: AbortSignal;
	/** For text on stdout. */
	readonly style: Style;
	/** For text on stderr. */
	readonly errStyle: Style;
	/** What the facade's long calls want: the signal, and the progress line where a terminal shows it. */
	readonly running: CallOptions & { readonly signal: AbortSignal };
	/** Home around `--repo` or the current folder; opened once. */
	home(): Promise<Homeport>;
	/** Ends the command's data: one JSON document with `--json`, else the lines. */
	print(document: unknown, lines: () => readonly string[]): void;
	/** Writes a piece of data that is no document to stdout, as it is; it must be safe to show. */
	hand(text: string): void;
	/** Writes lines to stderr, below the progress line. */
	note(...lines: readonly string[]): void;
}

/** Puts together what a command needs; opens nothing yet. */
export function createCall(options: GlobalOptions, terminal: Terminal, signal: AbortSignal, openHome: OpenHome): Call {
	const progress = progressLine(terminal);
	const note = (...lines: readonly string[]): void => {
		progress.clear();
		terminal.err(lines.map((line) => `${line}\n`).join(''));
	};
	const errStyle = createStyle(wantsColor(options.color, terminal.env, terminal.stderrIsTerminal));
	let opened: Promise<Homeport> | undefined;
	return {
		options,
		terminal,
		signal,
		style: createStyle(wantsColor(options.color, terminal.env, terminal.stdoutIsTerminal)),
		errStyle,
		running: { signal, ...(terminal.stderrIsTerminal ? { onProgress: (step) => progress.show(step) } : {}) },
		home: () => {
			opened ??= openHome({
				repo: options.repo ?? terminal.cwd,
				logger: logTo(note, errStyle, options.verbose === true),
				env: terminal.env,
				lockWaitSeconds: options.wait,
				clusters: {
					kubeconfig: options.kubeconfig === undefined ? null : resolve(terminal.cwd, options.kubeconfig),
					contexts: options.context === undefined ? [] : [options.context],
					namespaces: options.namespace === undefined ? [] : [options.namespace],
					allContexts: options.allContexts === true,
				},
			});
			return opened;
		},
		print: (document, lines) => {
			progress.clear();
			terminal.out(
				options.json === true
					? `${jsonText(document)}\n`
					: lines()
							.map((line) => `${line}\n`)
							.join(''),
			);
		},
		hand: (text) => {
			progress.clear();
			terminal.out(text);
		},
		note,
	};
}

function logTo(note: (line: string) => void, style: Style, verbose: boolean): Logger {
	return {
		log: (level, message) => {
			if (verbose || level === 'warn' || level === 'error') {
				note(`${style(level === 'error' ? 'bad' : 'faint', level)} ${shownText(message, 2000)}`);
			}
		},
	};
}
