import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ensureServer, node, root } from './install.mjs';
import { layOut } from './vsix.mjs';

const startLimitMs = 60_000;

const settings = {
	'workbench.startupEditor': 'none',
	'window.autoDetectColorScheme': true,
	'window.autoDetectHighContrast': true,
	'workbench.preferredDarkColorTheme': 'Default Dark Modern',
	'workbench.preferredLightColorTheme': 'Default Light Modern',
	'security.workspace.trust.startupPrompt': 'never',
	'security.workspace.trust.banner': 'never',
	'workbench.tips.enabled': false,
	'workbench.secondarySideBar.defaultVisibility': 'hidden',
	'chat.disableAIFeatures': true,
	'git.openRepositoryInParentFolders': 'never',
	'extensions.ignoreRecommendations': true,
	'extensions.autoCheckUpdates': false,
	'extensions.autoUpdate': false,
};

/**
 * Starts a VS Code server on a free port of 127.0.0.1, with a home folder and settings of its own. `env` is added to
 * its environment and so to the extension host's. `underTest` lets the window load an extension and its tests from the
 * address, trusts every folder and hides notifications; without it the extension is installed, from `vsix` where that is
 * given, and the window is as a user has it. `stop` ends the server with all that it started, and removes its folder.
 */
export async function startServer({ env = {}, underTest, vsix }) {
	const main = ensureServer();
	const folder = mkdtempSync(join(tmpdir(), 'homeport-vscode-'));
	mkdirSync(join(folder, 'data/User'), { recursive: true });
	mkdirSync(join(folder, 'home'));
	writeFileSync(
		join(folder, 'data/User/settings.json'),
		JSON.stringify({ ...settings, 'security.workspace.trust.enabled': !underTest }),
	);
	if (vsix !== undefined) {
		installPackage(main, vsix, folder);
	} else if (!underTest) {
		installExtension(join(folder, 'extensions'));
	}
	const log = [];
	const child = spawn(
		node,
		[
			main,
			'--host=127.0.0.1',
			'--port=0',
			'--without-connection-token',
			'--accept-server-license-terms',
			'--telemetry-level=off',
			...(underTest ? ['--enable-smoke-test-driver'] : []),
			`--server-data-dir=${folder}`,
		],
		// A group of its own, so that what it starts can be ended with it.
		{ detached: true, stdio: ['ignore', 'pipe', 'pipe'], env: { ...cleanEnvironment(folder), ...env } },
	);
	const exited = once(child, 'exit');
	const stop = async () => {
		endGroup(child.pid);
		await exited;
		process.off('exit', stopNow);
		rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
	};
	const stopNow = () => endGroup(child.pid);
	process.once('exit', stopNow);
	child.stderr.on('data', (chunk) => log.push(chunk));
	try {
		const port = await listening(child, log);
		return { origin: `http://127.0.0.1:${port}`, home: join(folder, 'home'), stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

/** Lays down what is shipped, as an installation would. */
function installExtension(folder) {
	const { publisher, name, version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	layOut(join(folder, `${publisher}.${name}-${version}`));
}

/** Installs a package as VS Code does it. */
function installPackage(main, vsix, folder) {
	const args = [main, '--accept-server-license-terms', `--server-data-dir=${folder}`, `--install-extension=${vsix}`];
	const ended = spawnSync(node, args, { env: cleanEnvironment(folder), encoding: 'utf8' });
	if (ended.status !== 0 || !/successfully installed/.test(ended.stdout)) {
		throw new Error(`VS Code did not install ${vsix}\n${ended.stdout}${ended.stderr}`, { cause: ended.error });
	}
}

/** The user's own git and Homeport settings have no part in a test, and neither has the network. */
function cleanEnvironment(folder) {
	const kept = Object.entries(process.env).filter(([name]) => !/^(GIT_|VSCODE_|XDG_|ELECTRON_)/.test(name));
	return {
		...Object.fromEntries(kept),
		HOME: join(folder, 'home'),
		GIT_CONFIG_NOSYSTEM: '1',
		// No gallery to ask for extensions.
		EXTENSIONS_GALLERY: '{}',
	};
}

function listening(child, log) {
	return new Promise((resolve, reject) => {
		const fail = (why) => reject(new Error(`the VS Code server ${why}\n${Buffer.concat(log).toString().slice(-2000)}`));
		const timer = setTimeout(() => fail('did not start in time'), startLimitMs);
		child.once('exit', (code) => fail(`ended with ${code}`));
		createInterface({ input: child.stdout }).on('line', (line) => {
			const port = /^Extension host agent listening on (\d+)/.exec(line)?.[1];
			if (port !== undefined) {
				clearTimeout(timer);
				resolve(Number(port));
			}
		});
	});
}

function endGroup(pid) {
	try {
		process.kill(-pid, 'SIGKILL');
	} catch (error) {
		if (error.code !== 'ESRCH') {
			throw error;
		}
	}
}
