import { settleHome, type StepOptions, type SyncContext } from './context.js';
import { type HomeState, readHomeState } from './homeState.js';

/** A look at home that goes on beside other work. */
export interface HomeLook {
	/** Fulfilled when nothing of the look runs any more; never rejected. */
	readonly ended: Promise<unknown>;
	/** What home is like: as it was seen, or, where that is more than a second ago, as it is seen now. */
	fresh(): Promise<HomeState>;
}

const freshMs = 1000;

/**
 * Begins to look at home, after an operation that was interrupted has been ended. What fails is tried again by who asks for
 * the answer, and fails there.
 */
export function beginLook(context: SyncContext, options: StepOptions): HomeLook {
	const look = async (): Promise<{ state: HomeState; at: number }> => {
		await settleHome(context, options);
		return { state: await readHomeState(context.home), at: performance.now() };
	};
	const first = look().catch(() => null);
	return {
		ended: first,
		fresh: async () => {
			const seen = await first;
			return (seen !== null && performance.now() - seen.at < freshMs ? seen : await look()).state;
		},
	};
}
