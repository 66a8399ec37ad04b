import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format } from 'node:util';
import Mocha from 'mocha';

/** What VS Code calls in its extension host; rejects where a test failed. */
export async function run(): Promise<void> {
	const grep = process.env['HOMEPORT_TEST_GREP'];
	// Marked, so that the runner outside tells the suite's lines from the window's.
	Mocha.reporters.Base.consoleLog = (...args: readonly unknown[]) => {
		for (const line of format(...args).split('\n')) {
			console.log(`suite: ${line}`);
		}
	};
	const mocha = new Mocha({ ui: 'bdd', timeout: 60_000, ...(grep === undefined ? {} : { grep }) });
	for (const file of globSync('*.test.js', { cwd: __dirname }).toSorted()) {
		mocha.addFile(join(__dirname, file));
	}
	const { passes, failures, pending } = await new Promise<Mocha.Stats>((resolve) => {
		const runner = mocha.run(() => resolve(runner.stats!));
	});
	const report = process.env['HOMEPORT_TEST_REPORT'];
	if (report !== undefined) {
		writeFileSync(report, JSON.stringify({ passes, failures, pending }));
	}
	if (failures > 0) {
		throw new Error(`${failures} of ${passes + failures} failed`);
	}
}
