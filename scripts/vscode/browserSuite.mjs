import { globSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Mocha from 'mocha';
import { startBrowserServer } from './browser.mjs';
import { startServer } from './server.mjs';

/**
 * Runs the bundled tests in the folder `tests` over a server and a Chromium that it starts, with the extension from `vsix`
 * or as it was built; returns the exit code. The tests find them in HOMEPORT_TEST_SERVER, HOMEPORT_TEST_SERVER_HOME and
 * HOMEPORT_TEST_BROWSER, and the package in HOMEPORT_TEST_VSIX.
 */
export async function runBrowserSuite({ report, grep, out, tests, vsix }) {
	const server = await startServer({ underTest: false, vsix });
	const browser = await startBrowserServer();
	process.env.HOMEPORT_TEST_SERVER = server.origin;
	process.env.HOMEPORT_TEST_SERVER_HOME = server.home;
	process.env.HOMEPORT_TEST_BROWSER = browser.wsEndpoint();
	process.env.HOMEPORT_TEST_VSIX = vsix ?? '';
	try {
		const mocha = new Mocha({ ui: 'bdd', timeout: 120_000, ...(grep === undefined ? {} : { grep }) });
		for (const file of globSync(`test/${tests}/**/*.test.js`, { cwd: out })) {
			mocha.addFile(join(out, file));
		}
		const { passes, failures, pending } = await new Promise((resolve) => {
			const runner = mocha.run(() => resolve(runner.stats));
		});
		writeFileSync(report, JSON.stringify({ passes, failures, pending }));
		return failures === 0 ? 0 : 1;
	} finally {
		await browser.close();
		await server.stop();
	}
}
