import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { runBrowserSuite } from './vscode/browserSuite.mjs';
import { runExtensionSuite } from './vscode/extensionSuite.mjs';
import { ensureChromium, ensureServer, ensureVsce, root } from './vscode/install.mjs';
import { makeVsix, vsixName } from './vscode/vsix.mjs';

const usage = `node scripts/vscode.mjs --install | --package | --suite extension|browser|package|desktop [--report FILE] [--grep TEXT] [--out DIR]

Runs the suites that need a real VS Code, over dist/ and the tests that "node esbuild.mjs --tests" built into out/.
--package makes the .vsix in the repository's top folder and runs the suite package on it, which without --package makes one
of its own. desktop is the extension suite in a desktop VS Code, where one can be had. The report is { "passes", "failures", "pending" }. Needs Node 22 or newer.
`;

const suites = {
	extension: runExtensionSuite,
	browser: (options) => runBrowserSuite({ ...options, tests: 'browser' }),
	package: runPackageSuite,
	desktop: async (options) => (await import('./vscode/desktop.mjs')).runDesktopSuite(options),
};

const { values } = parseArgs({
	options: {
		install: { type: 'boolean' },
		package: { type: 'boolean' },
		suite: { type: 'string' },
		report: { type: 'string' },
		grep: { type: 'string' },
		out: { type: 'string', default: 'out' },
	},
});

if (values.install) {
	ensureServer();
	await ensureChromium();
	await ensureVsce();
} else if (values.package) {
	process.exitCode = await run('package');
} else if (Object.hasOwn(suites, values.suite ?? '')) {
	process.exitCode = await run(values.suite);
} else {
	process.stderr.write(usage);
	process.exitCode = 2;
}

async function run(suite) {
	const folder = mkdtempSync(join(tmpdir(), 'homeport-report-'));
	const report = values.report === undefined ? join(folder, 'report.json') : resolve(values.report);
	try {
		const code = await suites[suite]({ report, grep: values.grep, out: resolve(root, values.out) });
		const { passes, failures, pending } = JSON.parse(readFileSync(report, 'utf8'));
		process.stdout.write(`${suite}: ${passes} passed, ${failures} failed, ${pending} pending\n`);
		return code;
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

async function runPackageSuite(options) {
	const folder = mkdtempSync(join(tmpdir(), 'homeport-package-'));
	try {
		const vsix = join(values.package ? root : folder, vsixName());
		await makeVsix(vsix);
		return await runBrowserSuite({ ...options, tests: 'package', vsix });
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}
