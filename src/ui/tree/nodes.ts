import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { BranchStatus, SessionStatus } from '../../core/model/report.js';
import type { BackendKind, PodPlace } from '../../core/model/session.js';
import type { BroughtRef, SessionView } from './snapshot.js';
import {
	branchWords,
	broughtWords,
	filesWords,
	headBranch,
	sessionParts,
	sessionWords,
	shortRef,
	timeWords,
} from './words.js';
import { standing } from './standing.js';

/** One line of the tree, made once. Nodes are known by their id alone, which outlives every refresh. */
export interface TreeNode {
	readonly id: string;
	readonly parent: string | null;
	readonly children: readonly string[];
	readonly item: vscode.TreeItem;
	readonly tooltip: string;
	/** The session that the line is about, or null for a group. */
	readonly sessionId: string | null;
}

/** The id of a session's line. */
export function sessionNodeId(sessionId: string): string {
	return `session:${sessionId}`;
}

/** The id of the line of a session's branch. */
export function branchNodeId(sessionId: string, branch: string): string {
	return `branch:${sessionId}:${branch}`;
}

/** Where a session's line stands: below which other, and whether it is open when it is first drawn. */
interface LinePlace {
	readonly parent: string | null;
	readonly open: boolean;
}

/** The lines of one session: its own, then those below it. */
export function sessionNodes(view: SessionView, place: LinePlace = { parent: null, open: true }): TreeNode[] {
	const { session, status } = view;
	const below = [
		...(status === null ? [] : [...filesNodes(session.id, status), ...branchNodes(session.id, status)]),
		...view.brought.map((brought) => broughtNode(session.id, brought)),
		...(session.place === undefined ? [] : placeNodes(session.id, session.place)),
	];
	const label = shownText(session.name, 100);
	const parts = sessionParts(view);
	const description = sessionWords(view);
	// Folded from the start where there may be something soon: a line without a fold does not open by itself when it gets one.
	const fold =
		(status === null && session.state === 'running') || below.length > 0
			? foldOf(place.open)
			: vscode.TreeItemCollapsibleState.None;
	const item = new vscode.TreeItem(label, fold);
	item.id = sessionNodeId(session.id);
	item.description = description;
	item.iconPath = sessionIcon(view);
	const isRegistered = session.backend === 'local' && !session.worktreeOfHome;
	item.contextValue = `session+${session.state}+${session.backend}${isRegistered ? '+registered' : ''}`;
	item.accessibilityInformation = { label: vscode.l10n.t('Session {0}, {1}', label, parts.join(', ')) };
	return [
		{
			id: item.id,
			parent: place.parent,
			children: below.map((node) => node.id),
			item,
			tooltip: sessionTooltip(view),
			sessionId: session.id,
		},
		...below,
	];
}

function foldOf(open: boolean): vscode.TreeItemCollapsibleState {
	return open ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed;
}

function sessionTooltip(view: SessionView): string {
	const { session, status } = view;
	const unknown = status?.unknown ?? null;
	const branch = status === null ? null : headBranch(status);
	const lines = [
		`${shownText(session.id, 200)}: ${sessionParts(view).join(', ')}`,
		unknown === null ? session.reason : unknown.reason,
		unknown === null || unknown.since === null
			? null
			: vscode.l10n.t('What was seen at {0} is at home', timeWords(unknown.since)),
		branch === null ? null : vscode.l10n.t('On branch: {0}', shownText(branch, 200)),
		status === null || status.inProgress === null ? null : vscode.l10n.t('In the middle of: {0}', status.inProgress),
		vscode.l10n.t('Agent: {0}', shownText(session.agent, 100)),
		vscode.l10n.t('Folder: {0}', shownText(session.workspace)),
	];
	return lines.flatMap((line) => (line === null ? [] : [shownText(line)])).join('\n');
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
	const item = new vscode.TreeItem(label);
	item.id = `files:${sessionId}`;
	item.description = words;
	item.iconPath = new vscode.ThemeIcon('edit');
	item.contextValue = 'files';
	item.accessibilityInformation = { label: `${label}, ${words}` };
	const tooltip = vscode.l10n.t('{0}, {1}: {2} changed, {3} untracked', label, words, changed, untracked);
	return [{ id: item.id, parent: sessionNodeId(sessionId), children: [], item, tooltip, sessionId }];
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
function placeNodes(sessionId: string, { pod, restarts, claim, storageClass }: PodPlace): TreeNode[] {
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
	];
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

const backendIcons: Record<BackendKind, string> = { local: 'folder', container: 'package', kubernetes: 'server' };

function sessionIcon(view: SessionView): vscode.ThemeIcon {
	if (view.session.state === 'missing' || view.session.state === 'error') {
		return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
	}
	const work = standing(view);
	if (work === 'unknown') {
		return new vscode.ThemeIcon('question', new vscode.ThemeColor('disabledForeground'));
	}
	const color = work === 'exposed' ? 'charts.yellow' : 'charts.green';
	return new vscode.ThemeIcon(backendIcons[view.session.backend], new vscode.ThemeColor(color));
}
