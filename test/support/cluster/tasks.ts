/** Work that the cluster does behind the requests. */
export interface Tasks {
	track(work: Promise<void>): void;
	/** Resolves once nothing is being done; fails with the first thing that went wrong since the last call. */
	settled(): Promise<void>;
}

export function createTasks(): Tasks {
	const going = new Set<Promise<void>>();
	const failures: unknown[] = [];
	return {
		track: (work) => {
			const guarded: Promise<void> = work
				.catch((error: unknown) => {
					failures.push(error);
				})
				.finally(() => going.delete(guarded));
			going.add(guarded);
		},
		settled: async () => {
			while (going.size > 0) {
				await Promise.all(going);
			}
			const [failure] = failures.splice(0);
			if (failure !== undefined) {
				throw failure;
			}
		},
	};
}
