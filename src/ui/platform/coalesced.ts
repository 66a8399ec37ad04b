import type * as vscode from 'vscode';

/** A call that is made at once, and not again before some time has passed: what asks meanwhile is one call at its end. */
export interface Coalesced extends vscode.Disposable {
	run(): void;
	/** Calls now, also for those that wait. */
	flush(): void;
}

/** Makes one; disposing it drops a call that waits. */
export function coalesced(waitMs: number, call: () => void): Coalesced {
	let timer: NodeJS.Timeout | null = null;
	let asked = false;
	const go = (): void => {
		asked = false;
		timer = setTimeout(() => {
			timer = null;
			if (asked) {
				go();
			}
		}, waitMs);
		call();
	};
	const dispose = (): void => {
		clearTimeout(timer ?? undefined);
		timer = null;
		asked = false;
	};
	return {
		run: () => {
			if (timer === null) {
				go();
			} else {
				asked = true;
			}
		},
		flush: () => {
			dispose();
			go();
		},
		dispose,
	};
}
