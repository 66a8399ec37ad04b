import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBrowser } from './browser.mjs';
import { root } from './install.mjs';
import { startServer } from './server.mjs';

const runLimitMs = 300_000;

// Lines of the suite begin with it; all others are the window's own.
const suiteMark = 'suite: ';

/** Runs the bundled suite inside the extension host of a real VS Code; returns its exit code. */
export async function runExtensionSuite({ report, grep, out }) {
	const workspace = mkdtempSync(join(tmpdir(), 'homeport-workspace-'));
	const server = await startServer({
		env: { HOMEPORT_TEST_REPORT: report, HOMEPORT_TEST_GREP: grep },
		underTest: true,
	});
	const browser = await startBrowser();
	const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
	try {
		const finished = exitCode(page);
		await page.goto(address(server.origin, workspace, join(out, 'test/extension/index.js')));
		return await finished;
	} catch (error) {
		const pictures = join(root, '.cache/screenshots');
		mkdirSync(pictures, { recursive: true });
		await page.screenshot({ path: join(pictures, 'extension-suite-failed.png') });
		throw error;
	} finally {
		await browser.close();
		await server.stop();
		rmSync(workspace, { recursive: true, force: true });
	}
}

function address(origin, workspace, tests) {
	const remote = (path) => `vscode-remote://${new URL(origin).host}${path}`;
	const payload = [
		['extensionDevelopmentPath', remote(root)],
		['extensionTestsPath', remote(tests)],
		['skipWelcome', 'true'],
	];
	return `${origin}/?${new URLSearchParams({ folder: workspace, payload: JSON.stringify(payload) })}`;
}

/** What the window reports when the suite inside it has ended; the lines of the suite go to stdout. */
async function exitCode(page) {
	await page.exposeFunction('codeAutomationLog', (_type, [line]) => {
		if (typeof line === 'string' && line.startsWith(suiteMark)) {
			process.stdout.write(`${line.slice(suiteMark.length)}\n`);
		}
	});
	return new Promise((resolve, reject) => {
		const timer = setTimeout(() => reject(new Error('the extension suite did not end in time')), runLimitMs);
		page.once('crash', () => reject(new Error('the page crashed')));
		page
			.exposeFunction('codeAutomationExit', (code) => {
				clearTimeout(timer);
				resolve(code);
			})
			.catch(reject);
	});
}
