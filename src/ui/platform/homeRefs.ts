import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import * as vscode from 'vscode';
import { watchStateFile } from '../../core/base/watchFile.js';

// A change of home is several refs, and each of them several events on one file.
const settleMs = 300;

/**
 * Calls `changed` when the ledgers or the operation log of the home at `root` may have been written, by whomever. The
 * sync lock and the audit log are watched too: VS Code drops some events of refs, which git writes by renaming a lock
 * file over them, and whoever has written a ref lets go of the lock or logs it.
 */
export function watchHomeRefs(root: string, changed: () => void): vscode.Disposable {
	const settle = debounced(settleMs, changed);
	const parts: vscode.Disposable[] = [settle];
	let disposed = false;
	const watch = (folder: string, pattern: string): void => {
		const watcher = vscode.workspace.createFileSystemWatcher(
			new vscode.RelativePattern(vscode.Uri.file(folder), pattern),
		);
		parts.push(
			watcher,
			watcher.onDidCreate(settle.run),
			watcher.onDidChange(settle.run),
			watcher.onDidDelete(settle.run),
		);
	};
	const start = async (): Promise<void> => {
		const folder = await commonGitFolder(root);
		if (!disposed) {
			watch(folder, 'refs/homeport/**');
			watch(join(dirname(folder), '.claude/sync'), 'sync.*');
			// Under load VS Code drops even those; a look at one file every few seconds makes up for it.
			parts.push(watchStateFile(join(dirname(folder), '.claude/sync/sync.log'), settle.run, 'leave'));
		}
	};
	void start();
	return {
		dispose: () => {
			disposed = true;
			vscode.Disposable.from(...parts).dispose();
		},
	};
}

/** The ledgers and the operation log as one text, equal only while none of them moved. Runs no git. */
export async function homeRefsState(root: string): Promise<string> {
	const folder = join(await commonGitFolder(root), 'refs/homeport');
	const ledgers = await readdir(join(folder, 'ledger'), { recursive: true }).catch(() => []);
	const refs = ['operations', ...ledgers.map((name) => join('ledger', name)).toSorted()];
	const lines = refs.map(async (ref) => `${ref} ${await readFile(join(folder, ref), 'utf8').catch(() => '')}`);
	return (await Promise.all(lines)).join('\n');
}

/** The git folder that all working trees of the one at `root` share. Source: gitrepository-layout(5). */
async function commonGitFolder(root: string): Promise<string> {
	const dotGit = join(root, '.git');
	const stats = await stat(dotGit).catch(() => null);
	if (stats === null) {
		return root;
	}
	const own = stats.isDirectory() ? dotGit : resolve(root, (await textOf(dotGit)).replace(/^gitdir: /, ''));
	const common = await textOf(join(own, 'commondir'));
	return common === '' ? own : resolve(own, common);
}

async function textOf(path: string): Promise<string> {
	return (await readFile(path, 'utf8').catch(() => '')).trim();
}

/** A call that waits until nothing has asked for it for `waitMs`; disposing it drops one that is waiting. */
function debounced(waitMs: number, call: () => void): vscode.Disposable & { readonly run: () => void } {
	let timer: NodeJS.Timeout | undefined;
	return {
		run: () => {
			clearTimeout(timer);
			timer = setTimeout(call, waitMs);
		},
		dispose: () => clearTimeout(timer),
	};
}
