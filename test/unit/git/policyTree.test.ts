import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { defaultLimits } from '../../../src/core/config/limits.js';
import { createTreeScanner } from '../../../src/core/git/inspectScan.js';
import { visitTree } from '../../../src/core/git/inspectTree.js';

const scan = createTreeScanner({ limits: defaultLimits, oidBytes: 20, trees: new Map(), bigBlobs: new Map() });
const codesOf = (bytes: Buffer): string[] => scan('0'.repeat(40), bytes).faults.map((fault) => fault.code);

const name = fc.uint8Array({ minLength: 1, maxLength: 12 }).map((bytes) => bytes.filter((byte) => byte !== 0));
const entry = fc
	.tuple(
		fc.constantFrom('100644', '100755', '120000', '40000', '160000'),
		name,
		fc.uint8Array({ minLength: 20, maxLength: 20 }),
	)
	.map(([mode, bytes, oid]) => Buffer.concat([Buffer.from(`${mode} `), bytes, Buffer.from([0]), oid]));

describe('reading a tree', () => {
	it('ends for any bytes, and says where they are no tree', () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
				let visited = 0;
				const damage = visitTree(Buffer.from(bytes), 20, () => {
					visited += 1;
				});
				const node = scan('0'.repeat(40), Buffer.from(bytes));
				assert.strictEqual(
					node.faults.some((fault) => fault.code === 'fsck'),
					damage !== null,
				);
				assert.ok(visited * 23 <= bytes.length);
			}),
			{ seed: 20, numRuns: 3000 },
		);
	});

	it('gives every entry of a tree, and calls it damaged wherever it is cut', () => {
		fc.assert(
			fc.property(fc.array(entry, { minLength: 1, maxLength: 6 }), fc.nat(), (entries, seed) => {
				const bytes = Buffer.concat(entries);
				const read: Buffer[] = [];
				const whole = visitTree(bytes, 20, (mode, entryName, oidAt) => {
					read.push(
						Buffer.concat([
							Buffer.from(`${mode.toString(8)} `),
							Buffer.from(entryName, 'latin1'),
							Buffer.from([0]),
							bytes.subarray(oidAt, oidAt + 20),
						]),
					);
				});
				assert.deepStrictEqual([whole, Buffer.concat(read)], [null, bytes]);
				const ends = new Set(entries.map((_, index) => Buffer.concat(entries.slice(0, index)).length));
				const cut = seed % bytes.length;
				assert.strictEqual(codesOf(bytes.subarray(0, cut)).includes('fsck') || ends.has(cut), true);
			}),
			{ seed: 21, numRuns: 1000 },
		);
	});
});
