import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ensurePackages, findNode, root } from './packages.mjs';

// `npm run measure`: what the extension costs, measured in a real VS Code, and printed.

ensurePackages();
const { node, env } = findNode();
const run = (args) => spawnSync(node, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
const built = run(['esbuild.mjs', '--tests']);
if (built.status !== 0) {
	throw new Error('the build failed', { cause: built.error });
}
for (const name of ['extension', 'core', 'cli', 'git-remote-homeport', 'backends/kubernetes/kubernetesBackend']) {
	const kilobytes = Math.ceil(statSync(join(root, `dist/${name}.js`)).size / 1024);
	process.stdout.write(`dist/${name}.js: ${kilobytes} KB\n`);
}
const suite = run(['scripts/vscode.mjs', '--suite', 'extension', '--grep', 'activation|a thousand sessions']);
// The suite's own lines of measurement stand a little further in than its titles, and have no mark.
const measured = suite.stdout.split('\n').filter((line) => /^ {4}\S/.test(line) && !/^ {4}(?:✔|\d+\))/.test(line));
process.stdout.write(`${measured.map((line) => line.trim()).join('\n')}\n`);
process.exitCode = suite.status ?? 1;
