import type { Command, Sequence } from './commands.js';

/** A command: who, what, and its numbers. */
export type Short = readonly [actor: Command['actor'], step: string, ...numbers: number[]];

const clones: Sequence['kinds'] = { alpha: 'clone', beta: 'clone' };

/** A sequence written by hand, over two clones. */
export function sequenceOf(...commands: readonly Short[]): Sequence {
	return {
		seed: 0,
		kinds: clones,
		commands: commands.map(([actor, step, ...numbers]) => ({ actor, step, numbers })),
	};
}
