import { stripVTControlCharacters } from 'node:util';
import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { errorWords } from '../platform/coreWords.js';

const longestLine = 10_000;

/** A terminal that shows lines as they come, each as plain text, until it is closed. */
export class LogTerminal implements vscode.Pseudoterminal {
	readonly #read: (signal: AbortSignal) => Promise<AsyncIterable<string>>;
	readonly #written = new vscode.EventEmitter<string>();
	readonly #stop = new AbortController();

	readonly onDidWrite = this.#written.event;

	constructor(read: (signal: AbortSignal) => Promise<AsyncIterable<string>>) {
		this.#read = read;
	}

	open(): void {
		void this.#run();
	}

	close(): void {
		this.#stop.abort();
		this.#written.dispose();
	}

	async #run(): Promise<void> {
		try {
			for await (const line of await this.#read(this.#stop.signal)) {
				this.#write(line.replaceAll('\t', '    '));
			}
			this.#write(vscode.l10n.t('The container prints no more.'));
		} catch (error) {
			if (!this.#stop.signal.aborted) {
				const { message, next } = errorWords(error);
				this.#write(next === null ? message : `${message} ${next}`);
			}
		}
	}

	// Colours and all other control characters of a log go: a line of it must not work on the terminal.
	#write(line: string): void {
		this.#written.fire(`${shownText(stripVTControlCharacters(line), longestLine)}\r\n`);
	}
}
