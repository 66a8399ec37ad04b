import { readdirSync, rmSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import { build, context } from 'esbuild';

const watch = process.argv.includes('--watch');
const withTests = process.argv.includes('--tests');

// Stands before anything else in the bundle, in syntax that any Node can read.
const nodeFloor = `#!/usr/bin/env node
(function () {
	var v = process.versions.node.split('.').map(Number);
	if (v[0] < 22 || (v[0] === 22 && v[1] < 19)) {
		process.stderr.write('homeport needs Node 22.19 or newer; this is Node ' + process.versions.node + '\\n');
		process.exit(2);
	}
})();`;

const common = {
	bundle: true,
	platform: 'node',
	target: 'node22.19',
	format: 'cjs',
	sourcemap: true,
	loader: { '.sh': 'text' },
	logLevel: 'warning',
};

const product = {
	...common,
	minify: !watch,
	keepNames: true,
	sourcesContent: false,
	legalComments: 'none',
};

function testFiles(folder) {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
		.map((entry) => relative('.', join(entry.parentPath, entry.name)));
}

// Large, and loaded only where there is a kubeconfig.
const kubernetes = './backends/kubernetes/kubernetesBackend.js';

const targets = [
	{
		...product,
		entryPoints: { extension: 'src/extension.ts' },
		outdir: 'dist',
		external: ['vscode', './core.js'],
	},
	{ ...product, entryPoints: { core: 'src/core/homeport.ts' }, outdir: 'dist', external: [kubernetes] },
	{
		...product,
		entryPoints: { cli: 'src/cli/main.ts', 'git-remote-homeport': 'src/cli/remote/main.ts' },
		outdir: 'dist',
		external: [kubernetes],
		banner: { js: nodeFloor },
	},
	{
		...product,
		entryPoints: ['src/core/backends/kubernetes/kubernetesBackend.ts'],
		outbase: 'src/core',
		outdir: 'dist',
	},
];

if (withTests) {
	rmSync('out', { recursive: true, force: true });
	targets.push({
		...common,
		entryPoints: [...testFiles('test'), ...testFiles('bench')],
		outbase: '.',
		outdir: 'out',
		packages: 'external',
		external: ['vscode'],
	});
}

if (watch) {
	await Promise.all(targets.map(async (target) => (await context(target)).watch()));
} else {
	await Promise.all(targets.map((target) => build(target)));
	for (const name of ['extension', 'core', 'cli', 'git-remote-homeport', 'backends/kubernetes/kubernetesBackend']) {
		const size = statSync(`dist/${name}.js`).size;
		process.stdout.write(`dist/${name}.js ${(size / 1024).toFixed(0)} KB\n`);
	}
}
