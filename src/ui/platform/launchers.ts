import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shellWord } from '../../core/base/text.js';

/** What the integrated terminal can run, each with its file in `dist`. */
const programs = { homeport: 'cli.js', 'git-remote-homeport': 'git-remote-homeport.js' } as const;

/** The program that runs Node here: VS Code's own, which is an Electron on a desktop. */
export interface NodeProgram {
	readonly path: string;
	readonly isElectron: boolean;
}

/** Writes the scripts that start the programs in `dist` into `folder`, those that are not as they should be. */
export async function writeLaunchers(folder: string, dist: string, node: NodeProgram): Promise<void> {
	await mkdir(folder, { recursive: true, mode: 0o700 });
	for (const [name, file] of Object.entries(programs)) {
		await replace(join(folder, name), posixLauncher(node, join(dist, file)));
		await replace(join(folder, `${name}.cmd`), windowsLauncher(node, join(dist, file)));
	}
}

/** For a POSIX shell. */
function posixLauncher({ path, isElectron }: NodeProgram, file: string): string {
	return `#!/bin/sh\n${isElectron ? 'ELECTRON_RUN_AS_NODE=1 ' : ''}exec ${shellWord(path)} ${shellWord(file)} "$@"\n`;
}

/** For cmd.exe; in a script a percent sign is doubled. */
export function windowsLauncher({ path, isElectron }: NodeProgram, file: string): string {
	const quoted = (text: string): string => `"${text.replaceAll('%', '%%')}"`;
	const lines = [
		'@echo off',
		'setlocal',
		...(isElectron ? ['set ELECTRON_RUN_AS_NODE=1'] : []),
		`${quoted(path)} ${quoted(file)} %*`,
	];
	return lines.map((line) => `${line}\r\n`).join('');
}

// Whole or not at all: a terminal of another window may be starting it now.
async function replace(path: string, content: string): Promise<void> {
	if ((await readFile(path, 'utf8').catch(() => null)) !== content) {
		const temporary = `${path}.${process.pid}`;
		await writeFile(temporary, content, { mode: 0o755 });
		await rename(temporary, path);
	}
}
