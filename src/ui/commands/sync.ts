import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Plan, SyncRequest } from '../../core/model/plan.js';
import type { Decide } from '../../core/model/report.js';
import type { Session } from '../../core/model/session.js';
import { unaccepted } from '../../core/model/warning.js';
import { pickSession } from '../pickers/sessionPicker.js';
import { pickStrategy } from '../pickers/strategyPicker.js';
import { lostCommits, planConfirmation } from '../prompts/planText.js';
import type { Prompter } from '../prompts/prompter.js';
import { syncWords } from '../prompts/resultText.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';
import type { CommandId, CommandInput } from './registry.js';
import { plainRequest, syncArgument } from './syncArgument.js';
import { commits } from '../tree/words.js';
import { undoOperation } from './undo.js';

/** Brings one session home: asks which and how, where that was not said, and what the plan needs to be asked. */
export async function syncSession(context: CommandContext, { nodeId, argument }: CommandInput): Promise<void> {
	const { model, tree, ports } = context;
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const asked = syncArgument(argument);
	const session = await chosenSession(context, asked?.session ?? (nodeId === null ? null : tree.sessionOf(nodeId)));
	const request = session === null ? null : (asked?.request ?? (await askedRequest(ports.prompter, session)));
	if (session === null || request === null) {
		return;
	}
	const question = { declined: false };
	const title = vscode.l10n.t('Bringing {0} home', shownText(session.name, 100));
	const decide = askAbout(session, homeport.root, ports.prompter, question);
	const result = await ports.prompter.progress(title, (call) =>
		model.operate(call.signal, () =>
			homeport.sync(session, request, (plan) => call.whileAsking(() => decide(plan)), call),
		),
	);
	if (question.declined) {
		return;
	}
	const undo = vscode.l10n.t('Undo');
	const openMerge = vscode.l10n.t('Open Merge');
	const actions = [...(result.opened === undefined ? [] : [openMerge]), ...(result.operation === null ? [] : [undo])];
	// The command has ended; its message stays until the user has read it.
	void context.detached(async () => {
		const chosen = await ports.prompter.notify({ ...syncWords(session.name, result), actions });
		if (chosen === undo) {
			await undoOperation(context, result.operation);
		} else if (chosen === openMerge && result.opened !== undefined) {
			await openFolder(result.opened);
		}
	});
}

async function askedRequest(prompter: Prompter, session: Session): Promise<SyncRequest | null> {
	const strategy = await pickStrategy(prompter, session);
	return strategy === null ? null : { ...plainRequest, strategy };
}

/** Opens a folder of home's machine in a window of its own. */
async function openFolder(path: string): Promise<void> {
	const [here] = vscode.workspace.workspaceFolders ?? [];
	// Where the window is a remote one, so is the folder.
	const uri = here === undefined ? vscode.Uri.file(path) : here.uri.with({ path });
	await vscode.commands.executeCommand('vscode.openFolder', uri, { forceNewWindow: true });
}

/** The session that was named, else the one that the user chooses; null where they turn away. */
export async function chosenSession(
	{ model, ports }: CommandContext,
	sessionId: string | null,
): Promise<Session | null> {
	const known = model.snapshot.sessions.find((view) => view.session.id === sessionId);
	if (known !== undefined) {
		return known.session;
	}
	await model.refresh();
	if (model.snapshot.sessions.length > 0) {
		return pickSession(ports.prompter, model.snapshot.sessions);
	}
	const add = vscode.l10n.t('Add Local Session…');
	const message = vscode.l10n.t('No session works on this repository yet.');
	if ((await ports.prompter.notify({ level: 'info', message, actions: [add] })) === add) {
		await vscode.commands.executeCommand('homeport.addLocalSession' satisfies CommandId);
	}
	return null;
}

/** Asks only where the plan has something to ask; everything that it asks is in the one modal. */
function askAbout(session: Session, root: string, prompter: Prompter, question: { declined: boolean }): Decide {
	return async (plan: Plan) => {
		const accepted = unaccepted(plan.warnings, new Set());
		if (accepted.length === 0) {
			return { proceed: true, accepted };
		}
		const wayBack = vscode.l10n.t('"Homeport: Undo Last Operation" brings it all back.');
		const proceed = await prompter.confirm(
			planConfirmation({ title: questionWords(session, plan), plan, root, wayBack }),
		);
		question.declined = !proceed;
		return proceed ? { proceed, accepted } : { proceed };
	};
}

function questionWords(session: Session, plan: Plan): string {
	const name = shownText(session.name, 100);
	const lost = lostCommits(plan);
	return lost === 0
		? vscode.l10n.t('Bring {0} home?', name)
		: vscode.l10n.t('Bring {0} home, over {1} of yours?', name, commits(lost));
}
