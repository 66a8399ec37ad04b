import { strict as assert } from 'node:assert';
import { type Short, sequenceOf } from '../../support/model/directed.js';
import { bundleWorker, removeWorkers, runGivenSequences } from '../../support/model/runWorker.js';

const alpha = 0;
const commitAlpha: Short = ['alpha', 'commit', 0, 0.4, 0.5, 0.1];
const syncAlpha: Short = ['homeport', 'sync', alpha, 0, 0.1];
const editAlpha: Short = ['alpha', 'edit', 0, 0.01, 0.5, 0.9];

const cases: Readonly<Record<string, readonly Short[]>> = {
	'a working tree from which files were only deleted is captured': [
		['alpha', 'edit', 0.857, 0.251, 0.1, 0.9],
		['homeport', 'rescue', alpha],
	],
	'an untracked file with a control character in its name is captured': [
		['alpha', 'edit', 0.01, 0.9, 0.5, 0.9],
		['homeport', 'rescue', alpha],
	],
	'operations are still known after a forget that dropped commits of theirs': [
		['home', 'commit', 0, 0, 0, 0.9],
		commitAlpha,
		syncAlpha,
		['homeport', 'undo', 0, 0.9],
		['homeport', 'forget', alpha],
	],
	'an undo that needs a forgotten commit says so': [
		commitAlpha,
		syncAlpha,
		['homeport', 'undo', 0, 0.9],
		['homeport', 'forget', alpha],
		['home', 'expire-and-gc'],
		['homeport', 'undo-older', 0, 0],
	],
	'an index whose note is that of another tree is not believed': [['homeport', 'torn-index', alpha]],
	'a lock left on the operation log does not block': [syncAlpha, commitAlpha, ['homeport', 'stale-lock', alpha, 0]],
	'a lock left on a ledger does not block': [syncAlpha, commitAlpha, ['homeport', 'stale-lock', alpha, 0.4]],
	"a lock left on a session's ref does not block": [syncAlpha, editAlpha, ['homeport', 'stale-lock', alpha, 0.9]],
};

describe('sequences that once broke the promise', function () {
	this.timeout(120_000);
	let worker: string;
	before(async () => {
		worker = await bundleWorker('regressions');
	});
	after(removeWorkers);

	for (const [name, commands] of Object.entries(cases)) {
		it(name, async () => {
			assert.deepStrictEqual(await runGivenSequences(worker, [sequenceOf(...commands)]), { failure: null });
		});
	}
});
