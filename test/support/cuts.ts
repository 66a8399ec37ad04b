import type { Cut, ExecFault } from './cluster/faults.js';
import type { Moved } from './cluster/outlet.js';
import { pick } from './model/random.js';

/** How a cut ends its stream: each with and without a status of its own, and a close frame. */
const endings: readonly Pick<Cut, 'status' | 'closeCode'>[] = [
	{},
	{ status: 'success', closeCode: 1000 },
	{ closeCode: 1000 },
	{ status: 'success' },
	{ status: 'failure', closeCode: 1000 },
	{ closeCode: 1011 },
];

/** A cut after each frame that one exec sent; each with one ending in turn, or with every one. */
export function cutsAtFrames({ frames }: Moved, everyEnding: boolean): ExecFault[] {
	const places = Array.from({ length: frames }, (_, index) => index + 1);
	return places.flatMap((afterFrames) =>
		(everyEnding ? endings : [endings[afterFrames % endings.length]!]).map((ending) => ({
			cut: { afterFrames, ...ending },
		})),
	);
}

/** Cuts after numbers of bytes that `random` chooses, of what one exec read and of what it wrote. */
export function cutsAtBytes({ stdoutBytes, stdinBytes }: Moved, count: number, random: () => number): ExecFault[] {
	return Array.from({ length: count }, (_, index) => {
		const [bytes, name] = index % 3 === 2 ? [stdinBytes, 'afterStdinBytes'] : [stdoutBytes, 'afterStdoutBytes'];
		return { cut: { [name]: 1 + Math.floor(random() * bytes), ...pick(endings, random()) } };
	});
}

/** Each of its frames twice. */
export function duplicates({ frames }: Moved): ExecFault[] {
	return Array.from({ length: frames }, (_, index) => ({ duplicateFrame: index }));
}

/** So many of them, spread evenly from the first to the last. */
export function spread<T>(items: readonly T[], count: number): T[] {
	if (items.length <= count) {
		return [...items];
	}
	return Array.from(
		{ length: count },
		(_, index) => items[Math.round((index * (items.length - 1)) / (count - 1 || 1))]!,
	);
}
