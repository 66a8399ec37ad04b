import * as vscode from 'vscode';
import { withCancellableProgress } from '../platform/progress.js';
import type { CancellableCall } from '../platform/progress.js';
import type { Choice, PickableChoice, PickOptions } from './choice.js';
import { withoutLinks } from './plainText.js';
import { pickOne, pickSeveral } from './quickPick.js';

/** A question that stops everything, for what cannot be left unsaid. */
export interface Confirmation {
	/** What will happen. */
	readonly message: string;
	/** What is lost, and how to get it back. */
	readonly detail: string;
	/** The button that does it, named by what it does. */
	readonly action: string;
}

export interface Question {
	readonly title: string;
	readonly prompt: string;
	readonly value: string;
	/** The reason why the text cannot be taken, or null. */
	readonly problem: (text: string) => string | null;
}

/** A message with things to do about it; answers with the one that was chosen. */
export interface Notice {
	readonly level: 'info' | 'warning' | 'error';
	readonly message: string;
	readonly actions: readonly string[];
}

/** Everything that a person is asked or told outside the views. Every answer may be null: they turned away. */
export interface Prompter {
	confirm(confirmation: Confirmation): Promise<boolean>;
	/** The first choice is the one that Enter takes. */
	pick<T>(title: string, choices: readonly Choice<T>[], options?: PickOptions<T>): Promise<T | null>;
	/**
	 * Several lines at once, none being an answer too; stays open while the user reads elsewhere. `hint` stands in the box
	 * where nothing is typed.
	 */
	pickSeveral<T>(
		words: { readonly title: string; readonly hint: string },
		choices: readonly PickableChoice<T>[],
	): Promise<readonly T[] | null>;
	ask(question: Question): Promise<string | null>;
	/** A folder of this machine, as a path; the search begins at `start`, where that is given. */
	folder(title: string, button: string, start?: string): Promise<string | null>;
	notify(notice: Notice): Promise<string | null>;
	/** Runs work that may take long, shows how far it has come, and lets it be cancelled. */
	progress<T>(title: string, work: (call: CancellableCall) => Promise<T>): Promise<T>;
}

const show = {
	info: vscode.window.showInformationMessage,
	warning: vscode.window.showWarningMessage,
	error: vscode.window.showErrorMessage,
};

/** The prompter that asks in the window. */
export const windowPrompter: Prompter = {
	async confirm({ message, detail, action }) {
		return (await vscode.window.showWarningMessage(message, { modal: true, detail }, action)) === action;
	},
	pick: (title, choices, options = {}) => pickOne(title, choices, options),
	pickSeveral: ({ title, hint }, choices) => pickSeveral(title, hint, choices),
	async ask({ title, prompt, value, problem }) {
		const text = await vscode.window.showInputBox({
			title,
			prompt,
			value,
			validateInput: problem,
			ignoreFocusOut: true,
		});
		return text ?? null;
	},
	async folder(title, openLabel, start) {
		const picked = await vscode.window.showOpenDialog({
			title,
			openLabel,
			...(start === undefined ? {} : { defaultUri: vscode.Uri.file(start) }),
			canSelectFolders: true,
			canSelectFiles: false,
			canSelectMany: false,
		});
		return picked?.[0]?.fsPath ?? null;
	},
	async notify({ level, message, actions }) {
		return (await show[level](withoutLinks(message), ...actions)) ?? null;
	},
	progress: withCancellableProgress,
};
