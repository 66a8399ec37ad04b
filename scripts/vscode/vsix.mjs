import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ensureVsce, root } from './install.mjs';

/** All that is shipped; what is not named here stays out. The page that VS Code shows for the extension is its README. */
const shipped = {
	'package.nls.json': 'package.nls.json',
	'package.nls.de.json': 'package.nls.de.json',
	l10n: 'l10n',
	'dist/extension.js': 'dist/extension.js',
	'dist/core.js': 'dist/core.js',
	'dist/cli.js': 'dist/cli.js',
	'dist/git-remote-homeport.js': 'dist/git-remote-homeport.js',
	'dist/backends/kubernetes/kubernetesBackend.js': 'dist/backends/kubernetes/kubernetesBackend.js',
	media: 'media',
	'docs/extension.md': 'README.md',
	'CHANGELOG.md': 'CHANGELOG.md',
	LICENSE: 'LICENSE',
};

/** What of `package.json` is for who builds Homeport, and not for who has it installed. */
const builderKeys = ['scripts', 'devDependencies', 'dependencies', 'private', 'bin'];

/** Lays down what is shipped, and nothing else of the repository; `dist` must have been built. */
export function layOut(target) {
	for (const [from, to] of Object.entries(shipped)) {
		mkdirSync(dirname(join(target, to)), { recursive: true });
		cpSync(join(root, from), join(target, to), { recursive: true });
	}
	const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const kept = Object.entries(manifest).filter(([key]) => !builderKeys.includes(key));
	writeFileSync(join(target, 'package.json'), `${JSON.stringify(Object.fromEntries(kept), null, '\t')}\n`);
}

/** The name of the package's file. */
export function vsixName() {
	const { name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	return `${name}-${version}.vsix`;
}

/** Makes the package, from what was built into `dist`. */
export async function makeVsix(path) {
	const { createVSIX } = await ensureVsce();
	const stage = mkdtempSync(join(tmpdir(), 'homeport-vsix-'));
	try {
		layOut(stage);
		// All that was laid down is meant.
		writeFileSync(join(stage, '.vscodeignore'), '');
		await createVSIX({
			cwd: stage,
			packagePath: path,
			dependencies: false,
			allowMissingRepository: true,
			rewriteRelativeLinks: false,
		});
	} finally {
		rmSync(stage, { recursive: true, force: true });
	}
}
