import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { windowsLauncher, writeLaunchers } from '../../../src/ui/platform/launchers.js';

describe('the launchers of the terminal', () => {
	let folder: string;
	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-launchers-'));
	});
	afterEach(() => rm(folder, { recursive: true }));

	it('run the program with every argument as it was given, from a folder of any name', async () => {
		const dist = join(folder, `it's a "dist" $(x) %PATH%`);
		const bin = join(folder, 'bin');
		await mkdir(dist);
		const program = 'console.log(JSON.stringify([process.argv.slice(2), process.env.ELECTRON_RUN_AS_NODE ?? null]));';
		await writeFile(join(dist, 'cli.js'), program);
		await writeFile(join(dist, 'git-remote-homeport.js'), program);
		for (const [isElectron, variable] of [
			[false, null],
			[true, '1'],
		] as const) {
			await writeLaunchers(bin, dist, { path: process.execPath, isElectron });
			for (const name of ['homeport', 'git-remote-homeport']) {
				const args = ['sync', 'a b', `c'd"e`, '$HOME', '*', ''];
				const { stdout, stderr } = spawnSync(join(bin, name), args, { encoding: 'utf8', env: {} });
				assert.deepStrictEqual([stdout, stderr], [`${JSON.stringify([args, variable])}\n`, '']);
			}
		}
		assert.deepStrictEqual((await readdir(bin)).toSorted(), [
			'git-remote-homeport',
			'git-remote-homeport.cmd',
			'homeport',
			'homeport.cmd',
		]);
	});

	it('are left alone where they are as they should be', async () => {
		const node = { path: process.execPath, isElectron: false };
		await writeLaunchers(folder, '/dist', node);
		const before = await stat(join(folder, 'homeport'));
		await writeLaunchers(folder, '/dist', node);
		assert.deepStrictEqual((await stat(join(folder, 'homeport'))).ino, before.ino);
		await writeLaunchers(folder, '/other', node);
		assert.notDeepStrictEqual((await stat(join(folder, 'homeport'))).ino, before.ino);
	});

	it('mean what they say to cmd.exe too', () => {
		assert.deepStrictEqual(
			windowsLauncher({ path: 'C:\\a b\\Code.exe', isElectron: true }, 'C:\\100%\\cli.js'),
			['@echo off', 'setlocal', 'set ELECTRON_RUN_AS_NODE=1', '"C:\\a b\\Code.exe" "C:\\100%%\\cli.js" %*', ''].join(
				'\r\n',
			),
		);
	});
});
