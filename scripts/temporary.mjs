import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const memory = '/dev/shm';
const tmpfs = 0x01021994;
const neededBytes = 4 * 1024 ** 3;

/**
 * Where tests put their files: in memory where it has room, since a third of their time is git waiting for a disk, else
 * where the system has its temporary files. A place where no program may be started is none: what a hostile session
 * must not get started could not be started there anyhow.
 */
export function temporaryRoot() {
	try {
		const { type, bavail, bsize } = statfsSync(memory);
		return type === tmpfs && bavail * bsize >= neededBytes && canStart(memory) ? memory : tmpdir();
	} catch {
		return tmpdir();
	}
}

function canStart(root) {
	const folder = mkdtempSync(join(root, 'hp-try-'));
	try {
		const program = join(folder, 'program');
		writeFileSync(program, '#!/bin/sh\nexit 0\n', { mode: 0o700 });
		return spawnSync(program).status === 0;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
