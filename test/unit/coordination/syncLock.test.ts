import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/base/clock.js';
import { isHomeportError } from '../../../src/core/base/errors.js';
import {
	type SyncLock,
	acquireLock,
	breakLock,
	lockStatus,
	lockWasLeft,
} from '../../../src/core/coordination/syncLock.js';
import { type LockFixture, deadPid, lockFixture, readRecordFile, recordOf } from '../../support/lockFixture.js';

const minutes = 60_000;
const ago = (milliseconds: number): string => new Date(Date.now() - milliseconds).toISOString();

describe('sync lock', () => {
	let fixture: LockFixture;
	let folder: string;
	const held: SyncLock[] = [];

	const acquire = async (waitSeconds = 0, heartbeatMs?: number, signal?: AbortSignal): Promise<SyncLock> => {
		const lock = await acquireLock(folder, {
			purpose: 'sync beta',
			waitSeconds,
			clock: systemClock,
			...(heartbeatMs === undefined ? {} : { heartbeatMs }),
			...(signal === undefined ? {} : { signal }),
		});
		held.push(lock);
		return lock;
	};
	const outcome = (): Promise<string> =>
		acquire().then(
			() => 'taken',
			(error: unknown) => (isHomeportError(error) ? error.code : String(error)),
		);

	beforeEach(async () => {
		fixture = await lockFixture();
		folder = fixture.folder;
	});

	afterEach(async () => {
		await Promise.all(held.splice(0).map((lock) => lock.release()));
		await fixture.dispose();
	});

	it('lays down the pid on one line, and beside it who it is', async () => {
		const lock = await acquire();
		const record = await readRecordFile(folder);
		assert.deepStrictEqual(
			{
				line: await readFile(join(folder, 'sync.lock'), 'utf8'),
				record,
				modes: await Promise.all(
					['sync.lock', 'sync.lock.json'].map(async (name) => (await stat(join(folder, name))).mode & 0o777),
				),
				files: await fixture.lockFiles(),
			},
			{
				line: `${process.pid}\n`,
				record: await recordOf({ token: lock.token, heartbeat: record.heartbeat, purpose: 'sync beta' }),
				modes: [0o600, 0o600],
				files: ['sync.lock', 'sync.lock.json'],
			},
		);
		await lock.release();
		assert.deepStrictEqual(await fixture.lockFiles(), []);
	});

	it('tells who waits in vain whom for', async () => {
		const clock = { now: () => Date.UTC(2026, 0, 1) };
		held.push(await acquireLock(folder, { purpose: 'sync beta', waitSeconds: 0, clock }));
		await assert.rejects(acquireLock(folder, { purpose: 'undo', waitSeconds: 0, clock }), {
			code: 'lock-held',
			details: {
				pid: process.pid,
				host: (await recordOf()).host,
				purpose: 'sync beta',
				ageSeconds: 0,
				owner: 'alive',
			},
		});
	});

	it('keeps the callers of one process apart, each in its turn', async () => {
		let inside = 0;
		const seen: number[] = [];
		await Promise.all(
			Array.from({ length: 12 }, async () => {
				const lock = await acquire(60);
				inside++;
				await stat(folder);
				seen.push(inside);
				inside--;
				await lock.release();
			}),
		);
		assert.deepStrictEqual(seen, Array<number>(12).fill(1));
	});

	it('keeps eight processes apart while three more are killed holding it', async function () {
		this.timeout(120_000);
		await writeFile(join(folder, 'counter'), '0');
		await writeFile(join(folder, 'journal'), '');
		const counting = Array.from({ length: 8 }, () => fixture.worker('count', '25'));
		for (let kills = 0; kills < 3; kills++) {
			const victim = fixture.worker('hold');
			await victim.said('held');
			await victim.kill();
		}
		await Promise.all(counting.map((worker) => worker.ended));
		// On a slow machine the last who was killed may have held it after all others.
		await (await acquire(5)).release();
		assert.deepStrictEqual(
			{
				finished: counting.map((worker) => worker.messages.at(-1)),
				counter: await readFile(join(folder, 'counter'), 'utf8'),
				journal: (await readFile(join(folder, 'journal'), 'utf8')).trim().split('\n').map(Number),
				files: await fixture.lockFiles(),
			},
			{
				finished: Array<string>(8).fill('done'),
				counter: '200',
				journal: Array.from({ length: 200 }, (_, index) => index + 1),
				files: [],
			},
		);
	});

	it('lets nobody count twice when the counters themselves are killed', async function () {
		this.timeout(120_000);
		await writeFile(join(folder, 'counter'), '0');
		await writeFile(join(folder, 'journal'), '');
		const doomed = Array.from({ length: 4 }, () => fixture.worker('count', '1000'));
		const counting = Array.from({ length: 2 }, () => fixture.worker('count', '10'));
		for (const worker of doomed) {
			await worker.said('working');
			await worker.kill();
		}
		await Promise.all(counting.map((worker) => worker.ended));
		const journal = (await readFile(join(folder, 'journal'), 'utf8')).trim().split('\n').map(Number);
		const counter = Number(await readFile(join(folder, 'counter'), 'utf8'));
		// A worker killed between counter and journal leaves a gap; a number that comes twice had two holders.
		assert.deepStrictEqual(
			{ finished: counting.map((worker) => worker.messages.at(-1)), journal },
			{ finished: ['done', 'done'], journal: [...new Set(journal)].toSorted((a, b) => a - b) },
		);
		assert.ok(counter >= (journal.at(-1) ?? 0) && counter - journal.length <= doomed.length);
	});

	it('lets the next take over at once from an owner that was killed', async () => {
		const owner = fixture.worker('hold');
		await owner.said('held');
		assert.deepStrictEqual(await outcome(), 'lock-held');
		await owner.kill();
		const { ageSeconds, ...status } = await lockStatus(folder, systemClock);
		assert.deepStrictEqual(status, {
			held: false,
			pid: owner.pid,
			host: (await recordOf()).host,
			owner: 'gone',
			purpose: 'test hold',
		});
		assert.ok(ageSeconds !== null);
		assert.deepStrictEqual([await outcome(), await fixture.lockFiles()], ['taken', ['sync.lock', 'sync.lock.json']]);
	});

	it('takes over from an owner that has ended though its parent has not noticed', async function () {
		if (process.platform !== 'linux') {
			this.skip();
		}
		// The shell's child ends after the shell became a program that never waits for it.
		const parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
		try {
			const [line] = (await once(parent.stdout, 'data')) as [Buffer];
			const pid = Number(line.toString());
			while (!/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) {
				await stat(folder);
			}
			await fixture.lay(`${pid}\n`, null);
			assert.deepStrictEqual(await outcome(), 'taken');
		} finally {
			parent.kill('SIGKILL');
		}
	});

	it('hands over to who waits', async () => {
		const first = await acquire();
		const waiting = acquire(60);
		await first.release();
		const second = await waiting;
		await second.assertHeld();
		await assert.rejects(first.assertHeld(), { code: 'lock-lost' });
	});

	it('ends the wait when it is cancelled', async () => {
		await acquire();
		const controller = new AbortController();
		const waiting = acquire(60, undefined, controller.signal);
		controller.abort();
		await assert.rejects(waiting, { code: 'cancelled' });
	});

	describe('an owner', () => {
		const cases: readonly {
			name: string;
			lay: () => Promise<void>;
			expected: 'taken' | 'lock-held';
			owner: 'alive' | 'gone' | 'unknown';
		}[] = [
			{
				name: 'that lives is never robbed, however old its heartbeat',
				lay: async () =>
					fixture.lay(`${process.pid}\n`, await recordOf({ heartbeat: ago(99_999 * minutes) }), 60 * minutes),
				expected: 'lock-held',
				owner: 'alive',
			},
			{
				name: 'whose pid another process has by now is gone',
				lay: async () => fixture.lay(`${process.pid}\n`, await recordOf({ processStart: 'long ago' })),
				expected: 'taken',
				owner: 'gone',
			},
			{
				name: 'from before a reboot is gone',
				lay: async () => fixture.lay(`${process.pid}\n`, await recordOf({ boot: 'another boot' })),
				expected: process.platform === 'linux' ? 'taken' : 'lock-held',
				owner: process.platform === 'linux' ? 'gone' : 'alive',
			},
			{
				name: 'of another host is left for ten minutes',
				lay: async () => {
					const pid = await deadPid();
					await fixture.lay(`${pid}\n`, await recordOf({ host: 'elsewhere', pid, heartbeat: ago(9 * minutes) }));
				},
				expected: 'lock-held',
				owner: 'unknown',
			},
			{
				name: 'of another host that is silent for longer is robbed',
				lay: async () =>
					fixture.lay(`${process.pid}\n`, await recordOf({ host: 'elsewhere', heartbeat: ago(11 * minutes) })),
				expected: 'taken',
				owner: 'unknown',
			},
			{
				name: 'with a heartbeat from the future is judged by its file',
				lay: async () =>
					fixture.lay(
						`${process.pid}\n`,
						await recordOf({ host: 'elsewhere', heartbeat: ago(-999_999 * minutes) }),
						11 * minutes,
					),
				expected: 'taken',
				owner: 'unknown',
			},
			{
				name: 'in another container of this machine is left for ten minutes',
				lay: async () => fixture.lay(`${process.pid}\n`, await recordOf({ pidNamespace: 'pid:[1]' })),
				expected: 'lock-held',
				owner: process.platform === 'linux' ? 'unknown' : 'alive',
			},
			{
				name: 'known by its pid alone is respected while it lives',
				lay: () => fixture.lay(`${process.pid}\n`, null, 60 * minutes),
				expected: 'lock-held',
				owner: 'alive',
			},
			{
				name: 'known by its pid alone is followed when it is gone',
				lay: async () => fixture.lay(`${await deadPid()}\n`, null),
				expected: 'taken',
				owner: 'gone',
			},
			{
				name: 'is the pid in the lock, not the one of a leftover beside it',
				lay: async () => fixture.lay(`${await deadPid()}\n`, await recordOf()),
				expected: 'taken',
				owner: 'gone',
			},
			{
				name: 'that wrote nothing yet is left for ten minutes',
				lay: () => fixture.lay('', null, 9 * minutes),
				expected: 'lock-held',
				owner: 'unknown',
			},
			{
				name: 'that never wrote anything is robbed',
				lay: () => fixture.lay('', null, 11 * minutes),
				expected: 'taken',
				owner: 'unknown',
			},
			{
				name: 'in a damaged lock is left for ten minutes',
				lay: () => fixture.lay('-1 \0 rm -rf', '{}', 9 * minutes),
				expected: 'lock-held',
				owner: 'unknown',
			},
			{
				name: 'in a damaged lock is robbed later',
				lay: () => fixture.lay('-1 \0 rm -rf', '{}', 11 * minutes),
				expected: 'taken',
				owner: 'unknown',
			},
			{
				name: 'with a damaged record may be elsewhere',
				lay: async () => fixture.lay(`${await deadPid()}\n`, '{"pid": 1, "__proto__": {}', 9 * minutes),
				expected: 'lock-held',
				owner: 'unknown',
			},
		];
		for (const { name, lay, expected, owner } of cases) {
			it(name, async () => {
				await lay();
				const status = await lockStatus(folder, systemClock);
				const seen = { outcome: await outcome(), held: status.held, owner: status.owner };
				assert.deepStrictEqual(seen, { outcome: expected, held: expected === 'lock-held', owner });
			});
		}
	});

	it('is won by one alone of many that find it stale', async function () {
		this.timeout(120_000);
		const pid = await deadPid();
		for (let round = 0; round < 60; round++) {
			await fixture.lay(`${pid}\n`, round % 2 === 0 ? null : await recordOf({ pid }));
			const outcomes = await Promise.all(Array.from({ length: 6 }, outcome));
			assert.deepStrictEqual(
				{ outcomes: outcomes.toSorted(), files: await fixture.lockFiles() },
				{
					outcomes: [...Array<string>(5).fill('lock-held'), 'taken'],
					files: ['sync.lock', 'sync.lock.json'],
				},
			);
			await held.pop()?.release();
		}
	});

	it('is won by one alone of several processes that find it stale', async function () {
		this.timeout(60_000);
		await fixture.lay(`${await deadPid()}\n`, null);
		const takers = Array.from({ length: 5 }, () => fixture.worker('once'));
		await Promise.all(takers.map((taker) => Promise.race([taker.said('won'), taker.said('lock-held')])));
		assert.deepStrictEqual(takers.flatMap((taker) => taker.messages).toSorted(), [
			...Array<string>(4).fill('lock-held'),
			'won',
		]);
	});

	it('passes over a taker that died with its claim, and waits for one that lives', async () => {
		const pid = await deadPid();
		await fixture.lay(`${pid}\n`, null);
		const { ino, mtimeNs } = await stat(join(folder, 'sync.lock'), { bigint: true });
		const claim = join(folder, `sync.lock.claim-${ino.toString(36)}-${mtimeNs.toString(36)}`);
		await writeFile(`${claim}-0`, JSON.stringify(await recordOf({ pid })));
		await writeFile(`${claim}-1`, JSON.stringify(await recordOf()));
		const whileClaimed = await outcome();
		await rm(`${claim}-1`);
		assert.deepStrictEqual([whileClaimed, await outcome()], ['lock-held', 'taken']);
	});

	it('releases nothing that another has taken over', async () => {
		const lock = await acquire();
		const other = { lock: `${await deadPid()}\n`, record: await recordOf() };
		await rm(join(folder, 'sync.lock'));
		await fixture.lay(other.lock, other.record);
		await lock.release();
		assert.deepStrictEqual(
			[await readFile(join(folder, 'sync.lock'), 'utf8'), await readRecordFile(folder)],
			[other.lock, other.record],
		);
	});

	it('can be released twice, and the second time takes nothing from the next owner', async () => {
		const first = await acquire();
		await first.release();
		const second = await acquire();
		await first.release();
		await second.assertHeld();
	});

	it('beats, and learns from the beat that it was lost', async () => {
		const lock = await acquire(0, 5);
		const before = (await readRecordFile(folder)).heartbeat;
		while ((await readRecordFile(folder)).heartbeat === before) {
			await stat(folder);
		}
		await lock.assertHeld();
		const lost = once(lock.lost, 'abort');
		await fixture.lay(`${process.pid}\n`, await recordOf());
		await lost;
		assert.ok(isHomeportError(lock.lost.reason, 'lock-lost'));
		await assert.rejects(lock.assertHeld(), { code: 'lock-lost' });
	});

	it('is lost to a script that wrote its pid over it', async () => {
		const lock = await acquire();
		await writeFile(join(folder, 'sync.lock'), `${await deadPid()}\n`);
		await assert.rejects(lock.assertHeld(), { code: 'lock-lost' });
		await lock.release();
		assert.deepStrictEqual(await fixture.lockFiles(), ['sync.lock', 'sync.lock.json']);
	});

	it('is lost to another token beside it, and leaves both files to that', async () => {
		const lock = await acquire();
		await writeFile(join(folder, 'sync.lock.json'), JSON.stringify(await recordOf()));
		await assert.rejects(lock.assertHeld(), { code: 'lock-lost' });
		await lock.release();
		assert.deepStrictEqual(await fixture.lockFiles(), ['sync.lock', 'sync.lock.json']);
	});

	it('is removed by its owner even where a record of another process covers its own', async () => {
		const lock = await acquire();
		await writeFile(join(folder, 'sync.lock.json'), JSON.stringify(await recordOf({ pid: await deadPid() })));
		await lock.release();
		assert.deepStrictEqual(await outcome(), 'taken');
	});

	it('mends a record that went missing or was damaged', async () => {
		const lock = await acquire(0, 5);
		for (const damage of [
			() => rm(join(folder, 'sync.lock.json')),
			() => writeFile(join(folder, 'sync.lock.json'), '{'),
		]) {
			await damage();
			while ((await readFile(join(folder, 'sync.lock.json'), 'utf8').catch(() => '')).length < 2) {
				await stat(folder);
			}
			await lock.assertHeld();
		}
		assert.deepStrictEqual((await readRecordFile(folder)).token, lock.token);
	});

	it('is lost when somebody removes it', async () => {
		const lock = await acquire();
		await rm(join(folder, 'sync.lock'));
		await assert.rejects(lock.assertHeld(), { code: 'lock-lost' });
	});

	it('is broken only when its owner is gone', async () => {
		const none = await breakLock(folder, systemClock);
		const owner = fixture.worker('hold');
		await owner.said('held');
		await assert.rejects(breakLock(folder, systemClock), { code: 'lock-held' });
		await owner.kill();
		const broken = await breakLock(folder, systemClock);
		assert.deepStrictEqual(
			[none.held, none.pid, broken.held, broken.pid, broken.owner, await fixture.lockFiles()],
			[false, null, false, owner.pid, 'gone', []],
		);
	});

	it('sweeps what died on the way, and only that', async () => {
		await fixture.lay(null, null);
		for (const name of [
			'sync.lock.new-1',
			'sync.lock.json.gone-2',
			'sync.lock.claim-x-0',
			'sync.lock.mine',
			'sync.log',
		]) {
			await writeFile(join(folder, name), '');
		}
		await fixture.lay(null, null, 11 * minutes);
		await writeFile(join(folder, 'sync.lock.new-young'), '');
		await acquire();
		assert.deepStrictEqual(await fixture.lockFiles(), [
			'sync.lock',
			'sync.lock.json',
			'sync.lock.mine',
			'sync.lock.new-young',
		]);
	});

	it('is known to be left where its owner died before the lock had its name', async () => {
		const left = `sync.lock.new-${await deadPid()}-1`;
		const own = `sync.lock.new-${process.pid}-1`;
		await writeFile(join(folder, own), '');
		const living = await lockWasLeft(folder, systemClock);
		await writeFile(join(folder, left), '');
		const dead = await lockWasLeft(folder, systemClock);
		await acquire();
		assert.deepStrictEqual(
			[living, dead, await lockWasLeft(folder, systemClock), await fixture.lockFiles()],
			[false, true, false, ['sync.lock', 'sync.lock.json', own]],
		);
	});
});
