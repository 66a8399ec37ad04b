import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { addEntry, readEntries, registryPath, removeEntry } from '../../../../src/core/backends/local/registry.js';
import { HomeportError } from '../../../../src/core/base/errors.js';
import { eightWriters } from '../../../support/stateFixture.js';

const clock = { now: () => Date.UTC(2026, 0, 23, 10) };

describe('the registry of local sessions', function () {
	this.timeout(60_000);
	let folder: string;
	let home: string;
	let path: string;

	const git = (...args: string[]): unknown => execFileSync('git', ['-c', 'init.defaultBranch=main', ...args]);

	beforeEach(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), 'homeport-registry-')));
		home = join(folder, 'home');
		path = registryPath({ XDG_CONFIG_HOME: join(folder, 'config') });
		git('init', '-q', home);
		git('-C', home, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x');
		git('-C', home, 'worktree', 'add', '-q', join(folder, 'tree'));
		git('clone', '-q', home, join(folder, 'alpha'));
	});

	afterEach(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	const add = (name: string, at = 'alpha', agent = 'claude'): Promise<unknown> =>
		addEntry(path, { name, path: join(folder, at), agent, home }, clock);

	async function refusal(promise: Promise<unknown>): Promise<unknown> {
		return promise.catch((error: unknown) => (error instanceof HomeportError ? error.code : error));
	}

	it('is where the XDG base directories say', () => {
		assert.deepStrictEqual(
			[{ XDG_CONFIG_HOME: '/c', HOME: '/h' }, { HOME: '/h' }, { XDG_CONFIG_HOME: 'rel', HOME: '/h' }, {}].map(
				registryPath,
			),
			[
				'/c/homeport/sessions.json',
				'/h/.config/homeport/sessions.json',
				'/h/.config/homeport/sessions.json',
				join(homedir(), '.config/homeport/sessions.json'),
			],
		);
	});

	it('keeps what was added, and unknown keys, until it is removed', async () => {
		const alpha = await add('alpha');
		const registry = JSON.parse(await readFile(path, 'utf8')) as { sessions: object[] };
		await writeFile(
			path,
			JSON.stringify({ note: 1, sessions: registry.sessions.map((each) => ({ ...each, more: 2 })) }),
		);
		const tree = await add('tree', 'tree');
		await removeEntry(path, 'tree');
		const wanted = {
			name: 'alpha',
			path: join(folder, 'alpha'),
			agent: 'claude',
			home,
			gitDir: join(folder, 'alpha', '.git'),
			addedAt: '2026-01-23T10:00:00.000Z',
		};
		assert.deepStrictEqual(
			[alpha, (tree as { gitDir: string }).gitDir, await readEntries(path), JSON.parse(await readFile(path, 'utf8'))],
			[
				wanted,
				join(home, '.git', 'worktrees', 'tree'),
				[{ ...wanted, more: 2 }],
				{ note: 1, sessions: [{ ...wanted, more: 2 }] },
			],
		);
	});

	it('refuses what cannot be a session, and stays as it was', async () => {
		await add('alpha');
		await mkdir(join(folder, 'plain'));
		git('init', '-q', join(home, '.git', 'inner'));
		const before = await readFile(path);
		const refusals = [
			await refusal(add('Alpha')),
			await refusal(add('alpha', 'tree')),
			await refusal(add('')),
			await refusal(add('-x')),
			await refusal(add('a/b')),
			await refusal(add('a\n')),
			await refusal(add('a'.repeat(64))),
			await refusal(add('b', 'alpha', '../x')),
			await refusal(add('b', 'home')),
			await refusal(add('b', 'home/.git')),
			await refusal(add('b', 'home/.git/inner')),
			await refusal(add('b', 'plain')),
			await refusal(add('b', 'none')),
			await refusal(removeEntry(path, 'none')),
		];
		assert.deepStrictEqual(
			[refusals, await readFile(path)],
			[
				[
					...Array(2).fill('session-exists'),
					...Array(9).fill('usage'),
					...Array(2).fill('not-a-repository'),
					'session-unknown',
				],
				before,
			],
		);
	});

	it('refuses a folder that is a session already, by whatever path, for whatever home, and names that session', async () => {
		await add('alpha');
		await symlink(join(folder, 'alpha'), join(folder, 'link'));
		git('clone', '-q', home, join(folder, 'other'));
		const before = await readFile(path);
		const details = async (name: string, at: string, of: string): Promise<unknown> =>
			addEntry(path, { name, path: join(folder, at), agent: 'claude', home: join(folder, of) }, clock).catch(
				(error: unknown) => (error instanceof HomeportError ? [error.code, error.details] : error),
			);
		const taken = { session: 'alpha', folder: join(folder, 'alpha') };
		assert.deepStrictEqual(
			[
				await details('beta', 'alpha', 'home'),
				await details('beta', 'link', 'home'),
				await details('beta', 'alpha', 'other'),
				await readFile(path),
			],
			[['session-exists', taken], ['session-exists', taken], ['session-exists', { ...taken, home }], before],
		);
		await removeEntry(path, 'alpha');
		assert.deepStrictEqual(((await details('beta', 'alpha', 'home')) as { name: string }).name, 'beta');
	});

	it('refuses the main working tree where home was opened in a linked one', async () => {
		const request = { name: 'main', path: home, agent: 'claude', home: join(folder, 'tree') };
		assert.strictEqual(await refusal(addEntry(path, request, clock)), 'usage');
	});

	it('is never taken for empty when cut at any byte, and says where it went', async () => {
		await add('alpha');
		const whole = await readFile(path);
		for (let length = 0; length < whole.length - 1; length++) {
			await writeFile(path, whole);
			await truncate(path, length);
			const error: unknown = await (length % 2 === 0 ? readEntries(path) : add('beta')).catch(
				(reason: unknown) => reason,
			);
			assert.ok(error instanceof HomeportError && error.code === 'state-damaged', `${length}: ${String(error)}`);
			assert.deepStrictEqual(await readFile(String(error.details['setAside'])), whole.subarray(0, length));
			await rm(String(error.details['setAside']));
		}
	});

	it('loses no entry of eight processes that write at once', async () => {
		const codes = await eightWriters('registry', path, 5, join(folder, 'agents'), home);
		const names = (await readEntries(path)).map((entry) => entry.name);
		const wanted = codes.flatMap((_, id) => Array.from({ length: 5 }, (_, round) => `s-${id}-${round}`));
		assert.deepStrictEqual([codes, names.toSorted()], [Array(8).fill(0), wanted.toSorted()]);
	});
});
