import { deepStrictEqual, rejects, strictEqual } from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { chmod, lstat, mkdir, readdir, readFile, readlink, rm, symlink, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { SyncRequest } from '../../src/core/model/plan.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

const accepted = ['merge-worked-on'];

describe('a merge that was dropped', () => {
	let fixture: EngineFixture;
	let ours: string;
	let theirs: string;

	beforeEach(async () => {
		fixture = await engineFixture(async ({ home, git, write }) => {
			await git(home, 'config', 'user.name', 'Somebody');
			await git(home, 'config', 'user.email', 'somebody@example.org');
			// What git converts has to come back as it was, too.
			await write(home, { '.gitattributes': '*.crlf text eol=crlf\n', 'kept.txt': 'kept\n', 'other.txt': 'other\n' });
		});
		await fixture.add('alpha', fixture.session);
		const { home, session, commit } = fixture;
		theirs = await commit(session, 'A1', {
			'base.txt': 'theirs\n',
			'shared.txt': 'theirs\n',
			'new.crlf': 'a\r\nb\r\n',
		});
		ours = await commit(home, 'H1', { 'base.txt': 'ours\n', 'shared.txt': 'ours\n' });
	});
	afterEach(() => fixture.dispose());

	const open = async (more: Partial<SyncRequest> = {}): Promise<{ path: string; operation: string }> => {
		const result = await fixture.sync('alpha', ['merge-conflict'], { strategy: 'merge', ...more });
		return { path: result.opened!, operation: result.operation! };
	};
	const drop = (operation: string | null): Promise<string> =>
		fixture.homeport.undo(operation, { accepted }).then((result) => result.operation!);
	const files = async (folder: string, at = ''): Promise<string[]> => {
		const entries = await readdir(join(folder, at), { withFileTypes: true });
		const found = entries.map(async (entry) => {
			const path = join(at, entry.name);
			const info = await lstat(join(folder, path));
			if (entry.isDirectory()) {
				return files(folder, path);
			}
			const content = entry.isSymbolicLink()
				? await readlink(join(folder, path))
				: await readFile(join(folder, path), 'latin1');
			return path === '.git' ? [] : [`${path} ${(info.mode & 0o100111).toString(8)} ${JSON.stringify(content)}`];
		});
		return (await Promise.all(found)).flat().sort();
	};
	/** All that is in a working tree, as git and as the file system tell it. */
	const stateOf = async (path: string): Promise<unknown> => ({
		head: await fixture.git(path, 'rev-parse', 'HEAD'),
		other: await fixture.git(path, 'rev-parse', '-q', '--verify', 'MERGE_HEAD').catch(() => null),
		index: await fixture.git(path, 'ls-files', '-s'),
		status: await fixture.git(path, 'status', '--porcelain', '-uall'),
		files: await files(path),
	});

	const works: Readonly<Record<string, (path: string) => Promise<unknown>>> = {
		'that nobody touched': async () => undefined,
		'that was half settled': async (path) => {
			await fixture.write(path, { 'base.txt': 'both\n' });
			await fixture.git(path, 'add', 'base.txt');
			await fixture.write(path, { 'shared.txt': 'half done\n', 'notes/untracked.txt': 'my notes\n' });
		},
		'that was settled by deleting': async (path) => {
			await fixture.git(path, 'rm', '-q', '-f', 'base.txt', 'new.crlf');
			await unlink(join(path, 'kept.txt'));
		},
		'that was settled and not committed': async (path) => {
			await fixture.write(path, { 'base.txt': 'both\n', 'shared.txt': 'both\n' });
			await fixture.git(path, 'add', '-A');
		},
		'in which other things were changed': async (path) => {
			await unlink(join(path, 'other.txt'));
			await symlink('base.txt', join(path, 'other.txt'));
			await chmod(join(path, 'kept.txt'), 0o755);
			await fixture.write(path, { 'mixed.crlf': 'a\nb\r\n', '-odd "name"': 'odd\n' });
			await rm(join(path, 'new.crlf'));
			await fixture.write(path, { 'new.crlf/inside': 'a folder now\n' });
		},
		'that was committed by hand': async (path) => {
			await fixture.write(path, { 'base.txt': 'both\n', 'shared.txt': 'both\n' });
			await fixture.git(path, 'commit', '-qam', 'By hand');
			await fixture.write(path, { 'base.txt': 'and more\n' });
		},
	};
	for (const [name, work] of Object.entries(works)) {
		it(`is open again after a redo, as one ${name}`, async () => {
			const { home, git, homeport } = fixture;
			const { path, operation } = await open();
			await work(path);
			const before = await stateOf(path);
			const dropped = await drop(operation);
			strictEqual(existsSync(path), false);
			const refs = await git(home, 'for-each-ref', 'refs/heads');
			const planned = await homeport.undo(dropped, { accepted: [], dryRun: true });
			deepStrictEqual([planned.kind, planned.outcome, existsSync(path)], ['redo', 'planned', false]);
			const redone = await homeport.undo(dropped, { accepted: [] });
			deepStrictEqual([redone.kind, redone.outcome, redone.opened], ['redo', 'done', path]);
			deepStrictEqual(await stateOf(path), before);
			strictEqual(await git(home, 'for-each-ref', 'refs/heads'), refs);
			const waiting = (await homeport.operations()).filter(({ isOpen }) => isOpen);
			deepStrictEqual(
				waiting.map(({ id }) => id),
				[redone.operation],
			);
		});
	}

	it('can be continued, with the words that it was opened with, and that can be undone', async () => {
		const { home, git, homeport } = fixture;
		const { path, operation } = await open();
		await works['that was settled and not committed']!(path);
		await homeport.undo(await drop(operation), { accepted: [] });
		const done = await homeport.continueMerge(null, { accepted: [] });
		deepStrictEqual(
			[done.outcome, existsSync(path), await git(home, 'log', '-1', '--format=%P|%s', 'main')],
			['done', false, `${ours} ${theirs}|Merge branch 'main' of session 'alpha' into main`],
		);
		await homeport.undo(null, { accepted: [] });
		strictEqual(await git(home, 'rev-parse', 'main'), ours);
	});

	it('can be dropped and opened again, over and over, and each time what was done since is kept', async () => {
		const { homeport, write } = fixture;
		const { path, operation } = await open();
		let opening = operation;
		const droppings: string[] = [];
		for (const text of ['one\n', 'two\n', 'three\n']) {
			await write(path, { 'base.txt': text });
			const refused = await homeport.undo(opening, { accepted: [] });
			deepStrictEqual([refused.outcome, refused.warnings.map(({ code }) => code)], ['refused', accepted]);
			droppings.push(await drop(opening));
			await rejects(homeport.continueMerge(null, { accepted: [] }), { code: 'usage' });
			opening = (await homeport.undo(droppings.at(-1)!, { accepted: [] })).operation!;
			strictEqual(await readFile(join(path, 'base.txt'), 'utf8'), text);
		}
		// One that is open is not opened again.
		await rejects(homeport.undo(droppings.at(-1)!, { accepted: [] }), { code: 'nothing-to-undo' });
		// The newest that can be taken back is the last redo.
		strictEqual((await homeport.undo(null, { accepted })).undoes, opening);
		strictEqual(existsSync(path), false);
	});

	it('is not written over what stands in its place, and nothing is left where that fails', async () => {
		const { home, git, homeport } = fixture;
		const { path, operation } = await open();
		const dropped = await drop(operation);
		await mkdir(path);
		await rejects(homeport.undo(dropped, { accepted: [] }), { code: 'changed-meanwhile' });
		deepStrictEqual(await readdir(path), []);
		await rm(path, { recursive: true });
		const undone = await homeport.undo(dropped, { accepted: [] });
		deepStrictEqual([undone.outcome, (await git(home, 'worktree', 'list')).split('\n').length], ['done', 2]);
	});

	it('is not half open where a redo was cut off: the next command takes it back, and it can be redone', async () => {
		const { home, git, homeport } = fixture;
		const { path, operation } = await open();
		await works['that was half settled']!(path);
		const before = await stateOf(path);
		const dropped = await drop(operation);
		await homeport.undo(dropped, { accepted: [] });
		// As if nobody had come to write down its end.
		await git(home, 'update-ref', 'refs/homeport/operations', 'refs/homeport/operations^');
		await rejects(homeport.continueMerge(null, { accepted: [] }), { code: 'usage' });
		const [last] = await homeport.operations();
		deepStrictEqual([existsSync(path), last!.kind, last!.state], [false, 'redo', 'rolled-back']);
		await homeport.undo(dropped, { accepted: [] });
		deepStrictEqual(await stateOf(path), before);
	});

	it('is a rebase again, as far as its first conflict', async () => {
		const { git, homeport, write } = fixture;
		await fixture.commit(fixture.session, 'A2', { 'shared.txt': 'theirs again\n' });
		const { path, operation } = await open({ rebase: true });
		await write(path, { 'base.txt': 'both\n', 'shared.txt': 'half done\n' });
		await git(path, 'add', 'base.txt');
		const before = await stateOf(path);
		const again = await homeport.undo(await drop(operation), { accepted: [] });
		deepStrictEqual(await stateOf(path), before);
		await git(path, 'add', '-A');
		await git(path, '-c', 'core.editor=true', 'rebase', '--continue').catch(() => undefined);
		await write(path, { 'shared.txt': 'of the second commit\n' });
		const further = await drop(again.operation);
		await rejects(homeport.undo(further, { accepted: [] }), { code: 'not-supported' });
		deepStrictEqual([existsSync(path), (await git(fixture.home, 'worktree', 'list')).split('\n').length], [false, 1]);
		const [last] = await homeport.operations();
		deepStrictEqual([last!.kind, last!.state], ['redo', 'rolled-back']);
	});
});
