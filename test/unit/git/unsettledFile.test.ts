import { strictEqual } from 'node:assert/strict';
import * as fc from 'fast-check';
import { undecidedPlaces } from '../../../src/core/git/unsettledFile.js';

describe('places of conflict that nobody has decided', () => {
	const part = fc.record({
		common: fc.integer({ min: 1, max: 5 }),
		base: fc.integer({ min: 0, max: 3 }),
		decided: fc.boolean(),
	});
	const lines = (word: string, place: number, amount: number): string[] =>
		Array.from({ length: amount }, (_, index) => `${word} ${place} ${index}\n`);

	it('are those that have the lines of the common commit, whatever stands in the others', () => {
		fc.assert(
			fc.property(fc.array(part, { maxLength: 6 }), fc.boolean(), fc.boolean(), (parts, opens, ends) => {
				// A place at an end of the file has nothing in common on that side.
				const common = (index: number): string[] => {
					const isEnd = (index === 0 && opens) || (index === parts.length && ends);
					return isEnd ? [] : lines('common', index, parts[index]?.common ?? 2);
				};
				const places = parts.map(({ base }, index) => ({
					before: common(index).slice(-3),
					base: lines('base', index, base),
					after: common(index + 1).slice(0, 3),
				}));
				const text = parts
					.flatMap(({ decided, base }, index) => [
						...common(index),
						...(decided ? ['decided\n'] : lines('base', index, base)),
					])
					.concat(common(parts.length))
					.join('');
				strictEqual(undecidedPlaces(text, places), parts.filter(({ decided }) => !decided).length);
			}),
			{ seed: 1, numRuns: 2000 },
		);
	});
});
