import { strict as assert } from 'node:assert';
import { execFile, spawn } from 'node:child_process';
import { appendFile, chmod, mkdir, readdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import * as fc from 'fast-check';
import { isHomeportError } from '../../src/core/base/errors.js';
import type { PatchRequest, PatchResult } from '../../src/core/model/patches.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

const run = promisify(execFile);
const plain: PatchRequest = { from: null, base: null, uncommitted: false, output: null, dryRun: false };

describe('patches', function () {
	this.timeout(60_000);
	let fixture: EngineFixture;
	let trial = 0;

	beforeEach(async () => {
		fixture = await engineFixture();
		await fixture.add('alpha', fixture.session);
	});

	afterEach(() => fixture.dispose());

	const patches = async (request: Partial<PatchRequest> = {}): Promise<PatchResult & { readonly mbox: string }> => {
		const mails: string[] = [];
		const session = await fixture.homeport.find('alpha');
		const made = await fixture.homeport.patches(session, { ...plain, ...request }, (mail) => mails.push(mail));
		return { ...made, mbox: mails.join('') };
	};

	const tree = (dir: string, rev: string): Promise<string> => fixture.git(dir, 'rev-parse', `${rev}^{tree}`);

	/** What plain `git am` makes of a mailbox, on a clone of home at `base`; the folder of the clone. */
	const apply = async (mbox: string, base: string | null): Promise<string> => {
		trial += 1;
		const clone = join(fixture.folder, `trial-${trial}`);
		await fixture.git(fixture.folder, 'clone', '-q', fixture.home, clone);
		if (base === null) {
			await fixture.git(clone, 'checkout', '-q', '--orphan', 'nothing');
			await fixture.git(clone, 'rm', '-rqf', '--ignore-unmatch', '.');
		} else {
			await fixture.git(clone, 'checkout', '-q', '--detach', base);
		}
		const child = spawn('git', ['am', '-q'], { cwd: clone, env: fixture.env, stdio: ['pipe', 'pipe', 'pipe'] });
		child.stdin.end(mbox);
		const [out, err, code] = await Promise.all([
			text(child.stdout),
			text(child.stderr),
			new Promise((resolve) => child.once('close', resolve)),
		]);
		assert.equal(code, 0, `git am: ${out}${err}`);
		return clone;
	};

	/** The series gives the very tree of the session's branch, one commit for each patch. */
	const assertSame = async (branch = 'HEAD'): Promise<string> => {
		const made = await patches();
		const [series] = made.series;
		const clone = await apply(made.mbox, series!.base);
		assert.equal(await tree(clone, 'HEAD'), await tree(fixture.session, branch));
		const range = series!.base === null ? 'HEAD' : `${series!.base}..HEAD`;
		assert.equal(Number(await fixture.git(clone, 'rev-list', '--count', range)), series!.commits);
		return clone;
	};

	const bytes = (name: string, content: string): Promise<void> =>
		writeFile(join(fixture.session, name), Buffer.from(content, 'latin1'));

	it('give the very tree, with binary files, modes, renames, deletions, empty files and odd line ends', async () => {
		const { session, commit, git } = fixture;
		const noise = Array.from({ length: 3000 }, (_, index) => String.fromCharCode((index * index) % 256)).join('');
		await bytes('image.bin', `\0${noise}`);
		await bytes('windows.txt', 'one\r\ntwo\r\nthree');
		await bytes('mixed.txt', 'unix\nwindows\r\nmac\ronly\n');
		await bytes('latin.txt', 'gr\xfcn\n');
		await bytes('late.nul', `${'x\n'.repeat(5000)}\0\n`);
		await bytes('empty', '');
		await bytes('run.sh', '#!/bin/sh\n');
		await bytes('marked.txt', '\u00ef\u00bb\u00bfwith a mark\n\u001b[31mred\u001b[0m\f\n');
		await bytes('Von.txt', 'From 1234567890123456789012345678901234567890 Mon Sep 17 00:00:00 2001\n');
		await commit(session, 'add');
		await chmod(join(session, 'run.sh'), 0o755);
		await bytes('windows.txt', 'one\r\nTWO\r\nthree\r\n');
		await bytes('image.bin', `\0${noise}more`);
		await commit(session, 'change');
		await mkdir(join(session, 'deep'));
		await rename(join(session, 'image.bin'), join(session, 'deep/picture.bin'));
		await rename(join(session, 'mixed.txt'), join(session, 'deep/other.txt'));
		await rm(join(session, 'empty'));
		await rm(join(session, 'base.txt'));
		await symlink('run.sh', join(session, 'base.txt'));
		await commit(session, 'move');
		await rm(join(session, 'deep'), { recursive: true });
		await symlink('.', join(session, 'deep'));
		await commit(session, 'a folder becomes a link');
		assert.match((await patches()).mbox, /^rename to deep\/picture\.bin$/m);
		assert.match((await patches()).mbox, /^old mode 100644\nnew mode 100755$/m);
		const clone = await assertSame();
		assert.equal(await git(clone, 'status', '--porcelain'), '');
	});

	it('take names of files that are no UTF-8, or look like something else', async () => {
		const { session, git, env } = fixture;
		const script = String.raw`
			touch_all() { for name; do printf '%s\n' "$name" >"$name"; done; }
			touch_all "$(printf 'n\377me')" "$(printf 'a\tb')" 'a b' '"quoted"' "$(printf 'line\nbreak')" 'a => b' '-- ' ' b' '@@'
			git add -A && git commit -qm add && git mv 'a b' "$(printf 'c\303\274\342\200\256')" && git commit -qm move
		`;
		await run('sh', ['-c', script], { cwd: session, env });
		assert.equal(Number(await git(session, 'rev-list', '--count', 'origin/main..HEAD')), 2);
		await assertSame();
	});

	it('are cut or led astray by no message', async () => {
		const { session, git } = fixture;
		const fake = 'diff --git a/evil b/evil\nnew file mode 100644\n--- /dev/null\n+++ b/evil\n@@ -0,0 +1 @@\n+evil\n';
		const messages = [
			`subject\n\nbefore\n${fake}after`,
			`subject\n\nIndex: evil\n--- /dev/null\n+++ evil\n@@ -0,0 +1 @@\n+evil\n`,
			`subject\n\nbefore\n---\nafter\n--- \t\nlast`,
			`subject\n\nbefore\nFrom 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nFrom: evil <evil@x>\nSubject: evil\n\n${fake}`,
			'subject\n\nFrom: Evil <evil@example.org>\nSubject: taken over\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n\nrest',
			'subject\n\n>From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001\nrest',
			'subject\n\n[PATCH] taken over\n',
			`${'long '.repeat(60)}\n\n${'From here to there '.repeat(30)}\n${'=46rom '.repeat(30)}`,
			'=?UTF-8?B?ZXZpbA==?=\n\nContent-Type: multipart/mixed; boundary=x\n\n--x\n',
			'gr\u00fcn \u{1f600} \u202e\u0007\n\nzw\u00f6lf\r\ncarriage\r\n\u001b]0;title\u0007',
			'Windows\r\n\r\nwith carriage returns\r\n---\r\ndiff --git a/evil b/evil\r\n',
			'diff --git a/evil b/evil',
			'-- \n\n-- >8 --\nscissors\n-- \n',
		];
		for (const [index, message] of messages.entries()) {
			await fixture.write(session, { [`file-${index}`]: `${index}\n` });
			await git(session, 'add', '-A');
			await git(session, 'commit', '-q', '--cleanup=verbatim', '-m', message);
		}
		const made = await patches();
		assert.equal(made.series[0]!.indented, 5);
		// eslint-disable-next-line no-control-regex
		assert.doesNotMatch(made.mbox, /[^\n\t\u0020-\u007e\u00a0-\uffff]|[\u202e\ufeff]/);
		const clone = await assertSame();
		const log = await git(clone, 'log', '--reverse', '--format=%an <%ae>%n%B', `${made.series[0]!.base}..`);
		assert.equal(log.match(/^User <user@localhost>$/gm)?.length, messages.length);
		for (const kept of [
			' diff --git a/evil b/evil',
			' ---',
			'From 1111111111111111111111111111111111111111 Mon Sep 17 00:00:00 2001',
			'From: Evil <evil@example.org>\nSubject: taken over\nDate: Thu, 1 Jan 1970 00:00:00 +0000',
			'[PATCH] taken over',
			'From here to there '.repeat(30).trim(),
			'=46rom '.repeat(30).trim(),
			'=?UTF-8?B?ZXZpbA==?=',
			'gr\u00fcn \u{1f600} \u202e\u0007',
		]) {
			assert.ok(`\n${log}\n`.includes(`\n${kept}\n`), kept);
		}
	});

	it('take authors and dates that git am would stumble over', async () => {
		const { session, git, env } = fixture;
		const blob = await git(session, 'rev-parse', 'HEAD:base.txt');
		let parent = await git(session, 'rev-parse', 'HEAD');
		const people = [
			' <> 1700000000 +0000',
			'\u0007 <a b@c> 0 +0000',
			'J\u00f6rg "x" @y, (z) <j@example.org> 1700000000 +0530',
			'Somebody <s@example.org> 7258118400 +0000',
			'=?UTF-8?q?x?= <q@example.org> 1700000000 -0000',
		];
		for (const [index, person] of people.entries()) {
			const mktree = `100644 blob ${blob}\tfile-${index}\n100644 blob ${blob}\tbase.txt\n`;
			const made = await run('sh', ['-c', `printf '%s' "$1" | git mktree`, 'sh', mktree], { cwd: session, env });
			const content = `tree ${made.stdout.trim()}\nparent ${parent}\nauthor ${person}\ncommitter C <c@x> 1 +0000\n\n`;
			const object = await run(
				'sh',
				['-c', `printf '%s' "$1" | git hash-object -t commit -w --literally --stdin`, 'sh', content],
				{ cwd: session, env },
			);
			parent = object.stdout.trim();
		}
		await git(session, 'reset', '-q', '--hard', parent);
		const clone = await assertSame();
		const got = (await git(clone, 'log', '--reverse', '--format=%an|%ae|%aI', 'origin/main..')).split('\n');
		assert.deepStrictEqual(
			[got[0], got[2], got[3]!.replace(/\|\d{4}.*/, ''), got[4]],
			[
				'unknown|unknown|2023-11-14T22:13:20+00:00',
				'J\u00f6rg x y, (z)|j@example.org|2023-11-15T03:43:20+05:30',
				'Somebody|s@example.org',
				'=?UTF-8?q?x?=|q@example.org|2023-11-14T22:13:20+00:00',
			],
		);
	});

	it('give the very tree for random histories', async () => {
		const { session, git } = fixture;
		const names = ['a', 'b', 'dir/c', 'dir/d', '\u00e9'];
		const contents = ['', 'x', 'one\ntwo\nthree\n', 'one\r\n2\r\nthree', '\u0000\u0001bin', 'From x\n---\ndiff -\n'];
		const edit = fc.record({
			name: fc.constantFrom(...names),
			act: fc.constantFrom('write', 'append', 'remove', 'rename', 'mode'),
			content: fc.constantFrom(...contents),
			other: fc.constantFrom(...names),
		});
		const history = fc.array(
			fc.record({
				edits: fc.array(edit, { minLength: 1, maxLength: 4 }),
				message: fc.constantFrom(...contents.slice(1, 4)),
			}),
			{ minLength: 1, maxLength: 5 },
		);
		await fc.assert(
			fc.asyncProperty(history, async (commits) => {
				await git(session, 'reset', '-q', '--hard', 'origin/main');
				for (const { edits, message } of commits) {
					for (const { name, act, content, other } of edits) {
						const [path, target] = [join(session, name), join(session, other)];
						await mkdir(dirname(path), { recursive: true });
						await mkdir(dirname(target), { recursive: true });
						await {
							write: () => writeFile(path, content),
							append: () => appendFile(path, content),
							remove: () => rm(path, { force: true }),
							rename: () => rename(path, target).catch(() => undefined),
							mode: () => chmod(path, 0o755).catch(() => undefined),
						}[act as 'write']();
					}
					await git(session, 'add', '-A');
					await git(session, 'commit', '-q', '--allow-empty', '--allow-empty-message', '-m', message);
				}
				await assertSame();
			}),
			{ seed: 20_261_121, numRuns: 12 },
		);
	});

	it('hold what is not committed as the last one', async () => {
		const { session, commit, git, write, home } = fixture;
		await commit(session, 'A1', { 'a.txt': 'a\n' });
		await write(session, { 'a.txt': 'a\nstaged\n' });
		await git(session, 'add', 'a.txt');
		await write(session, { 'a.txt': 'a\nstaged\nnot staged\r\n', 'new.txt': 'new' });
		await rm(join(session, 'base.txt'));
		const made = await patches({ uncommitted: true });
		const [series] = made.series;
		const clone = await apply(made.mbox, series!.base);
		assert.deepStrictEqual(
			[await tree(clone, 'HEAD'), await tree(clone, 'HEAD~1'), series!.commits, made.nothingUncommitted],
			[await tree(home, series!.uncommitted!), await tree(session, 'HEAD'), 1, false],
		);
		assert.equal(await git(clone, 'log', '-1', '--format=%s'), 'Uncommitted work of session alpha');
		assert.equal(await git(clone, 'show', 'HEAD:new.txt'), 'new');
		await git(session, 'stash', '-q', '-u');
		assert.equal((await patches({ uncommitted: true })).nothingUncommitted, true);
	});

	it('come from a session without a commit, and from a history of its own', async () => {
		const { session, commit, git, write } = fixture;
		await git(session, 'checkout', '-q', '--orphan', 'other');
		await git(session, 'rm', '-rqf', '.');
		await write(session, { 'first.txt': 'first\n' });
		const unborn = await patches({ uncommitted: true });
		assert.deepStrictEqual(
			unborn.series.map(({ branch, base, tip, commits }) => ({ branch, base, tip, commits })),
			[{ branch: 'other', base: null, tip: null, commits: 0 }],
		);
		assert.equal(await git(await apply(unborn.mbox, null), 'show', 'HEAD:first.txt'), 'first');
		await commit(session, 'O1');
		await assertSame();
	});

	it('are what home has not: nothing new gives none, merges are counted, a base can be chosen', async () => {
		const { home, session, commit, git } = fixture;
		const base = await git(session, 'rev-parse', 'HEAD');
		const none = await patches();
		assert.deepStrictEqual([none.mbox, none.series[0]!.commits, none.series[0]!.base], ['', 0, base]);
		const first = await commit(session, 'A1', { 'a.txt': 'a\n' });
		await git(session, 'checkout', '-q', '-b', 'side', base);
		await commit(session, 'S1', { 's.txt': 's\n' });
		await git(session, 'checkout', '-q', 'main');
		await git(session, 'merge', '-q', '--no-ff', '-m', 'merge', 'side');
		await commit(session, 'A2');
		const { series, mbox } = await patches();
		assert.deepStrictEqual(
			series.map(({ commits, merges, empty }) => ({ commits, merges, empty })),
			[{ commits: 2, merges: 1, empty: 1 }],
		);
		assert.equal(await tree(await apply(mbox, base), 'HEAD'), await tree(session, 'HEAD'));
		await git(home, 'branch', 'there', first);
		assert.equal((await patches({ base: 'there' })).series[0]!.commits, 1);
		assert.equal((await patches({ from: 'side' })).series[0]!.commits, 1);
		await assert.rejects(patches({ base: '--output=x' }), (error) => isHomeportError(error, 'usage'));
		await assert.rejects(patches({ from: 'gone' }), (error) => isHomeportError(error, 'usage'));
	});

	it('go to one new file for each branch, and overwrite none', async () => {
		const { folder, session, commit, git } = fixture;
		await commit(session, 'A1', { 'a.txt': 'a\n' });
		for (const name of ['feature/x', 'feature-x', 'Feature-X', 'w"$(x)`\u202e', 'origin-main', '..-x'.slice(2)]) {
			await git(session, 'update-ref', `refs/heads/${name}`, name === 'origin-main' ? 'origin/main' : 'HEAD');
		}
		await git(session, 'checkout', '-q', '--detach');
		const output = join(folder, 'out/deep');
		const planned = await patches({ output, dryRun: true });
		const made = await patches({ output });
		assert.deepStrictEqual(
			made.series.map(({ branch, file }) => [branch, file?.slice(output.length + 1) ?? null]),
			planned.series.map(({ branch, file }) => [branch, file?.slice(output.length + 1) ?? null]),
		);
		const files = await readdir(output);
		assert.deepStrictEqual(files.sort(), [
			'alpha-Feature-X.mbox',
			'alpha-detached.mbox',
			'alpha-feature-x-2.mbox',
			'alpha-feature-x-3.mbox',
			'alpha-main.mbox',
			'alpha-w-x.mbox',
			'alpha-x.mbox',
		]);
		const file = join(output, 'alpha-main.mbox');
		const before = await readFile(file, 'utf8');
		const clone = await apply(before, made.series[0]!.base);
		assert.equal(await tree(clone, 'HEAD'), await tree(session, 'HEAD'));
		await rm(join(output, 'alpha-Feature-X.mbox'));
		await writeFile(file, 'mine');
		await assert.rejects(patches({ output }), (error) => isHomeportError(error, 'usage'));
		assert.deepStrictEqual([await readFile(file, 'utf8'), (await readdir(output)).length], ['mine', files.length - 1]);
	});

	it('are readable as they are where they can be, and say what cannot be written', async () => {
		const { session, commit } = fixture;
		await commit(session, 'Gr\u00fc\u00dfe', { 'a.txt': 'a = b\n\tgr\u00fcn\n' });
		const { mbox } = await patches();
		assert.match(mbox, /^Content-Transfer-Encoding: 8bit$/m);
		assert.match(mbox, /^\+a = b\n\+\tgr\u00fcn$/m);
		const output = '/proc/nowhere/deep';
		await assert.rejects(patches({ output }), (error) => isHomeportError(error, 'state-unwritable'));
		await assertSame();
	});

	it('look the same whatever home and the user have configured for diffs', async () => {
		const { home, session, folder, commit, git, write } = fixture;
		await commit(session, 'A1', { 'base.txt': 'changed\n', 'moved.txt': 'shared\n', 'gap.txt': 'one\n\ntwo\n' });
		await commit(session, 'A2', { 'gap.txt': 'one\n\n2\n' });
		const { mbox } = await patches();
		for (const [key, value] of Object.entries({
			'diff.noprefix': 'true',
			'diff.mnemonicPrefix': 'true',
			'color.ui': 'always',
			'diff.x.textconv': 'echo',
			'diff.x.command': 'touch tripped; true',
			'diff.external': 'touch tripped; true',
			'diff.context': '0',
			'core.quotePath': 'false',
			'log.showSignature': 'true',
		})) {
			await git(home, 'config', key, value);
		}
		await write(home, { '.gitattributes': '* diff=x\n', '.git/info/attributes': '* -diff\n' });
		const before = process.env['XDG_CONFIG_HOME'];
		const config = '[diff]\n\tnoprefix = true\n\tsuppressBlankEmpty = true\n';
		await write(folder, { 'own/git/config': config, 'own/git/attributes': '* -diff\n' });
		process.env['XDG_CONFIG_HOME'] = join(folder, 'own');
		try {
			assert.equal((await patches()).mbox, mbox);
		} finally {
			if (before === undefined) {
				delete process.env['XDG_CONFIG_HOME'];
			} else {
				process.env['XDG_CONFIG_HOME'] = before;
			}
		}
		assert.deepStrictEqual(await readdir(join(home, '.git/homeport/quarantine')), []);
		assert.equal((await readdir(home)).includes('tripped'), false);
	});
});
