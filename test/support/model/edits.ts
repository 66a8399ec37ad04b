import { chmodSync, lstatSync, symlinkSync } from 'node:fs';
import { clearPlace, type ModelPath, onDisk, putFile, removePlace, storedFiles } from './files.js';
import { pick } from './random.js';
import { isIgnored, paths } from './paths.js';
import { git, type World } from './world.js';

/** Changes one file of a working tree in one of many ways. */
export function editFile(dir: string, how: number, which: number, what: number): void {
	const path = pick(paths, which);
	const text = `${Math.floor(what * 1000)}`;
	const edits: readonly (() => void)[] = [
		() => putFile(dir, path, `${text}\n`),
		() => putFile(dir, path, `one\n${text}\nthree\n`),
		() => putFile(dir, path, `changed\r\nlines ${text}\r\n`),
		() => putFile(dir, path, ''),
		() => putFile(dir, path, `\0binary ${text}\n`, 0o755),
		() => putFile(dir, pick(['untracked', 'dir/untracked', 'other/untracked'], what), `${text}\n`),
		() => symlinkSync(pick(['a.txt', 'nowhere', 'dir'], what), clearPlace(dir, path)),
		() => removePlace(dir, pick(existing(dir), which)),
		() => toggleExecutable(dir, pick(existing(dir), which)),
	];
	if (existing(dir).length > 0) {
		pick(edits, how)();
	} else {
		putFile(dir, path, `${text}\n`);
	}
}

/** Stages, unstages or announces one file. */
export function stageFile(world: World, dir: string, how: number, which: number): void {
	const path = pick([...paths, ...existing(dir)], which);
	const on = ['--pathspec-from-file=-', '--pathspec-file-nul'];
	const stages: readonly (readonly string[])[] = [
		['add', ...on],
		['add', ...on],
		['reset', '-q', ...on],
		['rm', '-q', '-r', '--cached', '--ignore-unmatch', ...on],
		['add', '--intent-to-add', ...on],
		['add', '-A'],
	];
	const args = pick(stages, how);
	git(world, dir, ['--literal-pathspecs', ...args], args.includes('-A') ? '' : path);
}

/** The files of a working tree that are not ignored. */
export function existing(dir: string): ModelPath[] {
	const files = storedFiles(dir, skipsOwn);
	return [...files.keys()].filter((path) => !isIgnored(path, files)).sort();
}

/** What is no content of a working tree: git's own, and Homeport's folder. */
export function skipsOwn(path: ModelPath): boolean {
	return path === '.git' || path === '.claude/sync';
}

function toggleExecutable(dir: string, path: ModelPath): void {
	const full = onDisk(dir, path);
	const info = lstatSync(full);
	if (info.isFile()) {
		chmodSync(full, info.mode ^ 0o111);
	}
}
