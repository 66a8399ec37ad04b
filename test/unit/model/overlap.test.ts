import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { homeSide, mergeOrder, type OverlapPair } from '../../../src/core/model/overlap.js';

const seed = 20_261_121;

function pair(a: string, b: string, conflicts: number): OverlapPair {
	const files = Array.from({ length: conflicts }, (_, index) => ({ path: `${index}`, kind: 'contents' }));
	return { a, b, common: [], conflicts: files, unrelated: false };
}

const matrix = fc.integer({ min: 0, max: 6 }).chain((size) => {
	const sessions = Array.from({ length: size }, (_, index) => `local/s${index}`);
	const all = [homeSide, ...sessions];
	const couples = all.flatMap((a, index) => all.slice(index + 1).map((b) => [a, b] as const));
	return fc
		.array(fc.constantFrom(0, 0, 1, 3), { minLength: couples.length, maxLength: couples.length })
		.map((weights) => ({ sessions, pairs: couples.map(([a, b], index) => pair(a, b, weights[index]!)) }));
});

describe('the order of merging', () => {
	it('takes next what conflicts least with home and those before, and every session once', () => {
		fc.assert(
			fc.property(matrix, ({ sessions, pairs }) => {
				const order = mergeOrder(sessions, pairs);
				assert.deepStrictEqual([...order].sort(), [...sessions].sort());
				const between = (a: string, b: string): number =>
					pairs.find((one) => (one.a === a && one.b === b) || (one.a === b && one.b === a))?.conflicts.length ?? 0;
				for (const [index, next] of order.entries()) {
					const before = [homeSide, ...order.slice(0, index)];
					const cost = (session: string): number => before.reduce((sum, one) => sum + between(session, one), 0);
					assert.ok(order.slice(index).every((other) => cost(next) <= cost(other)));
				}
				const free = sessions.filter((one) => [homeSide, ...sessions].every((other) => between(one, other) === 0));
				assert.deepStrictEqual(order.slice(0, free.length), free);
			}),
			{ seed },
		);
	});

	it('puts off the one that is in the way of most', () => {
		const pairs = [pair('x/a', 'x/b', 1), pair('x/a', 'x/c', 1), { ...pair('home', 'x/d', 0), unrelated: true }];
		assert.deepStrictEqual(mergeOrder(['x/d', 'x/a', 'x/b', 'x/c'], pairs), ['x/b', 'x/c', 'x/d', 'x/a']);
	});
});
