import type { Moved } from '../model/report.js';

const steps: Readonly<Record<string, Moved['step']>> = {
	'Counting objects': 'pack',
	'Compressing objects': 'pack',
	'Receiving objects': 'move',
	'Writing objects': 'move',
	'Resolving deltas': 'unpack',
	'Unpacking objects': 'unpack',
};

const line = /^(?:remote: )?([A-Z][a-z]+ [a-z]+): +\d+% \((\d{1,12})\/(\d{1,12})\)/;

/** Listens to git's stderr, and tells how far it has come; `bytes` says what has passed the line by then. */
export function listenForProgress(
	bytes: () => number,
	tell: ((moved: Moved) => void) | undefined,
): (stderr: string) => void {
	return (stderr) => {
		const found = progressIn(stderr);
		if (found !== null) {
			tell?.({ ...found, bytes: bytes() });
		}
	};
}

// By the last line of progress in it; null where there is none.
function progressIn(stderr: string): Omit<Moved, 'bytes'> | null {
	const last = stderr
		.split(/[\r\n]/)
		.map((text) => line.exec(text))
		.findLast((found) => found !== null);
	const step = last === undefined ? undefined : steps[last[1]!];
	return step === undefined ? null : { step, objects: Number(last![2]), of: Number(last![3]) };
}

/** The lines of git's stderr that tell more than how far it has come. */
export function withoutProgress(stderr: string): string[] {
	return stderr
		.split(/[\r\n]+/)
		.map((text) => text.trim())
		.filter(
			(text) =>
				text !== '' && !/^(?:remote: )?[A-Z][a-z]+(?: [a-z]+)?:? +\d+|^remote: (?:Total|Enumerating)/.test(text),
		);
}
