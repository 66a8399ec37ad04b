import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import type { SyncRequest } from '../../core/model/plan.js';
import type { SyncResult } from '../../core/model/report.js';
import type { Session } from '../../core/model/session.js';
import { syncSeveral } from '../../core/model/syncSeveral.js';
import { severalWords, syncWords } from '../prompts/resultText.js';
import type { CommandContext } from './context.js';
import type { CommandId } from './registry.js';
import { acceptPlans } from './acceptPlans.js';
import { undoOperation } from './undo.js';

/** A session, and how it is to be synced. */
export interface Wanted {
	readonly session: Session;
	readonly request: SyncRequest;
}

/** Syncs sessions with progress, asks what their plans ask, and tells how it ended; nothing where the user turned away. */
export async function runSync(context: CommandContext, homeport: Homeport, wanted: readonly Wanted[]): Promise<void> {
	const [only] = wanted;
	if (only === undefined) {
		return;
	}
	const results = await (wanted.length === 1 ? syncOne(context, homeport, only) : syncAll(context, homeport, wanted));
	if (results !== null) {
		// The command has ended; its message stays until the user has read it.
		void context.detached(() => tellResults(context, only.session, results));
	}
}

async function syncOne(
	context: CommandContext,
	homeport: Homeport,
	{ session, request }: Wanted,
): Promise<SyncResult[] | null> {
	const { model, ports } = context;
	let declined = false;
	const result = await ports.prompter.progress(titleOf(session, request), (call) =>
		model.operate(call.signal, () =>
			homeport.sync(
				session,
				request,
				(plan) =>
					call.whileAsking(async () => {
						const accepted = await acceptPlans(context, homeport, [{ session, plan }], call.signal);
						declined = accepted === null;
						return accepted === null ? { proceed: false } : { proceed: true, accepted: accepted.get(session.id) ?? [] };
					}),
				call,
			),
		),
	);
	return declined ? null : [result];
}

async function syncAll(
	context: CommandContext,
	homeport: Homeport,
	wanted: readonly Wanted[],
): Promise<SyncResult[] | null> {
	const { model, ports } = context;
	const requestOf = (session: Session): SyncRequest => wanted.find((one) => one.session === session)!.request;
	let declined = false;
	const results = await ports.prompter.progress(vscode.l10n.t('Syncing {0} sessions', wanted.length), (call) =>
		model.operate(call.signal, () => {
			const begin = (index: number, { name }: Session): void =>
				call.onStep(vscode.l10n.t('{0} of {1}, {2}', index + 1, wanted.length, shownText(name, 60)));
			return syncSeveral(
				wanted.map(({ session }) => session),
				{
					signal: call.signal,
					plan: async (session, index) => {
						begin(index, session);
						return homeport.plan(session, requestOf(session), call);
					},
					sync: async (session, decide, index) => {
						begin(index, session);
						return homeport.sync(session, requestOf(session), decide, call);
					},
					ask: (planned) =>
						call.whileAsking(async () => {
							const accepted = await acceptPlans(context, homeport, planned, call.signal);
							declined = accepted === null;
							return accepted;
						}),
				},
			);
		}),
	);
	return declined ? null : results;
}

function titleOf({ name }: Session, { direction }: SyncRequest): string {
	const shown = shownText(name, 100);
	return direction === 'session'
		? vscode.l10n.t('Sending work to {0}', shown)
		: vscode.l10n.t('Bringing {0} home', shown);
}

async function tellResults(context: CommandContext, first: Session, results: readonly SyncResult[]): Promise<void> {
	const undo = vscode.l10n.t('Undo');
	const openMerge = vscode.l10n.t('Open Merge');
	const settle = vscode.l10n.t('Settle Conflicts…');
	const [only] = results;
	const opened = results.find((result) => result.opened !== undefined)?.opened;
	const operations = results.flatMap(({ operation }) => operation ?? []);
	const words = results.length === 1 && only !== undefined ? syncWords(first.name, only) : severalWords(results);
	const actions = [...(opened === undefined ? [] : [settle, openMerge]), ...(operations.length === 0 ? [] : [undo])];
	const chosen = await context.ports.prompter.notify({ ...words, actions });
	if (chosen === undo) {
		// The newest first: each stands on those before it.
		for (const operation of operations.reverse()) {
			await undoOperation(context, operation);
		}
	} else if (chosen === settle) {
		await vscode.commands.executeCommand('homeport.resolveConflicts' satisfies CommandId);
	} else if (chosen === openMerge && opened !== undefined) {
		await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(opened), { forceNewWindow: true });
	}
}
