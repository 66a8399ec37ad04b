import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { countLine, failedText } from './count.mjs';
import { ensurePackages, findNode, root } from './packages.mjs';
import { runAside, runFiles, runSuite } from './suite.mjs';

const usage = `npm test [-- [SUITE…] [--only SUITE] [--long]]

Installs what is missing, builds, and runs the suites: check, unit, integration, faults, extension, browser,
package.
The last line counts all tests. --long runs the long forms of the properties and of the kill tests.
`;

const minute = 60_000;
const suites = {
	check: { argv: (report) => ['scripts/check.mjs', '--report', report], minutes: 10, needsBuild: false },
	unit: { argv: mochaOver('out/test/unit/**/*.test.js'), minutes: 15, sealed: true },
	// Minutes for each file.
	integration: { files: () => testFiles('integration'), minutes: 8 },
	faults: { files: () => testFiles('faults'), minutes: 10 },
	// A window waits more than it works: these run beside each other.
	extension: { argv: vscode('extension'), minutes: 20, aside: true },
	browser: { argv: vscode('browser'), minutes: 20, aside: true },
	package: { argv: vscode('package'), minutes: 10, aside: true },
};

const { long, chosen } = readArguments();
const results = [];
const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.once(name, () => {
		stop.abort();
		process.exitCode = 130;
	});
}

try {
	await runAll();
} catch (error) {
	process.stdout.write(`${error.message}${error.cause === undefined ? '' : `: ${error.cause.message}`}\n`);
	results.push({ name: 'runner', passes: 0, failures: 1, pending: 0, failed: [], problem: error.message });
}

process.stdout.write('\n');
// Once more at the end, where a long run's first half was cut away by who shows it.
process.stdout.write(failedText(results));
for (const result of results) {
	const problem = result.problem === null ? '' : `; ${result.name} ${result.problem}`;
	process.stdout.write(`${result.name}: ${countLine([result])}${problem}\n`);
}
process.stdout.write(`${countLine(results)}\n`);
process.exitCode ??= results.some(({ failures }) => failures > 0) ? 1 : 0;

async function runAll() {
	ensurePackages();
	const { node, env } = findNode();
	const step = (what, argv) => {
		const { status, error } = spawnSync(node, argv, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] });
		if (status !== 0) {
			throw new Error(`${what} failed`, { cause: error });
		}
	};
	if (chosen.some((name) => suites[name].needsBuild !== false)) {
		step('the build', ['esbuild.mjs', '--tests']);
	}
	const run = (name) => {
		const { argv, files, minutes, sealed, aside } = suites[name];
		const suite = {
			name,
			cwd: root,
			env: long ? { ...env, HOMEPORT_LONG: '1' } : env,
			limitMs: minutes * minute * (long ? 40 : 1),
			signal: stop.signal,
		};
		return files === undefined
			? (aside ? runAside : runSuite)({ ...suite, argv: (report) => [node, ...argv(report)], sealed })
			: runFiles(suite, files(), (file, report) => [node, ...mochaOver(file)(report)]);
	};
	for (const names of together(chosen)) {
		if (stop.signal.aborted) {
			throw new Error('stopped');
		}
		process.stdout.write(`\n=== ${names.join(', ')}\n`);
		if (names.some((name) => suites[name].aside)) {
			// Suites that install into one folder at once ruin it for each other.
			step('installing VS Code', ['scripts/vscode.mjs', '--install']);
		}
		results.push(...(await Promise.all(names.map(run))));
	}
}

// Those that run beside each other are one step.
function together(names) {
	const aside = names.filter((name) => suites[name].aside);
	return names
		.filter((name) => !suites[name].aside || name === aside[0])
		.map((name) => (suites[name].aside ? aside : [name]));
}

// The longest stand late in the alphabet; begun first, they leave no core idle at the end.
function testFiles(suite) {
	return readdirSync(join(root, 'out/test', suite), { recursive: true })
		.filter((name) => name.endsWith('.test.js'))
		.sort()
		.reverse()
		.map((name) => join('out/test', suite, name));
}

function readArguments() {
	try {
		const { values, positionals } = parseArgs({
			options: { only: { type: 'string', multiple: true }, long: { type: 'boolean' } },
			allowPositionals: true,
		});
		const named = [...(values.only ?? []), ...positionals];
		if (!named.every((name) => Object.hasOwn(suites, name))) {
			throw new Error(`There is no suite of that name: ${named.join(' ')}`);
		}
		const chosen = Object.keys(suites).filter((name) => named.length === 0 || named.includes(name));
		return { long: values.long ?? false, chosen };
	} catch (error) {
		process.stderr.write(`${error.message}\n\n${usage}`);
		return process.exit(2);
	}
}

function mochaOver(files) {
	const mocha = ['node_modules/mocha/bin/mocha.js', '--reporter', './scripts/countingReporter.cjs'];
	return (report) => ['--enable-source-maps', ...mocha, '--reporter-option', `report=${report}`, files];
}

function vscode(suite) {
	return (report) => ['scripts/vscode.mjs', '--suite', suite, '--report', report];
}
