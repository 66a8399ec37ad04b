import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { ChangedFile, FileChange } from '../../core/model/observation.js';
import { homeSide } from '../../core/model/overlap.js';
import type { OverlapPair } from '../../core/model/overlap.js';
import type { BranchStatus, SessionStatus } from '../../core/model/report.js';
import type { PodPlace, Session } from '../../core/model/session.js';
import type { CommandId } from '../commands/registry.js';
import type { BroughtRef, SessionView } from './snapshot.js';
import { branchNodeId, sessionNodeId } from './treeNode.js';
import type { TreeNode } from './treeNode.js';
import { branchWords, broughtWords, filesWords, shortRef } from './words.js';

/** The lines below a session: what it has not committed with its files, its branches, what overlaps, what came home, and where it is. */
export function nodesBelow(view: SessionView, pairs: readonly OverlapPair[]): TreeNode[] {
	const { session, status } = view;
	return [
		...(status === null ? [] : [...filesNodes(session.id, status), ...branchNodes(session.id, status)]),
		...overlapNodes(session.id, pairs),
		...view.brought.map((brought) => broughtNode(session.id, brought)),
		...(session.place === undefined ? [] : placeNodes(session, session.place)),
	];
}

function branchNodes(sessionId: string, status: SessionStatus): TreeNode[] {
	return [...status.branches]
		.sort((a, b) => Number(b.isHead) - Number(a.isHead) || (a.name < b.name ? -1 : 1))
		.map((branch) => branchNode(sessionId, branch));
}

function branchNode(sessionId: string, branch: BranchStatus): TreeNode {
	const name = shownText(branch.name, 200);
	const words = branchWords(branch);
	const head = vscode.l10n.t('checked out in the session');
	const item = new vscode.TreeItem(name);
	item.id = branchNodeId(sessionId, branch.name);
	item.description = words;
	item.iconPath = new vscode.ThemeIcon('git-branch');
	item.contextValue = 'branch';
	item.accessibilityInformation = {
		label: [vscode.l10n.t('Branch {0}, {1}', name, words), ...(branch.isHead ? [head] : [])].join(', '),
	};
	const tooltip = branch.isHead ? `${name} (${head}): ${words}` : `${name}: ${words}`;
	return { id: item.id, parent: sessionNodeId(sessionId), children: [], item, tooltip, sessionId };
}

function filesNodes(sessionId: string, status: SessionStatus): TreeNode[] {
	const { changed, untracked } = status.files;
	if (changed + untracked === 0) {
		return [];
	}
	const label =
		changed + untracked === 1
			? vscode.l10n.t('1 uncommitted file')
			: vscode.l10n.t('{0} uncommitted files', changed + untracked);
	const words = filesWords(status);
	const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
	item.id = `files:${sessionId}`;
	item.description = words;
	item.iconPath = new vscode.ThemeIcon('edit');
	item.contextValue = 'files';
	item.accessibilityInformation = { label: `${label}, ${words}` };
	const tooltip = vscode.l10n.t('{0}, {1}: {2} changed, {3} untracked', label, words, changed, untracked);
	const files = status.changedFiles.map((file) => fileNode(sessionId, item.id!, file, status));
	const more = changed + untracked - files.length;
	const all = more > 0 ? [...files, moreNode(sessionId, item.id, more)] : files;
	const children = all.map(({ id }) => id);
	return [{ id: item.id, parent: sessionNodeId(sessionId), children, item, tooltip, sessionId }, ...all];
}

const changeIcons: Record<FileChange, string> = {
	modified: 'diff-modified',
	deleted: 'diff-removed',
	untracked: 'diff-added',
	ignored: 'diff-ignored',
	unmerged: 'warning',
};

const changeWords: Record<FileChange, () => string> = {
	modified: () => vscode.l10n.t('changed'),
	deleted: () => vscode.l10n.t('deleted'),
	untracked: () => vscode.l10n.t('untracked'),
	ignored: () => vscode.l10n.t('ignored by git'),
	unmerged: () => vscode.l10n.t('in conflict'),
};

// Opens as a diff where it is home as it is now.
function fileNode(
	sessionId: string,
	parent: string,
	{ path, change }: ChangedFile,
	{ captured }: SessionStatus,
): TreeNode {
	const shown = shownText(path, 300);
	const slash = shown.lastIndexOf('/');
	const item = new vscode.TreeItem(shown.slice(slash + 1));
	item.id = `file:${sessionId}:${path}`;
	item.description = [...(slash < 0 ? [] : [shown.slice(0, slash)]), changeWords[change]()].join(' · ');
	item.iconPath = new vscode.ThemeIcon(changeIcons[change]);
	item.contextValue = 'file';
	item.accessibilityInformation = { label: `${shown}, ${changeWords[change]()}` };
	if (captured !== null) {
		const command: CommandId = 'homeport.showFileChange';
		item.command = { command, title: vscode.l10n.t('Open Changes'), arguments: [{ ...captured, path }] };
	}
	return { id: item.id, parent, children: [], item, tooltip: `${shown}: ${changeWords[change]()}`, sessionId };
}

