import { deepStrictEqual } from 'node:assert/strict';
import { asWritten } from '../../../src/core/base/say.js';
import { listenForProgress, withoutProgress } from '../../../src/core/git/gitProgress.js';
import { progressText } from '../../../src/core/model/progressWords.js';
import type { Moved } from '../../../src/core/model/report.js';

// As git 2.39 prints it, a piece at a time.
const pieces = [
	'remote: Enumerating objects: 302, done.        \nremote: Counting objects:   0% (1/302)        \r',
	'remote: Counting objects: 100% (302/302), done.        \nremote: Compressing objects:  50% (150/300)        \r',
	'Receiving objects:   0% (1/302)\rReceiving objects:  41% (124/302), 4.20 MiB | 8.10 MiB/s\r',
	'Receiving objects: 100% (302/302), 18.75 MiB | 9.00 MiB/s, done.\nResolving deltas:   3% (1/30)\r',
	'fatal: early EOF\n',
];

describe('how far git has come', () => {
	it('is read from what it prints, with the bytes that have passed by then', () => {
		const told: Moved[] = [];
		const listen = listenForProgress(
			() => 1_234_567,
			(moved) => told.push(moved),
		);
		pieces.forEach(listen);
		deepStrictEqual(
			told.map(({ step, objects, of }) => [step, objects, of]),
			[
				['pack', 1, 302],
				['pack', 150, 300],
				['move', 124, 302],
				['unpack', 1, 30],
			],
		);
		deepStrictEqual(
			told.map((moved) => progressText({ session: 'alpha', phase: 'fetch', moved }, asWritten)),
			[
				'fetching: packing 1 of 302 objects',
				'fetching: packing 150 of 300 objects',
				'fetching: 124 of 302 objects, 1.2 MB',
				'fetching: unpacking 1 of 30 objects, 1.2 MB',
			],
		);
	});

	it('is no part of what it says of a failure', () => {
		deepStrictEqual(withoutProgress(pieces.join('')), ['fatal: early EOF']);
	});

	it('is not told by what only looks like it', () => {
		const told: Moved[] = [];
		const listen = listenForProgress(
			() => 0,
			(moved) => told.push(moved),
		);
		for (const text of ['Receiving objects: many', 'Receiving objects: 1% (9999999999999999/2)', 'Objects: 1% (1/2)']) {
			listen(text);
		}
		deepStrictEqual(told, []);
	});

	it('has amounts in the unit that they fill, and in the language', () => {
		const at = (bytes: number, language?: string): string =>
			progressText(
				{ session: 'a', phase: 'push', moved: { step: 'move', objects: 1000, of: 2000, bytes } },
				asWritten,
				language,
			);
		deepStrictEqual(
			[at(0), at(999), at(1000), at(25_400_000_000), at(1_250_000, 'de')],
			[
				'sending to the session: 1,000 of 2,000 objects, 0 byte',
				'sending to the session: 1,000 of 2,000 objects, 999 byte',
				'sending to the session: 1,000 of 2,000 objects, 1 kB',
				'sending to the session: 1,000 of 2,000 objects, 25.4 GB',
				'sending to the session: 1.000 of 2.000 objects, 1,3 MB',
			],
		);
	});
});
