import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Contents } from '../../src/core/contents.js';
import type { ContentChange } from '../../src/core/model/contents.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';
import { type Entry, ObjectSet } from '../support/hostileObjects.js';

const absent = '0123456789012345678901234567890123456789';

describe('contents of home', function () {
	this.timeout(60_000);
	let fixture: EngineFixture;
	let contents: Contents;

	before(async () => {
		fixture = await engineFixture();
		({ contents } = fixture.homeport);
	});

	after(() => fixture.dispose());

	/** Puts a tree into home with names and modes that git would not let anybody commit; gives a commit of it. */
	const hostileCommit = async (entries: (objects: ObjectSet) => readonly Entry[]): Promise<string> => {
		const objects = new ObjectSet();
		const commit = objects.commit(objects.tree(entries(objects)));
		await new Promise<void>((resolve, reject) => {
			const child = execFile('git', ['unpack-objects', '-q'], { cwd: fixture.home }, (error) =>
				error === null ? resolve() : reject(error),
			);
			child.stdin!.end(objects.pack());
		});
		return commit;
	};

	const fails = async (work: Promise<unknown>): Promise<string> => {
		try {
			await work;
			return 'did not fail';
		} catch (error) {
			return (error as { code: string }).code;
		}
	};

	it('reads files, links and submodules as they are, and follows none of them', async () => {
		const { home, git } = fixture;
		await symlink('/etc/passwd', join(home, 'link'));
		await mkdir(join(home, 'module'));
		await fixture.write(home, { 'deep/er/file.bin': '\0\u00ff' });
		await git(home, 'update-index', '--add', '--cacheinfo', `160000,${absent},module`);
		await git(home, 'add', 'link', 'deep');
		await git(home, 'commit', '-qm', 'kinds');
		const head = await git(home, 'rev-parse', 'HEAD');
		const tree = await git(home, 'rev-parse', 'HEAD^{tree}');
		const blob = await git(home, 'rev-parse', 'HEAD:base.txt');
		const read = async (oid: string, path: string): Promise<string> => (await contents.file(oid, path)).toString();
		assert.deepStrictEqual(
			[
				await read(head, 'base.txt'),
				await read(tree, '/deep/er/file.bin'),
				await read(head, 'link'),
				await read(head, 'module'),
				await read(blob, 'any/name.txt'),
			],
			['base\n', '\0\u00ff', '/etc/passwd', `Subproject commit ${absent}\n`, 'base\n'],
		);
		const facts = await Promise.all(
			['', 'deep', 'base.txt', 'link', 'module'].map((path) => contents.facts(head, path)),
		);
		assert.deepStrictEqual(
			facts.map(({ kind, size }) => [kind, size]),
			[
				['folder', 0],
				['folder', 0],
				['file', 5],
				['link', 11],
				['submodule', 59],
			],
		);
		assert.deepStrictEqual(
			(await contents.folder(head, '')).map(({ name, kind }) => [name, kind]),
			[
				['base.txt', 'file'],
				['deep', 'folder'],
				['link', 'link'],
				['module', 'submodule'],
				['shared.txt', 'file'],
			],
		);
	});

	it('reads names of every kind, and never leaves the tree', async () => {
		const blobs = [
			'line\nbreak',
			`quote"'`,
			'a%FF',
			Buffer.from([0x61, 0xff]),
			'..',
			'.',
			'',
			'x/y',
			' -rf',
			'\ufeffbom',
		];
		const commit = await hostileCommit((objects) =>
			blobs.map((name, index) => ({ mode: '100644', name, oid: objects.blob(`${index}`) })),
		);
		const names = (await contents.folder(commit, '')).map(({ name }) => name);
		assert.deepStrictEqual(names, ['line\nbreak', `quote"'`, 'a%FF', 'a%FF', ' -rf', '\ufeffbom']);
		const read = async (path: string): Promise<string> => (await contents.file(commit, path)).toString();
		assert.deepStrictEqual(await Promise.all(['line\nbreak', `quote"'`, 'a%FF', ' -rf', '\ufeffbom'].map(read)), [
			'0',
			'1',
			'2',
			'8',
			'9',
		]);
		assert.deepStrictEqual(
			await Promise.all(
				['../base.txt', './base.txt', 'x/y', 'nowhere'].map((path) => fails(contents.file(commit, path))),
			),
			['content-missing', 'content-missing', 'content-missing', 'content-missing'],
		);
		const alone = await hostileCommit((objects) => [
			{ mode: '100644', name: Buffer.from([0x61, 0xff]), oid: objects.blob('bytes') },
		]);
		assert.equal((await contents.file(alone, 'a%FF')).toString(), 'bytes');
		assert.deepStrictEqual((await contents.paths(alone, 10)).items, ['a%FF']);
	});

	it('tells what changed: added, changed, deleted, renamed, links, submodules, names of every kind', async () => {
		const { home, git, commit, write } = fixture;
		await write(home, { 'long.txt': 'a line\n'.repeat(50), 'gone.txt': 'gone\n' });
		const before = await commit(home, 'before');
		await rm(join(home, 'gone.txt'));
		await git(home, 'mv', 'long.txt', 'renamed\nlong.txt');
		await writeFile(join(home, 'shared.txt'), 'changed\n');
		await rm(join(home, 'base.txt'));
		await symlink('shared.txt', join(home, 'base.txt'));
		await writeFile(Buffer.concat([Buffer.from(`${home}/`), Buffer.from([0xff])]), 'new');
		await git(home, 'update-index', '--cacheinfo', `160000,${absent.replace('0', '1')},module`);
		const after = await commit(home, 'after');
		const told = ({ path, oldPath, from, to }: ContentChange): unknown => [path, oldPath, from?.kind, to?.kind];
		const { items, total } = await contents.changes(before, after, 100);
		assert.deepStrictEqual(
			[total, ...items.map(told)],
			[
				6,
				['base.txt', null, 'file', 'link'],
				['gone.txt', null, 'file', undefined],
				['module', null, 'submodule', 'submodule'],
				['renamed\nlong.txt', 'long.txt', 'file', 'file'],
				['shared.txt', null, 'file', 'file'],
				['%FF', null, undefined, 'file'],
			],
		);
		assert.equal((await contents.file(items[5]!.to!.oid, '%FF')).toString(), 'new');
		assert.deepStrictEqual(
			[(await contents.changes(before, after, 2)).items.length, (await contents.changes(null, after, 1)).total],
			[2, 7],
		);
		assert.equal(await contents.commonCommit(before, after), before);
	});

	it('says of a commit who wrote it, as text that is safe to show', async () => {
		const { home, git } = fixture;
		const parent = await git(home, 'rev-parse', 'HEAD');
		const oid = await git(home, 'commit-tree', '-p', parent, '-m', 'a \u001b[31mred\u202e line\n\nmore', 'HEAD^{tree}');
		const { date, ...rest } = await contents.commit(oid);
		assert.deepStrictEqual(rest, {
			oid,
			subject: 'a \ufffd[31mred\ufffd line',
			author: 'User',
			parents: [parent],
		});
		assert.ok(Date.parse(date) > 0);
	});

	it('says what home has not got, and what is no id', async () => {
		const { home, git } = fixture;
		const head = await git(home, 'rev-parse', 'HEAD');
		const blob = await git(home, 'rev-parse', 'HEAD:shared.txt');
		assert.deepStrictEqual(
			await Promise.all(
				[
					contents.facts(absent, 'x'),
					contents.file(head, ''),
					contents.folder(head, 'shared.txt'),
					contents.paths(absent, 1),
					contents.changes(absent, head, 1),
					contents.commit(absent),
					contents.commit(blob),
					contents.commonCommit(head, absent),
					contents.facts('HEAD', 'x'),
					contents.changes('--output=/tmp/x', head, 1),
					contents.facts(`${head}\n${head}`, 'x'),
				].map(fails),
			),
			[...Array<string>(8).fill('content-missing'), ...Array<string>(3).fill('usage')],
		);
	});

	it('reads what is there also where other objects of the same look are damaged', async () => {
		const commit = await hostileCommit((objects) => [
			{ mode: '100644', name: 'gone', oid: absent },
			{ mode: '100644', name: 'there', oid: objects.blob('there') },
		]);
		const [gone, there] = await Promise.allSettled([contents.file(commit, 'gone'), contents.file(commit, 'there')]);
		assert.deepStrictEqual(
			[gone.status, there.status === 'fulfilled' && there.value.toString()],
			['rejected', 'there'],
		);
	});

	it('lists a folder of a hundred thousand files, and holds no file that is too large', async () => {
		const commit = await hostileCommit((objects) => {
			const oid = objects.blob('x');
			return Array.from({ length: 100_000 }, (_, index) => ({
				mode: '100644',
				name: `file-${String(index).padStart(6, '0')}`,
				oid,
			}));
		});
		assert.equal((await contents.folder(commit, '')).length, 100_000);
		assert.equal((await contents.file(commit, 'file-099999')).toString(), 'x');
		const large = await hostileCommit((objects) => [
			{ mode: '100644', name: 'large', oid: objects.blob(Buffer.alloc(50 * 1024 * 1024 + 1)) },
		]);
		assert.equal(await fails(contents.file(large, 'large')), 'content-too-large');
		assert.equal((await contents.facts(large, 'large')).size, 50 * 1024 * 1024 + 1);
	});

	it('runs no filter and no program of the repository, and writes nothing', async () => {
		const { home, git, commit, folder } = fixture;
		const canary = join(folder, 'canary');
		for (const key of ['filter.x.smudge', 'filter.x.clean', 'diff.x.textconv', 'diff.x.command', 'diff.external']) {
			await git(home, 'config', key, `touch ${canary}`);
		}
		const before = await git(home, 'rev-parse', 'HEAD');
		const after = await commit(home, 'attributes', { '.gitattributes': '* filter=x diff=x\n' });
		await rm(canary, { force: true });
		const index = await readFile(join(home, '.git/index'));
		await contents.changes(before, after, 10);
		await contents.file(after, '.gitattributes');
		await contents.commit(after);
		await assert.rejects(stat(canary));
		assert.ok(index.equals(await readFile(join(home, '.git/index'))));
	});
});
