import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { markedRegions, parseMerge } from '../../../src/core/git/mergedTree.js';
import { pickSide } from '../../../src/core/git/resolveConflicts.js';

const [tree, one, two] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];

describe('the output of git merge-tree', () => {
	it('is read with its stages and messages, whatever the names are', () => {
		const output = [
			tree,
			`100644 ${one} 1\todd\nname`,
			`100755 ${two} 2\todd\nname`,
			'',
			'1',
			'odd\nname',
			'CONFLICT (modify/delete)',
			'CONFLICT (modify/delete): odd\n',
			'2',
			'a',
			'b',
			'CONFLICT (rename/rename)',
			'two names\n',
			'',
		].join('\0');
		assert.deepStrictEqual(parseMerge(Buffer.from(output, 'latin1'), false), {
			tree,
			clean: false,
			stages: [
				{ mode: '100644', oid: one, stage: 1, path: 'odd\nname' },
				{ mode: '100755', oid: two, stage: 2, path: 'odd\nname' },
			],
			messages: [
				{ paths: ['odd\nname'], kind: 'CONFLICT (modify/delete)', text: 'CONFLICT (modify/delete): odd' },
				{ paths: ['a', 'b'], kind: 'CONFLICT (rename/rename)', text: 'two names' },
			],
		});
	});

	it('of a clean merge is a tree alone', () => {
		assert.deepStrictEqual(parseMerge(Buffer.from(`${tree}\0`), true), { tree, clean: true, stages: [], messages: [] });
	});
});

describe('conflict markers', () => {
	const marked = 'a\n<<<<<<< x\n1\n=======\n2\n>>>>>>> y\nb\n<<<<<<< x\n=======\n3\n>>>>>>> y\n';

	it('give the lines of each conflict', () => {
		assert.deepStrictEqual(markedRegions(marked), [
			{ first: 2, last: 6 },
			{ first: 8, last: 11 },
		]);
	});

	it('give the lines of one side', () => {
		assert.deepStrictEqual(
			[pickSide(marked, 'ours', 7, false), pickSide(marked, 'theirs', 7, true), pickSide('a\n', 'ours', 7, false)],
			['a\n1\nb\n', 'a\n2\nb\n3', null],
		);
	});

	it('of another size are lines like any other', () => {
		const line = fc.constantFrom('x\n', '<<<<<<< a\n', '=======\n', '>>>>>>> b\n', '<'.repeat(41) + ' a\n');
		fc.assert(
			fc.property(fc.array(line), fc.array(line), fc.array(line), fc.array(line), (before, ours, theirs, after) => {
				const text = (lines: readonly string[]): string => lines.join('');
				const [open, middle, close] = ['<', '=', '>'].map((sign) => sign.repeat(60)) as [string, string, string];
				const file = `${text(before)}${open} a\n${text(ours)}${middle}\n${text(theirs)}${close} b\n${text(after)}`;
				assert.equal(pickSide(file, 'ours', 60, false), text([...before, ...ours, ...after]));
				assert.equal(pickSide(file, 'theirs', 60, false), text([...before, ...theirs, ...after]));
			}),
			{ seed: 5, numRuns: 300 },
		);
	});
});
