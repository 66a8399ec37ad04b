import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, findNode, root } from './packages.mjs';

// What is checked without running the product; each tool is one test. `--report FILE` receives the counts.

const checks = [
	['tsc', '-p', '.'],
	['oxlint', '--type-aware', '--deny-warnings'],
	['oxfmt', '--check'],
	['knip', '--no-progress'],
];

const { values } = parseArgs({ options: { report: { type: 'string' } } });
ensurePackages();
const { env } = findNode();
const counts = { passes: 0, failures: 0, pending: 0 };
for (const [tool, ...args] of checks) {
	const bin = join(root, 'node_modules/.bin', tool);
	const result = spawnSync(bin, args, { cwd: root, env, encoding: 'utf8', maxBuffer: 2 ** 26, timeout: 300_000 });
	if (result.status === 0) {
		counts.passes++;
		process.stdout.write(`  ✔ ${tool}\n`);
	} else {
		counts.failures++;
		process.stdout.write(`  ✖ ${tool}\n${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}\n`);
	}
}
if (values.report !== undefined) {
	writeFileSync(values.report, JSON.stringify(counts));
}
process.exitCode = counts.failures === 0 ? 0 : 1;
