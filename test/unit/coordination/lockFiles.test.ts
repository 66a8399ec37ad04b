import assert from 'node:assert/strict';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../../src/core/base/clock.js';
import { type LockFound, readLock, removeLock, takeOver } from '../../../src/core/coordination/lockFiles.js';
import { thisProcess } from '../../../src/core/base/process.js';
import { type LockFixture, deadPid, lockFixture, recordOf } from '../../support/lockFixture.js';

// What a take-over does that was overtaken between its look and its act.
describe('files of the sync lock', () => {
	let fixture: LockFixture;
	let folder: string;

	beforeEach(async () => {
		fixture = await lockFixture();
		folder = fixture.folder;
	});

	afterEach(() => fixture.dispose());

	const found = async (): Promise<LockFound> => {
		const lock = await readLock(folder);
		assert.ok(lock !== null);
		return lock;
	};
	const files = async (): Promise<unknown> => ({
		names: await fixture.lockFiles(),
		lock: await readFile(join(folder, 'sync.lock'), 'utf8'),
		record: await readFile(join(folder, 'sync.lock.json'), 'utf8'),
	});

	it('leaves the lock of who took over first', async () => {
		await fixture.lay(`${await deadPid()}\n`, null);
		const stale = await found();
		await rm(join(folder, 'sync.lock'));
		await fixture.lay(`${process.pid}\n`, await recordOf());
		const before = await files();
		// True: the lock that was judged is gone, and who wants it may try again.
		assert.deepStrictEqual(
			[await takeOver(folder, stale, await thisProcess(), systemClock), await files()],
			[true, before],
		);
	});

	it('leaves a lock whose owner has signed meanwhile', async () => {
		await fixture.lay(`${process.pid}\n`, await recordOf({ processStart: 'a leftover' }));
		const stale = await found();
		await fixture.lay(null, await recordOf());
		// Laying down the record must not change which lock file it is.
		const before = await files();
		const now = await found();
		assert.deepStrictEqual(
			[
				await takeOver(folder, { ...stale, incarnation: now.incarnation }, await thisProcess(), systemClock),
				await files(),
			],
			[false, before],
		);
	});

	it('puts back what turns out to be another lock', async () => {
		await fixture.lay(`${process.pid}\n`, await recordOf());
		const lock = await found();
		const before = await files();
		const record = await recordOf({ token: 'third' });
		assert.deepStrictEqual(
			[
				await removeLock(folder, { ...lock, incarnation: 'another' }),
				await files(),
				await removeLock(folder, { ...lock, record }),
				await files(),
				await removeLock(folder, lock),
				await fixture.lockFiles(),
			],
			[false, before, false, before, true, []],
		);
	});
});
