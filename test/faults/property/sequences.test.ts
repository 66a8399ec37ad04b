import { strict as assert } from 'node:assert';
import { recordLongRun } from '../../support/longFigures.js';
import { bundleWorker, removeWorkers, runSeeds } from '../../support/model/runWorker.js';

const isLong = process.env['HOMEPORT_LONG'] === '1';
const sequences = Number(process.env['HOMEPORT_SEQUENCES'] ?? (isLong ? 10_000 : 100));
const firstSeed = Number(process.env['HOMEPORT_FIRST_SEED'] ?? 1);
const workers = 2;

describe('everything ever observed stays reachable', function () {
	this.timeout(0);
	after(removeWorkers);

	it(`over ${sequences} random sequences of edits, syncs, undos, forgets, collections and kills`, async () => {
		const worker = await bundleWorker('property');
		const share = (index: number): number => Math.floor((sequences - index + workers - 1) / workers);
		const results = await Promise.all(
			Array.from({ length: workers }, (_, index) => runSeeds(worker, 'here', firstSeed + index, share(index), workers)),
		);
		const ran = results.reduce((sum, result) => sum + result.ran, 0);
		const failures = results.flatMap((result) => result.failures);
		if (isLong) {
			recordLongRun({
				what: `random sequences, seeds ${firstSeed} to ${firstSeed + sequences - 1}`,
				amount: ran,
				result: failures.length === 0 ? 'nothing lost, nothing changed unasked' : `${failures.length} failed`,
			});
		}
		const told = failures.map(({ failure, shrunk }) => `${failure}\n\nwith less:\n${shrunk}`);
		assert.deepStrictEqual({ ran, failures: told }, { ran: sequences, failures: [] });
	});
});
