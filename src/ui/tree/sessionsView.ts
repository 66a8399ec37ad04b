import { basename } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import * as vscode from 'vscode';
import { errorText } from '../../core/base/errors.js';
import type { WindowHome } from '../platform/home.js';
import type { Log } from '../platform/log.js';
import { createRetry } from '../platform/retry.js';
import { watchSessions } from '../platform/sessionWatch.js';
import { onWindowFocus } from '../platform/windowFocus.js';
import type { ArrangementMemory } from './arrangementMemory.js';
import type { SessionsModel } from './sessionsModel.js';
import type { SessionsTree } from './sessionsTree.js';
import { mayPass } from './snapshot.js';
import type { Snapshot } from './snapshot.js';
import { askedPlaces, viewState } from './viewState.js';
import { standing } from './standing.js';
import { errorWords } from '../platform/coreWords.js';

const viewId = 'homeport.sessions';
const agesMs = 60_000;
const drawingMs = 250;
const mostAttempts = 20;

interface Parts {
	readonly model: SessionsModel;
	readonly tree: SessionsTree;
	readonly arrangement: ArrangementMemory;
	readonly home: WindowHome;
	readonly log: Log;
}

/** The view of the sessions. */
export interface SessionsView extends vscode.Disposable {
	/** Brings a session's line into view and selects it, also where the filter hid it. */
	reveal(nodeId: string): Promise<void>;
}

/** Shows the tree in its view, and keeps both in step with the home, its sessions and the window. */
export function showSessions({ model, tree, arrangement, home, log }: Parts): SessionsView {
	const view = vscode.window.createTreeView(viewId, {
		treeDataProvider: tree,
		showCollapseAll: true,
		canSelectMany: true,
	});
	tree.select = async (nodeId) => view.reveal(nodeId, { select: true, focus: true });
	let said = '';
	const whenUsed = (refresh: () => Promise<void>) => (): void => {
		if (view.visible || model.snapshot.state !== 'unopened') {
			void vscode.window.withProgress({ location: { viewId } }, refresh);
		}
	};
	const refreshIfUsed = whenUsed(() => model.refreshNews());
	const refreshIfMoved = whenUsed(() => model.refreshIfMoved());
	// A cluster that could not be asked is asked again, as long as somebody sees that.
	const retry = createRetry(() => model.refreshNews());
	const show = (): void => {
		const { snapshot } = model;
		retry.want(view.visible && snapshot.problems.some(mayPass));
		const { filter } = arrangement.options;
		const state = viewState(snapshot, snapshot.sessions.length - tree.hidden);
		setContext('homeport.state', state);
		setContext('homeport.filtered', filter !== '');
		const failed = snapshot.error !== null && (snapshot.state === 'ready' || snapshot.state === 'failed');
		const problems = failed ? [snapshot.error] : snapshot.problems;
		// Beside a message no welcome text is shown.
		view.message = state === 'ready' ? problemWords(problems) : '';
		const reason = problems.map(errorText).join('\n');
		if (reason !== '' && reason !== said) {
			log.error('homeport.refresh:', reason);
		}
		said = reason;
		view.description = descriptionOf(snapshot, filter, tree.hidden);
		const exposed = snapshot.sessions.filter((one) => standing(one) === 'exposed').length;
		view.badge = exposed === 0 ? undefined : { value: exposed, tooltip: badgeTooltip(exposed) };
	};
	show();
	const ages = setInterval(() => {
		if (view.visible) {
			tree.redrawAges();
		}
	}, agesMs);
	const subscriptions = vscode.Disposable.from(
		view,
		retry,
		model.onDidChange(show),
		arrangement.onDidChange(show),
		home.onDidChange(refreshIfUsed),
		home.onDidMove(refreshIfMoved),
		watchSessions(home, view, refreshIfUsed),
		view.onDidExpandElement(({ element }) => tree.setOpen(element, true)),
		view.onDidCollapseElement(({ element }) => tree.setOpen(element, false)),
		view.onDidChangeSelection(({ selection }) => {
			tree.selection = selection;
		}),
		view.onDidChangeVisibility((event) => {
			if (event.visible) {
				refreshIfUsed();
			}
			show();
		}),
		onWindowFocus(refreshIfUsed),
	);
	return {
		reveal: async (nodeId) => {
			if (tree.sessionOf(nodeId) === null) {
				await arrangement.change({ filter: '' });
			}
			await vscode.commands.executeCommand(`${viewId}.focus`);
			await revealLine(view, nodeId);
		},
		dispose: () => {
			clearInterval(ages);
			subscriptions.dispose();
		},
	};
}

// The window takes a moment to draw what the tree told it, and refuses a line that it has not drawn.
async function revealLine(view: vscode.TreeView<string>, nodeId: string): Promise<void> {
	for (let attempts = 1; ; attempts += 1) {
		try {
			await view.reveal(nodeId, { select: true, focus: true });
			return;
		} catch (error) {
			if (attempts === mostAttempts) {
				throw error;
			}
			await setTimeout(drawingMs);
		}
	}
}

function problemWords(problems: readonly unknown[]): string {
	const more = problems.length - 1;
	return [
		...problems.slice(0, 1).map((problem) => errorWords(problem).message),
		...(problems.slice(0, 1).some(mayPass) ? [vscode.l10n.t('It is asked again by itself.')] : []),
		...(more === 1 ? [vscode.l10n.t('1 more cluster could not be asked; “Homeport: Doctor” says why.')] : []),
		...(more > 1 ? [vscode.l10n.t('{0} more clusters could not be asked; “Homeport: Doctor” says why.', more)] : []),
	].join(' ');
}

function setContext(key: string, value: unknown): void {
	void vscode.commands.executeCommand('setContext', key, value);
}

// What the sessions in the view have in common: their home where the window has several folders, and the filter. Where
// there are none, where they were looked for.
function descriptionOf(snapshot: Snapshot, filter: string, hidden: number): string {
	const { root, sessions } = snapshot;
	const severalFolders = (vscode.workspace.workspaceFolders ?? []).length > 1;
	const filtered = vscode.l10n.t('“{0}”: {1} of {2}', filter, sessions.length - hidden, sessions.length);
	return [
		...(severalFolders && root !== null ? [basename(root)] : []),
		...(filter === '' || sessions.length === 0 ? [] : [filtered]),
		...(sessions.length === 0 ? askedPlaces(snapshot) : []),
	].join(' · ');
}

function badgeTooltip(exposed: number): string {
	return exposed === 1
		? vscode.l10n.t('1 session has work that is nowhere else')
		: vscode.l10n.t('{0} sessions have work that is nowhere else', exposed);
}
