/** A cluster that could not be asked, and why. */
export interface ClusterProblem {
	readonly context: string;
	/** Null where a problem is over. */
	readonly error: unknown;
}

/** What stands in the way of watching, across the restarts that a change of the kubeconfig brings. */
interface Troubles {
	/** A namespace of a context has this problem, or with no error none any more; '' stands for all its namespaces. */
	tell(context: string, namespace: string, error: unknown): void;
	/** All watches begin anew: what was told stands until it is known to be over. */
	restart(): void;
	/** The kubeconfig could be read, and these contexts are followed: what was told of others is over. */
	read(contexts: readonly string[]): void;
	/** The context has listed what a namespace holds. */
	listed(context: string): void;
}

/** Tells `onProblem` of each problem, and that it is over once no namespace of its context has one. */
export function createTroubles(onProblem: ((problem: ClusterProblem) => void) | undefined): Troubles {
	const troubled = new Map<string, Set<string>>();
	const earlier = new Set<string>();
	const over = (context: string): void => {
		earlier.delete(context);
		onProblem?.({ context, error: null });
	};
	return {
		tell: (context, namespace, error) => {
			const namespaces = troubled.get(context) ?? new Set();
			troubled.set(context, namespaces);
			if (error !== null) {
				namespaces.add(namespace);
				onProblem?.({ context, error });
				return;
			}
			namespaces.delete(namespace);
			if (namespaces.size === 0) {
				over(context);
			}
		},
		restart: () => {
			for (const [context, namespaces] of troubled) {
				if (namespaces.size > 0) {
					earlier.add(context);
				}
			}
			troubled.clear();
		},
		read: (contexts) => {
			[...earlier].filter((context) => !contexts.includes(context)).forEach(over);
		},
		listed: (context) => {
			if (earlier.has(context) && (troubled.get(context)?.size ?? 0) === 0) {
				over(context);
			}
		},
	};
}
