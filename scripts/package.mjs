import { spawnSync } from 'node:child_process';
import { ensurePackages, findNode, root } from './packages.mjs';

// `npm run package`: makes homeport-VERSION.vsix, and tries it out in a real VS Code server.

ensurePackages();
const { node, env } = findNode();
for (const argv of [
	['esbuild.mjs', '--tests'],
	['scripts/vscode.mjs', '--package'],
]) {
	const ended = spawnSync(node, argv, { cwd: root, env, stdio: 'inherit' });
	if (ended.status !== 0) {
		process.exit(ended.status ?? 1);
	}
}
