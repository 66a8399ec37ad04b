import type { Operation } from './report.js';

/** True where an operation can be taken back; an undo is taken back by a redo. */
export function canBeUndone({ state, undone, kind, isOpen, merge }: Operation): boolean {
	const ended = state === 'done' && !undone && kind !== 'forget';
	// A merge that was continued is taken back by its end; one that was dropped cannot be opened again.
	return ended && (kind !== 'open' || isOpen) && (kind !== 'undo' || merge === null);
}
