import type { Readable } from 'node:stream';

/** What a container has printed, and who reads along. */
export interface Log {
	lines(): readonly { at: string; text: string }[];
	add(stream: Readable): void;
	write(text: string): void;
	/** Calls with every whole line from now on; returns what ends it. */
	follow(listener: (line: { at: string; text: string }) => void, ended: () => void): () => void;
	/** No more will be printed. */
	end(): void;
}

const longest = 10_000;

/** An empty log; of more than ten thousand lines it keeps the last. */
export function createLog(): Log {
	const lines: { at: string; text: string }[] = [];
	const readers = new Map<(line: { at: string; text: string }) => void, () => void>();
	let rest = '';
	let ended = false;
	const write = (text: string): void => {
		const parts = `${rest}${text}`.split('\n');
		rest = parts.pop() ?? '';
		for (const part of parts) {
			const line = { at: new Date().toISOString(), text: part };
			lines.push(line);
			for (const reader of readers.keys()) {
				reader(line);
			}
		}
		lines.splice(0, lines.length - longest);
	};
	return {
		lines: () => lines,
		write,
		add: (stream) => {
			stream.setEncoding('utf8').on('data', write);
		},
		follow: (listener, onEnd) => {
			if (ended) {
				onEnd();
				return () => undefined;
			}
			readers.set(listener, onEnd);
			return () => readers.delete(listener);
		},
		end: () => {
			ended = true;
			for (const onEnd of readers.values()) {
				onEnd();
			}
			readers.clear();
		},
	};
}
