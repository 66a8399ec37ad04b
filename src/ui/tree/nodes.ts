import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { OverlapPair } from '../../core/model/overlap.js';
import type { BackendKind } from '../../core/model/session.js';
import { reasonWords } from '../platform/coreWords.js';
import { nodesBelow } from './nodesBelow.js';
import type { SessionView } from './snapshot.js';
import { standing, stateOf } from './standing.js';
import { sessionNodeId } from './treeNode.js';
import type { TreeNode } from './treeNode.js';
import { headBranch, sessionParts, sessionWords, timeWords } from './words.js';

/** Where a session's line stands: below which other, and whether it is open when it is first drawn. */
interface LinePlace {
	readonly parent: string | null;
	readonly open: boolean;
}

/** The lines of one session: its own, then those below it. */
export function sessionNodes(
	view: SessionView,
	pairs: readonly OverlapPair[] = [],
	place: LinePlace = { parent: null, open: true },
): TreeNode[] {
	const { session, status } = view;
	const below = nodesBelow(view, pairs);
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
			children: below.flatMap((node) => (node.parent === item.id ? [node.id] : [])),
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
	const reason = unknown === null ? session.reason : unknown.reason;
	const branch = status === null ? null : headBranch(status);
	const lines = [
		`${shownText(session.id, 200)}: ${sessionParts(view).join(', ')}`,
		reason === null ? null : reasonWords(reason),
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

const backendIcons: Record<BackendKind, string> = { local: 'folder', container: 'package', kubernetes: 'server' };

function sessionIcon(view: SessionView): vscode.ThemeIcon {
	const state = stateOf(view);
	if (state === 'missing' || state === 'error') {
		return new vscode.ThemeIcon('error', new vscode.ThemeColor('list.errorForeground'));
	}
	const work = standing(view);
	if (work === 'unknown') {
		return new vscode.ThemeIcon('question', new vscode.ThemeColor('disabledForeground'));
	}
	const color = work === 'exposed' ? 'charts.yellow' : 'charts.green';
	return new vscode.ThemeIcon(backendIcons[view.session.backend], new vscode.ThemeColor(color));
}
