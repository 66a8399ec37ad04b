import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { defaultLimits, type Limits } from '../../src/core/config/limits.js';
import { inspect } from '../../src/core/git/inspect.js';
import { InspectionRoom, ObjectSet, type Content, type Entry, type Folder } from '../support/hostileObjects.js';

type Row = readonly [code: string, level: string, path: string];

describe('inspection', () => {
	const room = new InspectionRoom();
	after(() => room.dispose());

	async function found(objects: ObjectSet, limits: Partial<Limits> = {}, tips: readonly string[] = []): Promise<Row[]> {
		const { git, indexes } = room.receive(objects);
		const findings = await inspect(git, indexes, tips, { ...defaultLimits, ...limits });
		return findings.map(({ code, level, path }): Row => [code, level, path]);
	}

	/** What inspection finds in one commit with this tree. */
	async function foundIn(content: Folder | ((objects: ObjectSet) => string), limits?: Partial<Limits>): Promise<Row[]> {
		const objects = new ObjectSet();
		objects.commit(typeof content === 'function' ? content(objects) : objects.folder(content));
		return found(objects, limits);
	}

	const entry = (mode: string, name: string | Buffer, content = 'x'): ((objects: ObjectSet) => string) => {
		return (objects) => objects.tree([{ mode, name, oid: objects.blob(content) }]);
	};

	describe('names that are never written', () => {
		const dotGit = [
			'.git',
			'.GIT',
			'git~1',
			'GIT~1',
			'.git ',
			'.git. .',
			'.git::$INDEX_ALLOCATION',
			'.g\u200cit',
			'\ufeff.Git',
			'.git\u200f',
			'sub\\.git',
			'.git\\hooks',
			'a\\git~1\\x',
			'sub/.git',
		];
		for (const name of dotGit) {
			it(`${JSON.stringify(name)} for .git`, async () => {
				const blocking = (await foundIn(entry('100644', name))).filter((row) => row[1] === 'block');
				assert.deepStrictEqual(blocking[0]?.slice(0, 2), ['dot-git-entry', 'block']);
			});
		}
		for (const name of ['..', '.', '', 'a/b', '/', '..\\x', 'a\\..\\..\\b']) {
			it(JSON.stringify(name), async () => {
				const codes = (await foundIn(entry('100644', name))).map((row) => `${row[0]} ${row[1]}`);
				assert.ok(codes.includes('unsafe-path block'), codes.join());
			});
		}
		it('a folder of such a name, and a submodule', async () => {
			assert.deepStrictEqual(await foundIn({ a: { b: { '.Git': { config: 'x' } } } }), [
				['dot-git-entry', 'block', 'a/b/.Git'],
			]);
			assert.deepStrictEqual(await foundIn(entry('160000', '.git')), [['dot-git-entry', 'block', '.git']]);
		});
	});

	describe('modes and shapes of trees', () => {
		const rows: readonly (readonly [string, (objects: ObjectSet) => string, readonly Row[]])[] = [
			['a submodule', entry('160000', 'module'), []],
			['the group-writable mode of old histories', entry('100664', 'a'), []],
			['a mode of nothing that git knows', entry('100600', 'a'), [['fsck', 'block', 'a']]],
			['a device', entry('60000', 'a'), [['fsck', 'block', 'a']]],
			['a mode with a zero before it', entry('0100644', 'a'), [['fsck', 'warn', '']]],
			['a mode that is no number', entry('10x644', 'a'), [['fsck', 'block', '']]],
			['no mode', entry('', 'a'), [['fsck', 'block', '']]],
			[
				'one name twice',
				(o) => o.tree([1, 2].map((n) => ({ mode: '100644', name: 'a', oid: o.blob(`${n}`) }))),
				[['fsck', 'block', 'a']],
			],
			['a tree cut in an oid', (o) => o.rawTree(Buffer.from('100644 a\0abc')), [['fsck', 'block', '']]],
			['a tree cut in a name', (o) => o.rawTree(Buffer.from('100644 abc')), [['fsck', 'block', '']]],
		];
		for (const [name, build, expected] of rows) {
			it(name, async () => {
				assert.deepStrictEqual(await foundIn(build), expected);
			});
		}
		it('a tree in the pack that no commit names, by its oid', async () => {
			const objects = new ObjectSet();
			const tree = objects.folder({ a: { '.git': 'x' } });
			assert.deepStrictEqual(await found(objects), [['dot-git-entry', 'block', `${tree}:a/.git`]]);
		});
		it('a link in such a tree, which lies nobody knows how deep', async () => {
			const objects = new ObjectSet();
			const tree = objects.folder({ a: { l: { link: '../x' } } });
			assert.deepStrictEqual(await found(objects), [['symlink-outside', 'warn', `${tree}:a/l`]]);
		});
		it('a tip that is not there', async () => {
			const objects = new ObjectSet();
			objects.commit(objects.folder({ a: 'x' }));
			const oid = '1'.repeat(40);
			assert.deepStrictEqual(await found(objects, {}, [oid]), [['object-missing', 'block', oid]]);
		});
	});

	describe('caps', () => {
		it('objects', async () => {
			assert.deepStrictEqual(await foundIn({ a: '1', b: '2' }, { objects: 3 }), [['too-many-objects', 'block', '']]);
			assert.deepStrictEqual(await foundIn({ a: '1', b: '2' }, { objects: 4 }), []);
		});
		it('a blob of zeros that is small on the wire', async () => {
			const zeros = Buffer.alloc(32 * 1024 * 1024);
			assert.deepStrictEqual(await foundIn({ d: { zeros, small: 'x' } }, { blobBytes: 16 * 1024 * 1024 }), [
				['blob-too-large', 'block', 'd/zeros'],
			]);
		});
		it('a large blob that no tree names', async () => {
			const objects = new ObjectSet();
			const oid = objects.blob('12345678');
			assert.deepStrictEqual(await found(objects, { blobBytes: 7 }), [['blob-too-large', 'block', oid]]);
		});
		it('a tree of 200,000 entries', async () => {
			const build = (objects: ObjectSet): string => {
				const oid = objects.blob('x');
				const entries = Array.from({ length: 200_000 }, (_, n): Entry => ({ mode: '100644', name: `f${n}`, oid }));
				return objects.tree([{ mode: '40000', name: 'many', oid: objects.tree(entries) }]);
			};
			assert.deepStrictEqual(await foundIn(build), [['tree-too-large', 'block', 'many']]);
		});
		it('entries, beyond which nothing of the tree is looked at', async () => {
			const folder = { a: '1', b: '2', c: { '.envrc': 'x' }, 'x:y': '3' };
			assert.deepStrictEqual(await foundIn(folder, { treeEntries: 3 }), [
				['tree-too-large', 'block', ''],
				['runs-on-open', 'warn', 'c/.envrc'],
			]);
		});
		it('a tree whose listing alone is too large to be read', async () => {
			const objects = new ObjectSet();
			const oid = objects.blob('x');
			const entries = Array.from({ length: 40 }, (_, n): Entry => ({
				mode: '100644',
				name: `${n}`.padEnd(200, 'f'),
				oid,
			}));
			const tree = objects.tree(entries);
			objects.commit(tree);
			assert.deepStrictEqual(await found(objects, { treeEntries: 20 }), [['tree-too-large', 'block', tree]]);
		});
		it('a tree bomb of ten levels', async () => {
			const objects = new ObjectSet();
			const tree = bomb(objects, 10, 10);
			objects.commit(tree);
			assert.deepStrictEqual(await found(objects), [['too-many-files', 'block', tree]]);
		});
		it('a tree bomb beyond any number', async () => {
			const objects = new ObjectSet();
			const tree = bomb(objects, 200, 10);
			objects.commit(tree);
			assert.deepStrictEqual(await found(objects), [['too-many-files', 'block', tree]]);
		});
		it('a path of 4,000 folders', async () => {
			const codes = (await foundIn((objects) => nested(objects, 4000))).map(([code, level]) => `${code} ${level}`);
			assert.deepStrictEqual(codes, ['path-too-deep block', 'path-too-long block']);
		});
		it('a path of 20,000 folders', async () => {
			const codes = (await foundIn((objects) => nested(objects, 20_000))).map(([code, level]) => `${code} ${level}`);
			assert.deepStrictEqual(codes, ['path-too-deep block', 'path-too-long block']);
		});
		it('a long name', async () => {
			const name = 'n'.repeat(256);
			assert.deepStrictEqual(await foundIn({ d: { [name]: 'x' } }), [['path-too-long', 'block', `d/${name}`]]);
		});
		it('what must be kept in memory', async () => {
			const build = (objects: ObjectSet): string => {
				const oid = objects.blob('x');
				const links = Array.from({ length: 70_000 }, (_, n): Entry => ({ mode: '120000', name: `l${n}`, oid }));
				const folders = ['a', 'b', 'c'].map((name): Entry => {
					return { mode: '40000', name, oid: objects.tree([...links, { mode: '100644', name: `z${name}`, oid }]) };
				});
				return objects.tree(folders);
			};
			assert.deepStrictEqual(await foundIn(build), [['inspection-incomplete', 'block', '']]);
		});
		it('time', async () => {
			assert.deepStrictEqual(await foundIn({ a: 'x' }, { seconds: 0 }), [['inspection-incomplete', 'block', '']]);
		});
		it('findings of one code', async () => {
			const folder = Object.fromEntries(Array.from({ length: 25 }, (_, n) => [`d${n}`, { '.envrc': `${n}` }]));
			const rows = await foundIn(folder);
			assert.deepStrictEqual([rows.length, rows[20]], [21, ['runs-on-open', 'warn', '…']]);
		});
		it('is cancelled by the signal', async () => {
			const objects = new ObjectSet();
			objects.commit(objects.folder({ a: 'x' }));
			const { git, indexes } = room.receive(objects);
			await assert.rejects(inspect(git, indexes, [], defaultLimits, AbortSignal.abort()), { code: 'cancelled' });
		});
	});

	describe('submodules', () => {
		const blocked: readonly (readonly [string, string])[] = [
			['name', '[submodule "../../x"]\n\tpath = a\n\turl = https://h/x\n'],
			['name with a backslash', '[submodule "a\\\\..\\\\x"]\n\tpath = a\n'],
			['url option', '[submodule "a"]\n\turl = -uupload\n'],
			['path option', '[submodule "a"]\n\tpath = --x\n\turl = https://h/x\n'],
			['command on update', '[submodule "a"]\n\tupdate = !touch x\n\turl = https://h/x\n'],
			['ext::', '[submodule "a"]\n\turl = "ext::sh -c true"\n'],
			['fd::', '[submodule "a"]\n\turl = fd::17\n'],
			['any helper', '[submodule "a"]\n\turl = x-y::z\n'],
			['ssh option in the host', '[submodule "a"]\n\turl = ssh://-oProxyCommand=x/y\n'],
			['carriage return in the path', '[submodule "a"]\n\tpath = "sub\r"\n\turl = https://h/x\n'],
			['newline in the url', '[submodule "a"]\n\turl = "https://h/x\\ny"\n'],
			['encoded newline in the url', '[submodule "a"]\n\turl = https://h%0ax/y\n'],
			['relative url without a host', '[submodule "a"]\n\turl = ../../:8080/x\n'],
			['path out of the tree', '[submodule "a"]\n\tpath = ../x\n'],
			['path in .git', '[submodule "a"]\n\tpath = .git/modules\n'],
			['carriage return in a comment', '# x\ry\n[submodule "a"]\n\tpath = a\n'],
		];
		for (const [name, content] of blocked) {
			it(name, async () => {
				assert.deepStrictEqual(await foundIn({ '.gitmodules': content }), [
					['gitmodules-unsafe', 'block', '.gitmodules'],
				]);
			});
		}
		it('under a name that some file system takes for .gitmodules', async () => {
			const rows = await foundIn({ 'GITMOD~1': '[submodule "a"]\n\tupdate = !x\n' });
			assert.deepStrictEqual(rows, [['gitmodules-unsafe', 'block', 'GITMOD~1']]);
		});
		it('does not follow includes', async () => {
			writeFileSync(join(room.folder, 'included'), '[submodule "b"]\n\tupdate = !x\n');
			const include = `[include]\n\tpath = ${room.folder}/included\n[submodule "a"]\n\tpath = a\n\turl = ../b\n`;
			assert.deepStrictEqual(await foundIn({ '.gitmodules': include }), []);
		});
		it('lets ordinary ones in, with line ends of Windows too', async () => {
			const content =
				'[submodule "libs/a"]\r\n\tpath = libs/a\r\n\turl = git@example.com:x/a.git\r\n\tbranch = main\r\n';
			assert.deepStrictEqual(await foundIn({ '.gitmodules': content }), []);
		});
		it('warns of a file that git cannot parse', async () => {
			assert.deepStrictEqual(await foundIn({ '.gitmodules': '[submodule' }), [
				['gitmodules-unsafe', 'warn', '.gitmodules'],
			]);
		});
		it('blocks what is too large to be read', async () => {
			const content = '#'.repeat(2 * 1024 * 1024);
			assert.deepStrictEqual(await foundIn({ '.gitmodules': content }), [
				['gitmodules-unsafe', 'block', '.gitmodules'],
			]);
		});
		it('blocks a symbolic link', async () => {
			assert.deepStrictEqual(await foundIn({ '.gitmodules': { link: 'x' } }), [
				['gitmodules-symlink', 'block', '.gitmodules'],
			]);
		});
	});

	describe('what a file system or a link makes of a tree', () => {
		const rows: readonly (readonly [string, Folder, readonly Row[]])[] = [
			['absolute link', { a: { link: '/etc/passwd' } }, [['symlink-outside', 'warn', 'a']]],
			['link with a drive', { a: { link: 'C:\\x' } }, [['symlink-outside', 'warn', 'a']]],
			['link out of the tree', { d: { a: { link: '../../x' } } }, [['symlink-outside', 'warn', 'd/a']]],
			['link within the tree', { d: { a: { link: '../x' } }, x: 'x' }, []],
			['link into .git', { a: { link: '.git/hooks' } }, [['symlink-outside', 'warn', 'a']]],
			['case clash', { d: { Readme: '1', readme: '2' } }, [['case-clash', 'warn', 'd/readme']]],
			['Unicode clash', { 'caf\u00e9': '1', 'cafe\u0301': '2' }, [['case-clash', 'warn', 'caf\u00e9']]],
			[
				'clash of a folder with a link into .git',
				{ A: { 'post-checkout': 'x' }, a: { link: '.git/hooks' } },
				[
					['case-clash', 'block', 'a'],
					['case-clash', 'warn', 'a'],
					['symlink-outside', 'warn', 'a'],
				],
			],
			[
				'device of Windows',
				{ 'aux.txt': 'x', CON: 'x' },
				[
					['windows-name', 'warn', 'CON'],
					['windows-name', 'warn', 'aux.txt'],
				],
			],
			['dot at the end', { 'a.': 'x' }, [['windows-name', 'warn', 'a.']]],
			['stream of NTFS', { 'a:b': 'x' }, [['windows-name', 'warn', 'a:b']]],
			['backslash', { 'a\\b': 'x' }, [['windows-name', 'warn', 'a\\b']]],
			['escape sequence', { 'a\u001b[2J': 'x' }, [['windows-name', 'warn', 'a\ufffd[2J']]],
			['bidirectional override', { '.envrc\u202e': 'x' }, [['runs-on-open', 'warn', '.envrc\ufffd']]],
			[
				'bare repository',
				{ d: { HEAD: 'ref: x', config: '[core]', objects: { a: 'x' }, refs: { a: 'x' } } },
				[['embedded-repository', 'warn', 'd']],
			],
			['folders named refs and objects alone', { d: { objects: { a: 'x' }, refs: { a: 'x' } } }, []],
		];
		for (const [name, folder, expected] of rows) {
			it(name, async () => {
				assert.deepStrictEqual(await foundIn(folder), expected);
			});
		}
		it('blocks a clash where home does not tell case apart', async () => {
			assert.deepStrictEqual(await foundIn({ A: '1', a: '2' }, { ignoreCase: true }), [['case-clash', 'block', 'a']]);
		});
		it('takes names that are not UTF-8', async () => {
			assert.deepStrictEqual(await foundIn(entry('100644', Buffer.from([0x61, 0xff, 0xfe]))), [
				['windows-name', 'warn', 'a\ufffd\ufffd'],
			]);
		});
	});

	describe('files that run', () => {
		const rows: readonly (readonly [string, Content, string])[] = [
			['.vscode/tasks.json', '{}', 'runs-on-open'],
			['.vscode/settings.json', '{}', 'runs-on-open'],
			['.VSCode/Launch.json', '{}', 'runs-on-open'],
			['app/.vscode/extensions.json', '{}', 'runs-on-open'],
			['x.code-workspace', '{}', 'runs-on-open'],
			['.idea/workspace.xml', 'x', 'runs-on-open'],
			['.idea/runConfigurations/a/b.xml', 'x', 'runs-on-open'],
			['sub/.envrc', 'x', 'runs-on-open'],
			['.devcontainer/a/devcontainer.json', 'x', 'runs-on-open'],
			['.devcontainer.json', 'x', 'runs-on-open'],
			['.claude/settings.local.json', 'x', 'runs-on-open'],
			['.claude/hooks/a.sh', 'x', 'runs-on-open'],
			['.mcp.json', 'x', 'runs-on-open'],
			['.cursor/mcp.json', 'x', 'runs-on-open'],
			['.husky/pre-commit', 'x', 'runs-on-checkout'],
			['.githooks/post-checkout', 'x', 'runs-on-checkout'],
			['.husky', { link: 'elsewhere' }, 'runs-on-checkout'],
			['.pre-commit-config.yaml', 'x', 'runs-on-checkout'],
			['package.json', '{"scripts":{"postinstall":"x"}}', 'runs-on-install'],
			['package.json', '\ufeff{"scripts":{"prepare":"x"}}', 'runs-on-install'],
			['package.json', '{ // c\n"scripts":{"install": "x"}}', 'runs-on-install'],
			['package.json', { link: 'other.json' }, 'runs-on-install'],
			['.npmrc', 'x', 'runs-on-install'],
			['.yarnrc.yml', 'x', 'runs-on-install'],
			['.pnpmfile.cjs', 'x', 'runs-on-install'],
			['a/setup.py', 'x', 'runs-on-install'],
			['conftest.py', 'x', 'runs-on-install'],
			['crate/build.rs', 'x', 'runs-on-install'],
			['.cargo/config.toml', 'x', 'runs-on-install'],
			['.github/workflows/ci.yml', 'x', 'runs-on-push'],
			['.gitlab-ci.yml', 'x', 'runs-on-push'],
			['.gitattributes', '*.bin filter=lfs -text\n', 'attributes-driver'],
			['d/.gitattributes', '[attr]x merge=mine\n', 'attributes-driver'],
			['.lfsconfig', 'x', 'lfs-config'],
		];
		for (const [path, content, code] of rows) {
			it(`${path} ${JSON.stringify(content)}`, async () => {
				assert.deepStrictEqual(await foundIn(at(path, content)), [[code, 'warn', path]]);
			});
		}
		const harmless: readonly (readonly [string, Content])[] = [
			['.vscode/snippets.json', '{}'],
			['tasks.json', '{}'],
			['.github/CODEOWNERS', 'x'],
			['.claude/CLAUDE.md', 'x'],
			['CLAUDE.md', 'x'],
			['Makefile', 'x'],
			['package.json', '{"scripts":{"build":"x","test":"y","prepared":"z"}}'],
			['package.json', '{"scripts":["postinstall"]}'],
			['package.json', 'null'],
			['.gitattributes', '* text=auto\n# a filter=x\n*.py diff=python\nx merge=union\n*.png binary\n'],
		];
		for (const [path, content] of harmless) {
			it(`says nothing of ${path} ${JSON.stringify(content)}`, async () => {
				assert.deepStrictEqual(await foundIn(at(path, content)), []);
			});
		}
		it('finds the folder that is in two places under two names', async () => {
			const rows = await foundIn((objects) => {
				const oid = objects.folder({ 'tasks.json': 'x' });
				return objects.tree(['.vscode', 'docs', 'z'].map((name): Entry => ({ mode: '40000', name, oid })));
			});
			assert.deepStrictEqual(rows, [['runs-on-open', 'warn', '.vscode/tasks.json']]);
		});
	});
});

function at(path: string, content: Content): Folder {
	const [first, ...rest] = path.split('/');
	return { [first!]: rest.length === 0 ? content : at(rest.join('/'), content) };
}

function bomb(objects: ObjectSet, levels: number, width: number): string {
	let oid = objects.tree([{ mode: '100644', name: 'f', oid: objects.blob('x') }]);
	for (let level = 0; level < levels; level++) {
		const child = oid;
		oid = objects.tree(Array.from({ length: width }, (_, n): Entry => ({ mode: '40000', name: `d${n}`, oid: child })));
	}
	return oid;
}

function nested(objects: ObjectSet, depth: number): string {
	let oid = objects.tree([{ mode: '100644', name: 'f', oid: objects.blob('x') }]);
	for (let level = 0; level < depth; level++) {
		oid = objects.tree([{ mode: '40000', name: `d${level}`, oid }]);
	}
	return oid;
}
