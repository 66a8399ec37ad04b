import * as vscode from 'vscode';
import type { SessionsModel } from '../tree/sessionsModel.js';
import { statusText } from './statusText.js';

/** Keeps one status bar item in step with the model; hidden while there is nothing to say. */
export function createStatusItem(model: SessionsModel): { readonly item: vscode.StatusBarItem } & vscode.Disposable {
	const item = vscode.window.createStatusBarItem('homeport.status', vscode.StatusBarAlignment.Left);
	item.name = 'Homeport';
	item.command = 'homeport.sessions.focus';
	const subscription = model.onDidChange((snapshot) => {
		const shown = statusText(snapshot);
		if (shown === null) {
			item.hide();
			return;
		}
		item.text = shown.text;
		item.tooltip = shown.tooltip;
		item.accessibilityInformation = { label: shown.spoken };
		item.show();
	});
	return { item, dispose: () => vscode.Disposable.from(subscription, item).dispose() };
}
