import * as vscode from 'vscode';
import type { Operation } from '../../core/model/report.js';
import type { WindowHome } from '../platform/home.js';
import { moreNode, operationNodes } from './historyNodes.js';
import type { HistoryNode } from './historyNodes.js';

const page = 50;

/** The operation log as a tree, newest first, over the ids of its lines. Reads nothing before it is asked to. */
export class History implements vscode.TreeDataProvider<string>, vscode.Disposable {
	readonly #home: WindowHome;
	readonly #changed = new vscode.EventEmitter<undefined>();
	#operations: readonly Operation[] = [];
	#nodes = new Map<string, HistoryNode>();
	#wanted = page;
	#turns: Promise<void> = Promise.resolve();

	constructor(home: WindowHome) {
		this.#home = home;
	}

	get onDidChangeTreeData(): vscode.Event<undefined> {
		return this.#changed.event;
	}

	/** The operations that are shown. */
	get operations(): readonly Operation[] {
		return this.#operations;
	}

	/** Reads the log anew; one read at a time. Fails as the home does. */
	refresh(): Promise<void> {
		const turn = this.#turns.then(() => this.#read());
		this.#turns = turn.catch(() => undefined);
		return turn;
	}

	/** Shows older operations too. */
	showMore(): Promise<void> {
		this.#wanted += page;
		return this.refresh();
	}

	/** The operation that a line is about, or null. */
	operationOf(nodeId: string): string | null {
		return this.#nodes.get(nodeId)?.operation ?? null;
	}

	getChildren(nodeId?: string): string[] {
		if (nodeId !== undefined) {
			return [...(this.#nodes.get(nodeId)?.children ?? [])];
		}
		return [...this.#nodes.values()].filter((node) => node.parent === null).map((node) => node.id);
	}

	getTreeItem(nodeId: string): vscode.TreeItem {
		return this.#nodes.get(nodeId)?.item ?? new vscode.TreeItem('');
	}

	getParent(nodeId: string): string | null {
		return this.#nodes.get(nodeId)?.parent ?? null;
	}

	resolveTreeItem(item: vscode.TreeItem, nodeId: string): vscode.TreeItem {
		item.tooltip = this.#nodes.get(nodeId)?.tooltip;
		return item;
	}

	dispose(): void {
		this.#changed.dispose();
	}

	async #read(): Promise<void> {
		const homeport = await this.#home.open();
		// One more tells whether there are older ones.
		const found = await homeport.operations(this.#wanted + 1);
		this.#operations = found.slice(0, this.#wanted);
		const lines = this.#operations.flatMap(operationNodes);
		const all = found.length > this.#wanted ? [...lines, moreNode()] : lines;
		this.#nodes = new Map(all.map((node) => [node.id, node]));
		this.#changed.fire(undefined);
	}
}
