import * as vscode from 'vscode';
import type { Progress } from '../../core/model/report.js';
import { progressWords } from './coreWords.js';

// Work that ends sooner shows nothing.
const quietMs = 1000;

export interface CancellableCall {
	readonly signal: AbortSignal;
	readonly onProgress: (progress: Progress) => void;
	/** Says which of several things is worked on, before how far that has come. */
	readonly onStep: (step: string) => void;
	/** Asks the user something; meanwhile nothing is shown as going on. */
	readonly whileAsking: <T>(ask: () => Promise<T>) => Promise<T>;
}

/** Runs `work`; while that takes more than a second, a notification shows its progress and a way to cancel. */
export async function withCancellableProgress<T>(
	title: string,
	work: (call: CancellableCall) => Promise<T>,
): Promise<T> {
	const abort = new AbortController();
	const notification = new ProgressNotification(title, () => abort.abort());
	notification.expect();
	try {
		return await work({
			signal: abort.signal,
			onProgress: (progress) => notification.report(progressWords(progress)),
			onStep: (step) => notification.begin(step),
			whileAsking: async (ask) => {
				notification.end();
				try {
					return await ask();
				} finally {
					notification.expect();
				}
			},
		});
	} finally {
		notification.end();
	}
}

/** A progress notification that comes late and can be taken away. */
class ProgressNotification {
	readonly #title: string;
	readonly #cancel: () => void;
	#text = '';
	#step = '';
	#timer: NodeJS.Timeout | undefined;
	#shown: { report: () => void; readonly close: () => void } | null = null;

	constructor(title: string, cancel: () => void) {
		this.#title = title;
		this.#cancel = cancel;
	}

	/** Shows itself in a second, unless it is ended before. */
	expect(): void {
		this.#timer = setTimeout(() => this.#show(), quietMs);
	}

	report(text: string): void {
		this.#text = this.#step === '' ? text : `${this.#step}: ${text}`;
		this.#shown?.report();
	}

	begin(step: string): void {
		this.#step = step;
		this.#text = step;
		this.#shown?.report();
	}

	end(): void {
		clearTimeout(this.#timer);
		this.#shown?.close();
		this.#shown = null;
	}

	#show(): void {
		const { promise, resolve } = Promise.withResolvers<void>();
		const shown = { report: () => {}, close: resolve };
		this.#shown = shown;
		const options = { location: vscode.ProgressLocation.Notification, title: this.#title, cancellable: true };
		// Its callback comes later, perhaps only after the end.
		void vscode.window.withProgress(options, (progress, token) => {
			token.onCancellationRequested(this.#cancel);
			shown.report = () => progress.report({ message: this.#text });
			shown.report();
			return promise;
		});
	}
}
