import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { sessionNodeId, sessionNodes } from './nodes.js';
import type { TreeNode } from './nodes.js';
import type { SessionsModel, SessionView } from './sessionsModel.js';

/** The tree of sessions, over the ids of its lines; only lines that changed are drawn anew. */
export class SessionsTree implements vscode.TreeDataProvider<string>, vscode.Disposable {
	readonly #changed = new vscode.EventEmitter<string[] | undefined>();
	readonly #subscription: vscode.Disposable;
	#nodes = new Map<string, TreeNode>();
	#views: readonly SessionView[] = [];

	constructor(model: SessionsModel) {
		this.#subscription = model.onDidChange((snapshot) => this.#show(snapshot.sessions));
		this.#show(model.snapshot.sessions);
	}

	get onDidChangeTreeData(): vscode.Event<string[] | undefined> {
		return this.#changed.event;
	}

	/** The session that a line is about, or null for a line that is no longer there. */
	sessionOf(nodeId: string): string | null {
		return this.#nodes.get(nodeId)?.sessionId ?? null;
	}

	getChildren(nodeId?: string): string[] {
		if (nodeId !== undefined) {
			return [...(this.#nodes.get(nodeId)?.children ?? [])];
		}
		return [...this.#nodes.values()].filter((node) => node.parent === null).map((node) => node.id);
	}

	getTreeItem(nodeId: string): vscode.TreeItem {
		return this.#nodes.get(nodeId)?.item ?? goneItem();
	}

	getParent(nodeId: string): string | null {
		return this.#nodes.get(nodeId)?.parent ?? null;
	}

	resolveTreeItem(item: vscode.TreeItem, nodeId: string): vscode.TreeItem {
		item.tooltip = this.#nodes.get(nodeId)?.tooltip;
		return item;
	}

	dispose(): void {
		this.#subscription.dispose();
		this.#changed.dispose();
	}

	#show(views: readonly SessionView[]): void {
		const before = this.#views;
		this.#views = views;
		this.#nodes = new Map(views.flatMap((view) => sessionNodes(view)).map((node) => [node.id, node]));
		if (!isDeepStrictEqual(before.map(viewId), views.map(viewId))) {
			this.#changed.fire(undefined);
			return;
		}
		const changed = views.filter((view, index) => !isDeepStrictEqual(view, before[index]));
		if (changed.length > 0) {
			this.#changed.fire(changed.map((view) => sessionNodeId(view.session.id)));
		}
	}
}

function goneItem(): vscode.TreeItem {
	const item = new vscode.TreeItem(vscode.l10n.t('no longer there'));
	item.accessibilityInformation = { label: vscode.l10n.t('A line that is no longer there') };
	return item;
}

function viewId(view: SessionView): string {
	return view.session.id;
}
