import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The repository's top folder. */
export const root = resolve(import.meta.dirname, '../..');

/** The Node that runs the server and the suites: the one that came with the packages. */
export const node = join(root, 'node_modules/node/bin/node');

const cache = join(root, '.cache/vscode');
const server = { name: 'code-server', version: '4.139.1' };
const packer = { name: '@vscode/vsce', version: '3.9.2' };
const browser = { name: '@sparticuz/chromium', version: '153.0.0' };

/** Installs the VS Code server where it is missing; returns the file that starts it. */
export function ensureServer() {
	const inner = join(cache, 'node_modules', server.name, 'lib/vscode');
	// npm writes this file last, so a broken install is done again.
	const complete = join(inner, 'node_modules/.package-lock.json');
	if (installedVersion(server.name) !== server.version || !existsSync(complete)) {
		process.stderr.write(`installing ${server.name} ${server.version} into .cache/vscode\n`);
		installPackage(server);
		npm(['install', '--omit=dev'], inner);
	}
	return join(inner, 'out/server-main.js');
}

/** Finds a Chromium: the one named in CHROMIUM, the system's, else one installed into the cache. */
export async function ensureChromium() {
	const known = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
	const found = known.find((path) => path !== undefined && existsSync(path));
	if (found !== undefined) {
		return found;
	}
	if (installedVersion(browser.name) !== browser.version) {
		process.stderr.write(`installing ${browser.name} ${browser.version} into .cache/vscode\n`);
		installPackage(browser);
	}
	const entry = createRequire(join(cache, 'package.json')).resolve(browser.name);
	const { default: chromium } = await import(pathToFileURL(entry).href);
	return chromium.executablePath();
}

/** The tool that makes packages of extensions, installed where it is missing. */
export async function ensureVsce() {
	if (installedVersion(packer.name) !== packer.version) {
		process.stderr.write(`installing ${packer.name} ${packer.version} into .cache/vscode\n`);
		installPackage(packer);
	}
	const entry = createRequire(join(cache, 'package.json')).resolve(packer.name);
	return (await import(pathToFileURL(entry).href)).default;
}

function installedVersion(name) {
	const manifest = join(cache, 'node_modules', name, 'package.json');
	return existsSync(manifest) ? JSON.parse(readFileSync(manifest, 'utf8')).version : null;
}

function installPackage({ name, version }) {
	mkdirSync(cache, { recursive: true });
	if (!existsSync(join(cache, 'package.json'))) {
		writeFileSync(join(cache, 'package.json'), '{ "private": true }\n');
	}
	npm(['install', `${name}@${version}`], cache);
}

function npm(args, cwd) {
	const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
	const result = spawnSync('npm', [...args, ...quiet], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
	if (result.status !== 0) {
		throw new Error(`npm ${args.join(' ')} failed in ${cwd}`, { cause: result.error });
	}
}
