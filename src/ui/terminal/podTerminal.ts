import { StringDecoder } from 'node:string_decoder';
import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import { errorWords } from '../platform/coreWords.js';

type TerminalSize = Parameters<Homeport['attach']>[1];
type TerminalStream = Awaited<ReturnType<Homeport['attach']>>;

const size = ({ columns, rows }: vscode.TerminalDimensions): TerminalSize => ({ columns, rows });
/** What a terminal of VS Code begins with where it is not shown yet. */
const unknownSize: TerminalSize = { columns: 80, rows: 24 };

/** A terminal whose other end is somewhere else. When that ends it says so, and goes with the next key. */
export class PodTerminal implements vscode.Pseudoterminal {
	readonly #open: (size: TerminalSize, signal: AbortSignal) => Promise<TerminalStream>;
	readonly #written = new vscode.EventEmitter<string>();
	readonly #closed = new vscode.EventEmitter<number | void>();
	readonly #stop = new AbortController();
	#size = unknownSize;
	#stream: TerminalStream | null = null;
	#ended: number | null = null;

	readonly onDidWrite = this.#written.event;
	readonly onDidClose = this.#closed.event;

	constructor(open: (size: TerminalSize, signal: AbortSignal) => Promise<TerminalStream>) {
		this.#open = open;
	}

	open(dimensions: vscode.TerminalDimensions | undefined): void {
		this.#size = dimensions === undefined ? unknownSize : size(dimensions);
		void this.#run();
	}

	close(): void {
		this.#stop.abort();
		this.#written.dispose();
		this.#closed.dispose();
	}

	handleInput(data: string): void {
		if (this.#ended !== null) {
			this.#closed.fire(this.#ended);
		} else {
			this.#stream?.stdin.write(data);
		}
	}

	setDimensions(dimensions: vscode.TerminalDimensions): void {
		this.#size = size(dimensions);
		this.#stream?.resize(this.#size);
	}

	async #run(): Promise<void> {
		try {
			this.#say(vscode.l10n.t('Connecting…'));
			const stream = await this.#open(this.#size, this.#stop.signal);
			this.#stream = stream;
			stream.resize(this.#size);
			const decoder = new StringDecoder('utf8');
			for await (const chunk of stream.stdout) {
				this.#written.fire(decoder.write(chunk as Buffer));
			}
			const { code } = await stream.status;
			this.#ended = code ?? 1;
			this.#say(vscode.l10n.t('It has ended with exit code {0}. Any key closes this terminal.', this.#ended));
		} catch (error) {
			if (this.#stop.signal.aborted) {
				return;
			}
			const { message, next } = errorWords(error);
			this.#ended = 1;
			this.#say(next === null ? message : `${message} ${next}`);
			this.#say(vscode.l10n.t('Any key closes this terminal.'));
		}
	}

	#say(text: string): void {
		this.#written.fire(`\r\n\x1b[2m${shownText(text, 2000)}\x1b[0m\r\n`);
	}
}
