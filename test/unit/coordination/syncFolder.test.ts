import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSyncFolder } from '../../../src/core/coordination/syncFolder.js';

describe('sync folder', () => {
	let home: string;
	let outside: string;

	beforeEach(async () => {
		home = await mkdtemp(join(tmpdir(), 'homeport-folder-'));
		outside = join(home, 'outside');
		await mkdir(outside);
		execFileSync('git', ['init', '--quiet', join(home, 'work')]);
	});

	afterEach(() => rm(home, { recursive: true, force: true }));

	it('is private, hides itself from git, and is the same the next time', async () => {
		const main = join(home, 'work');
		const folder = await openSyncFolder(main);
		await writeFile(join(folder, 'sync.log'), 'kept');
		await chmod(folder, 0o755);
		assert.deepStrictEqual(
			{
				again: await openSyncFolder(main),
				mode: (await stat(folder)).mode & 0o777,
				ignore: await readFile(join(folder, '.gitignore'), 'utf8'),
				ignoreMode: (await stat(join(folder, '.gitignore'))).mode & 0o777,
				files: (await readdir(folder)).toSorted(),
				status: execFileSync('git', ['-C', main, 'status', '--porcelain', '-uall']).toString(),
			},
			{
				again: join(main, '.claude', 'sync'),
				mode: 0o700,
				ignore: '*\n',
				ignoreMode: 0o600,
				files: ['.gitignore', 'sync.log'],
				status: '',
			},
		);
	});

	it('lies inside a bare home', async () => {
		const bare = join(home, 'bare.git');
		execFileSync('git', ['init', '--quiet', '--bare', bare]);
		assert.deepStrictEqual(
			[await openSyncFolder(bare), (await stat(join(bare, 'homeport-sync'))).mode & 0o777],
			[join(bare, 'homeport-sync'), 0o700],
		);
	});

	it('takes a .gitignore that would show something for damaged', async () => {
		const main = join(home, 'work');
		await mkdir(join(main, '.claude/sync'), { recursive: true });
		await writeFile(join(main, '.claude/sync/.gitignore'), '*\n!snapshots\n');
		await openSyncFolder(main);
		assert.deepStrictEqual(await readFile(join(main, '.claude/sync/.gitignore'), 'utf8'), '*\n');
	});

	it('can be opened by many at once', async () => {
		const folders = await Promise.all(Array.from({ length: 8 }, () => openSyncFolder(join(home, 'work'))));
		assert.deepStrictEqual([new Set(folders).size, await readdir(folders[0] ?? '')], [1, ['.gitignore']]);
	});

	const lay: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
		'symbolic link': (path) => symlink(outside, path),
		file: (path) => writeFile(path, ''),
		'named pipe': async (path) => execFileSync('mkfifo', [path]),
		'symbolic link to nothing': (path) => symlink(join(outside, 'new'), path),
	};
	for (const [kind, place] of Object.entries(lay)) {
		for (const segment of ['.claude', '.claude/sync', '.claude/sync/.gitignore']) {
			if (kind === 'file' && segment.endsWith('.gitignore')) {
				continue;
			}
			it(`writes nothing where ${segment} is a ${kind}`, async () => {
				const path = join(home, 'work', segment);
				await mkdir(join(path, '..'), { recursive: true });
				await place(path);
				await assert.rejects(openSyncFolder(join(home, 'work')), {
					code: 'state-unwritable',
					details: { path, reason: `it is a ${kind.replace(' to nothing', '')}` },
				});
				assert.deepStrictEqual(await readdir(outside), []);
			});
		}
	}

	it('says where it cannot be made', async () => {
		const main = join(home, 'nowhere', 'deeper');
		await assert.rejects(openSyncFolder(main), { code: 'state-unwritable' });
	});
});
