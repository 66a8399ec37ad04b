import { isAbsolute } from 'node:path';
import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { doctorPage } from '../pages/doctorPage.js';
import { examineWindow } from '../platform/doctorChecks.js';
import { chooseContexts } from './chooseContexts.js';
import { chooseHome, openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';
import { showKept } from './showLedger.js';

/** Looks at everything that Homeport relies on, and shows it as a page. Changes nothing. */
export async function showDoctor({ home, model, about, pages, ports }: CommandContext): Promise<void> {
	const found = await ports.prompter.progress(vscode.l10n.t('Looking at everything that Homeport relies on'), (call) =>
		examineWindow(home, model.snapshot, about, call.signal),
	);
	pages.show('doctor', doctorPage(found));
}

/** Does what a button of the page says; everybody may call it, so it does nothing that was not asked for or confirmed. */
export async function fixProblem(context: CommandContext, argument: unknown): Promise<void> {
	const { kind, path, session } = (argument ?? {}) as Readonly<Record<string, unknown>>;
	switch (kind) {
		case 'break-lock':
			return breakLock(context);
		case 'choose-contexts':
			return chooseContexts(context);
		case 'choose-home':
			await chooseHome(context);
			return showDoctor(context);
		case 'open-file':
			if (typeof path === 'string' && isAbsolute(path)) {
				await vscode.window.showTextDocument(vscode.Uri.file(path));
			}
			return;
		case 'manage-trust':
			await vscode.commands.executeCommand('workbench.trust.manage');
			return;
		case 'open-folder':
			await vscode.commands.executeCommand('vscode.openFolder');
			return;
		case 'open-settings':
			await vscode.commands.executeCommand('workbench.action.openSettings', 'homeport.kube');
			return;
		case 'show-kept':
			return typeof session === 'string' ? showKept(context, session) : undefined;
		default:
	}
}

async function breakLock(context: CommandContext): Promise<void> {
	const { prompter } = context.ports;
	const homeport = await openedHome(context);
	const status = await homeport?.lockStatus();
	if (homeport === null || status === undefined || status.held || status.ageSeconds === null) {
		return showDoctor(context);
	}
	const proceed = await prompter.confirm({
		message: vscode.l10n.t('Take away the sync lock of this home?'),
		detail: [
			vscode.l10n.t(
				'It was left by process {0} on {1}. It is only taken away if that process is gone; what it had begun is ended or undone by the next sync or undo.',
				status.pid ?? '?',
				shownText(status.host ?? '?', 100),
			),
		].join('\n'),
		action: vscode.l10n.t('Break Lock'),
	});
	if (proceed) {
		await homeport.breakLock();
		await showDoctor(context);
	}
}
