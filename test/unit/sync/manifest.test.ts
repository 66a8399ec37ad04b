import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HomeportError } from '../../../src/core/base/errors.js';
import { manifestPath, readManifest, recordSync } from '../../../src/core/sync/manifest.js';
import { eightWriters } from '../../support/stateFixture.js';

const time = Date.UTC(2026, 0, 23, 10);

describe('the sync manifest', function () {
	this.timeout(60_000);
	let folder: string;
	let env: NodeJS.ProcessEnv;
	let path: string;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-manifest-'));
		env = { HOME: folder };
		path = manifestPath(env);
	});

	afterEach(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	const put = async (content: string): Promise<void> => {
		await mkdir(join(folder, '.paude'), { recursive: true });
		await writeFile(path, content);
	};
	const written = async (): Promise<unknown> => JSON.parse(await readFile(path, 'utf8'));

	it('has the shape that was agreed, in the place that was agreed', async () => {
		const before = await readManifest(env, '/path/to/repo');
		await recordSync(env, '/path/to/repo', 'pod-a', time, ['pod-a', 'pod-b']);
		const file = await stat(join(folder, '.paude', 'sync-manifest.json'));
		const entry = { last_sync: 'pod-a', last_sync_time: '2026-01-23T10:00:00Z', active_sessions: ['pod-a', 'pod-b'] };
		assert.deepStrictEqual(
			[before, await written(), await readManifest(env, '/path/to/repo'), file.mode & 0o777],
			[null, { '/path/to/repo': entry }, entry, 0o600],
		);
	});

	it('keeps other homes and all that others put there', async () => {
		await put('{"version":3,"/other":{"last_sync":"x"},"/r":{"last_sync":"old","note":[1],"active_sessions":["q"]}}');
		await recordSync(env, '/r', 'new', time, []);
		assert.deepStrictEqual(await written(), {
			version: 3,
			'/other': { last_sync: 'x' },
			'/r': { last_sync: 'new', note: [1], active_sessions: [], last_sync_time: '2026-01-23T10:00:00Z' },
		});
	});

	it('takes no prototype for an entry', async () => {
		await put('{"__proto__":{"last_sync":"evil","/r":{"last_sync":"evil"}},"constructor":1}');
		const names = ['/r', '__proto__', 'toString', 'last_sync'];
		const entries = await Promise.all(names.map((name) => readManifest(env, name)));
		await recordSync(env, '/r', '__proto__', time, ['__proto__']);
		assert.deepStrictEqual(
			[entries, (await readManifest(env, '/r'))?.last_sync, ({} as Record<string, unknown>)['last_sync']],
			[[null, null, null, null], '__proto__', undefined],
		);
	});

	it('names the key that is wrong, and is set aside', async () => {
		await put('{"/r":{"active_sessions":["a",1]}}');
		const error: unknown = await readManifest(env, '/other').catch((reason: unknown) => reason);
		assert.ok(error instanceof HomeportError);
		assert.deepStrictEqual(
			[error.code, error.details['reason'], await readFile(String(error.details['setAside']), 'utf8')],
			['state-damaged', '/r.active_sessions.1 must be of type string', '{"/r":{"active_sessions":["a",1]}}'],
		);
	});

	it('is never taken for empty when cut at any byte', async () => {
		await recordSync(env, '/r', 'a', time, ['a']);
		const whole = await readFile(path);
		for (let length = 0; length < whole.length - 1; length++) {
			await writeFile(path, whole);
			await truncate(path, length);
			const call = length % 2 === 0 ? readManifest(env, '/r') : recordSync(env, '/r', 'b', time, []);
			const error: unknown = await call.catch((reason: unknown) => reason);
			assert.ok(error instanceof HomeportError && error.code === 'state-damaged', `${length}: ${String(error)}`);
			assert.deepStrictEqual(await readFile(String(error.details['setAside'])), whole.subarray(0, length));
			await rm(String(error.details['setAside']));
		}
	});

	it('says so where it cannot be written', async () => {
		await writeFile(join(folder, '.paude'), 'a file');
		await assert.rejects(recordSync(env, '/r', 'a', time, []), { code: 'state-unwritable' });
	});

	it('loses no entry of eight processes that write at once, and find the lock of one that is gone', async () => {
		await mkdir(`${path}.lock`, { recursive: true });
		await utimes(`${path}.lock`, 1, 1);
		const codes = await eightWriters('manifest', folder, 10);
		const wanted = codes.flatMap((_, id) => Array.from({ length: 10 }, (_, round) => `/home/${id}/${round}`));
		assert.deepStrictEqual(
			[codes, Object.keys((await written()) as object).toSorted()],
			[Array(8).fill(0), wanted.toSorted()],
		);
	});
});
