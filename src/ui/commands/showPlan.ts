import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { planPage } from '../pages/planPage.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';
import { chosenSession } from './sync.js';
import { plainRequest, syncArgument } from './syncArgument.js';

/** Shows what a sync would do as a page, and syncs nothing; the session's work is fetched and kept for that. */
export async function showPlan(context: CommandContext, { nodeId, argument }: CommandInput): Promise<void> {
	const { model, pages, ports, tree } = context;
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const asked = syncArgument(argument);
	const session = await chosenSession(context, asked?.session ?? (nodeId === null ? null : tree.sessionOf(nodeId)));
	if (session === null) {
		return;
	}
	const title = vscode.l10n.t('Planning for {0}', shownText(session.name, 100));
	const shown = await ports.prompter.progress(title, (call) =>
		model.operate(call.signal, async () => {
			const plan = await homeport.plan(session, asked?.request ?? plainRequest, call);
			return { session, plan, details: await homeport.planDetails(plan, call) };
		}),
	);
	pages.show('plan', planPage([shown]));
}
