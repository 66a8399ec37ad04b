import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { canBeUndone } from '../../core/model/canBeUndone.js';
import type { Operation } from '../../core/model/report.js';
import type { CommandId } from '../commands/registry.js';
import { shortRef, timeWords } from '../tree/words.js';
import { changedNames, isUndo, movedWords, operationState, operationTitle } from './operationWords.js';
import type { Moved } from './operationWords.js';

/** One line of the history, made once. */
export interface HistoryNode {
	readonly id: string;
	readonly parent: string | null;
	readonly children: readonly string[];
	readonly item: vscode.TreeItem;
	readonly tooltip: string;
	/** The id of the operation that the line is about; null for the line that shows more. */
	readonly operation: string | null;
}

/** The line of an operation, and one below it for each ref and working tree that it changed. */
export function operationNodes(operation: Operation): HistoryNode[] {
	const id = `operation:${operation.id}`;
	const below = [
		...operation.refs.map((moved) => refNode(operation, moved, null)),
		...(operation.sessionRefs ?? []).map((moved) => refNode(operation, moved, operation.session)),
		...operation.files.map(({ worktree }) => filesNode(operation, worktree)),
	];
	const title = operationTitle(operation);
	const state = operationState(operation);
	const fold = vscode.TreeItemCollapsibleState;
	const item = new vscode.TreeItem(title, below.length === 0 ? fold.None : fold.Collapsed);
	const parts = [state, changedNames(operation), timeWords(operation.time)].filter(
		(part) => part !== null && part !== '',
	);
	item.id = id;
	item.description = parts.join(' · ');
	item.iconPath = iconOf(operation);
	item.contextValue = [
		'operation',
		canBeUndone(operation) ? (isUndo(operation) ? 'redoable' : 'undoable') : 'settled',
	].join('+');
	item.accessibilityInformation = { label: [title, ...parts].join(', ') };
	item.command = {
		command: 'homeport.showOperation' satisfies CommandId,
		title: vscode.l10n.t('Show Operation…'),
		arguments: [{ id: operation.id }],
	};
	return [
		{
			id,
			parent: null,
			children: below.map((node) => node.id),
			item,
			tooltip: [
				`${title}: ${parts.join(', ')}`,
				new Date(operation.time).toLocaleString(),
				vscode.l10n.t('Operation {0}', operation.id),
			].join('\n'),
			operation: operation.id,
		},
		...below,
	];
}

/** The line that shows older operations. */
export function moreNode(): HistoryNode {
	const item = new vscode.TreeItem(vscode.l10n.t('Show More…'));
	item.id = 'more';
	item.iconPath = new vscode.ThemeIcon('history');
	item.contextValue = 'more';
	item.accessibilityInformation = { label: vscode.l10n.t('Show older operations') };
	item.command = { command: 'homeport.showMoreHistory' satisfies CommandId, title: vscode.l10n.t('Show More…') };
	return { id: 'more', parent: null, children: [], item, tooltip: '', operation: null };
}

function refNode(operation: Operation, moved: Moved, session: string | null): HistoryNode {
	const name = shortRef(moved.ref);
	const words = movedWords(moved);
	const where = session === null ? words : vscode.l10n.t('in the session: {0}', words);
	return nodeBelow(operation, {
		id: `ref:${operation.id}:${session === null ? 'home' : 'session'}:${moved.ref}`,
		label: name,
		words: where,
		icon: 'git-branch',
		spoken: vscode.l10n.t('Branch {0}, {1}', name, where),
		tooltip: `${name}: ${where}`,
	});
}

function filesNode(operation: Operation, worktree: string): HistoryNode {
	const words = vscode.l10n.t('files changed');
	const name = shownText(worktree, 300);
	return nodeBelow(operation, {
		id: `tree:${operation.id}:${worktree}`,
		label: vscode.l10n.t('Working tree'),
		words,
		icon: 'files',
		spoken: vscode.l10n.t('Working tree {0}, {1}', name, words),
		tooltip: `${name}: ${words}`,
	});
}

function nodeBelow(
	{ id: operation }: Operation,
	line: Readonly<Record<'id' | 'label' | 'words' | 'icon' | 'spoken' | 'tooltip', string>>,
): HistoryNode {
	const item = new vscode.TreeItem(line.label);
	item.id = line.id;
	item.description = line.words;
	item.iconPath = new vscode.ThemeIcon(line.icon);
	item.contextValue = 'moved';
	item.accessibilityInformation = { label: line.spoken };
	return { id: line.id, parent: `operation:${operation}`, children: [], item, tooltip: line.tooltip, operation };
}

const icons: Record<Operation['kind'], string> = {
	sync: 'cloud-download',
	push: 'cloud-upload',
	undo: 'discard',
	redo: 'redo',
	forget: 'trash',
	open: 'git-merge',
	continue: 'git-merge',
};

function iconOf(operation: Operation): vscode.ThemeIcon {
	const muted = operation.undone || operation.state === 'rolled-back';
	return muted
		? new vscode.ThemeIcon(icons[operation.kind], new vscode.ThemeColor('disabledForeground'))
		: new vscode.ThemeIcon(icons[operation.kind]);
}
