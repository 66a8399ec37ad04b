import type * as vscode from 'vscode';

const firstMs = 5000;
const longestMs = 60_000;

/** Something that is tried again for as long as it is wanted, each time after a longer pause. */
export interface Retry extends vscode.Disposable {
	/** Says whether trying again could help; where it could not, the next pause is the shortest again. */
	want(wanted: boolean): void;
}

/** Makes one. `attempt` never rejects. */
export function createRetry(attempt: () => Promise<void>): Retry {
	let timer: NodeJS.Timeout | null = null;
	let isWanted = false;
	let tries = 0;
	const schedule = (): void => {
		timer = setTimeout(() => void again(), Math.min(longestMs, firstMs * 2 ** tries));
	};
	const again = async (): Promise<void> => {
		tries += 1;
		await attempt();
		timer = null;
		if (isWanted) {
			schedule();
		}
	};
	const stop = (): void => {
		clearTimeout(timer ?? undefined);
		timer = null;
	};
	return {
		want: (wanted) => {
			isWanted = wanted;
			if (!wanted) {
				tries = 0;
				stop();
			} else if (timer === null) {
				schedule();
			}
		},
		dispose: () => {
			isWanted = false;
			stop();
		},
	};
}
