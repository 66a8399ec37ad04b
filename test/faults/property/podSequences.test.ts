import { strict as assert } from 'node:assert';
import { bundleWorker, removeWorkers, runSeeds } from '../../support/model/runWorker.js';

const sequences = process.env['HOMEPORT_LONG'] === '1' ? 500 : 8;

describe('everything ever observed in a pod stays reachable', function () {
	this.timeout(0);
	after(removeWorkers);

	it(`over ${sequences} random sequences with streams that are cut, slow or refused, and pods that are replaced`, async () => {
		const worker = await bundleWorker('pods');
		const { ran, failures } = await runSeeds(worker, 'pods', 1, sequences, 1);
		const told = failures.map(({ failure, shrunk }) => `${failure}\n\nwith less:\n${shrunk}`);
		assert.deepStrictEqual({ ran, failures: told }, { ran: sequences, failures: [] });
	});
});
