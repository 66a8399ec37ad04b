import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pidState, processState, thisProcess } from '../../../src/core/coordination/process.js';
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
