import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

interface Count {
	readonly seen: number;
	readonly atHome: number;
}

interface Place {
	readonly folder: string;
	readonly home: string;
	homeport(...args: readonly string[]): Promise<{ readonly code: number | string; readonly both: string }>;
	git(cwd: string, args: readonly string[]): Promise<Buffer>;
}

interface Account {
	seen(): Promise<void>;
	count(): Promise<{ readonly commits: Count; readonly files: Count; readonly untouched: boolean }>;
}

interface Scripts {
	openPlace(options: { readonly keep: string; readonly node: string; readonly signal: AbortSignal }): Place;
	createAccount(place: Place): Account;
	makeScene(place: Place): Promise<void>;
}

interface Ended {
	readonly code: number | null;
	readonly text: string;
}

const script = (name: string): Promise<unknown> => import(pathToFileURL(resolve('scripts/demo', name)).href);

/** Runs the demo with its temporary folders in `folder`; interrupts it once it has written `until`. */
function demo(args: readonly string[], folder: string, until?: string): Promise<Ended> {
	return new Promise((done) => {
		const child = spawn(process.execPath, ['scripts/demo.mjs', ...args], {
			env: { ...process.env, TMPDIR: folder },
			stdio: ['ignore', 'pipe', 'pipe'],
		});
		let text = '';
		let interrupted = false;
		const read = (chunk: Buffer): void => {
			text += chunk.toString('utf8');
			// Once: a second one would end it before it has cleaned up.
			if (!interrupted && until !== undefined && text.includes(until)) {
				interrupted = true;
				child.kill('SIGINT');
			}
		};
		child.stdout.on('data', read);
		child.stderr.on('data', read);
		child.once('close', (code) => done({ code, text }));
	});
}

describe('the demo', function () {
	this.timeout(180_000);
	let folder: string;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-demo-test-'));
	});

	afterEach(() => rm(folder, { recursive: true, force: true }));

	it('brings everything home, and leaves it where it is told to', async () => {
		const keep = join(folder, 'kept');
		const ended = await demo(['--keep', keep], folder);
		assert.equal(ended.code, 0, ended.text);
		assert.match(ended.text, /At home: 6 of 6 commits, 4 of 4 files\./);
		assert.deepStrictEqual((await readdir(keep)).sort(), ['alpha', 'beta', 'home', 'homeport', 'user']);
		const again = await demo(['--keep', keep], folder);
		assert.equal(again.code, 1);
		assert.match(again.text, /is not empty/);
	});

	it('removes all that it made when interrupted', async () => {
		const ended = await demo([], folder, '4. Bring both home');
		assert.deepStrictEqual([ended.code, await readdir(folder)], [130, []], ended.text);
	});

	it('counts what is not at home, and sees what of the user was changed', async () => {
		const [places, accounts, scenes] = await Promise.all([
			script('place.mjs'),
			script('account.mjs'),
			script('scene.mjs'),
		]);
		const scripts = { ...(places as object), ...(accounts as object), ...(scenes as object) } as Scripts;
		const place = scripts.openPlace({ keep: folder, node: process.execPath, signal: new AbortController().signal });
		await scripts.makeScene(place);
		const account = scripts.createAccount(place);
		await account.seen();
		const counted = async (): Promise<unknown> => {
			const { commits, files, untouched } = await account.count();
			return [commits.atHome, commits.seen, files.atHome, files.seen, untouched];
		};
		assert.deepStrictEqual(await counted(), [1, 5, 0, 3, true]);

		for (const args of [
			['add', 'alpha', '../alpha'],
			['rescue', 'alpha'],
		]) {
			const ended = await place.homeport(...args);
			assert.equal(ended.code, 0, ended.both);
		}
		assert.deepStrictEqual(await counted(), [3, 5, 3, 3, true]);

		const readme = join(place.home, 'README.txt');
		const before = await readFile(readme);
		await writeFile(readme, 'edited\n');
		assert.deepStrictEqual(await counted(), [3, 5, 3, 3, false]);
		await writeFile(readme, before);
		await place.git(place.home, ['update-ref', '-d', 'refs/homeport/ledger/local/alpha']);
		await place.git(place.home, ['update-ref', '-d', 'refs/homeport/sessions/local/alpha/capture']);
		await place.git(place.home, ['update-ref', '-d', 'refs/homeport/sessions/local/alpha/heads/main']);
		assert.deepStrictEqual(await counted(), [1, 5, 0, 3, true]);
	});
});
