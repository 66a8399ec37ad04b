import { strict as assert } from 'node:assert';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Overlap } from '../../src/core/model/overlap.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

describe('overlap', function () {
	this.timeout(60_000);
	let fixture: EngineFixture;
	let second: string;

	beforeEach(async () => {
		fixture = await engineFixture(async ({ home, write }) =>
			write(home, { 'lib/one.txt': 'one\n', 'lib/two.txt': '2\n' }),
		);
		second = join(fixture.folder, 'second');
		await fixture.git(fixture.folder, 'clone', '-q', fixture.home, second);
		await fixture.add('alpha', fixture.session);
		await fixture.add('beta', second);
	});

	afterEach(() => fixture.dispose());

	const rescueAll = async (): Promise<void> => {
		for (const name of ['alpha', 'beta']) {
			await fixture.homeport.rescue(await fixture.homeport.find(name));
		}
	};
	const overlap = (): Promise<Overlap> => fixture.homeport.overlap(['local/alpha', 'local/beta']);
	const told = ({ pairs }: Overlap): unknown =>
		pairs.map(({ a, b, common, conflicts }) => [a, b, common, conflicts.map(({ path, kind }) => `${path} ${kind}`)]);

	it('tells who conflicts with whom and with home, uncommitted work included, and what to merge first', async () => {
		const { home, session, commit, git, write } = fixture;
		await commit(session, 'A1', { 'base.txt': 'alpha\n', 'shared.txt': 'top\nshared\n' });
		await commit(second, 'B1', { 'b.txt': 'b\n' });
		await write(second, { 'base.txt': 'beta\n' });
		await commit(home, 'H1', { 'shared.txt': 'home\n', 'b.txt': 'b\n' });
		assert.deepStrictEqual((await overlap()).unseen, ['local/alpha', 'local/beta']);
		await rescueAll();
		const refs = await git(home, 'for-each-ref');
		const found = await overlap();
		assert.deepStrictEqual(told(found), [
			['home', 'local/alpha', ['shared.txt'], ['shared.txt contents']],
			['home', 'local/beta', ['b.txt'], []],
			['local/alpha', 'local/beta', ['base.txt'], ['base.txt contents']],
		]);
		assert.deepStrictEqual(found.order, ['local/beta', 'local/alpha']);
		assert.deepStrictEqual(
			found.sides.map(({ id, branch, uncommitted, seen }) => [id, branch, uncommitted, seen === null]),
			[
				['home', 'main', false, true],
				['local/alpha', 'main', false, false],
				['local/beta', 'main', true, false],
			],
		);
		assert.deepStrictEqual(
			[await git(home, 'for-each-ref'), await readdir(join(home, '.git/homeport/quarantine'))],
			[refs, []],
		);
	});

	it('works without the sessions, from a cache that follows the tips and is nothing but a cache', async () => {
		const { home, session, commit, git, folder } = fixture;
		await commit(session, 'A1', { 'base.txt': 'alpha\n' });
		await commit(second, 'B1', { 'base.txt': 'beta\n' });
		await rescueAll();
		await rename(session, join(folder, 'away'));
		const first = await overlap();
		const cache = join(home, '.git/homeport/overlap.json');
		const text = await readFile(cache, 'utf8');
		assert.deepStrictEqual(await overlap(), first);
		await writeFile(cache, text.replaceAll('"contents"', '"from the cache"'));
		assert.deepStrictEqual(told(await overlap()), [
			['local/alpha', 'local/beta', ['base.txt'], ['base.txt from the cache']],
		]);
		for (const damage of ['', '{}', text.slice(0, 40), 'null', text.replace('"conflicts"', '"x"')]) {
			await writeFile(cache, damage);
			assert.deepStrictEqual(await overlap(), first);
			assert.equal(await readFile(cache, 'utf8'), text);
		}
		await rm(cache);
		await mkdir(cache);
		assert.deepStrictEqual(await overlap(), first);
		await commit(second, 'B2', { 'base.txt': 'base\n' });
		await fixture.homeport.rescue(await fixture.homeport.find('beta'));
		assert.deepStrictEqual(told(await overlap()), []);
		assert.deepStrictEqual(
			(await readdir(join(home, '.git/homeport'))).filter((name) => name.includes('damaged')),
			[],
		);
		assert.equal(await git(home, 'status', '--porcelain'), '');
	});

	it('finds what meets without a path in common, has no history in common, or has no commit', async () => {
		const { home, session, commit, git } = fixture;
		await git(session, 'mv', 'lib', 'moved');
		await commit(session, 'A1');
		await commit(second, 'B1', { 'lib/three.txt': 'three\n' });
		await rescueAll();
		assert.deepStrictEqual(
			(await overlap()).pairs.map(({ common, conflicts }) => [common, conflicts.map(({ path }) => path)]),
			[[[], ['moved/three.txt']]],
		);
		await git(second, 'checkout', '-q', '--orphan', 'other');
		await commit(second, 'O1');
		await git(home, 'checkout', '-q', '--detach');
		await rescueAll();
		const found = await overlap();
		assert.deepStrictEqual(
			found.pairs.map(({ a, b, unrelated }) => [a, b, unrelated]),
			[
				['home', 'local/beta', true],
				['local/alpha', 'local/beta', true],
			],
		);
		assert.deepStrictEqual([found.sides[0]!.branch, found.order], [null, ['local/alpha', 'local/beta']]);
		await git(home, 'checkout', '-q', '--orphan', 'unborn');
		assert.deepStrictEqual((await overlap()).sides.length, 2);
	});
});
