/** Node rings longer timers at once. */
const longestMs = 2 ** 31 - 1;

/** Something that rings once, some time after it was last started. */
export interface Timer {
	/** Starts anew, in milliseconds; without a time it never rings. `ring` takes the place of the timer's own. */
	start(ms: number | undefined, ring?: () => void): void;
	stop(): void;
}

/** A timer that stands still until it is started. */
export function timer(ring: () => void): Timer {
	let handle: NodeJS.Timeout | undefined;
	const stop = (): void => clearTimeout(handle);
	return {
		start: (ms, other = ring) => {
			stop();
			handle = ms === undefined ? undefined : setTimeout(other, Math.min(ms, longestMs));
		},
		stop,
	};
}
