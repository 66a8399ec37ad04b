import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findGitFolder } from '../../../../src/core/backends/local/gitFolder.js';

describe('findGitFolder', function () {
	this.timeout(20_000);
	let folder: string;
	let clone: string;

	const git = (...args: string[]): unknown =>
		execFileSync('git', ['-C', folder, '-c', 'init.defaultBranch=main', ...args]);

	beforeEach(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), 'homeport-git-')));
		clone = join(folder, 'clone');
		git('init', '-q', clone);
	});

	afterEach(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	/** Git folder and shared git folder, relative to the test's own, or the problem. */
	async function found(path: string): Promise<unknown> {
		const result = await findGitFolder(join(folder, path));
		return 'problem' in result
			? result.problem
			: [result.path, result.gitDir, result.commonDir].map((each) => each.slice(folder.length + 1));
	}

	it('finds clones, linked worktrees, bare repositories and links to them', async () => {
		git('-C', clone, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x');
		git('-C', clone, 'worktree', 'add', '-q', join(folder, 'tree'));
		git('init', '-q', '--bare', join(folder, 'bare'));
		git('init', '-q', '--separate-git-dir', join(folder, 'apart.git'), join(folder, 'apart'));
		await symlink(clone, join(folder, 'link'));
		await mkdir(join(folder, 'linked'));
		await symlink(join(folder, 'clone', '.git'), join(folder, 'linked', '.git'));
		const results = await Promise.all(['clone', 'tree', 'bare', 'apart', 'link', 'linked'].map(found));
		assert.deepStrictEqual(results, [
			['clone', 'clone/.git', 'clone/.git'],
			['tree', 'clone/.git/worktrees/tree', 'clone/.git'],
			['bare', 'bare', 'bare'],
			['apart', 'apart.git', 'apart.git'],
			['clone', 'clone/.git', 'clone/.git'],
			['linked', 'clone/.git', 'clone/.git'],
		]);
	});

	it('tells what is there no longer from what was never one', async () => {
		await mkdir(join(folder, 'plain'));
		await mkdir(join(clone, 'sub'));
		await mkdir(join(folder, 'dangling'));
		await writeFile(join(folder, 'dangling', '.git'), 'gitdir: ../nowhere\n');
		await writeFile(join(folder, 'file'), '');
		await mkdir(join(folder, 'hollow', '.git'), { recursive: true });
		const results = await Promise.all(
			['none', 'file', 'file/x', 'plain', 'clone/sub', 'dangling', 'hollow'].map(found),
		);
		assert.deepStrictEqual(results, Array(7).fill('missing'));
	});

	it('does not wait for, read or believe what lies in the way', async () => {
		const server = createServer();
		const dotGit = join(folder, 'odd', '.git');
		const makers: readonly (() => unknown)[] = [
			() => execFileSync('mkfifo', [dotGit]),
			() => new Promise<void>((done) => server.listen(dotGit, done)),
			() => symlink('/dev/zero', dotGit),
			() => execFileSync('truncate', ['-s', '1T', dotGit]),
			() => writeFile(dotGit, 'gitdir: \n'),
			() => writeFile(dotGit, 'gitdir: ../clone/.git\0\n'),
			() => writeFile(dotGit, 'gitdir: /dev/zero\n'),
			() => symlink(dotGit, dotGit),
		];
		const results: unknown[] = [];
		for (const make of makers) {
			await mkdir(join(folder, 'odd'));
			await make();
			results.push(await found('odd'));
			await rm(join(folder, 'odd'), { recursive: true });
		}
		server.close();
		assert.deepStrictEqual(results, [...Array(7).fill('damaged'), 'unreachable']);
	});

	it('looks at HEAD, objects, refs and commondir without opening what would block', async () => {
		const results: unknown[] = [];
		for (const name of ['HEAD', 'objects', 'refs', 'commondir']) {
			const path = join(clone, '.git', name);
			await rename(path, `${path}.kept`).catch(() => undefined);
			execFileSync('mkfifo', [path]);
			results.push(await found('clone'));
			await rm(path);
			await rename(`${path}.kept`, path).catch(() => undefined);
		}
		assert.deepStrictEqual([results, typeof (await found('clone'))], [Array(4).fill('damaged'), 'object']);
	});

	it('gives another storage to a folder that was deleted and made again', async () => {
		const storage = async (): Promise<unknown> => {
			const result = await findGitFolder(clone);
			return 'storage' in result ? result.storage : result;
		};
		const first = await storage();
		await writeFile(join(clone, '.git', 'description'), 'changed');
		const same = await storage();
		await rm(clone, { recursive: true });
		git('init', '-q', clone);
		const other = await storage();
		assert.deepStrictEqual([same === first, other === first], [true, false]);
	});
});
