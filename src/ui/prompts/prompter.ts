import * as vscode from 'vscode';
import { withCancellableProgress } from '../platform/progress.js';
import type { CancellableCall } from '../platform/progress.js';
import { withoutIcons, withoutLinks } from './plainText.js';

/** A question that stops everything, for what cannot be left unsaid. */
export interface Confirmation {
	/** What will happen. */
	readonly message: string;
	/** What is lost, and how to get it back. */
	readonly detail: string;
	/** The button that does it, named by what it does. */
	readonly action: string;
}

/** One line to choose. */
export interface Choice<T> {
	readonly label: string;
	readonly description?: string;
	readonly detail?: string;
	readonly value: T;
}

/** One line to choose among several, which may be chosen already. */
export interface PickableChoice<T> extends Choice<T> {
	readonly picked: boolean;
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
	pick<T>(title: string, choices: readonly Choice<T>[]): Promise<T | null>;
	/** Several lines at once, none being an answer too; `hint` stands in the box where nothing is typed. */
	pickSeveral<T>(
		words: { readonly title: string; readonly hint: string },
		choices: readonly PickableChoice<T>[],
	): Promise<T[] | null>;
	ask(question: Question): Promise<string | null>;
	/** A folder of this machine, as a path. */
	folder(title: string, button: string): Promise<string | null>;
	notify(notice: Notice): Promise<string | null>;
	/** Runs work that may take long, shows how far it has come, and lets it be cancelled. */
	progress<T>(title: string, work: (call: CancellableCall) => Promise<T>): Promise<T>;
}

function itemOf<T>({ label, description, detail, value }: Choice<T>): vscode.QuickPickItem & { readonly value: T } {
	return {
		label: withoutIcons(label),
		description: withoutIcons(description ?? ''),
		detail: withoutIcons(detail ?? ''),
		value,
	};
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
	async pick(title, choices) {
		const picked = await vscode.window.showQuickPick(choices.map(itemOf), { title, matchOnDescription: true });
		return picked?.value ?? null;
	},
	async pickSeveral({ title, hint }, choices) {
		const items = choices.map((choice) => ({ ...itemOf(choice), picked: choice.picked }));
		const options = { title, placeHolder: withoutIcons(hint), matchOnDescription: true, canPickMany: true } as const;
		const picked = await vscode.window.showQuickPick(items, options);
		return picked?.map(({ value }) => value) ?? null;
	},
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
	async folder(title, openLabel) {
		const options = { title, openLabel, canSelectFolders: true, canSelectFiles: false, canSelectMany: false };
		const picked = await vscode.window.showOpenDialog(options);
		return picked?.[0]?.fsPath ?? null;
	},
	async notify({ level, message, actions }) {
		return (await show[level](withoutLinks(message), ...actions)) ?? null;
	},
	progress: withCancellableProgress,
};
