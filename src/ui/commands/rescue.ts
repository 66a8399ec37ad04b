import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { SyncResult } from '../../core/model/report.js';
import { failedResult } from '../../core/model/syncSeveral.js';
import { rescueWords } from '../prompts/resultText.js';
import { openedHome } from './chooseHome.js';
import { chosenSessions } from './chosenSessions.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';

/** Brings everything of sessions to safety in home, and touches no branch. */
export async function rescueSessions(context: CommandContext, input: CommandInput): Promise<void> {
	const { model, ports } = context;
	const homeport = await openedHome(context);
	const views =
		homeport === null ? null : await chosenSessions(context, input, vscode.l10n.t('Sessions to bring to safety'));
	if (homeport === null || views === null) {
		return;
	}
	const results = await ports.prompter.progress(vscode.l10n.t('Bringing work to safety'), (call) =>
		model.operate(call.signal, async () => {
			const ended: SyncResult[] = [];
			for (const [index, { session }] of views.entries()) {
				call.onStep(vscode.l10n.t('{0} of {1}, {2}', index + 1, views.length, shownText(session.name, 60)));
				const result = homeport.rescue(session, call);
				ended.push(await result.catch((error: unknown) => alone(failedResult(session, error), views.length, error)));
			}
			return ended;
		}),
	);
	void ports.prompter.notify({ ...rescueWords(results), actions: [] });
}

// One session's error is that of the command; of several, each is told.
function alone(result: SyncResult, amount: number, error: unknown): SyncResult {
	if (amount === 1) {
		throw error;
	}
	return result;
}
