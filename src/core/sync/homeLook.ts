import { settleHome, type StepOptions, type SyncContext } from './context.js';
import { type HomeState, readHomeState } from './homeState.js';

/** A look at home that goes on beside other work. */
export interface HomeLook {
	/** Fulfilled when nothing of the look runs any more; never rejected. */
	readonly ended: Promise<unknown>;
	/** What home is like: as it was seen, where that is a second ago at most and no ref has moved since, else as it is now. */
	fresh(): Promise<HomeState>;
}

const freshMs = 1000;

/**
 * Begins to look at home, after an operation that was interrupted has been ended. What fails is tried again by who asks for
 * the answer, and fails there.
 */
export function beginLook(context: SyncContext, options: StepOptions): HomeLook {
	const { git } = context.home;
	// Branches, and the log: an operation that another has begun since shows there first.
	const refs = (): Promise<string> => git.text(['for-each-ref', 'refs/heads', 'refs/homeport/operations']);
	const look = async (): Promise<HomeState> => {
		await settleHome(context, options);
		return readHomeState(context.home);
	};
	const watched = async (): Promise<{ before: string; state: HomeState; at: number }> => ({
		before: await refs(),
		state: await look(),
		at: performance.now(),
	});
	const first = watched().catch(() => null);
	return {
		ended: first,
		fresh: async () => {
			const seen = await first;
			const holds = seen !== null && performance.now() - seen.at < freshMs && seen.before === (await refs());
			return holds ? seen.state : look();
		},
	};
}
