import * as vscode from 'vscode';
import { warnAfterMinutes } from '../platform/settings.js';
import type { SessionsModel } from '../tree/sessionsModel.js';
import { statusText } from './statusText.js';
import { type Alarm, alarmOf, worstOf } from './worst.js';

const redrawMs = 30_000;

/** Keeps one status bar item in step with the model and the clock; hidden while there is nothing to say. */
export function createStatusItem(model: SessionsModel): { readonly item: vscode.StatusBarItem } & vscode.Disposable {
	const item = vscode.window.createStatusBarItem('homeport.status', vscode.StatusBarAlignment.Left);
	item.name = 'Homeport';
	item.command = 'homeport.sessions.focus';
	let alarm: Alarm | null = null;
	const draw = (): void => {
		const { snapshot } = model;
		const now = Date.now();
		const worst = worstOf(snapshot, now);
		const shown = statusText(snapshot, worst, now);
		const judged = alarmOf(alarm, worst, warnAfterMinutes(), snapshot.lookedAt, now);
		alarm = judged.alarm;
		if (shown === null) {
			item.hide();
			return;
		}
		item.text = shown.text;
		item.tooltip = shown.tooltip;
		item.accessibilityInformation = { label: shown.spoken };
		item.backgroundColor = judged.warn ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
		item.show();
	};
	const clock = setInterval(draw, redrawMs);
	const subscriptions = vscode.Disposable.from(
		item,
		model.onDidChange(draw),
		vscode.workspace.onDidChangeConfiguration((event) => event.affectsConfiguration('homeport.status') && draw()),
	);
	return {
		item,
		dispose: () => {
			clearInterval(clock);
			subscriptions.dispose();
		},
	};
}
