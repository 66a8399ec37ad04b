import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, readdir, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { systemClock } from '../../../src/core/base/clock.js';
import { HomeportError, isHomeportError } from '../../../src/core/base/errors.js';
import { type SyncLock, acquireLock, breakLock, lockStatus } from '../../../src/core/coordination/syncLock.js';
import { type LockFixture, deadPid, lockFixture, recordOf } from '../../support/lockFixture.js';

/** One thing that a lock file or the record beside it can be. */
type Laid =
	| { readonly kind: 'none' | 'symlink' | 'dangling' | 'folder' | 'fifo' }
	| { readonly kind: 'text'; readonly text: string; readonly ageMinutes: number };

const odd: fc.Arbitrary<Laid> = fc.constantFrom<Laid>(
	{ kind: 'none' },
	{ kind: 'symlink' },
	{ kind: 'dangling' },
	{ kind: 'folder' },
	{ kind: 'fifo' },
);
const text = (content: fc.Arbitrary<string>): fc.Arbitrary<Laid> =>
	fc.record({ kind: fc.constant('text' as const), text: content, ageMinutes: fc.constantFrom(0, 9, 11, -60) });

const pid = fc.constantFrom<number | string>('self', 'dead', 1, 0, -1, 2 ** 31, 1.5, '12', 99_999_999_999);
const lockFile = fc.oneof(
	{ weight: 1, arbitrary: odd },
	{ weight: 3, arbitrary: text(pid.map((value) => `${value}\n`)) },
	{ weight: 1, arbitrary: text(fc.string({ unit: 'binary', maxLength: 40 })) },
);
const recordFile = fc.oneof(
	{ weight: 1, arbitrary: odd },
	{
		weight: 3,
		arbitrary: text(
			fc
				.record(
					{
						pid,
						host: fc.constantFrom('self', 'elsewhere', 7),
						boot: fc.constantFrom('self', 'another', null, 7),
						processStart: fc.constantFrom('self', 'another', null),
						token: fc.string(),
						heartbeat: fc.constantFrom('now', '2020-01-01T00:00:00Z', '9999-01-01T00:00:00Z', 'never', 5),
						purpose: fc.string(),
						more: fc.jsonValue(),
					},
					{ requiredKeys: ['pid', 'host', 'boot', 'processStart', 'token', 'heartbeat'] },
				)
				.map((value) => JSON.stringify(value)),
		),
	},
	{ weight: 1, arbitrary: text(fc.oneof(fc.json(), fc.string(), fc.constant('{"__proto__":{"pid":1}}'))) },
);

describe('sync lock over any state of its files', () => {
	let fixture: LockFixture;
	let words: Readonly<Record<string, string>>;

	before(async () => {
		fixture = await lockFixture();
		const self = await recordOf();
		words = {
			'"self"': JSON.stringify(self.pid),
			'"dead"': String(await deadPid()),
			'"now"': JSON.stringify(new Date().toISOString()),
		};
	});

	after(() => fixture.dispose());

	async function lay(name: string, laid: Laid): Promise<void> {
		const path = join(fixture.folder, name);
		switch (laid.kind) {
			case 'none':
				return;
			case 'symlink':
				return symlink('/etc/passwd', path);
			case 'dangling':
				return symlink('./nothing', path);
			case 'folder':
				await mkdir(join(path, 'inner'), { recursive: true });
				return;
			case 'fifo':
				execFileSync('mkfifo', [path]);
				return;
			case 'text': {
				const time = Date.now() / 1000 - laid.ageMinutes * 60;
				await writeFile(path, await filledIn(laid.text));
				await utimes(path, time, time);
			}
		}
	}

	async function filledIn(content: string): Promise<string> {
		const self = await recordOf();
		return content
			.replace('"host":"self"', `"host":${JSON.stringify(self.host)}`)
			.replace('"boot":"self"', `"boot":${JSON.stringify(self.boot)}`)
			.replace('"processStart":"self"', `"processStart":${JSON.stringify(self.processStart)}`)
			.replace(/"(self|dead|now)"/g, (word) => words[word] ?? word)
			.replace(/^(self|dead)\n$/, (_, word: string) => `${words[`"${word}"`]}\n`);
	}

	const attempt = async <T>(what: Promise<T>): Promise<T | HomeportError> =>
		what.catch((error: unknown) => {
			if (!isHomeportError(error)) {
				throw error;
			}
			return error;
		});
	const taken = (outcomes: readonly (SyncLock | HomeportError)[]): SyncLock[] =>
		outcomes.filter((outcome): outcome is SyncLock => !(outcome instanceof HomeportError));

	it('fails with a code or holds, and never has two holders', async function () {
		this.timeout(120_000);
		await fc.assert(
			fc.asyncProperty(lockFile, recordFile, async (lock, record) => {
				const { folder } = fixture;
				await rm(folder, { recursive: true });
				await mkdir(folder);
				await lay('sync.lock', lock);
				await lay('sync.lock.json', record);
				const status = await attempt(lockStatus(folder, systemClock));
				const request = { purpose: 'property', waitSeconds: 0, clock: systemClock };
				const outcomes = await Promise.all([1, 2, 3].map(() => attempt(acquireLock(folder, request))));
				const holders = taken(outcomes);
				const codes = new Set<string>(
					outcomes.map((outcome) => (outcome instanceof HomeportError ? outcome.code : 'held')),
				);
				assert.ok(holders.length <= 1);
				assert.ok(['lock-held', 'held', 'state-unwritable'].some((code) => codes.has(code)) && codes.size <= 2);
				if (!(status instanceof HomeportError)) {
					// What the status says of a lock is what who wants it meets.
					assert.deepStrictEqual(holders.length, status.held ? 0 : 1);
				}
				await Promise.all(holders.map((holder) => holder.assertHeld()));
				const broken = await attempt(breakLock(folder, systemClock));
				assert.ok(holders.length === 0 || broken instanceof HomeportError);
				await Promise.all(holders.map((holder) => holder.release()));
				if (holders.length > 0) {
					assert.deepStrictEqual(await readdir(folder), []);
				}
			}),
			{ seed: 20_261_120, numRuns: 250 },
		);
	});

	for (const kind of ['symlink', 'dangling', 'folder', 'fifo'] as const) {
		it(`says so where the lock is a ${kind}, and leaves it`, async () => {
			const { folder } = fixture;
			await rm(folder, { recursive: true });
			await mkdir(folder);
			await lay('sync.lock', { kind });
			const request = { purpose: 'odd', waitSeconds: 0, clock: systemClock };
			const reason = { symlink: 'symbolic link', dangling: 'symbolic link', folder: 'folder', fifo: 'named pipe' }[
				kind
			];
			await assert.rejects(acquireLock(folder, request), {
				code: 'state-unwritable',
				details: { path: join(folder, 'sync.lock'), reason: `it is a ${reason}` },
			});
			assert.deepStrictEqual(await readdir(folder), ['sync.lock']);
		});
	}
});
