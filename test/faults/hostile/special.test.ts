import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { harmless, HostileRoom } from '../../support/hostileSession.js';

/** Of every kind at every place, `npm test` tries each kind and each place, and the long run all of both. */
const tried = (one: number, other: number): boolean => process.env['HOMEPORT_LONG'] === '1' || (one + other) % 3 === 0;

describe('hostile session: files that are no files', () => {
	let room: HostileRoom;
	const servers: Server[] = [];
	beforeEach(() => {
		room = new HostileRoom();
		// Long enough for a look on a busy machine, short enough to wait for in a test.
		room.limit({ observeSeconds: 3, idleSeconds: 3, fetchSeconds: 6 });
	});
	afterEach(() => {
		servers.splice(0).forEach((server) => server.close());
		room.dispose();
	});

	function at(path: string): string {
		const full = join(room.evil, path);
		mkdirSync(dirname(full), { recursive: true });
		rmSync(full, { recursive: true, force: true });
		return full;
	}
	const kinds = {
		FIFO: (path: string): void => {
			execFileSync('mkfifo', [at(path)]);
		},
		socket: async (path: string): Promise<void> => {
			// A path of a socket is 107 bytes at most; and closing removes the path that was listened on, nothing else.
			const server = createServer();
			servers.push(server);
			const short = join(tmpdir(), `hp-${randomBytes(6).toString('hex')}`);
			await new Promise<void>((resolve) => server.listen(short, resolve));
			renameSync(short, at(path));
		},
		device: (path: string): void => {
			execFileSync('mknod', [at(path), 'c', '1', '5']);
		},
		'link to itself': (path: string): void => symlinkSync(at(path), join(room.evil, path)),
		'link to an endless device': (path: string): void => symlinkSync('/dev/zero', at(path)),
		folder: (path: string): void => {
			mkdirSync(at(path));
		},
	};

	async function attacked(): Promise<{ outcome: string; code: string | null; words: string; aftermath: object }> {
		const before = room.portrait();
		const [verdict] = await room.attack('branch');
		return { ...verdict!, aftermath: await room.aftermath(before, [verdict!]) };
	}

	// git, or we, would open these; a FIFO there would be waited for.
	const inTheRepository = [
		'.git',
		'.git/HEAD',
		'.git/config',
		'.git/index',
		'.git/packed-refs',
		'.git/refs/heads/x',
		'.git/logs/HEAD',
		'.git/logs/refs/stash',
		'.git/info/exclude',
		'.git/info/attributes',
		'.git/info/sparse-checkout',
		'.git/objects/info/alternates',
		'.git/MERGE_HEAD',
		'.git/ORIG_HEAD',
		'.git/commondir',
		'.git/shallow',
		'.git/worktrees/x/gitdir',
		'.git/worktrees/x/HEAD',
		'.git/info/grafts',
		'.git/objects/info/commit-graph',
		'.git/objects/pack/multi-pack-index',
		'.git/objects/pack/pack-0000000000000000000000000000000000000000.idx',
		'.git/refs',
		'.git/objects',
	];
	for (const path of inTheRepository) {
		it(`does not wait for a FIFO as ${path}, and names it`, async () => {
			await room.add();
			kinds.FIFO(path);
			const { outcome, words, aftermath } = await attacked();
			assert.deepStrictEqual(aftermath, harmless);
			const name = /^\.git\/(?:refs|logs)/.test(path) ? 'a ref or its log' : path.split('/').at(-1)!;
			assert.ok(outcome === 'synced' || words.includes(name) || /git folder|not a git repository/.test(words), words);
		});
	}

	const replaced = ['.git/HEAD', '.git/config', '.git/index', '.git/packed-refs', '.git/refs/heads/x'];
	for (const [number, [kind, make]] of Object.entries(kinds)
		.filter(([kind]) => kind !== 'FIFO')
		.entries()) {
		for (const path of replaced.filter((_, place) => tried(number, place))) {
			if (kind === 'folder' && path === '.git/refs/heads/x') {
				continue;
			}
			it(`does not follow a ${kind} as ${path}`, async () => {
				await room.add();
				await make(path);
				const { outcome, words, aftermath } = await attacked();
				assert.deepStrictEqual({ ...aftermath, outcome }, { ...harmless, outcome: 'failed' });
				assert.match(words, /HEAD|config|index|packed-refs|ref|not a git repository/);
			});
		}
	}

	const read = ['.gitignore', '.gitattributes', '.gitmodules', 'folder/.gitignore', 'folder/.gitattributes'];
	const odd = ['FIFO', 'socket', 'device', 'link to itself', 'link to an endless device'] as const;
	for (const [number, path] of read.entries()) {
		for (const kind of odd.filter((_, place) => tried(number, place))) {
			it(`does not wait for a ${kind} as ${path}`, async () => {
				await room.add();
				room.write('folder/file.txt', 'in a folder\n');
				room.write('.git/info/attributes', '*.none -text\n');
				room.configure('[filter "x"]\n\tclean = cat\n');
				await kinds[kind](path);
				const { outcome, words, aftermath } = await attacked();
				assert.deepStrictEqual(aftermath, harmless);
				assert.ok(outcome === 'synced' || words.includes(path), words);
			});
		}
	}

	const settings: readonly [string, string][] = [
		['core.excludesFile', '[core]\n\texcludesFile = FIFO\n'],
		['core.attributesFile', '[core]\n\tattributesFile = FIFO\n'],
		['include.path', '[include]\n\tpath = FIFO\n'],
		['core.excludesFile of zeros', '[core]\n\texcludesFile = /dev/zero\n'],
		['core.attributesFile of zeros', '[core]\n\tattributesFile = /dev/zero\n'],
		['include.path of zeros', '[include]\n\tpath = /dev/zero\n'],
	];
	for (const [name, text] of settings) {
		it(`does not wait for a file without an end that ${name} names`, async () => {
			await room.add();
			room.write('shared.txt', 'changed\n');
			room.configure('[filter "x"]\n\tclean = cat\n');
			kinds.FIFO('pipe');
			room.configure(text.replace('FIFO', join(room.evil, 'pipe')));
			const { outcome, code, words, aftermath } = await attacked();
			assert.deepStrictEqual(aftermath, harmless);
			assert.ok(outcome === 'synced' || code === 'timed-out' || code === 'session-damaged', `${code}: ${words}`);
			assert.notStrictEqual(words, '');
		});
	}

	it('does not wait for a FIFO as HEAD of a repository within, and names the place', async () => {
		await room.add();
		room.git(room.evil, 'init', '-q', '--template=', 'nested');
		kinds.FIFO('nested/.git/HEAD');
		const { outcome, words, aftermath } = await attacked();
		assert.deepStrictEqual(aftermath, harmless);
		assert.ok(outcome === 'synced' || words.includes('nested'), words);
	});

	it('does not wait for an object that is a FIFO', async () => {
		await room.add();
		const blob = room.git(room.evil, 'rev-parse', 'HEAD:evil.txt');
		kinds.FIFO(`.git/objects/${blob.slice(0, 2)}/${blob.slice(2)}`);
		const { outcome, code, words, aftermath } = await attacked();
		assert.deepStrictEqual({ ...aftermath, outcome }, { ...harmless, outcome: 'failed' });
		assert.match(code ?? '', /timed-out|session-damaged|stream-failed|incomplete/);
		assert.notStrictEqual(words, '');
	}).timeout(60_000);

	for (const [kind, make] of Object.entries(kinds).filter(([kind]) => kind !== 'folder')) {
		it(`takes the rest where a tracked file became a ${kind} and an untracked one stands beside`, async () => {
			room.write('tracked.txt', 'one\n');
			room.commitAll();
			await room.add();
			await make('tracked.txt');
			await make('new/untracked');
			room.write('draft.txt', 'never committed\n');
			const { outcome, aftermath } = await attacked();
			assert.deepStrictEqual({ ...aftermath, outcome }, { ...harmless, outcome: 'synced' });
			assert.strictEqual(
				room.git(room.home, 'show', 'refs/homeport/sessions/local/evil/capture:draft.txt'),
				'never committed',
			);
		});
	}

	it('takes the rest where links go round in circles', async () => {
		await room.add();
		mkdirSync(join(room.evil, 'a/b'), { recursive: true });
		symlinkSync('../..', join(room.evil, 'a/b/up'));
		symlinkSync('second', join(room.evil, 'first'));
		symlinkSync('first', join(room.evil, 'second'));
		room.write('draft.txt', 'never committed\n');
		const { outcome, aftermath } = await attacked();
		assert.deepStrictEqual({ ...aftermath, outcome }, { ...harmless, outcome: 'synced' });
	});

	it('refuses to register what would make it wait', async () => {
		const homeport = await room.open();
		for (const path of ['.git/commondir', '.git/HEAD', '.git']) {
			kinds.FIFO(path);
			await assert.rejects(homeport.add('evil', room.evil, 'claude'), { code: 'not-a-repository' }, path);
		}
	});
});
