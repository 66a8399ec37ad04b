import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { attributeDrivers, installScripts } from '../../../src/core/git/policyBlob.js';
import { moduleByteFaults, moduleFaults } from '../../../src/core/git/policyModules.js';

describe('blob policy', () => {
	it('lists the scripts that an install runs', () => {
		const scripts = {
			preinstall: 'a',
			install: 'b',
			postinstall: 'c',
			prepare: 'd',
			build: 'e',
			preparex: 'f',
			prepublish: '',
		};
		assert.deepStrictEqual(installScripts(Buffer.from(JSON.stringify({ scripts }))), [
			'preinstall: a',
			'install: b',
			'postinstall: c',
			'prepare: d',
		]);
	});

	it('reads JSON after a byte order mark, and takes words for scripts where it is no JSON', () => {
		const json = '{"scripts":{"prepare":"x"}}';
		assert.deepStrictEqual(
			[installScripts(Buffer.from(`\ufeff${json}`)), installScripts(Buffer.from(`// ${json}`))],
			[['prepare: x'], ['prepare: (the file is not JSON)']],
		);
	});

	it('lists the drivers that are not built into git', () => {
		const text =
			'* filter=lfs diff=lfs merge=lfs -text\r\n#x filter=y\n"a b" diff=python\n[attr]z merge=mine\nfilter=x\n';
		assert.deepStrictEqual(attributeDrivers(Buffer.from(text)), ['filter=lfs', 'diff=lfs', 'merge=lfs', 'merge=mine']);
	});

	it('takes ordinary submodules', () => {
		const urls = [
			'https://h/x.git',
			'git@h:x/y.git',
			'../x.git',
			'./x',
			'ssh://git@h:22/x',
			'git://h/x',
			'/srv/x.git',
			'https://[::1]/x',
		];
		const faulty = urls.filter((url) => moduleFaults([['submodule.a/b.c.url', url]]).length > 0);
		assert.deepStrictEqual([faulty, moduleFaults([['submodule.a..b.path', 'a..b/c']])], [[], []]);
	});

	it('reads only what belongs to a submodule', () => {
		assert.deepStrictEqual(
			moduleFaults([
				['core.url', '-x'],
				['submodule.recurse', '-x'],
			]),
			[],
		);
	});

	it('sees a control character wherever it hides', () => {
		const control = fc.constantFrom('\r', '\u0001', '\u001b', '\u007f', '\n');
		fc.assert(
			fc.property(fc.string(), control, fc.string(), fc.constantFrom('path', 'url', 'ignore'), (a, c, b, variable) => {
				assert.ok(moduleFaults([[`submodule.x.${variable}`, a + c + b]]).length > 0);
			}),
			{ seed: 3, numRuns: 500 },
		);
		assert.deepStrictEqual(
			[moduleByteFaults(Buffer.from('a\r\nb\tc')), moduleByteFaults(Buffer.from('a\rb')).length],
			[[], 1],
		);
	});

	it('never fails', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 200 }), (raw) => {
				const bytes = Buffer.from(raw);
				return Array.isArray([installScripts(bytes), attributeDrivers(bytes), moduleByteFaults(bytes)]);
			}),
			{ seed: 4, numRuns: 1000 },
		);
		fc.assert(
			fc.property(fc.json(), (json) => Array.isArray(installScripts(Buffer.from(`{"scripts":${json}}`)))),
			{ seed: 5, numRuns: 500 },
		);
	});
});
