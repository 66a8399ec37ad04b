import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { bundleWorker, removeWorkers, runSeeds } from '../../support/model/runWorker.js';

const isLong = process.env['HOMEPORT_LONG'] === '1';
const sequences = Number(process.env['HOMEPORT_SEQUENCES'] ?? (isLong ? 10_000 : 100));
const firstSeed = 1;
const workers = 2;
const report = 'docs/reliability.md';

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
			writeReport(ran, failures.length);
		}
		const told = failures.map(({ failure, shrunk }) => `${failure}\n\nwith less:\n${shrunk}`);
		assert.deepStrictEqual({ ran, failures: told }, { ran: sequences, failures: [] });
	});
});

/** Writes the figures of a long run between the markers of the report. */
function writeReport(ran: number, failures: number): void {
	const figures = [
		'<!-- figures -->',
		'',
		'| sequences | failures | seeds | date |',
		'| ---: | ---: | --- | --- |',
		`| ${ran} | ${failures} | ${firstSeed} to ${firstSeed + sequences - 1} | ${new Date().toISOString().slice(0, 10)} |`,
		'',
		'<!-- /figures -->',
	].join('\n');
	const text = readFileSync(report, 'utf8');
	writeFileSync(report, text.replace(/<!-- figures -->[^]*<!-- \/figures -->/, figures));
}
