import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import type { SyncRequest } from '../../core/model/plan.js';
import { pickSyncOptions } from '../pickers/syncOptions.js';
import type { SessionView } from '../tree/snapshot.js';
import { openedHome } from './chooseHome.js';
import { chosenSessions, viewOf } from './chosenSessions.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';
import { runSync } from './runSync.js';
import { plainRequest, syncArgument } from './syncArgument.js';

/**
 * Syncs sessions as each was synced last, else each to a branch of its own; asks which where no line is selected, and
 * what the plans need to be asked.
 */
export async function syncSessions(context: CommandContext, input: CommandInput): Promise<void> {
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const asked = syncArgument(input.argument);
	if (asked !== null) {
		await context.model.refresh();
		return runSync(context, homeport, [{ session: viewOf(context, asked.session).session, request: asked.request }]);
	}
	const views = await chosenSessions(context, input, vscode.l10n.t('Sessions to Sync'));
	const wanted = (views ?? []).map(({ session }) => ({ session, request: rememberedRequest(context, session.id) }));
	await runSync(context, homeport, wanted);
}

/** Syncs sessions as the user chooses now, and remembers that for the next time. */
export async function syncWithOptions(context: CommandContext, input: CommandInput): Promise<void> {
	const homeport = await openedHome(context);
	const views = homeport === null ? null : await chosenSessions(context, input, vscode.l10n.t('Sessions to Sync'));
	if (homeport === null || views === null) {
		return;
	}
	const request = await askedRequest(context, homeport, views);
	if (request !== null) {
		await Promise.all(views.map(({ session }) => context.syncMemory.remember(session.id, request)));
		await runSync(
			context,
			homeport,
			views.map(({ session }) => ({ session, request })),
		);
	}
}

/** Sends the branch that is checked out here to sessions; their own branches move only where nothing of theirs is lost. */
export async function sendToSessions(context: CommandContext, input: CommandInput): Promise<void> {
	const homeport = await openedHome(context);
	const views =
		homeport === null ? null : await chosenSessions(context, input, vscode.l10n.t('Sessions to send your work to'));
	if (homeport !== null && views !== null) {
		const request: SyncRequest = { ...plainRequest, direction: 'session' };
		await runSync(
			context,
			homeport,
			views.map(({ session }) => ({ session, request })),
		);
	}
}

/** How the session was synced last by choice, else the way that takes nothing from the user. */
export function rememberedRequest({ syncMemory }: CommandContext, sessionId: string): SyncRequest {
	return syncMemory.of(sessionId) ?? plainRequest;
}

function askedRequest(
	context: CommandContext,
	homeport: Homeport,
	views: readonly SessionView[],
): Promise<SyncRequest | null> {
	const [first] = views;
	const single = views.length === 1 && first !== undefined ? first : null;
	return pickSyncOptions(context.ports.prompter, {
		name: single === null ? vscode.l10n.t('{0} sessions', views.length) : shownText(single.session.name, 100),
		session: single?.session ?? null,
		branches: single?.status?.branches.map(({ name }) => name) ?? [],
		last: first === undefined ? plainRequest : rememberedRequest(context, first.session.id),
		branchChoices: (session, branch) => homeport.branchChoices(session, branch),
	});
}
