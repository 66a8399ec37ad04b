import { appendFileSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { systemClock } from '../../src/core/base/clock.js';
import { isHomeportError } from '../../src/core/base/errors.js';
import { acquireLock } from '../../src/core/coordination/syncLock.js';

// A process that takes the sync lock. `count FOLDER TIMES` adds to a counter unsafely, TIMES times, saying `done` at the
// end and `working` each time it holds the lock; `hold FOLDER` says `held` and keeps the lock until it is killed or told to release; `once FOLDER`
// tries without waiting and says `won` or the error's code.

const [mode, folder = '', times = '1'] = process.argv.slice(2);
const say = (message: unknown): void => {
	process.send?.(message);
};
const request = (waitSeconds: number) => ({ purpose: `test ${mode}`, waitSeconds, clock: systemClock });

async function countUp(): Promise<void> {
	const counter = join(folder, 'counter');
	for (let round = 0; round < Number(times); round++) {
		const lock = await acquireLock(folder, request(120));
		const value = Number(readFileSync(counter, 'utf8'));
		say('working');
		await delay(1);
		await lock.assertHeld();
		writeFileSync(`${counter}.${process.pid}`, String(value + 1));
		renameSync(`${counter}.${process.pid}`, counter);
		appendFileSync(join(folder, 'journal'), `${value + 1}\n`);
		await lock.release();
	}
	say('done');
}

async function hold(): Promise<void> {
	const lock = await acquireLock(folder, request(120));
	process.once('message', () => {
		void lock.release().then(() => process.disconnect());
	});
	say('held');
}

async function once(): Promise<void> {
	try {
		await acquireLock(folder, request(0));
		say('won');
	} catch (error) {
		say(isHomeportError(error) ? error.code : String(error));
	}
	// Holds on until it is killed.
	process.on('message', () => undefined);
}

void (mode === 'count' ? countUp() : mode === 'hold' ? hold() : once());
