import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
	chmod,
	mkdir,
	mkdtemp,
	readFile,
	readdir,
	rm,
	stat,
	symlink,
	truncate,
	utimes,
	writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as z from 'zod/mini';
import { HomeportError } from '../../../src/core/base/errors.js';
import { readState, updateState } from '../../../src/core/base/stateFile.js';
import { removeStale, staleLock } from '../../../src/core/base/stateLock.js';

const schema = z.looseObject({ names: z.array(z.string()) });
const empty: z.infer<typeof schema> = { names: [] };

const add = (path: string, name: string): Promise<unknown> =>
	updateState(path, schema, empty, (state) => ({ ...state, names: [...state.names, name] }));

async function failure(promise: Promise<unknown>): Promise<HomeportError> {
	const error = await promise.then(
		() => new Error('it did not fail'),
		(reason: unknown) => reason,
	);
	assert.ok(error instanceof HomeportError, String(error));
	return error;
}

describe('state files', function () {
	this.timeout(60_000);
	let folder: string;
	let path: string;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-state-'));
		path = join(folder, 'new', 'state.json');
	});

	afterEach(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	const names = (): Promise<string[]> => readdir(join(folder, 'new'));

	it('are empty where there is none, and reading makes nothing', async () => {
		const value = await readState(path, schema, empty);
		assert.deepStrictEqual([value, await readdir(folder)], [empty, []]);
	});

	it('are made for their user alone, and leave nothing beside them', async () => {
		await add(path, 'a');
		await add(path, 'b');
		const modes = await Promise.all([stat(join(folder, 'new')), stat(path)]);
		assert.deepStrictEqual(
			[await readState(path, schema, empty), modes.map((stats) => stats.mode & 0o777), await names()],
			[{ names: ['a', 'b'] }, [0o700, 0o600], ['state.json']],
		);
	});

	it('keep unknown keys, and survive the name of a prototype', async () => {
		await mkdir(join(folder, 'new'));
		await writeFile(path, '{"other":{"deep":[1]},"__proto__":{"names":["x"],"polluted":1},"constructor":2,"names":[]}');
		await add(path, 'a');
		const written = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
		assert.deepStrictEqual(
			[written['other'], written['constructor'], written['names'], ({} as Record<string, unknown>)['polluted']],
			[{ deep: [1] }, 2, ['a'], undefined],
		);
	});

	it('are left as they are when the change throws', async () => {
		await add(path, 'a');
		const before = await readFile(path);
		await assert.rejects(
			updateState(path, schema, empty, () => {
				throw new Error('no');
			}),
			/no/,
		);
		assert.deepStrictEqual([await readFile(path), await names()], [before, ['state.json']]);
	});

	it('are never taken for empty when cut at any byte', async () => {
		await add(path, 'a\u00f6');
		const whole = await readFile(path);
		for (let length = 0; length < whole.length - 1; length++) {
			await writeFile(path, whole);
			await truncate(path, length);
			const error = await failure(length % 2 === 0 ? readState(path, schema, empty) : add(path, 'b'));
			const aside = String(error.details['setAside']);
			assert.deepStrictEqual(
				[error.code, error.details['path'], await readFile(aside), (await names()).includes('state.json')],
				['state-damaged', path, whole.subarray(0, length), false],
			);
			await rm(aside);
		}
		await add(path, 'b');
		assert.deepStrictEqual(await readState(path, schema, empty), { names: ['b'] });
	});

	it('are set aside once, beside all that was set aside before', async () => {
		await mkdir(join(folder, 'new'));
		for (const content of ['[]', '{"names":[1]}', '{"names":["', '\xff{}']) {
			await writeFile(path, content, 'latin1');
			await failure(readState(path, schema, empty));
			assert.deepStrictEqual(await readState(path, schema, empty), empty);
		}
		assert.strictEqual((await names()).filter((name) => /^state\.json\.damaged-\d{14}-/.test(name)).length, 4);
	});

	it('name the key that is wrong, and quote nothing of the file', async () => {
		await mkdir(join(folder, 'new'));
		const reasons: unknown[] = [];
		for (const content of ['{"names":[1]}', '{}', 'root:x:0:0']) {
			await writeFile(path, content);
			reasons.push((await failure(readState(path, schema, empty, 'leave'))).details['reason']);
		}
		assert.deepStrictEqual(reasons, ['names.0 must be of type string', 'names must be of type array', 'it is no JSON']);
	});

	it('are left in place and reported each time where that is asked for', async () => {
		await mkdir(join(folder, 'new'));
		await writeFile(path, '{');
		const errors = [
			await failure(readState(path, schema, empty, 'leave')),
			await failure(readState(path, schema, empty, 'leave')),
		];
		assert.deepStrictEqual(
			[errors.map((error) => [error.code, error.details['setAside']]), await readFile(path, 'utf8')],
			[
				[
					['state-damaged', null],
					['state-damaged', null],
				],
				'{',
			],
		);
	});

	it('do not hang or fill the memory where something else stands in their place', async () => {
		await mkdir(join(folder, 'new'));
		const server = createServer();
		const makers: Record<string, () => unknown> = {
			fifo: () => execFileSync('mkfifo', [path]),
			folder: () => mkdir(path),
			socket: () => new Promise<void>((done) => server.listen(path, done)),
			endless: () => symlink('/dev/zero', path),
			loop: () => symlink(path, path),
			large: () => writeFile(path, '').then(() => truncate(path, 64 * 1024 ** 3)),
		};
		const seen: Record<string, unknown> = {};
		for (const [kind, make] of Object.entries(makers)) {
			await make();
			const errors = [await failure(readState(path, schema, empty, 'leave')), await failure(add(path, 'a'))];
			seen[kind] = errors.map((error) => error.code);
			await rm(path, { recursive: true, force: true });
		}
		server.close();
		assert.deepStrictEqual(
			seen,
			Object.fromEntries(Object.keys(makers).map((kind) => [kind, ['state-damaged', 'state-damaged']])),
		);
	});

	it('refuse to grow larger than they could be read again', async () => {
		await add(path, 'a');
		const error = await failure(add(path, 'x'.repeat(5_000_000)));
		assert.deepStrictEqual([error.code, await readState(path, schema, empty)], ['limit-exceeded', { names: ['a'] }]);
	});

	it('say so where the folder cannot be made', async () => {
		await writeFile(join(folder, 'new'), 'a file');
		const error = await failure(add(path, 'a'));
		assert.deepStrictEqual(
			[error.code, error.details['path'], await readState(path, schema, empty)],
			['state-unwritable', path, empty],
		);
	});

	it('say so where nothing may be written', async () => {
		const error = await failure(add('/proc/homeport/state.json', 'a'));
		assert.deepStrictEqual(error.code, 'state-unwritable');
	});

	it('keep the old file whole on a full disk and on one that is read-only', async function () {
		const place = join(folder, 'new');
		await mkdir(place);
		try {
			execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', place], { stdio: 'ignore' });
		} catch {
			console.log('      file systems cannot be mounted here');
			this.skip();
		}
		try {
			await add(path, 'a');
			const before = await readFile(path);
			const full = await failure(add(path, 'x'.repeat(200_000)));
			const after = [await readFile(path), await names()];
			execFileSync('mount', ['-o', 'remount,ro', place]);
			const readOnly = await failure(add(path, 'b'));
			execFileSync('mount', ['-o', 'remount,rw', place]);
			await writeFile(path, '{');
			execFileSync('mount', ['-o', 'remount,ro', place]);
			const damaged = [await failure(readState(path, schema, empty)), await failure(readState(path, schema, empty))];
			assert.deepStrictEqual(
				[
					full.code,
					/ENOSPC/.test(String(full.details['reason'])),
					after,
					readOnly.code,
					/EROFS/.test(String(readOnly.details['reason'])),
					damaged.map((error) => [error.code, error.details['setAside']]),
				],
				[
					'state-unwritable',
					true,
					[before, ['state.json']],
					'state-unwritable',
					true,
					[
						['state-damaged', null],
						['state-damaged', null],
					],
				],
			);
		} finally {
			execFileSync('umount', [place]);
		}
	});

	it('say so to whoever has no right to read or write', async () => {
		await add(path, 'a');
		const { uid } = await stat(path);
		await chmod(folder, 0o755);
		await chmod(join(folder, 'new'), 0o555);
		const asRoot = process.geteuid?.() === 0;
		if (asRoot) {
			process.seteuid?.(65534);
		} else {
			await chmod(path, 0o000);
		}
		try {
			const errors = [await failure(readState(path, schema, empty)), await failure(add(path, 'b'))];
			assert.deepStrictEqual(
				errors.map((error) => [error.code, error.details['setAside']]),
				[
					['state-damaged', null],
					['state-unwritable', undefined],
				],
			);
		} finally {
			if (asRoot) {
				process.seteuid?.(uid);
			}
			await chmod(join(folder, 'new'), 0o700);
			await chmod(path, 0o600);
		}
		assert.deepStrictEqual(await readState(path, schema, empty), { names: ['a'] });
	});

	it('are written in turn by callers of one process', async () => {
		const wanted = Array.from({ length: 20 }, (_, n) => `n${n}`);
		await Promise.all(wanted.map((name) => add(path, name)));
		const { names } = await readState(path, schema, empty);
		assert.deepStrictEqual(names.toSorted(), wanted.toSorted());
	});

	it('take over a lock whose owner is gone, and lose nothing by it', async () => {
		await mkdir(`${path}.lock`, { recursive: true });
		const longAgo = new Date(Date.now() - 60_000);
		await utimes(`${path}.lock`, longAgo, longAgo);
		await Promise.all(['a', 'b', 'c', 'd'].map((name) => add(path, name)));
		const state = await readState(path, schema, empty);
		assert.deepStrictEqual([state.names.toSorted(), await names()], [['a', 'b', 'c', 'd'], ['state.json']]);
	});

	it('never lose the lock of one who was faster at taking over', async () => {
		const lock = `${path}.lock`;
		const longAgo = new Date(Date.now() - 60_000);
		await mkdir(lock, { recursive: true });
		await utimes(lock, longAgo, longAgo);
		const seenByBoth = staleLock(lock)!;
		removeStale(lock, seenByBoth);
		await mkdir(lock);
		const { ino } = await stat(lock);
		removeStale(lock, seenByBoth);
		assert.deepStrictEqual([(await stat(lock)).ino, staleLock(lock), await names()], [ino, null, ['state.json.lock']]);
	});

	it('leave a lock to the one who is taking it over, and pass over one who died doing it', async () => {
		const lock = `${path}.lock`;
		const longAgo = new Date(Date.now() - 60_000);
		await mkdir(lock, { recursive: true });
		await utimes(lock, longAgo, longAgo);
		const stale = staleLock(lock)!;
		const claim = `${lock}.claim-${stale}-0`;
		await mkdir(claim);
		removeStale(lock, stale);
		const whileClaimed = staleLock(lock);
		await utimes(claim, longAgo, longAgo);
		await add(path, 'a');
		assert.deepStrictEqual([whileClaimed, await names()], [stale, ['state.json']]);
	});

	it('wait for a lock whose owner lives', async () => {
		await mkdir(`${path}.lock`, { recursive: true });
		let done = false;
		const written = add(path, 'a').then(() => (done = true));
		await readState(path, schema, empty);
		const early = done;
		await rm(`${path}.lock`, { recursive: true });
		await written;
		assert.deepStrictEqual([early, done, basename(path)], [false, true, 'state.json']);
	});

	it('notice a writer that did not wait for the lock', async () => {
		await add(path, 'a');
		let rounds = 0;
		const { writeFileSync } = await import('node:fs');
		const state = await updateState(path, schema, empty, (now) => {
			if (rounds++ === 0) {
				writeFileSync(path, '{"names":["a","other"]}');
			}
			return { ...now, names: [...now.names, 'b'] };
		});
		const wanted = { names: ['a', 'other', 'b'] };
		assert.deepStrictEqual([state, await readState(path, schema, empty)], [wanted, wanted]);
	});
});
