import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { harmless, HostileRoom } from '../../support/hostileSession.js';

const hooks = [
	'applypatch-msg',
	'commit-msg',
	'fsmonitor-watchman',
	'post-applypatch',
	'post-checkout',
	'post-commit',
	'post-index-change',
	'post-merge',
	'post-rewrite',
	'pre-applypatch',
	'pre-auto-gc',
	'pre-commit',
	'pre-merge-commit',
	'pre-push',
	'pre-rebase',
	'prepare-commit-msg',
	'reference-transaction',
	'sendemail-validate',
] as const;

describe('hostile session: programs that its repository names', () => {
	let room: HostileRoom;
	beforeEach(() => {
		room = new HostileRoom();
	});
	afterEach(() => {
		room.dispose();
	});

	/** Every key of git's that names a program, each with a canary of its own. */
	function everyProgram(label: string): string {
		const run = (name: string): string => room.canary.command(`${label}-${name}`);
		return `
[core]
	fsmonitor = ${run('fsmonitor')}
	sshCommand = ${run('ssh')}
	gitProxy = ${run('gitproxy')}
	askPass = ${run('askpass')}
	pager = ${run('pager')}
	editor = ${run('editor')}
	alternateRefsCommand = ${run('alternaterefs')}
[sequence]
	editor = ${run('sequence-editor')}
[credential]
	helper = !${run('credential')}
[filter "x"]
	clean = ${run('clean')}
	smudge = ${run('smudge')}
	process = ${run('process')}
	required = true
[filter "y"]
	clean = ${run('clean-y')}
[diff]
	external = ${run('diff-external')}
[diff "x"]
	command = ${run('diff-command')}
	textconv = ${run('textconv')}
	cachetextconv = true
[merge "x"]
	driver = ${run('merge')}
[gpg]
	program = ${run('gpg')}
[gpg "ssh"]
	program = ${run('gpg-ssh')}
	defaultKeyCommand = ${run('gpg-key')}
[commit]
	gpgSign = true
[log]
	showSignature = true
[alias]
	status = !${run('alias-status')}
	ls-files = !${run('alias-ls-files')}
	upload-pack = !${run('alias-upload-pack')}
[remote "origin"]
	uploadpack = ${run('uploadpack')}
	receivepack = ${run('receivepack')}
	vcs = x
[uploadpack]
	packObjectsHook = ${run('packobjectshook')}
[submodule "s"]
	update = !${run('submodule-update')}
[trailer "x"]
	command = ${run('trailer')}
	cmd = ${run('trailer-cmd')}
[interactive]
	diffFilter = ${run('difffilter')}
[protocol]
	allow = always
[protocol "ext"]
	allow = always
`;
	}

	const attributes = '*.txt filter=x diff=x merge=x\n*.y filter=y\n';

	it('starts none of them, whether from configuration or hooks', async () => {
		await room.add();
		room.write('.gitattributes', attributes);
		room.write('a.y', 'one\n');
		const tip = room.commitAll();
		room.configure(everyProgram('repo'));
		for (const hook of hooks) {
			room.canary.script(join(room.evil, '.git/hooks', hook), `hook-${hook}`);
			room.canary.script(join(room.evil, 'hooks', hook), `other-hook-${hook}`);
		}
		room.write('.git/info/attributes', '* filter=x\n');
		room.write('shared.txt', 'changed\n');
		room.write('a.y', 'two\n');
		room.write('untracked.txt', 'new\n');
		// The same traps do snap where git is not held back, or this would show nothing.
		spawnSync('git', ['status'], { cwd: room.evil, stdio: 'ignore' });
		assert.ok(room.canary.ran().length >= 2, room.canary.ran().join());
		room.canary.forget();

		const [before, own] = [room.portrait(), room.listing(join(room.evil, '.git'))];
		const verdicts = await room.attack('rescue', 'branch', 'overwrite');

		assert.deepStrictEqual(
			{
				...(await room.aftermath(before, verdicts)),
				outcomes: verdicts.map((verdict) => verdict.outcome),
				branch: room.git(room.home, 'rev-parse', 'refs/heads/claude/evil'),
				main: room.git(room.home, 'rev-parse', 'refs/heads/main'),
				own: room.listing(join(room.evil, '.git')),
			},
			{ ...harmless, outcomes: ['synced', 'synced', 'synced'], branch: tip, main: tip, own },
		);
	});

	it('starts none that core.hooksPath names, inside the session or beside it', async () => {
		await room.add();
		for (const hook of hooks) {
			room.canary.script(join(room.evil, 'hooks', hook), `hook-${hook}`);
		}
		room.configure('[core]\n\thooksPath = hooks\n');
		room.commitAll();
		const before = room.portrait();
		const verdicts = await room.attack('rescue', 'branch', 'overwrite');
		assert.deepStrictEqual(await room.aftermath(before, verdicts), harmless);
	});

	const includes: readonly [string, (path: string) => string][] = [
		['include.path', (path) => `[include]\n\tpath = ${path}\n`],
		['includeIf gitdir', (path) => `[includeIf "gitdir:/**"]\n\tpath = ${path}\n`],
		['includeIf onbranch', (path) => `[includeIf "onbranch:*"]\n\tpath = ${path}\n`],
		['includeIf hasconfig', (path) => `[includeIf "hasconfig:remote.*.url:**"]\n\tpath = ${path}\n`],
		['config.worktree', () => '[extensions]\n\tworktreeConfig = true\n'],
	];
	for (const [name, line] of includes) {
		it(`starts none that comes in by ${name}`, async () => {
			await room.add();
			room.write('.gitattributes', attributes);
			room.write('a.y', 'one\n');
			room.commitAll();
			room.write('.git/config.worktree', everyProgram('included'));
			room.configure(line(join(room.evil, '.git/config.worktree')));
			room.write('shared.txt', 'changed\n');
			room.write('a.y', 'two\n');
			const before = room.portrait();
			const verdicts = await room.attack('branch');
			assert.deepStrictEqual(
				{ ...(await room.aftermath(before, verdicts)), outcomes: verdicts.map((verdict) => verdict.outcome) },
				{ ...harmless, outcomes: ['synced'] },
			);
		});
	}

	const oddNames: readonly [string, string, string][] = [
		['upper case', '[FILTER "X"]\n\tCLEAN', 'X'],
		['a dot', '[filter "a.b"]\n\tclean', 'a.b'],
		['the old dotted form', '[filter.a]\n\tclean', 'a'],
		['an escaped quote', '[filter "a\\"b"]\n\tclean', 'a"b'],
		['nothing', '[filter ""]\n\tclean', ''],
		['the character that the script puts for a newline', '[filter "a\u0001b"]\n\tclean', 'a\u0001b'],
		['an asterisk', '[filter "*"]\n\tclean', '*'],
		['words of a shell', '[filter "$(id)`id`;id"]\n\tclean', '$(id)`id`;id'],
		['bytes that are no text', '[filter "a\u00ff"]\n\tclean', 'a\u00ff'],
	];
	for (const [what, section, name] of oddNames) {
		it(`switches off a filter with ${what} in its name`, async () => {
			await room.add();
			room.commitAll();
			writeFileSync(join(room.evil, '.gitattributes'), Buffer.from(`shared.txt filter=${name}\n`, 'latin1'));
			writeFileSync(
				join(room.evil, '.git/config'),
				Buffer.from(`[core]\n\trepositoryformatversion = 0\n${section} = ${room.canary.command('odd')}\n`, 'latin1'),
			);
			room.write('shared.txt', 'changed\n');
			const before = room.portrait();
			const verdicts = await room.attack('branch');
			assert.deepStrictEqual(
				{ ...(await room.aftermath(before, verdicts)), outcomes: verdicts.map((verdict) => verdict.outcome) },
				{ ...harmless, outcomes: ['synced'] },
			);
		});
	}

	it('runs nothing under more programs than an environment can hold, and says that it cannot read', async () => {
		await room.add();
		room.write('.gitattributes', '* filter=f39999\n');
		room.commitAll();
		const filters = Array.from(
			{ length: 40_000 },
			(_, number) => `[filter "f${number}"]\n\tclean = ${room.canary.command('many')}\n`,
		);
		room.configure(filters.join(''));
		room.write('shared.txt', 'changed\n');
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), codes: verdicts.map((verdict) => verdict.code) },
			{ ...harmless, codes: ['session-damaged'] },
		);
	}).timeout(60_000);

	describe('inside a repository within the session', () => {
		/** A repository below the session whose own configuration and hooks are traps. */
		function nested(path: string): string {
			const folder = join(room.evil, path);
			mkdirSync(folder, { recursive: true });
			room.git(folder, 'init', '-q', '--template=', '-b', 'main');
			writeFileSync(join(folder, 'inner.txt'), 'inner\n');
			writeFileSync(join(folder, '.gitattributes'), attributes);
			room.git(folder, 'add', '-A');
			room.git(folder, 'commit', '-qm', 'inner');
			writeFileSync(join(folder, '.git/config'), `[core]\n\trepositoryformatversion = 0\n${everyProgram('inner')}`);
			for (const hook of hooks) {
				room.canary.script(join(folder, '.git/hooks', hook), `inner-${hook}`);
			}
			writeFileSync(join(folder, 'inner.txt'), 'changed\n');
			return room.git(folder, 'rev-parse', 'HEAD');
		}

		it('starts nothing of an untracked one', async () => {
			await room.add();
			room.commitAll();
			nested('deep/er/nested');
			const before = room.portrait();
			const verdicts = await room.attack('branch');
			assert.deepStrictEqual(
				{ ...(await room.aftermath(before, verdicts)), outcomes: verdicts.map((verdict) => verdict.outcome) },
				{ ...harmless, outcomes: ['synced'] },
			);
		});

		for (const outer of ['', '[filter "any"]\n\tclean = cat\n']) {
			it(`starts nothing of a submodule that says it must be looked into${outer === '' ? '' : ', where the session has a filter too'}`, async () => {
				await room.add();
				const oid = nested('sub');
				room.write('.gitmodules', '[submodule "sub"]\n\tpath = sub\n\turl = ./sub\n\tignore = none\n');
				room.write('.gitattributes', '*.txt filter=any\n');
				room.git(room.evil, 'add', '.gitmodules', '.gitattributes');
				room.git(room.evil, 'update-index', '--add', '--cacheinfo', `160000,${oid},sub`);
				room.git(room.evil, 'commit', '-qm', 'a submodule');
				room.configure(`${outer}[diff]\n\tignoreSubmodules = none\n[status]\n\tsubmoduleSummary = true\n`);
				room.write('shared.txt', 'changed\n');
				const before = room.portrait();
				const verdicts = await room.attack('branch');
				assert.deepStrictEqual(await room.aftermath(before, verdicts), harmless);
			});
		}

		it('starts nothing of a bare repository in the tree, here or at home', async () => {
			await room.add();
			const bare = join(room.evil, 'looks/bare');
			room.git(room.evil, 'init', '-q', '--bare', '--template=', bare);
			writeFileSync(
				join(bare, 'config'),
				`[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = ..\n${everyProgram('bare')}`,
			);
			writeFileSync(join(bare, 'refs/keep'), '');
			writeFileSync(join(bare, 'objects/keep'), '');
			room.commitAll();
			const before = room.portrait();
			const verdicts = await room.attack('rescue', 'branch', 'overwrite', 'branch');
			assert.deepStrictEqual(await room.aftermath(before, verdicts), harmless);
		});
	});

	describe('found on the way of the user', () => {
		for (const place of ['.', '', 'in the session', 'by a link into the session']) {
			it(`starts no git or sh of the session with ${place === '' ? 'nothing' : place} on the PATH`, async () => {
				await room.add();
				for (const program of [
					'git',
					'sh',
					'stat',
					'awk',
					'sed',
					'find',
					'tr',
					'rm',
					'upload-pack',
					'git-upload-pack',
				]) {
					room.canary.script(join(room.evil, program), `path-${program}`);
				}
				room.commitAll();
				const link = join(room.folder, 'link');
				symlinkSync(room.evil, link);
				const entries: Readonly<Record<string, string>> = {
					'in the session': room.evil,
					'by a link into the session': link,
				};
				const before = room.portrait();
				const plain = process.env['PATH'];
				process.env['PATH'] = `${entries[place] ?? place}:${plain}`;
				room.env['PATH'] = process.env['PATH'];
				const verdicts = await room.attack('branch');
				// What looks afterwards is git by its plain name as well.
				process.env['PATH'] = plain;
				assert.deepStrictEqual(
					{ ...(await room.aftermath(before, verdicts)), outcomes: verdicts.map((verdict) => verdict.outcome) },
					{ ...harmless, outcomes: ['synced'] },
				);
			});
		}

		it('starts no git that a sync brought into the working tree of home, with . on the PATH', async () => {
			await room.add();
			room.canary.script(join(room.evil, 'git'), 'home-git');
			room.commitAll();
			const before = room.portrait();
			const plain = process.env['PATH'];
			process.env['PATH'] = `.:${plain}`;
			room.env['PATH'] = process.env['PATH'];
			const verdicts = await room.attack('overwrite', 'branch');
			// What looks afterwards is git by its plain name as well.
			process.env['PATH'] = plain;
			assert.deepStrictEqual(await room.aftermath(before, verdicts), harmless);
		});

		it('starts no driver of the user that attributes of the session name, and no hook that it brought', async () => {
			await room.add();
			room.write('.gitattributes', attributes);
			for (const hook of hooks) {
				room.canary.script(join(room.evil, '.githooks', hook), `brought-${hook}`);
			}
			const tip = room.commitAll();
			room.git(room.home, 'config', 'core.hooksPath', '.githooks');
			writeFileSync(
				join(room.home, '.git/config'),
				`[core]\n\trepositoryformatversion = 0\n\thooksPath = .githooks\n${everyProgram('user')}`,
			);
			const before = room.portrait();
			const verdicts = await room.attack('branch', 'overwrite', 'branch', 'rescue');
			assert.deepStrictEqual(
				{ ...(await room.aftermath(before, verdicts)), main: room.git(room.home, 'rev-parse', 'main') },
				{ ...harmless, main: tip },
			);
		});
	});

	describe('reached for where an object is missing', () => {
		const remotes: readonly [string, (evil: string) => string][] = [
			['ext::', () => 'url = ext::CANARY\n'],
			['a path', (evil) => `url = ${join(evil, 'other')}\n`],
			['file://', (evil) => `url = file://${join(evil, 'other')}\n`],
			['ssh', () => 'url = ssh://nowhere.invalid/x\n'],
			['https', () => 'url = https://127.0.0.1:9/x\n'],
			['an option', () => 'url = --upload-pack=CANARY\n'],
			['a helper', () => 'url = canary::x\n'],
			['vcs', () => 'vcs = canary\n\turl = x\n'],
		];
		for (const [name, line] of remotes) {
			it(`asks no promisor remote at ${name}`, async () => {
				await room.add();
				room.write('big.txt', 'wanted\n');
				const tip = room.commitAll();
				const blob = room.git(room.evil, 'rev-parse', `${tip}:big.txt`);
				room.git(room.evil, 'clone', '-q', '--bare', '--template=', '.', 'other');
				room.git(room.evil, 'config', 'core.repositoryFormatVersion', '1');
				const program = room.canary.command('promisor');
				room.configure(
					`[extensions]\n\tpartialClone = far\n[remote "far"]\n\tpromisor = true\n\tpartialclonefilter = blob:none\n\tuploadpack = ${program}\n\t${line(room.evil).replace('CANARY', program)}[core]\n\tsshCommand = ${program}\n\taskPass = ${program}\n[credential]\n\thelper = !${program}\n[protocol]\n\tallow = always\n`,
				);
				room.canary.script(join(room.evil, 'git-remote-canary'), 'helper');
				const object = join(room.evil, '.git/objects', blob.slice(0, 2), blob.slice(2));
				rmSync(object);
				room.write('big.txt', 'changed\n');
				const before = room.portrait();
				const [branch] = await room.attack('branch');
				assert.deepStrictEqual(
					{ ...(await room.aftermath(before, [])), outcome: branch!.outcome },
					{ ...harmless, outcome: 'failed' },
				);
				assert.match(branch!.words, /missing|corrupt|partial clone/);
			});
		}
	});
});