function moreNode(sessionId: string, parent: string, more: number): TreeNode {
	const label = more === 1 ? vscode.l10n.t('1 more file') : vscode.l10n.t('{0} more files', more);
	const item = new vscode.TreeItem(label);
	item.id = `more:${sessionId}`;
	item.iconPath = new vscode.ThemeIcon('ellipsis');
	item.contextValue = 'more';
	item.accessibilityInformation = { label };
	return { id: item.id, parent, children: [], item, tooltip: label, sessionId };
}

// One line for all that gets in the way of this session's work: who, and how badly.
function overlapNodes(sessionId: string, pairs: readonly OverlapPair[]): TreeNode[] {
	const others = (wanted: (pair: OverlapPair) => boolean): string =>
		pairs
			.filter(wanted)
			.map(({ a, b }) => sideWords(a === sessionId ? b : a))
			.join(', ');
	const conflicting = others(isConflict);
	const touching = others((pair) => !isConflict(pair) && pair.common.length > 0);
	const words = [
		...(conflicting === '' ? [] : [vscode.l10n.t('would conflict with {0}', conflicting)]),
		...(touching === '' ? [] : [vscode.l10n.t('same files as {0}', touching)]),
	].join(' · ');
	if (words === '') {
		return [];
	}
	const label = vscode.l10n.t('Overlap');
	const item = new vscode.TreeItem(label);
	item.id = `overlap:${sessionId}`;
	item.description = words;
	item.iconPath =
		conflicting === ''
			? new vscode.ThemeIcon('layers')
			: new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
	item.contextValue = 'overlap';
	item.accessibilityInformation = { label: `${label}, ${words}` };
	const command: CommandId = 'homeport.showOverlap';
	item.command = { command, title: vscode.l10n.t('Show Overlap of Sessions') };
	const paths = [
		...new Set(pairs.flatMap(({ conflicts, common }) => [...conflicts.map(({ path }) => path), ...common])),
	];
	const tooltip = [`${label}: ${words}`, ...paths.slice(0, 10).map((path) => shownText(path, 200))].join('\n');
	return [{ id: item.id, parent: sessionNodeId(sessionId), children: [], item, tooltip, sessionId }];
}

function isConflict({ conflicts, unrelated }: OverlapPair): boolean {
	return conflicts.length > 0 || unrelated;
}

function sideWords(id: string): string {
	return id === homeSide ? vscode.l10n.t('your branch') : shownText(id.slice(id.lastIndexOf('/') + 1), 60);
}

function broughtNode(sessionId: string, brought: BroughtRef): TreeNode {
	const name = shortRef(brought.ref);
	const words = broughtWords(brought);
	const item = new vscode.TreeItem(name);
	item.id = `home:${sessionId}:${brought.ref}`;
	item.description = vscode.l10n.t('brought home');
	item.iconPath = new vscode.ThemeIcon('home');
	item.contextValue = 'homeBranch';
	item.accessibilityInformation = { label: vscode.l10n.t('Your branch {0}, {1}', name, words) };
	const tooltip = vscode.l10n.t('{0}: a branch of this repository, {1}', name, words);
	return { id: item.id, parent: sessionNodeId(sessionId), children: [], item, tooltip, sessionId };
}

// Where the session lives, and what would outlive its pod.
function placeNodes({ id: sessionId, storage }: Session, { pod, restarts, claim, storageClass }: PodPlace): TreeNode[] {
	const again =
		restarts === 0
			? vscode.l10n.t('never restarted')
			: restarts === 1
				? vscode.l10n.t('restarted once')
				: vscode.l10n.t('restarted {0} times', restarts);
	const volume =
		claim === null
			? vscode.l10n.t('none: all that is not home goes with the pod')
			: [claim, storageClass].flatMap((text) => (text === null ? [] : [shownText(text, 200)])).join(' · ');
	return [
		placeNode(sessionId, 'pod', vscode.l10n.t('Pod'), `${shownText(pod, 200)} · ${again}`, 'server-process'),
		placeNode(sessionId, 'volume', vscode.l10n.t('Volume'), volume, claim === null ? 'warning' : 'database'),
		placeNode(sessionId, 'epoch', vscode.l10n.t('Epoch'), shownText(shortEpoch(storage), 100), 'key'),
	];
}

// Enough of a long id to tell two lives apart.
function shortEpoch(storage: string): string {
	return storage.replaceAll(/([0-9a-f]{8})-[0-9a-f-]{20,}/g, '$1');
}

function placeNode(sessionId: string, kind: string, label: string, words: string, icon: string): TreeNode {
	const item = new vscode.TreeItem(label);
	item.id = `${kind}:${sessionId}`;
	item.description = words;
	item.iconPath = new vscode.ThemeIcon(icon);
	item.contextValue = kind;
	item.accessibilityInformation = { label: `${label}, ${words}` };
	return {
		id: item.id,
		parent: sessionNodeId(sessionId),
		children: [],
		item,
		tooltip: `${label}: ${words}`,
		sessionId,
	};
}
