import { spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Runs before any package is there, on whatever Node the machine has, from 20.0 on.

/** The repository's top folder. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** Installs the packages where they are missing or older than the lock file; throws where that fails. */
export function ensurePackages() {
	// npm writes this file last, so that a broken install is done again.
	const installed = join(root, 'node_modules/.package-lock.json');
	if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(join(root, 'package-lock.json')).mtimeMs) {
		return;
	}
	process.stdout.write('Installing packages…\n');
	const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
	const { status, error } = spawnSync('npm', args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
	if (status !== 0) {
		throw new Error('npm ci failed', { cause: error });
	}
	// npm leaves the time alone where it finds everything in place.
	const now = new Date();
	utimesSync(installed, now, now);
}

/**
 * The Node that everything after the install runs on, and an environment in which it is also the `node` of scripts: the
 * one that came with the packages, else the machine's own where that is new enough.
 */
export function findNode() {
	const packaged = join(root, 'node_modules/node/bin/node');
	const node = spawnSync(packaged, ['--version']).status === 0 ? packaged : process.execPath;
	const [major, minor] = (node === packaged ? '24.0' : process.versions.node).split('.').map(Number);
	if (major < 22 || (major === 22 && minor < 19)) {
		throw new Error(
			`Node ${process.versions.node} is too old, and the one among the packages does not start. ` +
				'Were the install scripts of npm off? Try: npm rebuild node --ignore-scripts=false',
		);
	}
	return { node, env: { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` } };
}
