import { basename } from 'node:path';
import * as vscode from 'vscode';
import { errorText } from '../core/base/errors.js';
import { describeError } from '../core/base/messages.js';
import { addLocalSession } from './commands/addLocalSession.js';
import { chooseHome } from './commands/chooseHome.js';
import type { CommandContext } from './commands/context.js';
import { registerCommands, reportingErrors } from './commands/registry.js';
import { syncSession } from './commands/sync.js';
import { continueMerge } from './commands/continueMerge.js';
import { showOverlap } from './commands/showOverlap.js';
import { undoOperation } from './commands/undo.js';
import { loadCore } from './platform/core.js';
import { WindowHome } from './platform/home.js';
import { channelLogger } from './platform/log.js';
import { watchHomeRefs } from './platform/homeRefs.js';
import { watchSessions } from './platform/sessionWatch.js';
import { onWindowFocus } from './platform/windowFocus.js';
import { Pages } from './pages/page.js';
import { windowPrompter } from './prompts/prompter.js';
import type { Prompter } from './prompts/prompter.js';
import { createStatusItem } from './status/statusItem.js';
import { SessionsModel } from './tree/sessionsModel.js';
import type { Snapshot } from './tree/sessionsModel.js';
import { SessionsTree } from './tree/sessionsTree.js';
import { standing } from './tree/words.js';

const viewId = 'homeport.sessions';

/** The parts of a running extension; a test finds them as the extension's exports. */
export interface Extension {
	readonly model: SessionsModel;
	readonly tree: SessionsTree;
	readonly statusItem: vscode.StatusBarItem;
	/** What commands ask with; a test may put its own answers here. */
	readonly ports: { prompter: Prompter; readonly log: vscode.LogOutputChannel };
}

/** Puts the extension together. Reads no file, starts no process, loads no core: that waits until it is asked for. */
export function compose({ subscriptions, workspaceState }: vscode.ExtensionContext): Extension {
	const own = <T extends vscode.Disposable>(item: T): T => {
		subscriptions.push(item);
		return item;
	};
	const log = own(vscode.window.createOutputChannel('Homeport', { log: true }));
	const home = own(new WindowHome(loadCore, channelLogger(log), workspaceState));
	const model = own(new SessionsModel(home));
	const tree = own(new SessionsTree(model));
	const pages = own(new Pages());
	const ports = { prompter: windowPrompter, log };
	const context: CommandContext = {
		home,
		model,
		tree,
		pages,
		ports,
		detached: (work) => reportingErrors('homeport', work, ports),
	};
	own(
		registerCommands(
			{
				'homeport.sync': ({ nodeId }) => syncSession(context, nodeId),
				'homeport.continueMerge': () => continueMerge(context),
				'homeport.undo': () => undoOperation(context, null),
				'homeport.refresh': () => model.refresh(),
				'homeport.addLocalSession': () => addLocalSession(context),
				'homeport.chooseHome': async () => void (await chooseHome(context)),
				'homeport.showOverlap': () => showOverlap(context),
				'homeport.showLog': () => log.show(),
			},
			ports,
		),
	);
	own(showSessions(model, tree, home, log));
	const statusItem = own(createStatusItem(model));
	return { model, tree, statusItem: statusItem.item, ports };
}

function showSessions(
	model: SessionsModel,
	tree: SessionsTree,
	home: WindowHome,
	log: vscode.LogOutputChannel,
): vscode.Disposable {
	const view = vscode.window.createTreeView(viewId, { treeDataProvider: tree, showCollapseAll: true });
	let said = '';
	let watched: { readonly root: string; readonly watcher: vscode.Disposable } | null = null;
	const whenUsed = (refresh: () => Promise<void>) => (): void => {
		if (view.visible || model.snapshot.state !== 'unopened') {
			void vscode.window.withProgress({ location: { viewId } }, refresh);
		}
	};
	const refreshIfUsed = whenUsed(() => model.refresh());
	const refreshIfMoved = whenUsed(() => model.refreshIfMoved());
	const show = (snapshot: Snapshot): void => {
		void vscode.commands.executeCommand('setContext', 'homeport.state', snapshot.state);
		const failed = snapshot.error !== null && (snapshot.state === 'ready' || snapshot.state === 'failed');
		const problem = failed ? snapshot.error : snapshot.problem;
		view.message = problem === null ? '' : describeError(problem, 'ui').message;
		const reason = problem === null ? '' : errorText(problem);
		if (reason !== '' && reason !== said) {
			log.error('homeport.refresh:', reason);
		}
		said = reason;
		const exposed = snapshot.sessions.filter((one) => standing(one) === 'exposed').length;
		const severalFolders = (vscode.workspace.workspaceFolders ?? []).length > 1;
		view.description = severalFolders && snapshot.root !== null ? basename(snapshot.root) : '';
		view.badge = exposed === 0 ? undefined : { value: exposed, tooltip: badgeTooltip(exposed) };
		if (snapshot.root !== null && snapshot.root !== watched?.root) {
			watched?.watcher.dispose();
			watched = { root: snapshot.root, watcher: watchHomeRefs(snapshot.root, refreshIfMoved) };
		}
	};
	const subscriptions = vscode.Disposable.from(
		view,
		model.onDidChange(show),
		home.onDidChange(refreshIfUsed),
		watchSessions(home, view, refreshIfUsed),
		view.onDidChangeVisibility((event) => {
			if (event.visible) {
				refreshIfUsed();
			}
		}),
		onWindowFocus(refreshIfUsed),
	);
	return {
		dispose: () => {
			watched?.watcher.dispose();
			subscriptions.dispose();
		},
	};
}

function badgeTooltip(exposed: number): string {
	return exposed === 1
		? vscode.l10n.t('1 session has work that is nowhere else')
		: vscode.l10n.t('{0} sessions have work that is nowhere else', exposed);
}
