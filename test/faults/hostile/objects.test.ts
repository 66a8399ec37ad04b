import assert from 'node:assert/strict';
import { type Call, harmless, HostileRoom, type Verdict, unsafeText } from '../../support/hostileSession.js';
import { type Folder, ObjectSet } from '../../support/hostileObjects.js';

describe('hostile session: objects and trees', () => {
	let room: HostileRoom;
	beforeEach(() => {
		room = new HostileRoom();
	});
	afterEach(() => {
		room.dispose();
	});

	/** Makes a branch of the session a commit with this tree, whatever git says of it. */
	async function brought(
		branch: 'main' | 'other',
		make: (objects: ObjectSet) => string,
		...calls: readonly Call[]
	): Promise<{ verdict: Verdict; aftermath: object }> {
		await room.add();
		const objects = new ObjectSet();
		const parent = room.git(room.evil, 'rev-parse', 'HEAD');
		const commit = objects.commit(make(objects), [parent]);
		room.gitWith(room.evil, objects.pack(), 'unpack-objects', '-q');
		room.git(room.evil, 'update-ref', `refs/heads/${branch}`, commit);
		const before = room.portrait();
		const verdicts = await room.attack(...calls);
		return { verdict: verdicts[0]!, aftermath: await room.aftermath(before, verdicts) };
	}
	const folder =
		(content: Folder) =>
		(objects: ObjectSet): string =>
			objects.folder(content);
	const entry =
		(name: string | Buffer, mode = '100644') =>
		(objects: ObjectSet): string =>
			objects.tree([{ mode, name, oid: mode === '40000' ? objects.folder({ config: 'x' }) : objects.blob('x') }]);

	const blocked: readonly [string, (objects: ObjectSet) => string][] = [
		['.git', entry('.git', '40000')],
		['.GIT', entry('.GIT', '40000')],
		['.gIt as a file', entry('.gIt')],
		['git~1', entry('git~1', '40000')],
		['..', entry('..', '40000')],
		['.', entry('.', '40000')],
		['a slash', entry('a/b')],
		['.git with a letter that HFS+ does not see', entry('.g\u200cit', '40000')],
		['.git with a mark of order at its end', entry('.git\ufeff', '40000')],
		['.git::$INDEX_ALLOCATION', entry('.git::$INDEX_ALLOCATION', '40000')],
		['.git and a dot', entry('.git.', '40000')],
		['.git and a space', entry('.git ', '40000')],
		['.git behind a backslash', entry('a\\.git\\config')],
		['GIT~1 below a folder', folder({ deep: { 'GIT~1': { config: 'x' } } })],
		[
			'the same name twice',
			(objects) =>
				objects.tree([
					{ mode: '100644', name: 'a', oid: objects.blob('x') },
					{ mode: '100644', name: 'a', oid: objects.blob('y') },
				]),
		],
		['.gitmodules as a link', folder({ '.gitmodules': { link: 'elsewhere' } })],
		['a submodule named ../../x', modules('[submodule "../../x"]\n\tpath = x\n\turl = ./x\n')],
		['a submodule at -u', modules('[submodule "x"]\n\tpath = x\n\turl = -u./payload\n')],
		['a submodule with a command to update', modules('[submodule "x"]\n\tpath = x\n\turl = ./x\n\tupdate = !id\n')],
		['a submodule over ext::', modules('[submodule "x"]\n\tpath = x\n\turl = "ext::sh -c id"\n')],
		['a submodule whose path ends in a carriage return', modules('[submodule "x"]\n\tpath = "x\r"\n\turl = ./x\n')],
		['a deep path', (objects) => nest(objects, 4000, 'd')],
		['a long path', (objects) => nest(objects, 40, 'l'.repeat(200))],
		['a name of 300 bytes', entry('n'.repeat(300))],
		['10⁹ files', (objects) => bomb(objects, 9)],
	];
	function modules(text: string): (objects: ObjectSet) => string {
		return folder({ '.gitmodules': text });
	}
	function nest(objects: ObjectSet, depth: number, name: string): string {
		let tree = objects.folder({ file: 'x' });
		for (let level = 0; level < depth; level += 1) {
			tree = objects.tree([{ mode: '40000', name, oid: tree }]);
		}
		return tree;
	}
	function bomb(objects: ObjectSet, levels: number): string {
		let tree = objects.folder(Object.fromEntries(Array.from({ length: 10 }, (_, number) => [`f${number}`, 'x'])));
		for (let level = 1; level < levels; level += 1) {
			const below = tree;
			tree = objects.tree(
				Array.from({ length: 10 }, (_, number) => ({ mode: '40000', name: `d${number}`, oid: below })),
			);
		}
		return tree;
	}
	for (const [what, make] of blocked) {
		it(`blocks ${what}, and says so`, async () => {
			const { verdict, aftermath } = await brought('other', make, 'branch', 'overwrite');
			assert.deepStrictEqual(
				{ ...aftermath, outcome: verdict.outcome, ledger: await (await room.open()).ledger('local/evil') },
				{ ...harmless, outcome: 'blocked', ledger: [] },
			);
			assert.notDeepStrictEqual(verdict.findings, []);
			assert.ok(verdict.words.length > 40, verdict.words);
			assert.doesNotMatch(verdict.words, unsafeText);
		});
	}

	// The session's own git cannot send these.
	for (const [what, make, words] of [
		['a name without letters', entry(''), /tree/],
		[
			'a null object',
			(objects: ObjectSet) => objects.tree([{ mode: '100644', name: 'null', oid: '0'.repeat(40) }]),
			/0{12}|null|missing|corrupt/,
		],
	] as const) {
		it(`takes in nothing of a tree with ${what}, and says so`, async () => {
			const { verdict, aftermath } = await brought('other', make, 'branch', 'overwrite');
			const ledger = await (await room.open()).ledger('local/evil');
			// git in the session may refuse to send such a tree; then it is that branch alone that stays away.
			const branches = ledger.flatMap((entry) => entry.branches.map((tip) => tip.name));
			const missing = ledger.flatMap((entry) => entry.missing.map(({ name }) => name));
			assert.deepStrictEqual({ ...aftermath, taken: branches.includes('other') }, { ...harmless, taken: false });
			assert.ok(/failed|blocked/.test(verdict.outcome) ? words.test(verdict.words) : missing.includes('other'));
		});
	}

	// The tree of HEAD is read in the session itself, before anything is inspected.
	for (const [what, make, words] of [
		['.git', entry('.git', '40000'), /\.git/],
		['a deep path', (objects: ObjectSet) => nest(objects, 4000, 'd'), /deep|path|tree/],
		['10⁹ files', (objects: ObjectSet) => bomb(objects, 9), /files|entries/],
	] as const) {
		it(`refuses ${what} at HEAD without checking it out`, async () => {
			room.limit({ observeSeconds: 5 });
			const { verdict, aftermath } = await brought('main', make, 'branch');
			assert.deepStrictEqual(aftermath, harmless);
			assert.match(verdict.code ?? '', /session-damaged|limit-exceeded|blocked/);
			assert.match(verdict.words, words);
		});
	}

	const told: readonly [string, Folder, string][] = [
		['a link to an absolute path', { key: { link: '/etc/passwd' } }, 'symlink-outside'],
		['a link out of the tree', { key: { link: '../../x' } }, 'symlink-outside'],
		['a chain of links out of the tree', { a: { link: 'b' }, b: { link: '..' } }, 'symlink-outside'],
		['names that differ in case alone', { A: 'x', a: 'y' }, 'case-clash'],
		['names that differ in encoding alone', { é: 'x', 'e\u0301': 'y' }, 'case-clash'],
		[
			'a repository in the tree',
			{ bare: { HEAD: 'ref: refs/heads/x\n', config: '[core]\n', objects: { a: 'x' }, refs: { b: 'x' } } },
			'embedded-repository',
		],
		['attributes that name a driver', { '.gitattributes': '* filter=x diff=y merge=z\n' }, 'attributes-driver'],
		['an .lfsconfig', { '.lfsconfig': '[lfs]\n\turl = http://127.0.0.1:9/\n' }, 'lfs-config'],
		['hooks', { '.husky': { 'post-checkout': 'id\n' } }, 'runs-on-checkout'],
		['.githooks', { '.githooks': { 'post-checkout': 'id\n' } }, 'runs-on-checkout'],
		['tasks of VS Code', { '.vscode': { 'tasks.json': '{}' } }, 'runs-on-open'],
		['an .envrc', { '.envrc': 'id\n' }, 'runs-on-open'],
		['hooks of an agent', { '.claude': { 'settings.json': '{}' } }, 'runs-on-open'],
		['a script of a package', { 'package.json': '{"scripts":{"postinstall":"id"}}' }, 'runs-on-install'],
		['a workflow', { '.github': { workflows: { 'x.yml': 'on: push\n' } } }, 'runs-on-push'],
		['a device of Windows', { 'aux.txt': 'x', CON: 'x' }, 'windows-name'],
		['a stream of Windows', { 'a:b': 'x' }, 'windows-name'],
	];
	for (const [what, content, code] of told) {
		it(`brings ${what} home and tells of it`, async () => {
			await room.add();
			const objects = new ObjectSet();
			const commit = objects.commit(objects.folder(content), [room.git(room.evil, 'rev-parse', 'HEAD')]);
			room.gitWith(room.evil, objects.pack(), 'unpack-objects', '-q');
			room.git(room.evil, 'update-ref', 'refs/heads/main', commit);
			const before = room.portrait();
			const [branch] = await room.attack('branch');
			const aftermath = await room.aftermath(before, [branch!]);
			assert.deepStrictEqual(
				{ ...aftermath, outcome: branch!.outcome, told: branch!.findings.includes(code as never) },
				{ ...harmless, outcome: 'synced', told: true },
			);
		});
	}

	it('brings a tree of 100,000 files in one folder to an end', async () => {
		const { verdict, aftermath } = await brought(
			'other',
			(objects) => {
				const oid = objects.blob('x');
				return objects.tree(
					Array.from({ length: 100_001 }, (_, number) => ({
						mode: '100644',
						name: `f${String(number).padStart(7, '0')}`,
						oid,
					})),
				);
			},
			'branch',
		);
		assert.deepStrictEqual({ ...aftermath, outcome: verdict.outcome }, { ...harmless, outcome: 'blocked' });
		assert.match(verdict.words, /more entries/);
	}).timeout(60_000);

	it('keeps what a commit says of its author and time as the claim that it is', async () => {
		await room.add();
		const tree = room.git(room.evil, 'rev-parse', 'HEAD^{tree}');
		const text = `tree ${tree}\nparent ${room.git(room.evil, 'rev-parse', 'HEAD')}\nauthor \u001b[31mRoot <root@localhost> 99999999999 +0000\ncommitter User <user@localhost> 99999999999 +0000\n\n\u001b]0;title\u0007 [click](command:x) $(bug) \u202e\nSigned-off-by: User <user@localhost>\n`;
		const commit = room.gitWith(room.evil, text, 'hash-object', '-t', 'commit', '-w', '--literally', '--stdin');
		room.git(room.evil, 'update-ref', 'refs/heads/main', commit);
		room.write('draft.txt', 'never committed\n');
		const before = room.portrait();
		const verdicts = await room.attack('branch', 'branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), outcomes: verdicts.map((verdict) => verdict.outcome) },
			{ ...harmless, outcomes: ['synced', 'up-to-date'] },
		);
		const homeport = await room.open();
		const plan = await homeport.forgetPlan('local/evil', {});
		const status = await homeport.status([await homeport.find('evil')]);
		assert.doesNotMatch(JSON.stringify([plan, status]), /\\u00(?:0|1|7f|9)|\u202e/);
	});
});
