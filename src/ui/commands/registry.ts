import * as vscode from 'vscode';
import { errorText, isHomeportError } from '../../core/base/errors.js';
import { NoHomeError } from '../platform/home.js';
import type { Log } from '../platform/log.js';
import type { NoHomeReason } from '../platform/home.js';
import type { Prompter } from '../prompts/prompter.js';
import { errorWords } from '../platform/coreWords.js';

/** Every command of the extension; package.json contributes the same. */
export const commandIds = [
	'homeport.sync',
	'homeport.syncWithOptions',
	'homeport.push',
	'homeport.showPlan',
	'homeport.rescue',
	'homeport.patches',
	'homeport.forget',
	'homeport.resolveConflicts',
	'homeport.continueMerge',
	'homeport.dropMerge',
	'homeport.undo',
	'homeport.refresh',
	'homeport.filterSessions',
	'homeport.clearFilter',
	'homeport.sortSessions',
	'homeport.groupSessions',
	'homeport.addLocalSession',
	'homeport.removeSession',
	'homeport.chooseHome',
	'homeport.chooseContexts',
	'homeport.showOverlap',
	'homeport.doctor',
	'homeport.fix',
	'homeport.exportDiagnostics',
	'homeport.showOperation',
	'homeport.undoOperation',
	'homeport.redoOperation',
	'homeport.showMoreHistory',
	'homeport.showCommit',
	'homeport.showChanges',
	'homeport.showFileChange',
	'homeport.openFile',
	'homeport.compare',
	'homeport.showCaptured',
	'homeport.showLedger',
	'homeport.openTerminal',
	'homeport.followLog',
	'homeport.showLog',
] as const;

export type CommandId = (typeof commandIds)[number];

/** What a command was called with; everybody may call one, so an `argument` is to be checked. */
export interface CommandInput {
	/** The id of the tree line that it was called on, or null. */
	readonly nodeId: string | null;
	/** The ids of all lines that are selected, where it was called on one of them, else of that line alone. */
	readonly nodeIds: readonly string[];
	/** What a page, another command or somebody else hands over. */
	readonly argument: unknown;
}

/** What each command does. */
export type CommandHandlers = Readonly<Record<CommandId, (input: CommandInput) => Promise<void> | void>>;

export interface CommandPorts {
	readonly prompter: Prompter;
	readonly log: Log;
}

/** Registers all commands; what they throw is put into words here, once. */
export function registerCommands(handlers: CommandHandlers, ports: CommandPorts): vscode.Disposable {
	const registered = commandIds.map((id) =>
		vscode.commands.registerCommand(id, (argument: unknown, selected: unknown) =>
			reportingErrors(id, async () => handlers[id](inputOf(argument, selected)), ports),
		),
	);
	return vscode.Disposable.from(...registered);
}

function inputOf(argument: unknown, selected: unknown): CommandInput {
	const nodeId = typeof argument === 'string' ? argument : null;
	const nodeIds = Array.isArray(selected) ? selected.filter((id) => typeof id === 'string') : [];
	return { nodeId, nodeIds: nodeIds.length > 0 || nodeId === null ? nodeIds : [nodeId], argument };
}

/** Runs `work` and tells the user what it throws; never rejects, and does not wait for the user to read. */
export async function reportingErrors(what: string, work: () => Promise<void>, ports: CommandPorts): Promise<void> {
	try {
		await work();
	} catch (error) {
		void reportError(what, error, ports);
	}
}

async function reportError(what: string, error: unknown, { prompter, log }: CommandPorts): Promise<void> {
	if (isHomeportError(error, 'cancelled', 'nothing-to-undo')) {
		log.info(`${what}: ${error.code}`);
		await prompter.notify({ level: 'info', message: errorWords(error).message, actions: [] });
		return;
	}
	if (error instanceof NoHomeError) {
		await prompter.notify({ level: 'warning', message: noHomeWords[error.reason](), actions: [] });
		return;
	}
	log.error(`${what}:`, errorText(error));
	const showLog = vscode.l10n.t('Show Log');
	const { message, next } = errorWords(error);
	const words = next === null ? message : `${message} ${next}`;
	log.error(words);
	if ((await prompter.notify({ level: 'error', message: words, actions: [showLog] })) === showLog) {
		log.show();
	}
}

/** Why there is no home, and what to do. */
export const noHomeWords: Record<NoHomeReason, () => string> = {
	noFolder: () => vscode.l10n.t('Open the folder of the repository first; Homeport brings work home to it.'),
	untrusted: () => vscode.l10n.t('Homeport runs git in a trusted folder alone. Trust this folder first.'),
	unchosen: () => vscode.l10n.t('Several folders of this window are repositories. Choose first which one is home.'),
};
