import assert from 'node:assert/strict';
import { chmodSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { harmless, HostileRoom, unsafeText } from '../../support/hostileSession.js';

describe('hostile session: a damaged repository', () => {
	let room: HostileRoom;
	beforeEach(() => {
		room = new HostileRoom();
	});
	afterEach(() => {
		room.dispose();
	});

	async function attacked(): Promise<{ outcome: string; code: string | null; words: string; aftermath: object }> {
		const before = room.portrait();
		const [verdict] = await room.attack('branch');
		return { ...verdict!, aftermath: await room.aftermath(before, [verdict!]) };
	}
	const tipOf = (rev = 'HEAD'): string => room.git(room.evil, 'rev-parse', rev);
	const objectFile = (oid: string): string => join(room.evil, '.git/objects', oid.slice(0, 2), oid.slice(2));
	/** What the newest entry of the ledger lists as missing. */
	const missing = async (): Promise<string[]> => {
		const [entry] = await (await room.open()).ledger('local/evil');
		return (entry?.missing ?? []).map(({ name, reason }) => `${name}: ${reason}`);
	};

	const heads: readonly [string, string | Buffer][] = [
		['nothing', ''],
		['words', 'no idea\n'],
		['zeros', Buffer.alloc(100)],
		['a path out of refs', 'ref: ../../secret/.git/refs/heads/private\n'],
		['a ref that names itself', 'ref: HEAD\n'],
		['half an object id', '0123456789\n'],
	];
	for (const [what, bytes] of heads) {
		it(`says that HEAD cannot be read where it holds ${what}`, async () => {
			await room.add();
			room.write('draft.txt', 'never committed\n');
			room.write('.git/HEAD', bytes);
			const { outcome, words, aftermath } = await attacked();
			assert.deepStrictEqual({ ...aftermath, outcome }, { ...harmless, outcome: 'failed' });
			assert.match(words, /HEAD|not a git repository/);
		});
	}

	for (const [what, head] of [
		['a tag', 'refs/tags/v1'],
		['a remote branch', 'refs/remotes/origin/main'],
		['a place of Homeport', 'refs/homeport/operations'],
		['nothing yet', 'refs/heads/unborn'],
		['escape codes', 'refs/heads/\u001b]0;title\u0007\u001b[31mred'],
		['a megabyte of letters', 'refs/heads/'.padEnd(1024 ** 2, 'x')],
		['two lines', 'refs/heads/main\nref: refs/heads/other'],
		['a word that looks like an option', 'refs/heads/--force'],
	] as const) {
		it(`takes what there is where HEAD names ${what}`, async () => {
			room.git(room.evil, 'update-ref', 'refs/homeport/operations', 'HEAD');
			await room.add();
			room.write('draft.txt', 'never committed\n');
			room.write('.git/HEAD', `ref: ${head}\n`);
			const { outcome, words, aftermath } = await attacked();
			assert.deepStrictEqual(aftermath, harmless);
			assert.ok(outcome === 'synced' || /HEAD|not a git repository/.test(words), `${outcome}: ${words}`);
			assert.doesNotMatch(words, unsafeText);
		});
	}

	for (const detached of [true, false]) {
		for (const how of ['gone', 'empty', 'garbled'] as const) {
			it(`does not take a ${detached ? 'detached HEAD' : 'branch'} for none where its commit is ${how}`, async () => {
				await room.add();
				const tip = room.commitAll('to be lost');
				room.git(room.evil, 'branch', 'whole', 'HEAD~1');
				if (detached) {
					room.git(room.evil, 'checkout', '-q', '--detach');
					room.git(room.evil, 'branch', '-q', '-D', 'main');
				}
				chmodSync(objectFile(tip), 0o644);
				if (how === 'gone') {
					rmSync(objectFile(tip));
				} else {
					writeFileSync(objectFile(tip), how === 'empty' ? '' : 'garbled');
				}
				const { outcome, words, aftermath } = await attacked();
				assert.deepStrictEqual(aftermath, harmless);
				const told = `${words}\n${(await missing()).join('\n')}`;
				assert.ok(new RegExp(`HEAD|${tip.slice(0, 12)}`).test(told), `${outcome}: ${told}`);
			});
		}
	}

	for (const [what, damage] of [
		['empty', () => truncateSync(join(room.evil, '.git/index'), 0)],
		['cut short', () => truncateSync(join(room.evil, '.git/index'), 60)],
		[
			'garbled',
			() => {
				const bytes = readFileSync(join(room.evil, '.git/index'));
				writeFileSync(join(room.evil, '.git/index'), bytes.fill(0xff, 40, 80));
			},
		],
		[
			'of a version to come',
			() => {
				const bytes = readFileSync(join(room.evil, '.git/index'));
				bytes.writeUInt32BE(99, 4);
				writeFileSync(join(room.evil, '.git/index'), bytes);
			},
		],
		[
			'said to hold four thousand million files',
			() => {
				const bytes = readFileSync(join(room.evil, '.git/index'));
				bytes.writeUInt32BE(0xfffffff0, 8);
				writeFileSync(join(room.evil, '.git/index'), bytes);
			},
		],
	] as const) {
		it(`takes the files, and says what is lost, where the index is ${what}`, async () => {
			room.write('staged.txt', 'staged\n');
			room.git(room.evil, 'add', 'staged.txt');
			await room.add();
			room.write('draft.txt', 'never committed\n');
			damage();
			const { outcome, aftermath } = await attacked();
			assert.deepStrictEqual(
				{
					...aftermath,
					outcome,
					draft: room.git(room.home, 'show', 'refs/homeport/sessions/local/evil/capture:draft.txt'),
					missing: await missing(),
				},
				{ ...harmless, outcome: 'synced', draft: 'never committed', missing: ['index: unreadable'] },
			);
		});
	}

	for (const [what, damage] of [
		['a blob is gone', () => rmSync(objectFile(tipOf('HEAD:evil.txt')))],
		['a tree is gone', () => rmSync(objectFile(tipOf('HEAD^{tree}')))],
		['a blob is empty', () => replace(tipOf('HEAD:evil.txt'), '')],
		['a blob is garbled', () => replace(tipOf('HEAD:evil.txt'), 'garbled')],
		['a blob is another one', () => replace(tipOf('HEAD:evil.txt'), readFileSync(objectFile(tipOf('HEAD^{tree}'))))],
		[
			'an object before the last is gone',
			() => {
				room.commitAll('after');
				rmSync(objectFile(tipOf('HEAD~1')));
			},
		],
		['a pack is cut short', () => damagePack((bytes) => bytes.subarray(0, bytes.length - 40))],
		['a pack is garbled', () => damagePack((bytes) => bytes.fill(0xaa, 20, 60))],
		['a pack is empty', () => damagePack(() => Buffer.alloc(0))],
		['an index of a pack is garbled', () => damagePack((bytes) => bytes.fill(0xaa, 8, 60), '.idx')],
	] as const) {
		it(`says that ${what}, and keeps what came before`, async () => {
			await room.add();
			await room.attack('rescue');
			room.write('evil.txt', `changed, and committed: ${what}\n`);
			room.commitAll('damaged soon');
			damage();
			const { outcome, code, words, aftermath } = await attacked();
			assert.deepStrictEqual({ ...aftermath, outcome }, { ...harmless, outcome: 'failed' }, words);
			assert.match(code ?? '', /session-damaged|incomplete/, words);
			assert.match(words, /[0-9a-f]{12}|HEAD|pack|corrupt|missing|tree/);
		});
	}
	function replace(oid: string, bytes: string | Buffer): void {
		chmodSync(objectFile(oid), 0o644);
		writeFileSync(objectFile(oid), bytes);
	}
	function damagePack(change: (bytes: Buffer) => Buffer, suffix = '.pack'): void {
		room.git(room.evil, 'gc', '-q');
		const folder = join(room.evil, '.git/objects/pack');
		const name = readdirSync(folder).find((each) => each.endsWith(suffix))!;
		chmodSync(join(folder, name), 0o644);
		writeFileSync(join(folder, name), change(readFileSync(join(folder, name))));
	}

	it('takes the branches that are whole where another one is not', async () => {
		await room.add();
		room.git(room.evil, 'checkout', '-q', '-b', 'whole');
		room.write('whole.txt', 'whole\n');
		const whole = room.commitAll('whole');
		room.git(room.evil, 'checkout', '-q', '-b', 'broken', 'HEAD~1');
		room.write('broken.txt', 'broken\n');
		const broken = room.commitAll('broken');
		room.git(room.evil, 'checkout', '-q', 'main');
		rmSync(objectFile(room.git(room.evil, 'rev-parse', `${broken}:broken.txt`)));
		const { words, aftermath } = await attacked();
		assert.deepStrictEqual(
			{ ...aftermath, kept: room.git(room.home, 'rev-list', '--glob=refs/homeport').includes(whole) },
			{ ...harmless, kept: true },
		);
		assert.notStrictEqual(words, '');
	});

	for (const [what, text] of [
		['cut short in a name', (refs: string) => refs.slice(0, -10)],
		['cut short in an object id', (refs: string) => `${refs}${'12'.repeat(10)}`],
		['garbled', () => `${'\u0000\u0001\u0002'.repeat(100)}\n`],
		['without an end of line', (refs: string) => refs.trimEnd()],
	] as const) {
		it(`does not take branches for deleted where packed-refs is ${what}`, async () => {
			room.git(room.evil, 'branch', 'other', 'HEAD~1');
			room.git(room.evil, 'pack-refs', '--all', '--prune');
			await room.add();
			await room.attack('rescue');
			const path = join(room.evil, '.git/packed-refs');
			writeFileSync(path, text(readFileSync(path, 'utf8')));
			const { outcome, words, aftermath } = await attacked();
			assert.deepStrictEqual({ ...aftermath, outcome }, { ...harmless, outcome: 'failed' });
			assert.match(words, /packed-refs|refs/);
		});
	}

	it('names a ref that holds no object id', async () => {
		await room.add();
		room.git(room.evil, 'branch', 'other');
		room.write('.git/refs/heads/other', 'no object id\n');
		const { outcome, words, aftermath } = await attacked();
		assert.deepStrictEqual(aftermath, harmless);
		const told = `${words}\n${(await missing()).join('\n')}`;
		assert.match(told, /other/, `${outcome}: ${told}`);
	});

	it('says that a configuration cannot be read, and nothing of what it holds', async () => {
		await room.add();
		room.write('.git/config', 'no [configuration\u001b[31m at = all\n');
		const { outcome, code, words, aftermath } = await attacked();
		assert.deepStrictEqual(
			{ ...aftermath, outcome, code },
			{ ...harmless, outcome: 'failed', code: 'session-damaged' },
		);
		assert.match(words, /config/);
		assert.doesNotMatch(words, unsafeText);
	});

	for (const [what, text] of [
		['a format to come', '[core]\n\trepositoryformatversion = 99\n'],
		['an extension to come', '[core]\n\trepositoryformatversion = 1\n[extensions]\n\tfuture = true\n'],
		[
			'a way to keep refs that git does not know',
			'[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = tables\n',
		],
	] as const) {
		it(`says that a repository has ${what}`, async () => {
			await room.add();
			room.write('.git/config', text);
			const { outcome, code, words, aftermath } = await attacked();
			assert.deepStrictEqual(
				{ ...aftermath, outcome, code },
				{ ...harmless, outcome: 'failed', code: 'session-damaged' },
			);
			assert.match(words, /version|extension|refstorage/i);
		});
	}

	// Settings that let git overlook what has changed.
	for (const setting of [
		'[core]\n\tignoreStat = true\n',
		'[core]\n\tcheckStat = minimal\n\ttrustctime = false\n',
		'[core]\n\tfileMode = false\n\tsymlinks = false\n\tignoreCase = true\n',
		'[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = false\n',
		'[index]\n\tsparse = true\n\tthreads = 1\n[feature]\n\tmanyFiles = true\n',
		'[status]\n\tshowUntrackedFiles = no\n[diff]\n\tignoreSubmodules = all\n\tnoindex = true\n',
		'[core]\n\tautocrlf = true\n\tsafecrlf = true\n',
	]) {
		it(`sees what has changed under ${setting.replaceAll(/\s+/g, ' ').trim()}`, async () => {
			room.configure(setting);
			if (setting.includes('sparse')) {
				room.write('.git/info/sparse-checkout', '/nothing-but-this\n');
			}
			await room.add();
			const seen: string[] = [];
			for (const text of ['changed once\n', 'changed more\n', 'changed last\n']) {
				room.write('shared.txt', text);
				room.write('new.txt', text);
				const [verdict] = await room.attack('rescue');
				const show = (path: string): string =>
					room.git(room.home, 'show', `refs/homeport/sessions/local/evil/capture:${path}`);
				seen.push(`${verdict!.outcome} ${show('shared.txt')} ${show('new.txt')}`);
			}
			assert.deepStrictEqual(seen, [
				'synced changed once changed once',
				'synced changed more changed more',
				'synced changed last changed last',
			]);
		});
	}
});
