import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineFixture } from '../support/engineFixture.js';
import { out, pushFixture, told } from '../support/pushFixture.js';

describe('direction session, where the files of the session are not at rest', () => {
	let fixture: EngineFixture;

	beforeEach(async () => {
		fixture = await pushFixture();
	});

	afterEach(() => fixture.dispose());

	const tip = (dir: string, ref = 'HEAD'): Promise<string> => fixture.git(dir, 'rev-parse', ref);
	const status = (dir: string): Promise<string> => fixture.git(dir, 'status', '--porcelain');

	const hindrances: readonly (readonly [string, string, () => Promise<void>])[] = [
		['an unstaged edit', 'session-tree-dirty', () => fixture.write(fixture.session, { 'shared.txt': 'edited\n' })],
		[
			'a staged edit whose file is as before',
			'session-tree-dirty',
			async () => {
				await fixture.write(fixture.session, { 'shared.txt': 'edited\n' });
				await fixture.git(fixture.session, 'add', 'shared.txt');
				await fixture.write(fixture.session, { 'shared.txt': 'shared\n' });
			},
		],
		[
			'an untracked file in the way',
			'session-tree-dirty',
			() => fixture.write(fixture.session, { 'home.txt': 'mine\n' }),
		],
		[
			'an ignored file in the way',
			'session-tree-dirty',
			async () => {
				await fixture.write(fixture.session, { '.git/info/exclude': 'home.txt\n', 'home.txt': 'mine\n' });
			},
		],
		[
			'an ignored file where a folder is needed',
			'session-tree-dirty',
			async () => {
				await fixture.write(fixture.session, { '.git/info/exclude': 'folder\n', folder: 'mine\n' });
			},
		],
		[
			'a merge that is going on',
			'session-tree-busy',
			async () => {
				await fixture.git(fixture.session, 'update-ref', 'MERGE_HEAD', 'HEAD');
			},
		],
		[
			'a detached HEAD',
			'session-tree-busy',
			async () => {
				await fixture.git(fixture.session, 'checkout', '-q', '--detach');
			},
		],
		[
			'an index that stays locked',
			'session-tree-busy',
			() => fixture.write(fixture.session, { '.git/index.lock': '' }),
		],
		[
			'a filter',
			'session-filters',
			async () => {
				await fixture.commit(fixture.home, 'H2', { '.gitattributes': '*.bin filter=lfs\n', 'a.bin': 'pointer\n' });
			},
		],
		[
			'a filter that only the session names',
			'session-filters',
			() => fixture.write(fixture.session, { '.git/info/attributes': '*.txt filter=odd\n' }),
		],
	];
	for (const [what, code, prepare] of hindrances) {
		it(`goes beside ${what}, and leaves it as it is`, async function () {
			this.timeout(120_000);
			const { home, session, commit, git, sync } = fixture;
			await commit(home, 'H1', { 'home.txt': 'home\n', 'folder/file.txt': 'in it\n', 'base.txt': 'changed\n' });
			const theirs = await tip(session);
			await prepare();
			const look = async (): Promise<string[]> => [
				await tip(session, 'refs/heads/main'),
				await git(session, '--no-optional-locks', 'status', '--porcelain', '--ignored'),
				await git(session, 'diff', 'HEAD'),
				await git(session, 'diff', '--cached', 'HEAD'),
			];
			const before = await look();
			const result = await sync('alpha', [], out);
			assert.deepStrictEqual(told(result), {
				outcome: 'synced',
				codes: [`${code} note`],
				push: ['create refs/heads/homeport/main beside'],
			});
			assert.deepStrictEqual(await look(), before);
			assert.deepStrictEqual([before[0], await tip(session, 'homeport/main')], [theirs, await tip(home)]);
		});
	}

	it('goes beside a branch that a rebase will come back to', async () => {
		const { home, session, commit, git, sync } = fixture;
		await commit(session, 'A1', { 'base.txt': 'theirs\n' });
		await git(session, 'branch', 'other', 'HEAD~');
		await git(session, 'switch', '-q', 'other');
		await commit(session, 'A2', { 'base.txt': 'otherwise\n' });
		await git(session, 'switch', '-q', 'main');
		await git(home, 'fetch', '-q', session, 'main');
		await git(home, 'merge', '-q', '--ff-only', 'FETCH_HEAD');
		const theirs = await tip(session);
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		await assert.rejects(git(session, 'rebase', 'other'));
		for (const from of [null, 'main']) {
			const result = await sync('alpha', [], { ...out, from });
			assert.deepStrictEqual(
				[result.outcome, result.warnings.map(({ code }) => code), await tip(session, 'main')],
				[from === null ? 'synced' : 'up-to-date', ['session-tree-busy'], theirs],
			);
		}
		assert.equal(await tip(session, 'homeport/main'), ours);
	});

	it('goes beside a branch that another working tree of the session has', async () => {
		const { folder, home, session, commit, git, sync } = fixture;
		await git(session, 'branch', 'feature');
		await git(session, 'worktree', 'add', '-q', join(folder, 'second'), 'feature');
		const theirs = await tip(session, 'feature');
		await commit(home, 'H1', { 'home.txt': 'home\n' });
		const result = await sync('alpha', [], { ...out, from: 'feature' });
		assert.deepStrictEqual(told(result), {
			outcome: 'synced',
			codes: ['session-tree-busy note'],
			push: ['create refs/heads/homeport/main beside'],
		});
		assert.deepStrictEqual([await tip(session, 'feature'), await status(join(folder, 'second'))], [theirs, '']);
	});

	it('moves a branch that is checked out nowhere, whatever the files are', async () => {
		const { home, session, commit, git, sync, write } = fixture;
		await git(session, 'branch', 'feature');
		await write(session, { 'base.txt': 'edited\n' });
		const ours = await commit(home, 'H1', { 'base.txt': 'changed\n' });
		const result = await sync('alpha', [], { ...out, from: 'feature' });
		assert.deepStrictEqual(told(result), { outcome: 'synced', codes: [], push: ['fast-forward refs/heads/feature'] });
		assert.deepStrictEqual(
			[await tip(session, 'feature'), readFileSync(join(session, 'base.txt'), 'utf8')],
			[ours, 'edited\n'],
		);
	});
});
