import * as vscode from 'vscode';
import { compose } from './ui/compositionRoot.js';
import type { Extension } from './ui/compositionRoot.js';

/** How long the extension took to be put together. */
export interface ActivationTime {
	readonly activationMs: number;
}

/** Puts the extension together and waits for nothing. Its parts are given out to the extension's own tests alone. */
export function activate(context: vscode.ExtensionContext): (Extension & ActivationTime) | undefined {
	const began = performance.now();
	const extension = compose(context);
	const activationMs = performance.now() - began;
	return context.extensionMode === vscode.ExtensionMode.Test ? { ...extension, activationMs } : undefined;
}
