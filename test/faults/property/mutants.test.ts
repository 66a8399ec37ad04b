import { strict as assert } from 'node:assert';
import { mutants } from '../../support/mutants.js';
import { bundleWorker, removeWorkers, runGivenSequences } from '../../support/model/runWorker.js';

describe('deliberate bugs', function () {
	this.timeout(180_000);
	after(removeWorkers);

	it('none is found where none was put in', async () => {
		const worker = await bundleWorker('sound');
		const all = mutants.flatMap(({ sequences }) => sequences.slice(0, 1));
		assert.deepStrictEqual(await runGivenSequences(worker, all), { failure: null });
	});

	for (const { name, edits, sequences } of mutants) {
		it(`${name} is found`, async () => {
			const worker = await bundleWorker(name, edits);
			const { failure } = await runGivenSequences(worker, sequences);
			assert.match(String(failure), /\nViolation: /);
		});
	}
});
