import * as vscode from 'vscode';
import { coalesced } from '../platform/coalesced.js';
import { arrange } from './arrangement.js';
import type { Group } from './arrangement.js';
import type { ArrangementMemory } from './arrangementMemory.js';
import { groupNode, groupNodeId } from './groupNodes.js';
import { sessionNodes } from './nodes.js';
import { sessionNodeId } from './treeNode.js';
import type { TreeNode } from './treeNode.js';
import { OpenLines } from './openLines.js';
import type { OverlapPair } from '../../core/model/overlap.js';
import type { OverlapRadar } from './overlapRadar.js';
import type { SessionsModel } from './sessionsModel.js';
import type { SessionView } from './snapshot.js';
import { treeChanges } from './treeChanges.js';

// A group's line is drawn anew with all that is in it.
const groupMs = 2000;
// Lines say how long ago something was; who says it for longer says it wrong.
const agesMs = 60_000;

/** The tree of sessions, over the ids of its lines; only lines that changed are drawn anew. */
export class SessionsTree implements vscode.TreeDataProvider<string>, vscode.Disposable {
	readonly #model: SessionsModel;
	readonly #arrangement: ArrangementMemory;
	readonly #radar: OverlapRadar;
	readonly #changed = new vscode.EventEmitter<string[] | undefined>();
	readonly #open = new OpenLines();
	readonly #groups = coalesced(groupMs, () => this.#drawGroups());
	readonly #subscriptions: vscode.Disposable;
	#nodes = new Map<string, TreeNode>();
	#roots: readonly string[] = [];
	#cache = new WeakMap<SessionView, { readonly pairs: readonly OverlapPair[]; readonly made: readonly TreeNode[] }>();
	#cachedAt = Date.now();
	#hidden = 0;
	#staleGroups = new Set<string>();

	constructor(model: SessionsModel, arrangement: ArrangementMemory, radar: OverlapRadar) {
		this.#model = model;
		this.#radar = radar;
		this.#arrangement = arrangement;
		this.#subscriptions = vscode.Disposable.from(
			this.#changed,
			this.#groups,
			model.onDidChange(() => this.#show()),
			arrangement.onDidChange(() => this.#show()),
			radar.onDidChange(() => this.#show()),
		);
		this.#show();
	}

	get onDidChangeTreeData(): vscode.Event<string[] | undefined> {
		return this.#changed.event;
	}

	/** The ids of the lines that are selected, and what selects one line alone: the view says both. */
	selection: readonly string[] = [];
	select: (nodeId: string) => Promise<void> = async () => undefined;

	/** How many sessions the filter hides. */
	get hidden(): number {
		return this.#hidden;
	}

	/** The session that a line is about, or null for a group and for a line that is no longer there. */
	sessionOf(nodeId: string): string | null {
		return this.#nodes.get(nodeId)?.sessionId ?? null;
	}

	getChildren(nodeId?: string): string[] {
		if (nodeId === undefined) {
			return [...this.#roots];
		}
		// Asked for by the window alone where the line is open.
		if (this.#open.shown(nodeId)) {
			this.#tellOpened();
		}
		return [...(this.#nodes.get(nodeId)?.children ?? [])];
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

	/** To be told when a person opens or closes a line: what is closed is not looked at. */
	setOpen(nodeId: string, open: boolean): void {
		this.#open.set(nodeId, open);
		this.#tellOpened();
	}

	/** Says anew how long ago everything was. */
	redrawAges(): void {
		this.#show();
	}

	dispose(): void {
		this.#subscriptions.dispose();
	}

	#tellOpened(): void {
		const isOpen = (view: SessionView): boolean => {
			const id = sessionNodeId(view.session.id);
			const parent = this.#nodes.get(id)?.parent ?? null;
			const above = this.#above(id);
			return above.every((one) => !this.#open.isClosed(one)) && [id, parent].some((one) => this.#open.isOpen(one));
		};
		this.#model.setOpened(new Set(this.#model.snapshot.sessions.filter(isOpen).map(({ session }) => session.id)));
	}

	#above(nodeId: string): string[] {
		const parent = this.#nodes.get(nodeId)?.parent ?? null;
		return parent === null ? [] : [parent, ...this.#above(parent)];
	}

	#show(): void {
		if (Date.now() - this.#cachedAt > agesMs) {
			this.#cache = new WeakMap();
			this.#cachedAt = Date.now();
		}
		const { groups, views, hidden } = arrange(this.#model.snapshot.sessions, this.#arrangement.options);
		const nodes = new Map<string, TreeNode>();
		const roots = [
			...groups.map((group) => this.#addGroup(nodes, group, null)),
			...this.#addSessions(nodes, views, null),
		];
		const before = { nodes: this.#nodes, roots: this.#roots };
		[this.#nodes, this.#roots, this.#hidden] = [nodes, roots, hidden];
		this.#tellOpened();
		const changes = treeChanges(before, { nodes, roots });
		if (changes === 'all') {
			this.#changed.fire(undefined);
			return;
		}
		const isLater = (id: string): boolean => nodes.get(id)?.sessionId === null && !changes.moved.has(id);
		const now = changes.ids.filter((id) => !isLater(id));
		if (now.length > 0) {
			this.#changed.fire(now);
		}
		changes.ids.filter(isLater).forEach((id) => this.#staleGroups.add(id));
		if (this.#staleGroups.size > 0) {
			this.#groups.run();
		}
	}

	#drawGroups(): void {
		const ids = [...this.#staleGroups].filter((id) => this.#nodes.has(id));
		this.#staleGroups = new Set();
		if (ids.length > 0) {
			this.#changed.fire(ids);
		}
	}

	#addGroup(nodes: Map<string, TreeNode>, group: Group, parent: string | null): string {
		const id = groupNodeId(group.path);
		const children =
			group.groups.length > 0
				? group.groups.map((inner) => this.#addGroup(nodes, inner, id))
				: this.#addSessions(nodes, group.views, id);
		nodes.set(id, groupNode(group, parent, children, this.#open.atFirst(id, children.length)));
		return id;
	}

	#addSessions(nodes: Map<string, TreeNode>, views: readonly SessionView[], parent: string | null): string[] {
		return views.map((view) => {
			const id = sessionNodeId(view.session.id);
			const open = this.#open.atFirst(id, views.length);
			const pairs = this.#radar.pairsOf(view.session.id);
			const cached = this.#cache.get(view);
			const holds = cached !== undefined && cached.pairs === pairs && cached.made[0]!.parent === parent;
			const made = holds ? cached.made : sessionNodes(view, pairs, { parent, open });
			this.#cache.set(view, { pairs, made });
			made.forEach((node) => nodes.set(node.id, node));
			return id;
		});
	}
}

function goneItem(): vscode.TreeItem {
	const item = new vscode.TreeItem(vscode.l10n.t('no longer there'));
	item.accessibilityInformation = { label: vscode.l10n.t('A line that is no longer there') };
	return item;
}
