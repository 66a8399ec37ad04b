import { strict as assert } from 'node:assert';
import { recordLongRun } from '../../support/longFigures.js';
import { bundleWorker, removeWorkers, runSeeds } from '../../support/model/runWorker.js';

const isLong = process.env['HOMEPORT_LONG'] === '1';
const sequences = Number(process.env['HOMEPORT_SEQUENCES'] ?? (isLong ? 500 : 8));
const firstSeed = Number(process.env['HOMEPORT_FIRST_SEED'] ?? 1);

describe('everything ever observed in a pod stays reachable', function () {
	this.timeout(0);
	after(removeWorkers);

	it(`over ${sequences} random sequences with streams that are cut, slow or refused, and pods that are replaced`, async () => {
		const worker = await bundleWorker('pods');
		const { ran, failures } = await runSeeds(worker, 'pods', firstSeed, sequences, 1);
		if (isLong) {
			recordLongRun({
				what: `random sequences in pods, with streams that are cut, slow or refused, and pods that are replaced; seeds ${firstSeed} to ${firstSeed + sequences - 1}`,
				amount: ran,
				result: failures.length === 0 ? 'nothing lost, nothing changed unasked' : `${failures.length} failed`,
			});
		}
		const told = failures.map(({ failure, shrunk }) => `${failure}\n\nwith less:\n${shrunk}`);
		assert.deepStrictEqual({ ran, failures: told }, { ran: sequences, failures: [] });
	});
});
