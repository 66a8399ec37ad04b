import * as vscode from 'vscode';
import { overlapPage } from '../pages/overlapPage.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';

/** Shows whose work gets in the way of whose; contacts no session. */
export async function showOverlap(context: CommandContext): Promise<void> {
	const { model, pages, ports } = context;
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	if (model.snapshot.sessions.length === 0) {
		await model.refresh();
	}
	const ids = model.snapshot.sessions.map(({ session }) => session.id);
	const overlap = await ports.prompter.progress(vscode.l10n.t('Comparing sessions'), ({ signal }) =>
		homeport.overlap(ids, { signal }),
	);
	pages.show('overlap', overlapPage(overlap));
}
