import * as vscode from 'vscode';
import type { WindowHome } from './home.js';

// A pod that starts changes several times in a second.
const settleMs = 300;

/**
 * Calls `changed` after sessions have appeared, changed or gone, here or on a cluster, as long as the view is visible: who
 * does not look contacts nobody.
 */
export function watchSessions(
	home: Pick<WindowHome, 'open' | 'onDidChange'>,
	view: Pick<vscode.TreeView<string>, 'visible' | 'onDidChangeVisibility'>,
	changed: () => void,
): vscode.Disposable {
	let settling: NodeJS.Timeout | undefined;
	// Counts up, so that a home that opens late finds out that it is not wanted any more.
	let turn = 0;
	let watching: vscode.Disposable | null = null;
	const settle = (): void => {
		clearTimeout(settling);
		settling = setTimeout(changed, settleMs);
	};
	const stop = (): void => {
		turn += 1;
		watching?.dispose();
		watching = null;
	};
	const begin = async (): Promise<void> => {
		stop();
		const mine = turn;
		if (!view.visible) {
			return;
		}
		try {
			const homeport = await home.open();
			if (mine === turn) {
				watching = homeport.watch(settle);
			}
		} catch {
			// Whoever lists the sessions says why; a home that can be opened later is told of.
		}
	};
	const subscriptions = vscode.Disposable.from(
		view.onDidChangeVisibility(() => void begin()),
		home.onDidChange(() => void begin()),
	);
	void begin();
	return {
		dispose: () => {
			clearTimeout(settling);
			stop();
			subscriptions.dispose();
		},
	};
}
