import { deepStrictEqual, notStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { engineFixture, type EngineFixture } from '../support/engineFixture.js';

describe('the capture of a session', () => {
	let fixture: EngineFixture;
	beforeEach(async () => {
		fixture = await engineFixture();
		await fixture.add('alpha', fixture.session);
	});
	afterEach(() => fixture.dispose());

	it('holds changed, deleted, new and odd files as they are', async () => {
		const { session, write } = fixture;
		await write(session, {
			'base.txt': 'changed\n',
			'sp ace': 'space\n',
			'new\nline': 'newline\n',
			'-dash': 'dash\n',
			'd/e/f.txt': 'deep\n',
			empty: '',
			'crlf.txt': 'a\r\nb\r\n',
		});
		await rm(join(session, 'shared.txt'));
		await write(session, { 'run.sh': '#!/bin/sh\n' });
		await chmod(join(session, 'run.sh'), 0o755);
		await symlink('/etc/passwd', join(session, 'link'));
		execFileSync('sh', ['-c', 'printf latin > "$(printf \'b\\377d\')"'], { cwd: session });
		strictEqual((await fixture.sync('alpha')).outcome, 'synced');
		deepStrictEqual(await fixture.captured('alpha'), {
			'-dash': '100644 dash',
			'base.txt': '100644 changed',
			'b\ufffdd': '100644 latin',
			'crlf.txt': '100644 a\r\nb\r',
			'd/e/f.txt': '100644 deep',
			empty: '100644 ',
			link: '120000 /etc/passwd',
			'new\nline': '100644 newline',
			'run.sh': '100755 #!/bin/sh',
			'sp ace': '100644 space',
		});
	});

	it('keeps what is staged apart from what is in the files', async () => {
		const { session, write, git, home } = fixture;
		await write(session, { 'base.txt': 'staged\n', 'added.txt': 'added\n' });
		await git(session, 'add', '-A');
		await write(session, { 'base.txt': 'edited after\n' });
		await fixture.sync('alpha');
		const { capture } = await fixture.newest('alpha');
		strictEqual(await git(home, 'show', `${capture!.oid}:base.txt`), 'edited after');
		strictEqual(await git(home, 'show', `${capture!.oid}^2:base.txt`), 'staged');
		strictEqual(await git(home, 'show', `${capture!.oid}^2:added.txt`), 'added');
	});

	it('keeps every stage of a merge that is open, and the bytes of the index', async () => {
		const { session, git, commit, home, write } = fixture;
		await git(session, 'checkout', '-q', '-b', 'side');
		await commit(session, 'side', { 'base.txt': 'side\n' });
		await git(session, 'checkout', '-q', 'main');
		await commit(session, 'ours', { 'base.txt': 'ours\n' });
		await git(session, 'merge', 'side').catch(() => undefined);
		await write(session, { 'announced.txt': 'later\n' });
		await git(session, 'add', '-N', 'announced.txt');
		const result = await fixture.sync('alpha');
		strictEqual(result.outcome, 'synced');
		ok(result.warnings.some((warning) => warning.code === 'session-busy'));
		const { capture } = await fixture.newest('alpha');
		deepStrictEqual((await git(home, 'ls-tree', '-r', '--name-only', `${capture!.oid}^2`)).split('\n'), [
			'index',
			'stages/1/base.txt',
			'stages/2/base.txt',
			'stages/3/base.txt',
		]);
		strictEqual(await git(home, 'show', `${capture!.oid}:announced.txt`), 'later');
	});

	it('is the same for the same state, and gone with the changes', async () => {
		await fixture.write(fixture.session, { 'base.txt': 'changed\n' });
		await fixture.sync('alpha');
		const first = await fixture.homeport.ledger('local/alpha');
		strictEqual((await fixture.sync('alpha')).outcome, 'up-to-date');
		deepStrictEqual(await fixture.homeport.ledger('local/alpha'), first);
		await fixture.git(fixture.session, 'checkout', '-q', '--', 'base.txt');
		await fixture.sync('alpha');
		strictEqual((await fixture.newest('alpha')).capture, null);
		strictEqual(await fixture.git(fixture.home, 'show', `${first[0]!.capture!.oid}:base.txt`), 'changed');
	});

	it('sees an edit of the same size, in the same second, with the old time put back', async () => {
		const { session } = fixture;
		const path = join(session, 'base.txt');
		await fixture.sync('alpha');
		for (let round = 0; round < 5; round += 1) {
			const text = `bas${round}\n`;
			await writeFile(path, text);
			await fixture.sync('alpha');
			strictEqual((await fixture.captured('alpha'))['base.txt'], `100644 ${text.trim()}`);
		}
		const times = await stat(path);
		await writeFile(path, 'basX\n');
		await utimes(path, times.atime, times.mtime);
		await fixture.sync('alpha');
		strictEqual((await fixture.captured('alpha'))['base.txt'], '100644 basX');
	});

	it('takes what the session told git to overlook', async () => {
		const { session, git, write } = fixture;
		await git(session, 'update-index', '--assume-unchanged', 'base.txt');
		await git(session, 'update-index', '--skip-worktree', 'shared.txt');
		await write(session, { 'base.txt': 'overlooked\n', 'shared.txt': 'skipped\n' });
		await fixture.sync('alpha');
		deepStrictEqual(await fixture.captured('alpha'), {
			'base.txt': '100644 overlooked',
			'shared.txt': '100644 skipped',
		});
	});

	it('leaves a sparse checkout sparse: files that are not there are not deleted', async () => {
		const { session, git, commit, write } = fixture;
		await commit(session, 'folders', { 'in/a.txt': 'a\n', 'out/b.txt': 'b\n' });
		await git(session, 'sparse-checkout', 'set', 'in');
		await write(session, { 'in/a.txt': 'changed\n' });
		await fixture.sync('alpha');
		deepStrictEqual(await fixture.captured('alpha'), {
			'base.txt': '100644 base',
			'in/a.txt': '100644 changed',
			'out/b.txt': '100644 b',
			'shared.txt': '100644 shared',
		});
	});

	it('leaves out what looks like a credential and what is too large, and lists both', async () => {
		const { session, write, home } = fixture;
		await write(home, {
			'.claude/sync/sync-config.json': JSON.stringify({
				homeport: { capture: { maxFileBytes: 1000, credentials: ['wanted.pem'], ignored: ['kept.log'] } },
			}),
		});
		await write(session, {
			'.env': 'SECRET=1\n',
			'sub/.env.local': 'SECRET=2\n',
			id_rsa: 'key\n',
			'wanted.pem': 'public\n',
			'large.bin': 'x'.repeat(2000),
			'.gitignore': '*.log\n',
			'kept.log': 'log\n',
			'other.log': 'log\n',
		});
		await fixture.sync('alpha');
		deepStrictEqual(Object.keys(await fixture.captured('alpha')), [
			'.gitignore',
			'base.txt',
			'kept.log',
			'shared.txt',
			'wanted.pem',
		]);
		deepStrictEqual((await fixture.newest('alpha')).missing, [
			{ name: '.env', reason: 'looks-like-credentials', size: 9 },
			{ name: 'id_rsa', reason: 'looks-like-credentials', size: 4 },
			{ name: 'large.bin', reason: 'too-large', size: 2000 },
			{ name: 'sub/.env.local', reason: 'looks-like-credentials', size: 9 },
		]);
		strictEqual(await fixture.git(home, 'log', '--all', '--format=%h', '-S', 'SECRET'), '');
	});

	it('lists nested repositories and does not take their commits for the session', async () => {
		const { session, git, commit } = fixture;
		await git(session, 'init', '-q', 'nested');
		await commit(join(session, 'nested'), 'N', { n: 'n\n' });
		await fixture.write(session, { 'base.txt': 'changed\n' });
		await fixture.sync('alpha');
		deepStrictEqual((await fixture.newest('alpha')).missing, [
			{ name: 'nested/', reason: 'nested-repository', size: null },
		]);
		deepStrictEqual(Object.keys(await fixture.captured('alpha')), ['base.txt', 'shared.txt']);
	});

	it('lists submodules, whatever they hold, and runs nothing of theirs', async () => {
		const { session, git, commit, folder } = fixture;
		const library = join(folder, 'library');
		await git(folder, 'init', '-q', library);
		await commit(library, 'L', { l: 'l\n' });
		await git(session, '-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', library, 'lib');
		await commit(session, 'with a submodule');
		const canary = join(folder, 'canary');
		await git(join(session, 'lib'), 'config', 'core.fsmonitor', `touch '${canary}'`);
		await fixture.write(session, { 'lib/l': 'changed\n', 'base.txt': 'changed\n' });
		await fixture.sync('alpha');
		deepStrictEqual((await fixture.newest('alpha')).missing, [
			{ name: 'lib', reason: 'nested-repository', size: null },
		]);
		strictEqual((await fixture.captured('alpha'))['base.txt'], '100644 changed');
		await rejects(stat(canary), { code: 'ENOENT' });
	});

	it('writes nothing under the .git of the session', async () => {
		const { session, git, write } = fixture;
		await write(session, { 'base.txt': 'changed\n', 'new.txt': 'new\n' });
		await git(session, 'stash', 'push', '-q', '-u');
		await write(session, { 'base.txt': 'again\n' });
		const listing = (): string =>
			execFileSync(
				'sh',
				['-c', "find .git -type f -exec sha256sum {} + | sort -k2; find .git -printf '%p %T@ %m\\n' | sort"],
				{
					cwd: session,
					encoding: 'utf8',
				},
			);
		const before = listing();
		await fixture.sync('alpha');
		await fixture.homeport.status([await fixture.homeport.find('alpha')]);
		strictEqual(listing(), before);
	});

	it('counts a file with a filter as changed only when the session changed it, and never runs the filter', async () => {
		const { session, git, commit, write } = fixture;
		await git(session, 'config', 'filter.upper.clean', 'tr a-z A-Z');
		await git(session, 'config', 'filter.upper.smudge', 'tr A-Z a-z');
		await write(session, { '.gitattributes': '*.up filter=upper\n', 'a.up': 'text\n', 'b.up': 'text\n' });
		// Older than the index, or git itself would look at the content to be sure.
		await utimes(join(session, 'a.up'), 1_700_000_000, 1_700_000_000);
		await commit(session, 'filtered');
		await write(session, { 'b.up': 'other\n' });
		await fixture.sync('alpha');
		const files = await fixture.captured('alpha');
		deepStrictEqual([files['a.up'], files['b.up']], ['100644 TEXT', '100644 other']);
	});

	it('marks a session that does not hold still, and misses nothing of what it holds afterwards', async () => {
		const { session } = fixture;
		const stop = new AbortController();
		const writing = (async () => {
			for (let count = 0; !stop.signal.aborted; count += 1) {
				await writeFile(join(session, `busy-${count % 50}.txt`), `${count}\n`);
			}
		})();
		await fixture.sync('alpha');
		stop.abort();
		await writing;
		const last = await fixture.sync('alpha');
		ok(!last.warnings.some((warning) => warning.code === 'not-quiet'));
		notStrictEqual((await fixture.captured('alpha'))['busy-0.txt'], undefined);
	});
});
