import type { Operation } from './report.js';

/** True of an operation after which a merge waits to be settled: the opening of one, or the redo of one that was dropped. */
export function opensMerge({ kind, merge }: Pick<Operation, 'kind' | 'merge'>): boolean {
	return merge !== null && (kind === 'open' || kind === 'redo');
}

/** True where an operation can be taken back; an undo is taken back by a redo. */
export function canBeUndone(operation: Operation): boolean {
	const { state, undone, kind, isOpen } = operation;
	// A merge that was continued is taken back by its end.
	return state === 'done' && !undone && kind !== 'forget' && (!opensMerge(operation) || isOpen);
}
