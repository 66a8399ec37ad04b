import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayHaveWritten, pidState, processState, thisProcess } from '../../../src/core/base/process.js';
import { deadPid } from '../../support/lockFixture.js';

describe('process identity', () => {
	it('is the same each time it is asked for, and alive', async () => {
		const self = await thisProcess();
		assert.deepStrictEqual(
			[await thisProcess(), await processState(self, self), self.pid],
			[self, 'alive', process.pid],
		);
	});

	it('tells a process from the one that had its pid before', async () => {
		const self = await thisProcess();
		const dead = await deadPid();
		assert.deepStrictEqual(
			await Promise.all([
				processState({ ...self, processStart: '1' }, self),
				processState({ ...self, processStart: null }, self),
				processState({ ...self, pid: dead }, self),
				processState({ ...self, boot: 'another' }, { ...self, boot: 'this' }),
				processState({ ...self, host: 'another' }, self),
				processState({ ...self, pidNamespace: 'another' }, { ...self, pidNamespace: 'this' }),
				pidState(process.pid, null),
				pidState(1, null),
			]),
			['gone', 'alive', 'gone', 'gone', 'elsewhere', 'elsewhere', 'alive', 'alive'],
		);
	});

	it('does not take a later process with the same pid for the one that wrote something', async () => {
		const now = Date.now();
		const began = now - process.uptime() * 1000;
		assert.deepStrictEqual(
			await Promise.all([
				mayHaveWritten(process.pid, now),
				mayHaveWritten(process.pid, began),
				mayHaveWritten(process.pid, began - 60_000),
				mayHaveWritten(await deadPid(), now),
			]),
			[true, true, false, false],
		);
	});

	it('reads the start of a process whose name is made to mislead', async function () {
		if (process.platform !== 'linux') {
			this.skip();
		}
		const folder = await mkdtemp(join(tmpdir(), 'homeport-process-'));
		const program = join(folder, 'a) Z 1 (b');
		await copyFile('/bin/sleep', program);
		const child = spawn(program, ['60'], { stdio: 'ignore' });
		try {
			assert.deepStrictEqual(await pidState(child.pid ?? 0, null), 'alive');
		} finally {
			child.kill('SIGKILL');
			await rm(folder, { recursive: true });
		}
	});
});
