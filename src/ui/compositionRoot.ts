import * as vscode from 'vscode';
import { compareSession, showCaptured } from './commands/compare.js';
import { openFile, showChanges, showCommit, showFileChange } from './commands/contents.js';
import { showLedger } from './commands/showLedger.js';
import { registerContentFiles } from './contents/contentFiles.js';
import { addLocalSession } from './commands/addLocalSession.js';
import { filterSessions, groupSessions, sortSessions } from './commands/arrangeSessions.js';
import { chooseContexts } from './commands/chooseContexts.js';
import { showDoctor, fixProblem } from './commands/doctor.js';
import { exportDiagnostics } from './commands/exportDiagnostics.js';
import { chooseHome } from './commands/chooseHome.js';
import type { CommandContext } from './commands/context.js';
import { registerCommands, reportingErrors } from './commands/registry.js';
import { sendToSessions, syncSessions, syncWithOptions } from './commands/sync.js';
import { resolveConflicts } from './commands/resolveConflicts.js';
import { continueMerge, dropMerge } from './commands/continueMerge.js';
import { forgetSession } from './commands/forget.js';
import { makePatches } from './commands/patches.js';
import { removeSession } from './commands/removeSession.js';
import { rescueSessions } from './commands/rescue.js';
import { showPlan } from './commands/showPlan.js';
import { createUriHandler } from './commands/openUri.js';
import { showOverlap } from './commands/showOverlap.js';
import { followLog, openTerminal } from './commands/terminal.js';
import { undoOperation } from './commands/undo.js';
import { aboutOf } from './platform/about.js';
import { redoNamed, showOperation, undoNamed } from './commands/operations.js';
import { History } from './history/history.js';
import { showHistory } from './history/historyView.js';
import { loadCore } from './platform/core.js';
import { WindowHome } from './platform/home.js';
import { createLog } from './platform/log.js';
import type { Log } from './platform/log.js';
import { TerminalPath } from './platform/terminalPath.js';
import { Pages } from './pages/page.js';
import { windowPrompter } from './prompts/prompter.js';
import type { Prompter } from './prompts/prompter.js';
import { SyncMemory } from './platform/syncMemory.js';
import { createStatusItem } from './status/statusItem.js';
import { ArrangementMemory } from './tree/arrangementMemory.js';
import { OverlapRadar } from './tree/overlapRadar.js';
import { SessionsModel } from './tree/sessionsModel.js';
import { SessionsTree } from './tree/sessionsTree.js';
import { showSessions } from './tree/sessionsView.js';

/** The parts of a running extension; a test finds them as the extension's exports. */
export interface Extension {
	readonly model: SessionsModel;
	readonly tree: SessionsTree;
	readonly history: History;
	readonly statusItem: vscode.StatusBarItem;
	readonly uriHandler: vscode.UriHandler;
	/** What commands ask with; a test may put its own answers here. */
	readonly ports: { prompter: Prompter; readonly log: Log };
}

/** Puts the extension together. Reads no file, starts no process, loads no core: that waits until it is asked for. */
export function compose(extensionContext: vscode.ExtensionContext): Extension {
	const { subscriptions, workspaceState, extension } = extensionContext;
	const own = <T extends vscode.Disposable>(item: T): T => {
		subscriptions.push(item);
		return item;
	};
	const log = own(createLog('Homeport'));
	const home = own(new WindowHome(loadCore, log.logger, workspaceState));
	const model = own(new SessionsModel(home));
	const arrangement = own(new ArrangementMemory(workspaceState));
	const radar = own(new OverlapRadar(model, home, log));
	const tree = own(new SessionsTree(model, arrangement, radar));
	const history = own(new History(home));
	const pages = own(new Pages());
	const ports = { prompter: windowPrompter, log };
	const context: CommandContext = {
		home,
		model,
		tree,
		history,
		pages,
		about: aboutOf(extension),
		syncMemory: new SyncMemory(workspaceState),
		ports,
		detached: (work) => reportingErrors('homeport', work, ports),
	};
	own(
		registerCommands(
			{
				'homeport.sync': (input) => syncSessions(context, input),
				'homeport.syncWithOptions': (input) => syncWithOptions(context, input),
				'homeport.push': (input) => sendToSessions(context, input),
				'homeport.showPlan': (input) => showPlan(context, input),
				'homeport.rescue': (input) => rescueSessions(context, input),
				'homeport.patches': (input) => makePatches(context, input),
				'homeport.forget': (input) => forgetSession(context, input),
				'homeport.resolveConflicts': () => resolveConflicts(context),
				'homeport.continueMerge': () => continueMerge(context),
				'homeport.dropMerge': () => dropMerge(context),
				'homeport.undo': () => undoOperation(context, null),
				'homeport.refresh': () => model.refresh(),
				'homeport.filterSessions': () => filterSessions(arrangement, ports.prompter),
				'homeport.clearFilter': () => arrangement.change({ filter: '' }),
				'homeport.sortSessions': () => sortSessions(arrangement, ports.prompter),
				'homeport.groupSessions': () => groupSessions(arrangement, ports.prompter),
				'homeport.addLocalSession': () => addLocalSession(context),
				'homeport.removeSession': (input) => removeSession(context, input),
				'homeport.chooseHome': async () => void (await chooseHome(context)),
				'homeport.chooseContexts': () => chooseContexts(context),
				'homeport.showOverlap': () => showOverlap(context),
				'homeport.doctor': () => showDoctor(context),
				'homeport.fix': ({ argument }) => fixProblem(context, argument),
				'homeport.exportDiagnostics': () => exportDiagnostics(context),
				'homeport.showOperation': (input) => showOperation(context, input),
				'homeport.undoOperation': (input) => undoNamed(context, input),
				'homeport.redoOperation': (input) => redoNamed(context, input),
				'homeport.showMoreHistory': () => history.showMore(),
				'homeport.showCommit': (input) => showCommit(context, input),
				'homeport.showChanges': (input) => showChanges(context, input),
				'homeport.showFileChange': (input) => showFileChange(context, input),
				'homeport.openFile': (input) => openFile(input),
				'homeport.compare': (input) => compareSession(context, input),
				'homeport.showCaptured': (input) => showCaptured(context, input),
				'homeport.showLedger': (input) => showLedger(context, input),
				'homeport.openTerminal': (input) => openTerminal(context, input),
				'homeport.followLog': (input) => followLog(context, input),
				'homeport.showLog': () => log.show(),
			},
			ports,
		),
	);
	const view = own(showSessions({ model, tree, arrangement, home, log }));
	const uriHandler = createUriHandler(context, (nodeId) => view.reveal(nodeId));
	own(vscode.window.registerUriHandler(uriHandler));
	const terminalPath = own(new TerminalPath(extensionContext, log));
	own(model.onDidChange(() => void terminalPath.used()));
	own(registerContentFiles(home));
	own(showHistory({ history, pages, home, log }));
	const statusItem = own(createStatusItem(model));
	return { model, tree, history, statusItem: statusItem.item, uriHandler, ports };
}
