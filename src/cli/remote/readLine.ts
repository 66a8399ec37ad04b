import { once } from 'node:events';
import type { Readable } from 'node:stream';

const longest = 4096;

/**
 * The next line of a stream without its newline, and null where it ends before one, or after more than 4096 bytes. What
 * follows the line stays in the stream.
 */
export async function readLine(input: Readable): Promise<string | null> {
	let line = Buffer.alloc(0);
	while (line.length <= longest) {
		const chunk = input.read() as Buffer | null;
		if (chunk === null) {
			if (input.readableEnded || input.destroyed) {
				return null;
			}
			await Promise.race([once(input, 'readable'), once(input, 'end'), once(input, 'close')]);
			continue;
		}
		const end = chunk.indexOf('\n');
		if (end >= 0) {
			if (end + 1 < chunk.length) {
				input.unshift(chunk.subarray(end + 1));
			}
			return Buffer.concat([line, chunk.subarray(0, end)]).toString('utf8');
		}
		line = Buffer.concat([line, chunk]);
	}
	return null;
}
