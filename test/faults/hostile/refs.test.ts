import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Call, harmless, HostileRoom } from '../../support/hostileSession.js';

describe('hostile session: refs, history and negotiation', () => {
	let room: HostileRoom;
	beforeEach(() => {
		room = new HostileRoom();
	});
	afterEach(() => {
		room.dispose();
	});

	const tipOf = (rev = 'HEAD'): string => room.git(room.evil, 'rev-parse', rev);
	function packRefs(lines: readonly string[]): void {
		appendFileSync(join(room.evil, '.git/packed-refs'), `${lines.join('\n')}\n`);
	}
	async function attacked(
		...calls: readonly Call[]
	): Promise<{ outcomes: string[]; words: string; aftermath: object }> {
		const before = room.portrait();
		const verdicts = await room.attack(...calls);
		return {
			outcomes: verdicts.map((verdict) => verdict.outcome),
			words: verdicts.map((verdict) => verdict.words).join('\n'),
			aftermath: await room.aftermath(before, verdicts),
		};
	}
	const ledger = async (): Promise<unknown[]> => [...(await (await room.open()).ledger('local/evil'))];
	const reaches = (oid: string): boolean =>
		room.git(room.home, 'rev-list', '--glob=refs/homeport').split('\n').includes(oid);

	it('reads no name of a branch as an option, a command or a path', async () => {
		await room.add();
		const program = room.canary.command('ref');
		const names = [
			`--upload-pack=${program.replace(' ', '${IFS}')}`,
			'-x',
			'--exec=id',
			'$(id)',
			'`id`',
			'a;id',
			'a|id',
			'a&b',
			"a'b",
			'a"b',
			'a%2Fb',
			'a%00b',
			'refs/heads/main',
			'HEAD',
			'FETCH_HEAD',
			'origin/main',
			'@x',
			'a@b',
			'deadbeef',
			'0'.repeat(40),
			'é'.repeat(20),
			'e\u0301',
			'\u202egpj',
			'\u200bhidden',
			'$(rm -rf ~)'.replaceAll(' ', ''),
			'{a,b}',
			'!x',
			'#x',
		];
		const tip = tipOf();
		packRefs(names.map((name) => `${tip} refs/heads/${name}`).sort());
		const { outcomes, aftermath } = await attacked('branch', 'branch', 'overwrite');
		assert.deepStrictEqual(
			{ ...aftermath, outcomes, strange: strangeNames() },
			{ ...harmless, outcomes: ['synced', 'up-to-date', 'synced'], strange: [] },
		);
	});

	function strangeNames(): string[] {
		const refs = room.git(room.home, 'for-each-ref', '--format=%(refname)', 'refs/heads').split('\n');
		return refs.filter((ref) => !/^refs\/heads(?:\/[\p{L}\p{N}_.][\p{L}\p{N}_.-]*)+$/u.test(ref));
	}

	const unruly: readonly [string, string][] = [
		['..', 'refs/heads/../../main'],
		['a control character', 'refs/heads/a\u001b[31mb'],
		['a space', 'refs/heads/a b'],
		['nothing', 'refs/heads/'],
		['a place outside refs', 'HEAD'],
		['.lock', 'refs/heads/a.lock'],
	];
	for (const [what, name] of unruly) {
		it(`takes the branches that have names where one is named with ${what}`, async () => {
			await room.add();
			packRefs([`${tipOf()} ${name}`, `${tipOf()} refs/heads/plain`]);
			const { outcomes, words, aftermath } = await attacked('branch');
			assert.deepStrictEqual(aftermath, harmless);
			assert.ok(outcomes[0] === 'synced' || /ref/.test(words), words);
			assert.deepStrictEqual(strangeNames(), []);
		});
	}

	it('takes branches of which one is a folder of another', async () => {
		await room.add();
		const tip = tipOf();
		packRefs(['a', 'a/b', 'a/b/c', 'A', 'claude', 'evil', 'heads'].map((name) => `${tip} refs/heads/${name}`).sort());
		const { outcomes, aftermath } = await attacked('branch', 'branch');
		assert.deepStrictEqual({ ...aftermath, outcomes }, { ...harmless, outcomes: ['synced', 'up-to-date'] });
	});

	for (const [what, name] of [
		['of 120 letters that are no ASCII', '漢'.repeat(120)],
		['of 240 bytes', 'x'.repeat(240)],
		['of 2,000 bytes in parts', `${'p'.repeat(200)}/`.repeat(9) + 'x'],
		['of 4,000 bytes', 'y'.repeat(4000)],
	] as const) {
		it(`takes a branch with a name ${what}`, async () => {
			await room.add();
			packRefs([`${tipOf()} refs/heads/${name}`]);
			const { outcomes, aftermath } = await attacked('branch', 'branch');
			assert.deepStrictEqual({ ...aftermath, outcomes }, { ...harmless, outcomes: ['synced', 'up-to-date'] });
		});
	}

	it('brings nothing of what stands beside the branches into the same place at home', async () => {
		await room.add();
		const tip = tipOf();
		for (const ref of [
			'tags/v1',
			'tags/new',
			'notes/commits',
			'remotes/origin/main',
			'bisect/bad',
			'homeport/operations',
		]) {
			room.git(room.evil, 'update-ref', `refs/${ref}`, tip);
		}
		room.git(room.evil, 'update-ref', `refs/replace/${tipOf('HEAD~1')}`, tip);
		room.git(room.evil, 'update-ref', 'refs/heads/main~1'.slice(0, -2), tip);
		const { outcomes, aftermath } = await attacked('branch', 'overwrite');
		assert.deepStrictEqual(
			{ ...aftermath, outcomes, replaced: room.git(room.home, 'for-each-ref', 'refs/replace') },
			{ ...harmless, outcomes: ['synced', 'synced'], replaced: '' },
		);
	});

	it('sees through replaced objects and grafts', async () => {
		await room.add();
		const [tip, parent] = [tipOf(), tipOf('HEAD~1')];
		const other = room.gitWith(room.evil, 'other\n', 'commit-tree', tipOf('HEAD^{tree}'));
		room.git(room.evil, 'update-ref', `refs/replace/${parent}`, other);
		room.write('.git/info/grafts', `${tip} ${other}\n`);
		const { outcomes, aftermath } = await attacked('branch');
		assert.deepStrictEqual(
			{ ...aftermath, outcomes, parent: room.git(room.home, 'rev-parse', 'claude/evil~1') },
			{ ...harmless, outcomes: ['synced'], parent },
		);
	});

	for (const [what, change] of [
		['rewound', () => void room.git(room.evil, 'reset', '-q', '--hard', 'HEAD~1')],
		['amended', () => void room.git(room.evil, 'commit', '-q', '--amend', '-m', 'other')],
		[
			'put on a history of its own',
			() => {
				room.git(room.evil, 'checkout', '-q', '--orphan', 'fresh');
				room.git(room.evil, 'commit', '-qm', 'fresh');
				room.git(room.evil, 'branch', '-f', 'main');
				room.git(room.evil, 'checkout', '-q', 'main');
			},
		],
		[
			'deleted',
			() => {
				room.git(room.evil, 'checkout', '-q', '-b', 'elsewhere', 'HEAD~1');
				room.git(room.evil, 'branch', '-q', '-D', 'main');
			},
		],
	] as const) {
		it(`keeps what was seen after a branch was ${what} and its objects pruned`, async () => {
			await room.add();
			const tip = tipOf();
			await room.attack('branch');
			change();
			room.git(room.evil, 'reflog', 'expire', '--expire=now', '--all');
			room.git(room.evil, 'gc', '-q', '--prune=now');
			const before = room.portrait();
			const verdicts = await room.attack('branch');
			room.git(room.home, 'gc', '-q', '--prune=now');
			const aftermath = await room.aftermath({ ...before, git: room.portrait().git }, verdicts);
			assert.deepStrictEqual(
				{ ...aftermath, kept: reaches(tip), branch: room.git(room.home, 'cat-file', '-t', tip) },
				{ ...harmless, kept: true, branch: 'commit' },
			);
			assert.notStrictEqual(verdicts[0]!.words, '');
		});
	}

	for (const type of ['blob', 'tree', 'tag of a blob'] as const) {
		it(`takes the rest where a branch names a ${type}`, async () => {
			await room.add();
			const oid = type === 'tree' ? tipOf('HEAD^{tree}') : tipOf('HEAD:evil.txt');
			const tag = `object ${oid}\ntype blob\ntag t\ntagger a <a@b> 1 +0000\n\nx\n`;
			const named =
				type === 'tag of a blob' ? room.gitWith(room.evil, tag, 'hash-object', '-t', 'tag', '-w', '--stdin') : oid;
			packRefs([`${named} refs/heads/odd`, `${named} refs/tags/odd`]);
			room.write('draft.txt', 'never committed\n');
			const { outcomes, words, aftermath } = await attacked('branch', 'branch');
			assert.deepStrictEqual(aftermath, harmless);
			assert.ok(
				outcomes[0] === 'synced' || (outcomes[0] !== 'thrown' && /odd|commit/.test(words)),
				`${outcomes.join()}: ${words}`,
			);
		});
	}

	it('takes the rest, and says so, where a branch names an object that is not there', async () => {
		await room.add();
		room.git(room.evil, 'branch', 'whole');
		packRefs([`${'1234'.repeat(10)} refs/heads/hollow`]);
		const { outcomes, words, aftermath } = await attacked('branch');
		assert.deepStrictEqual(aftermath, harmless);
		assert.ok(outcomes[0] === 'synced' || /hollow|123412/.test(words), `${outcomes.join()}: ${words}`);
	});

	it('does not take a shallow history for a whole one', async () => {
		const shallow = join(room.folder, 'shallow');
		room.commitAll('two');
		room.git(room.folder, 'clone', '-q', '--template=', '--depth=1', `file://${room.evil}`, shallow);
		writeFileSync(join(shallow, 'new.txt'), 'new\n');
		room.git(shallow, 'add', '-A');
		room.git(shallow, 'commit', '-qm', 'on top');
		await room.add(shallow);
		const { outcomes, words, aftermath } = await attacked('branch');
		assert.deepStrictEqual(
			{ ...aftermath, outcomes, shallow: room.git(room.home, 'rev-parse', '--is-shallow-repository') },
			{ ...harmless, outcomes: ['synced'], shallow: 'false' },
		);
		assert.match(words, /part of the history|shallow/);
		room.git(room.home, 'fsck', '--connectivity-only');
	});

	it('does not take a lie about a shallow history: commits of home stay whole', async () => {
		await room.add();
		room.write('.git/shallow', `${tipOf('HEAD~1')}\n`);
		const { aftermath } = await attacked('branch');
		assert.deepStrictEqual(aftermath, harmless);
		room.git(room.home, 'fsck', '--connectivity-only');
	});

	it('lets the session see no object that only home names', async () => {
		await room.add();
		room.git(room.home, 'branch', 'private');
		room.git(room.home, 'commit-tree', '-m', 'private', 'HEAD^{tree}');
		const hidden = room.git(room.home, 'commit-tree', '-p', 'HEAD', '-m', 'only home knows', 'HEAD^{tree}');
		room.git(room.home, 'update-ref', 'refs/heads/private', hidden);
		room.git(room.home, 'update-ref', 'refs/remotes/origin/main', room.git(room.home, 'rev-parse', 'HEAD'));
		const trace = join(room.folder, 'trace');
		// What a session that listens in would hear: git's own record of the packets.
		process.env['GIT_TRACE_PACKET'] = trace;
		room.commitAll('news');
		room.configure(`[trace2]\n\teventTarget = ${trace}\n`);
		await room.attack('branch');
		delete process.env['GIT_TRACE_PACKET'];
		const { aftermath } = await attacked('branch');
		assert.deepStrictEqual(aftermath, harmless);
		const seen = room.git(room.evil, 'cat-file', '--batch-all-objects', '--batch-check');
		assert.ok(!seen.includes(hidden));
	});

	it('says what it cannot do with a repository of another object format', async () => {
		const sha256 = join(room.folder, 'sha256');
		room.git(room.folder, 'init', '-q', '--template=', '--object-format=sha256', 'sha256');
		writeFileSync(join(sha256, 'file.txt'), 'file\n');
		room.git(sha256, 'add', '-A');
		room.git(sha256, 'commit', '-qm', 'sha256');
		await room.add(sha256);
		const { outcomes, words, aftermath } = await attacked('rescue', 'branch');
		assert.deepStrictEqual({ ...aftermath, outcomes }, { ...harmless, outcomes: ['failed', 'failed'] });
		assert.match(words, /sha256|object format/i);
	});

	it('goes nowhere that the session names for bundles or packs', async () => {
		await room.add();
		room.configure(
			`[uploadpack]\n\tadvertiseBundleURIs = true\n\tblobPackfileUri = ${tipOf('HEAD:evil.txt')} ${tipOf()} http://127.0.0.1:9/x\n[bundle]\n\tversion = 1\n\tmode = all\n[bundle "x"]\n\turi = http://127.0.0.1:9/x\n`,
		);
		const { outcomes, aftermath } = await attacked('branch');
		assert.deepStrictEqual({ ...aftermath, outcomes }, { ...harmless, outcomes: ['synced'] });
	});

	it('takes branches that the session hides from a fetch', async () => {
		await room.add();
		room.git(room.evil, 'branch', 'hidden');
		room.configure(
			'[transfer]\n\thideRefs = refs/heads\n[uploadpack]\n\thideRefs = refs\n\tallowAnySHA1InWant = false\n\tallowReachableSHA1InWant = false\n\tallowTipSHA1InWant = false\n[protocol]\n\tversion = 0\n',
		);
		const { outcomes, aftermath } = await attacked('branch');
		assert.deepStrictEqual({ ...aftermath, outcomes }, { ...harmless, outcomes: ['synced'] });
	});

	it('names a limit where there are 100,000 refs', async () => {
		await room.add();
		const tip = tipOf();
		packRefs(Array.from({ length: 100_000 }, (_, number) => `${tip} refs/heads/b${String(number).padStart(6, '0')}`));
		const { outcomes, words, aftermath } = await attacked('branch');
		assert.deepStrictEqual({ ...aftermath, outcomes }, { ...harmless, outcomes: ['failed'] });
		assert.match(words, /refs.*limit/);
		assert.deepStrictEqual(await ledger(), []);
	});

	it('takes 2,000 branches of one commit', async () => {
		await room.add();
		const tip = tipOf();
		packRefs(Array.from({ length: 2000 }, (_, number) => `${tip} refs/heads/b${String(number).padStart(6, '0')}`));
		const { outcomes, aftermath } = await attacked('branch', 'branch');
		assert.deepStrictEqual({ ...aftermath, outcomes }, { ...harmless, outcomes: ['synced', 'up-to-date'] });
	}).timeout(60_000);

	it('finds what a reflog alone names although another name beside it is damaged', async () => {
		await room.add();
		const lost = tipOf();
		room.git(room.evil, 'reset', '-q', '--hard', 'HEAD~1');
		room.write('.git/ORIG_HEAD', 'no commit at all\n');
		const { outcomes, words, aftermath } = await attacked('branch');
		assert.deepStrictEqual(aftermath, harmless);
		assert.ok(reaches(lost) || /ORIG_HEAD|reflog|could not be taken/.test(words), `${outcomes.join()}: ${words}`);
	});

	it('finds what a stash holds although its log is damaged', async () => {
		await room.add();
		room.write('evil.txt', 'stashed\n');
		room.git(room.evil, 'stash', '-q');
		const stash = tipOf('refs/stash');
		mkdirSync(join(room.evil, '.git/logs/refs'), { recursive: true });
		rmSync(join(room.evil, '.git/logs/refs/stash'), { force: true });
		room.write(
			'.git/logs/refs/stash',
			`${'0'.repeat(40)} ${'9'.repeat(40)} x <x@y> 1 +0000\tnothing\nno line of a log\n`,
		);
		const { outcomes, words, aftermath } = await attacked('branch');
		assert.deepStrictEqual(aftermath, harmless);
		assert.ok(reaches(stash), `${outcomes.join()}: ${words}`);
	});
});
