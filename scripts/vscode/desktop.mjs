import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { runTests } from '@vscode/test-electron';
import { root } from './install.mjs';

/**
 * Runs the extension suite in a desktop VS Code: the `code` named by VSCODE_DESKTOP, else the one that
 * `@vscode/test-electron` downloads. It needs a display. Returns the exit code.
 */
export async function runDesktopSuite({ report, grep, out }) {
	const named = process.env.VSCODE_DESKTOP;
	if (named !== undefined && spawnSync(named, ['--version']).status !== 0) {
		throw new Error(`VSCODE_DESKTOP names ${named}, which does not start`);
	}
	return runTests({
		...(named === undefined ? { version: '1.105.0' } : { vscodeExecutablePath: named }),
		extensionDevelopmentPath: root,
		extensionTestsPath: join(out, 'test/extension/index.js'),
		extensionTestsEnv: { HOMEPORT_TEST_REPORT: report, ...(grep === undefined ? {} : { HOMEPORT_TEST_GREP: grep }) },
		launchArgs: ['--disable-workspace-trust', '--skip-welcome'],
	});
}
