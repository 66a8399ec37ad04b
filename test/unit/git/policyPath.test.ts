import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { isDotGit, judgeLink, judgeName } from '../../../src/core/git/policyPath.js';

const bytes = (text: string): string => Buffer.from(text).toString('latin1');
const codes = (text: string): string[] => judgeName(bytes(text)).faults.map((fault) => fault.code);

describe('path policy', () => {
	it('knows every spelling of .git, whatever surrounds it', () => {
		const ignorable = fc.constantFrom('', '\u200c', '\u200d', '\u200e', '\u202a', '\u206f', '\ufeff');
		const letters = fc.tuple(fc.constantFrom('g', 'G'), fc.constantFrom('i', 'I'), fc.constantFrom('t', 'T'));
		const tail = fc.constantFrom('', '.', ' ', ' . ', ':x', '::$INDEX_ALLOCATION', '.:$DATA');
		fc.assert(
			fc.property(letters, fc.array(ignorable, { minLength: 5, maxLength: 5 }), tail, ([g, i, t], gaps, end) => {
				const name = `${gaps[0]}.${gaps[1]}${g}${gaps[2]}${i}${gaps[3]}${t}${gaps[4]}${end}`;
				assert.ok(codes(name).includes('dot-git-entry'), JSON.stringify(name));
			}),
			{ seed: 1, numRuns: 500 },
		);
	});

	it('leaves ordinary names alone', () => {
		const names = [
			'.gitignore',
			'.github',
			'git',
			'.gitx',
			'a.git',
			'x.git.d',
			'git~',
			'git~x',
			'README.md',
			'a b',
			'.a..b',
		];
		names.push(
			'console.log',
			'nullable.ts',
			'com10',
			'auxiliary',
			'con-x',
			'\u00fcber.md',
			'[id].tsx',
			'@x+y~1',
			'...',
			'-x',
		);
		const flagged = names.filter((name) => codes(name).length > 0);
		assert.deepStrictEqual(flagged, ['...']);
	});

	it('never fails, and folds a folded name to itself', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 40 }), (raw) => {
				const { folded } = judgeName(Buffer.from(raw).toString('latin1'));
				const again = judgeName(bytes(folded)).folded;
				assert.ok(folded.startsWith('\0') || again === folded || folded.includes('\0'));
			}),
			{ seed: 2, numRuns: 3000 },
		);
	});

	it('folds what macOS and Windows take for one name', () => {
		const pairs: readonly (readonly [string, string])[] = [
			['Makefile', 'makefile'],
			['caf\u00e9', 'CAFE\u0301'],
			['\u00c5', 'A\u030a'],
			['a\u200cb', 'ab'],
		];
		for (const [one, other] of pairs) {
			assert.strictEqual(judgeName(bytes(one)).folded, judgeName(bytes(other)).folded);
		}
		assert.notStrictEqual(judgeName('\xff').folded, judgeName('\xfe').folded);
	});

	it('knows .gitmodules by the names that NTFS and HFS+ give it', () => {
		const names = [
			'.gitmodules',
			'.GitModules',
			'.gitmodules ',
			'GITMOD~1',
			'gitmod~4',
			'GI7EBA~1',
			'gi7eb~12',
			'~1234567',
		];
		names.push('.git\u200cmodules', '.gitmodules::$DATA');
		const others = ['gitmodules', '.gitmodules.bak', 'gitmod~5', 'gi7eba~0', 'gi7ebax~1'];
		assert.deepStrictEqual(
			[...names, ...others].filter((name) => judgeName(bytes(name)).isModules),
			names,
		);
	});

	it('follows the target of a link by its words', () => {
		const rows: readonly (readonly [string, number | null, boolean])[] = [
			['x', 0, false],
			['../x', 0, true],
			['../x', 1, false],
			['../../x', 1, true],
			['a/../../x', 0, true],
			['a/..//./b', 0, false],
			['..', 1, false],
			['../x', null, true],
			['x/../..', null, true],
			['/x', 5, true],
			['\\\\host\\x', 5, true],
			['..\\x', 0, true],
			['c:x', 0, true],
			['a/.GIT/x', 0, true],
			['', 0, false],
			[bytes('\ufeff/x'), 0, false],
		];
		assert.deepStrictEqual(
			rows.map(([target, depth]) => [target, depth, judgeLink(target, depth) !== null]),
			rows,
		);
	});

	it('sees .git in every part', () => {
		assert.deepStrictEqual(
			['a/.git', 'a\\.git\\b', 'a/git~1', 'a/b', '.gitx/a'].map((text) => isDotGit(text)),
			[true, true, true, false, false],
		);
	});
});
