const { writeFileSync } = require('node:fs');
const Mocha = require('mocha');

const { EVENT_RUN_END, EVENT_TEST_FAIL, EVENT_TEST_PASS, EVENT_TEST_PENDING } = Mocha.Runner.constants;

/**
 * Prints what `spec` prints, and keeps the counts and what failed in the file named by the option `report`. They are
 * written after every test, so that a run that crashes or is ended still tells how far it came.
 */
module.exports = class CountingReporter extends Mocha.reporters.Spec {
	constructor(runner, options) {
		super(runner, options);
		const { report } = options.reporterOptions;
		const failed = [];
		const write = (ended) => {
			const { passes, failures, pending } = runner.stats;
			writeFileSync(report, JSON.stringify({ passes, failures, pending, ended, failed }));
		};
		runner.on(EVENT_TEST_FAIL, (test, error) => {
			failed.push(`${test.fullTitle()}\n${String(error.stack ?? error).slice(0, 2000)}`);
		});
		for (const event of [EVENT_TEST_PASS, EVENT_TEST_FAIL, EVENT_TEST_PENDING]) {
			runner.on(event, () => write(false));
		}
		runner.once(EVENT_RUN_END, () => write(true));
	}
};
