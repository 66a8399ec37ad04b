import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { openPlace, requireGit, run } from './demo/place.mjs';
import { makeScene } from './demo/scene.mjs';
import { ensurePackages, findNode, root } from './packages.mjs';

const usage = `npm run vscode [-- --server] [--keep DIR]

Opens a real VS Code with the extension on a home and two sessions of the demo, in a folder of its own; nothing of yours is
touched. It is the \`code\` on your PATH, else a desktop VS Code that is fetched where there is a display, else a VS Code
server whose address is printed; --server takes that one at once. --keep leaves home and sessions in DIR.
`;

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
	process.on(name, () => stop.abort());
}
const { server, keep } = readArguments();
ensurePackages();
const { node, env } = findNode();
if (process.execPath !== node) {
	// What follows needs the Node that came with the packages.
	const again = spawnSync(node, [import.meta.filename, ...process.argv.slice(2)], { env, stdio: 'inherit' });
	process.exit(again.status ?? 1);
}
requireGit();
const place = openPlace({ keep, node, signal: stop.signal });
try {
	await expect(node, ['esbuild.mjs'], { cwd: root, env });
	await makeScene(place);
	for (const name of Object.keys(place.sessions)) {
		const added = await place.homeport('add', name, `../${name}`);
		if (added.code !== 0) {
			throw new Error(added.both);
		}
	}
	await open();
} catch (error) {
	if (!stop.signal.aborted) {
		process.stderr.write(`${error.message}\n`);
		process.exitCode = 1;
	}
} finally {
	if (keep === undefined) {
		place.remove();
	}
}

async function open() {
	const desktop = server ? null : await findDesktop();
	if (desktop === null) {
		return openServer();
	}
	process.stdout.write(`Opening ${place.home} in ${desktop}; close its window to end this.\n`);
	const args = [
		'--wait',
		'--new-window',
		`--extensionDevelopmentPath=${root}`,
		`--user-data-dir=${place.folder}/vscode`,
		`--extensions-dir=${place.folder}/extensions`,
		place.home,
	];
	// The display is the user's own, whatever HOME is.
	const XAUTHORITY = process.env.XAUTHORITY ?? `${process.env.HOME}/.Xauthority`;
	await expect(desktop, args, { cwd: place.home, env: { ...place.env, XAUTHORITY } });
}

/** The desktop VS Code to use, or null where none can be had. */
async function findDesktop() {
	if (spawnSync('code', ['--version'], { stdio: 'ignore' }).status === 0) {
		return 'code';
	}
	if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
		return null;
	}
	try {
		const { downloadAndUnzipVSCode, resolveCliPathFromVSCodeExecutablePath } = await import('@vscode/test-electron');
		return resolveCliPathFromVSCodeExecutablePath(await downloadAndUnzipVSCode());
	} catch (error) {
		process.stdout.write(`A desktop VS Code cannot be had here: ${error.message}\n`);
		return null;
	}
}

async function openServer() {
	const { startServer } = await import('./vscode/server.mjs');
	const started = await startServer({ underTest: false, env: place.env });
	try {
		const address = `${started.origin}/?${new URLSearchParams({ folder: place.home })}`;
		process.stdout.write(
			`Open this in a browser of this machine, and trust the folder:\n\n  ${address}\n\nCtrl+C ends it.\n`,
		);
		await sleep(2 ** 31 - 1, undefined, { signal: stop.signal }).catch(() => undefined);
	} finally {
		await started.stop();
	}
}

async function expect(command, args, options) {
	const ended = await run(command, args, { ...options, signal: stop.signal });
	if (ended.code !== 0) {
		throw new Error(`${command} ended with ${ended.code}\n${ended.both}`);
	}
}

function readArguments() {
	try {
		const { values } = parseArgs({ options: { server: { type: 'boolean' }, keep: { type: 'string' } } });
		return values;
	} catch (error) {
		process.stderr.write(`${error.message}\n\n${usage}`);
		return process.exit(2);
	}
}
