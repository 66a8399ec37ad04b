import type { Oid } from './observation.js';

/** Home itself, where a pair names its two sides; every session's id has a slash. */
export const homeSide = 'home';

/** The work of one side, as it is known without looking at any session. */
export interface OverlapSide {
	/** A session's id, or {@link homeSide}. */
	readonly id: string;
	/** The branch that its HEAD is on. */
	readonly branch: string | null;
	/** The commit that was compared: the capture where something is not committed, else HEAD. */
	readonly tip: Oid;
	readonly uncommitted: boolean;
	/** When the session was seen so, ISO 8601; null for home, which is as it is now. */
	readonly seen: string | null;
}

/** Two sides that changed the same, and how a merge of the two would end. */
export interface OverlapPair {
	readonly a: string;
	readonly b: string;
	/** Paths that both changed since the commit that they have in common; safe to show, 100 at most. */
	readonly common: readonly string[];
	/** Safe to show; `kind` is git's word, such as `contents` or `modify/delete`. */
	readonly conflicts: readonly { readonly path: string; readonly kind: string }[];
	/** They have no commit in common, so git would not merge them. */
	readonly unrelated: boolean;
}

/** Which work gets in the way of which. */
export interface Overlap {
	readonly sides: readonly OverlapSide[];
	/** Those pairs alone of which there is something to say. */
	readonly pairs: readonly OverlapPair[];
	/** Sessions in the order of merging with the fewest conflicts. */
	readonly order: readonly string[];
	/** Sessions of this home that were never seen. */
	readonly unseen: readonly string[];
}

/**
 * An order of merging sessions into home, by the conflicts of each two: next comes always the session with the fewest
 * conflicts with home and those before it, of equals the one with the fewest with those to come, then the first given. A
 * greedy choice: it need not be the best of all orders.
 */
export function mergeOrder(sessions: readonly string[], pairs: readonly OverlapPair[]): string[] {
	const weights = new Map<string, number>();
	for (const { a, b, conflicts, unrelated } of pairs) {
		const weight = conflicts.length + (unrelated ? 1 : 0);
		weights.set(keyOf(a, b), weight).set(keyOf(b, a), weight);
	}
	const weight = (session: string, others: readonly string[]): number =>
		others.reduce((sum, other) => sum + (weights.get(keyOf(session, other)) ?? 0), 0);
	const left = [...sessions];
	const order: string[] = [];
	while (left.length > 0) {
		const ranked = left.map((session) => ({
			session,
			before: weight(session, [homeSide, ...order]),
			after: weight(session, left),
		}));
		ranked.sort((a, b) => a.before - b.before || a.after - b.after);
		const [next] = ranked;
		order.push(next!.session);
		left.splice(left.indexOf(next!.session), 1);
	}
	return order;
}

function keyOf(a: string, b: string): string {
	return `${a}\0${b}`;
}
