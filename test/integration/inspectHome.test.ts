import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { defaultLimits, type Limits } from '../../src/core/config/limits.js';
import { inspect } from '../../src/core/git/inspect.js';
import { fsckFindings } from '../../src/core/git/inspectFsck.js';
import { InspectionRoom, ObjectSet, type Folder } from '../support/hostileObjects.js';

type Row = readonly [code: string, level: string, path: string];

/** A tree that shows something under every rule which compares with home. */
const suspicious: Folder = {
	'.vscode': { 'tasks.json': '{}' },
	'.github': { workflows: { 'ci.yml': 'x' } },
	'.gitmodules': '[submodule "a"]\n\turl = ext::x\n',
	'.gitattributes': '* filter=lfs\n',
	'package.json': '{"scripts":{"prepare":"x"},"version":"1"}',
	src: { 'aux.c': 'x', A: '1', a: '2', 'git~1': 'x', out: { link: '/x' }, [`n${'n'.repeat(255)}`]: 'x' },
	bare: { HEAD: 'x', refs: { a: 'x' }, objects: { a: 'x' } },
};

describe('inspection against home', () => {
	let room: InspectionRoom;
	beforeEach(() => {
		room = new InspectionRoom();
	});
	afterEach(() => room.dispose());

	async function found(objects: ObjectSet, limits: Partial<Limits> = {}): Promise<Row[]> {
		const { git, indexes } = room.receive(objects);
		const findings = await inspect(git, indexes, [], { ...defaultLimits, ...limits });
		return findings.map(({ code, level, path }): Row => [code, level, path]);
	}

	/** Puts a commit into home and gives its oid. */
	function homeCommit(folder: Folder, parents: readonly string[] = []): string {
		const objects = new ObjectSet();
		const commit = objects.commit(objects.folder(folder), parents);
		room.takeHome(objects);
		return commit;
	}

	const changed: Folder = {
		...suspicious,
		'.vscode': { ...(suspicious['.vscode'] as Folder), 'snippets.json': 'new' },
		'.github': { workflows: { 'ci.yml': 'x' }, CODEOWNERS: 'new' },
		'.gitattributes': '* filter=lfs\n# new\n',
		'.gitmodules': '[submodule "a"]\n\turl = ext::y\n',
		'package.json': '{"scripts":{"prepare":"x"},"version":"2"}',
		src: { ...(suspicious['src'] as Folder), new: 'new' },
		bare: { ...(suspicious['bare'] as Folder), new: 'new' },
	};

	it('tells nothing that home has in the same place, though every tree and file around it is rewritten', async () => {
		const base = homeCommit(suspicious);
		const objects = new ObjectSet();
		objects.commit(objects.folder(changed), [base]);
		assert.deepStrictEqual(await found(objects), []);
	});

	it('tells all of it where home has no such history', async () => {
		const objects = new ObjectSet();
		objects.commit(objects.folder(changed));
		assert.deepStrictEqual((await found(objects)).map((row) => row[0]).sort(), [
			'attributes-driver',
			'case-clash',
			'dot-git-entry',
			'embedded-repository',
			'gitmodules-unsafe',
			'path-too-long',
			'runs-on-install',
			'runs-on-open',
			'runs-on-push',
			'symlink-outside',
			'windows-name',
		]);
	});

	it('tells nothing of commits that are sent again', async () => {
		const objects = new ObjectSet();
		const base = objects.commit(objects.folder(suspicious));
		room.takeHome(objects);
		objects.commit(objects.folder(changed), [base]);
		assert.deepStrictEqual(await found(objects), []);
	});

	it('tells nothing of a folder that home has, in a history without a commit of home', async () => {
		homeCommit({ d: { 'aux.c': 'x' } });
		const objects = new ObjectSet();
		objects.commit(objects.folder({ other: { d: { 'aux.c': 'x' } } }));
		assert.deepStrictEqual(await found(objects), []);
	});

	it('tells a file that home has put away and that the session brings back', async () => {
		const objects = new ObjectSet();
		const first = objects.commit(objects.folder({ '.envrc': 'x', a: 'a' }));
		const second = objects.commit(objects.folder({ a: 'a' }), [first]);
		room.takeHome(objects);
		objects.commit(objects.folder({ '.envrc': 'x', a: 'b' }), [second]);
		assert.deepStrictEqual(await found(objects), [['runs-on-open', 'warn', '.envrc']]);
	});

	it('tells what the session changed of it', async () => {
		const base = homeCommit(suspicious);
		const objects = new ObjectSet();
		const folder: Folder = {
			...suspicious,
			'.vscode': { 'tasks.json': '{"new":1}' },
			'.gitattributes': '* filter=lfs\n* diff=new\n',
			'package.json': '{"scripts":{"prepare":"new"}}',
			src: { ...(suspicious['src'] as Folder), out: { link: '/new' }, 'con.c': 'x' },
		};
		objects.commit(objects.folder(folder), [base]);
		assert.deepStrictEqual(await found(objects), [
			['windows-name', 'warn', 'src/con.c'],
			['runs-on-open', 'warn', '.vscode/tasks.json'],
			['symlink-outside', 'warn', 'src/out'],
			['attributes-driver', 'warn', '.gitattributes'],
			['runs-on-install', 'warn', 'package.json'],
		]);
	});

	it('tells a file or folder of home that now stands where it runs', async () => {
		const base = homeCommit({ 'notes.txt': '{"tasks":[]}', docs: { 'tasks.json': 'x' }, f: { x: 'x' } });
		const objects = new ObjectSet();
		const folder = objects.folder({ 'notes.txt': '{"tasks":[]}', docs: { 'tasks.json': 'x' }, f: { x: 'x' } });
		const tree = objects.folder({
			a: { '.vscode': { 'tasks.json': '{"tasks":[]}' } },
			b: { '.vscode': { 'tasks.json': 'x' } },
			'.husky': { x: 'x' },
			link: { link: '{"tasks":[]}' },
		});
		objects.commit(tree, [base]);
		const known = new ObjectSet();
		known.folder({ 'notes.txt': '{"tasks":[]}', docs: { 'tasks.json': 'x' }, f: { x: 'x' } });
		objects.omit([folder, known.blob('{"tasks":[]}'), known.blob('x'), known.folder({ 'tasks.json': 'x' })]);
		objects.omit([known.folder({ x: 'x' })]);
		assert.deepStrictEqual(await found(objects), [
			['runs-on-checkout', 'warn', '.husky'],
			['runs-on-open', 'warn', 'b/.vscode'],
			['runs-on-open', 'warn', 'a/.vscode/tasks.json'],
		]);
	});

	it('tells nothing of known files in a history without a commit of home', async () => {
		homeCommit({ '.envrc': 'x', '.vscode': { 'tasks.json': 'y' } });
		const objects = new ObjectSet();
		objects.commit(objects.folder({ '.envrc': 'x', '.vscode': { 'tasks.json': 'y' }, new: 'new' }));
		objects.omit([objects.blob('x'), objects.blob('y'), objects.folder({ 'tasks.json': 'y' })]);
		assert.deepStrictEqual(await found(objects), []);
	});

	it('does not take a hostile path to git when it compares', async () => {
		const base = homeCommit({ a: 'x' });
		const objects = new ObjectSet();
		const bad = objects.folder({ CON: 'x' });
		objects.commit(objects.tree(['..', '.', 'a\nb', ':x', '@{1}'].map((name) => ({ mode: '40000', name, oid: bad }))), [
			base,
		]);
		const other = objects.folder({ './x': { 'aux.c': 'y' } });
		objects.commit(other, [base]);
		const codes = (await found(objects)).map((row) => `${row[0]} ${row[1]} ${row[2]}`);
		assert.ok(codes.includes('unsafe-path block ..') && codes.includes('windows-name warn ./x/aux.c'), codes.join());
	});

	it('counts nothing as known where the quarantine borrows nothing', async () => {
		const objects = new ObjectSet();
		objects.commit(objects.folder({ '.envrc': 'x' }));
		room.takeHome(objects);
		const { git, indexes } = room.receive(objects, false);
		assert.strictEqual((await inspect(git, indexes, [], defaultLimits)).length, 1);
	});

	it('finds nothing in an ordinary repository that is fetched by git', async () => {
		const source = join(room.folder, 'source');
		room.git(room.folder, ['clone', '-q', room.home, source]);
		for (let n = 0; n < 200; n++) {
			write(join(source, `src/part${n % 12}/deep/Module${n}.ts`), `export const n = ${n};\n`.repeat(n));
		}
		write(join(source, 'package.json'), JSON.stringify({ name: 'x', scripts: { build: 'tsc', test: 'mocha' } }));
		write(join(source, '.gitattributes'), '* text=auto eol=lf\n*.png binary\n*.ts diff=javascript\n');
		write(join(source, '.gitignore'), 'node_modules/\n');
		write(join(source, '.gitmodules'), '[submodule "m"]\n\tpath = m\n\turl = https://example.com/m.git\n');
		write(join(source, '.github/ISSUE_TEMPLATE/bug.md'), 'x\n');
		write(join(source, 'Makefile'), 'all:\n\ttrue\n');
		write(join(source, 'CLAUDE.md'), 'x\n');
		write(join(source, 'docs/\u00fcbersicht (neu).md'), 'x\n');
		write(join(source, 'bin/run.sh'), '#!/bin/sh\n');
		symlinkSync('../src/part1', join(source, 'docs/part'));
		room.git(source, ['add', '-A']);
		room.git(source, ['commit', '-qm', 'one']);
		for (let n = 0; n < 5; n++) {
			write(join(source, `src/part${n}/deep/Module${n}.ts`), `changed ${n}\n`);
			room.git(source, ['commit', '-qam', `change ${n}`]);
		}
		const path = room.quarantine();
		room.git(path, ['-c', 'fetch.unpackLimit=1', '-c', 'fetch.fsckObjects=true', 'fetch', '-q', source, 'HEAD']);
		const { git, indexes } = room.opened(path);
		const tip = room.git(source, ['rev-parse', 'HEAD']);
		assert.deepStrictEqual([indexes.length, await inspect(git, indexes, [tip], defaultLimits)], [1, []]);
	});

	it('reads a thin pack that git completed with objects of home', async () => {
		const text = 'a line of text that is long enough for a delta\n'.repeat(400);
		write(join(room.home, '.envrc'), text);
		write(join(room.home, 'd/.npmrc'), `${text}npm\n`);
		room.git(room.home, ['add', '-A']);
		room.git(room.home, ['commit', '-qm', 'one']);
		const source = join(room.folder, 'source');
		room.git(room.folder, ['clone', '-q', room.home, source]);
		write(join(source, 'd/.npmrc'), `${text}changed\n`);
		room.git(source, ['commit', '-qam', 'two']);
		const path = room.quarantine();
		room.git(path, ['-c', 'fetch.unpackLimit=1', 'fetch', '-q', source, 'HEAD']);
		const { git, indexes } = room.opened(path);
		const rows = await inspect(git, indexes, [], defaultLimits);
		assert.deepStrictEqual(
			rows.map((row) => row.path),
			['d/.npmrc'],
		);
	});

	it('reads a repository of SHA-256', async () => {
		const source = join(room.folder, 'sha256');
		room.git(room.folder, ['init', '-q', '--object-format=sha256', source]);
		write(join(source, 'd/.envrc'), 'x');
		room.git(source, ['add', '-A']);
		room.git(source, ['commit', '-qm', 'one']);
		room.git(source, ['gc', '-q']);
		const { git, indexes } = room.opened(join(source, '.git'));
		const rows = await inspect(git, indexes, [], defaultLimits);
		assert.deepStrictEqual(
			rows.map((row) => row.path),
			['d/.envrc'],
		);
	});

	describe("git's own fsck", () => {
		function complaint(objects: ObjectSet): string {
			try {
				room.git(room.quarantine(), ['index-pack', '--strict', '--stdin'], objects.pack());
			} catch (error) {
				return String((error as { stderr: Buffer }).stderr);
			}
			return '';
		}

		const rows: readonly (readonly [string, Folder, string])[] = [
			['.git', { '.git': 'x' }, 'dot-git-entry'],
			['..', { d: { '..': 'x' } }, 'unsafe-path'],
			['.gitmodules as a link', { '.gitmodules': { link: 'x' } }, 'gitmodules-symlink'],
			['a submodule that is an option', { '.gitmodules': '[submodule "a"]\n\turl = -u\n' }, 'gitmodules-unsafe'],
		];
		for (const [name, folder, code] of rows) {
			it(name, () => {
				const objects = new ObjectSet();
				objects.commit(objects.folder(folder));
				const stderr = complaint(objects);
				const findings = fsckFindings(stderr);
				// The line ends are gone where the text was made safe to show.
				const flattened = fsckFindings(stderr.trim().replaceAll('\n', '\ufffd'));
				assert.deepStrictEqual(
					[findings.map((finding) => [finding.code, finding.level]), flattened],
					[[[code, 'block']], findings],
				);
			});
		}
		it('gives a finding for any other end', () => {
			assert.deepStrictEqual(fsckFindings('fatal: something\u001b[2J new\n'), [
				{ code: 'fsck', level: 'block', path: '', detail: 'fatal: something\ufffd[2J new' },
			]);
			assert.deepStrictEqual(fsckFindings(''), [
				{ code: 'fsck', level: 'block', path: '', detail: 'git gave no reason' },
			]);
		});
		it('does not believe what the session says for git', () => {
			const line = `error: object ${'a'.repeat(40)}: hasDotgit: contains '.git'`;
			assert.deepStrictEqual(
				fsckFindings(`remote: ${line}\nfatal: early EOF\nremote: bye\n`).map((finding) => finding.detail),
				['fatal: early EOF'],
			);
		});
		it('lists no more than twenty', () => {
			const lines = Array.from({ length: 50 }, (_, n) => `error: object ${String(n).padStart(40, '0')}: badTree: x`);
			const findings = fsckFindings(lines.join('\n'));
			assert.deepStrictEqual([findings.length, findings.at(-1)?.detail], [21, 'and 30 more']);
		});
	});
});

function write(path: string, content: string): void {
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, content);
}
