/** Numbers that look random and are the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
	let state = seed >>> 0;
	return () => {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = state;
		mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}

/** The item that a number from 0 to 1 points at; fails where there is none. */
export function pick<T>(items: readonly T[], number: number): T {
	const item = items[Math.min(items.length - 1, Math.floor(number * items.length))];
	if (item === undefined) {
		throw new Error('nothing to pick from');
	}
	return item;
}
