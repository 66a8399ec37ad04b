import * as vscode from 'vscode';
import type { Group, GroupKind } from './arrangement.js';
import type { SessionView } from './snapshot.js';
import type { TreeNode } from './treeNode.js';
import { stateWord } from './words.js';
import { standing } from './standing.js';
import type { Standing } from './standing.js';

/** The id of a group's line. */
export function groupNodeId(path: string): string {
	return `group:${path}`;
}

/** The line of a group: how many sessions it has, and how they stand. `children` are the ids of the lines in it. */
export function groupNode(group: Group, parent: string | null, children: readonly string[], open: boolean): TreeNode {
	const label = groupLabel(group.what);
	const parts = groupParts(group.views);
	const item = new vscode.TreeItem(
		label,
		open ? vscode.TreeItemCollapsibleState.Expanded : vscode.TreeItemCollapsibleState.Collapsed,
	);
	item.id = groupNodeId(group.path);
	item.description = parts.join(' · ');
	item.iconPath = new vscode.ThemeIcon(icons[group.what.kind], colorOf(worst(group.views)));
	item.contextValue = `group+${group.what.kind}`;
	item.accessibilityInformation = { label: vscode.l10n.t('{0}, {1}', spokenLabel(group.what), parts.join(', ')) };
	const tooltip = [`${spokenLabel(group.what)}: ${parts.join(', ')}`, unlookedHint(group.views)]
		.filter(Boolean)
		.join('\n');
	return { id: item.id, parent, children, item, tooltip, sessionId: null };
}

/** What it says about sessions together: `3 sessions`, then those that need a person. */
function groupParts(views: readonly SessionView[]): string[] {
	const amount = (one: Standing): number => views.filter((view) => standing(view) === one).length;
	const [exposed, unknown] = [amount('exposed'), amount('unknown')];
	return [
		views.length === 1 ? vscode.l10n.t('1 session') : vscode.l10n.t('{0} sessions', views.length),
		...(exposed > 0 ? [vscode.l10n.t('{0} not home', exposed)] : []),
		...(unknown > 0 ? [vscode.l10n.t('{0} unknown', unknown)] : []),
		...(exposed + unknown === 0 ? [vscode.l10n.t('all home')] : []),
	];
}

function unlookedHint(views: readonly SessionView[]): string {
	const isUnlooked = ({ session, lookedAt }: SessionView): boolean =>
		session.backend === 'kubernetes' && session.state === 'running' && lookedAt === null;
	return views.some(isUnlooked)
		? vscode.l10n.t('Sessions of a cluster are looked at as long as their group is open.')
		: '';
}

function groupLabel(what: GroupKind): string {
	switch (what.kind) {
		case 'machine':
			return vscode.l10n.t('This Machine');
		case 'containers':
			return vscode.l10n.t('Containers');
		case 'state':
			return stateWord(what.state);
		default:
			return what.name;
	}
}

function spokenLabel(what: GroupKind): string {
	switch (what.kind) {
		case 'context':
			return vscode.l10n.t('Context {0}', what.name);
		case 'namespace':
			return vscode.l10n.t('Namespace {0}', what.name);
		case 'scope':
			return vscode.l10n.t('Cluster {0}', what.name);
		default:
			return groupLabel(what);
	}
}

const icons: Readonly<Record<GroupKind['kind'], string>> = {
	machine: 'device-desktop',
	containers: 'package',
	context: 'server-environment',
	namespace: 'symbol-namespace',
	scope: 'server-environment',
	state: 'list-tree',
};

/** How the session stands that stands worst. */
function worst(views: readonly SessionView[]): Standing {
	const standings = new Set(views.map(standing));
	return (['exposed', 'unknown', 'home'] as const).find((one) => standings.has(one)) ?? 'home';
}

function colorOf(one: Standing): vscode.ThemeColor | undefined {
	const color = { exposed: 'charts.yellow', unknown: undefined, home: 'charts.green' }[one];
	return color === undefined ? undefined : new vscode.ThemeColor(color);
}
