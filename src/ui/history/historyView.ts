import * as vscode from 'vscode';
import { errorText } from '../../core/base/errors.js';
import { NoHomeError } from '../platform/home.js';
import type { WindowHome } from '../platform/home.js';
import type { Log } from '../platform/log.js';
import { operationPage, operationPrefix } from '../pages/operationPage.js';
import type { Pages } from '../pages/page.js';
import type { History } from './history.js';

const viewId = 'homeport.history';

interface Parts {
	readonly history: History;
	readonly pages: Pages;
	readonly home: WindowHome;
	readonly log: Log;
}

/** Shows the history in its view, and keeps it and the pages of operations in step with the log while they are seen. */
export function showHistory({ history, pages, home, log }: Parts): vscode.Disposable {
	const view = vscode.window.createTreeView(viewId, { treeDataProvider: history, showCollapseAll: true });
	const refresh = (): void => {
		if (view.visible || pages.isOpen(operationPrefix)) {
			void vscode.window.withProgress({ location: { viewId } }, () => history.refresh()).then(undefined, report);
		}
	};
	const report = (error: unknown): void => {
		// A window without a home is told so by the view of the sessions.
		if (!(error instanceof NoHomeError)) {
			log.error('homeport.history:', errorText(error));
		}
	};
	refresh();
	return vscode.Disposable.from(
		view,
		history.onDidChangeTreeData(() => {
			for (const operation of history.operations) {
				pages.update(operationPrefix + operation.id, () => operationPage(operation));
			}
		}),
		home.onDidChange(refresh),
		home.onDidMove(refresh),
		view.onDidChangeVisibility(refresh),
	);
}
