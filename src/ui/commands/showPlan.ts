import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { planPage } from '../pages/planPage.js';
import { openedHome } from './chooseHome.js';
import { chosenSession, viewOf } from './chosenSessions.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';
import { rememberedRequest } from './sync.js';
import { syncArgument } from './syncArgument.js';

/** Shows what a sync would do as a page, and syncs nothing; the session's work is fetched and kept for that. */
export async function showPlan(context: CommandContext, input: CommandInput): Promise<void> {
	const { model, pages, ports } = context;
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const asked = syncArgument(input.argument);
	const view =
		asked === null
			? await chosenSession(context, input, vscode.l10n.t('Session to plan for'))
			: viewOf(context, asked.session);
	if (view === null) {
		return;
	}
	const { session } = view;
	const request = asked?.request ?? rememberedRequest(context, session.id);
	const title = vscode.l10n.t('Planning for {0}', shownText(session.name, 100));
	const shown = await ports.prompter.progress(title, (call) =>
		model.operate(call.signal, async () => {
			const plan = await homeport.plan(session, request, call);
			return { root: homeport.root, session, plan, details: await homeport.planDetails(plan, call) };
		}),
	);
	pages.show('plan', planPage([shown]));
}
