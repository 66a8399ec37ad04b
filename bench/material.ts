import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { command, git } from './commands.js';

const words =
	'const return import from export function await async session value index error result string number if else for of new'.split(
		' ',
	);

/** A source of numbers below a bound; the same for the same seed. */
export function numbers(seed: number): (below: number) => number {
	let state = seed | 1;
	return (below) => {
		// xorshift32
		state ^= state << 13;
		state ^= state >>> 17;
		state ^= state << 5;
		return (state >>> 0) % below;
	};
}

/** Text of about that many bytes, which packs about as well as source code does. */
export function sourceText(next: (below: number) => number, bytes: number): string {
	const parts: string[] = [];
	for (let length = 0; length < bytes;) {
		const word = next(3) === 0 ? next(2 ** 30).toString(36) : words[next(words.length)]!;
		const end = next(9) === 0 ? '\n' : ' ';
		parts.push(word, end);
		length += word.length + 1;
	}
	return `${parts.join('')}\n`;
}

/** The path of one of the source files, twenty in a folder. */
export function sourcePath(index: number): string {
	return `src/part${Math.floor(index / 400)}/folder${Math.floor(index / 20)}/file${index}.ts`;
}

/** A repository with one commit of so many source files on `main`. */
export async function sourceRepository(dir: string, files: number, bytesEach: number): Promise<void> {
	await command(['git', 'init', '-q', '-b', 'main', dir]);
	const next = numbers(files);
	for (let index = 0; index < files; index++) {
		// From a quarter of the size to nearly twice, so that not all are alike.
		await put(dir, sourcePath(index), sourceText(next, Math.round(bytesEach * (0.25 + next(150) / 100))));
	}
	await commitAll(dir, 'base');
}

/** Writes random bytes, which nothing can make smaller, as so many files, and commits them. */
export async function randomRepository(dir: string, files: number, bytesEach: number): Promise<void> {
	await command(['git', 'init', '-q', '-b', 'main', dir]);
	for (let index = 0; index < files; index++) {
		await put(dir, `blobs/blob${index}.bin`, randomBytes(bytesEach));
	}
	await commitAll(dir, 'blobs');
}

/** Changes so many source files among the first `among`, and commits that. */
export async function commitEdits(dir: string, edits: number, among: number, seed: number): Promise<void> {
	const next = numbers(seed * 7919 + 1);
	for (let edit = 0; edit < edits; edit++) {
		await put(dir, sourcePath(next(among)), sourceText(next, 8000));
	}
	await commitAll(dir, `edit ${seed}`);
}

/** Adds branches that hold one commit of their own each, on top of HEAD. */
export async function addBranches(dir: string, amount: number): Promise<void> {
	const head = await git(dir, 'rev-parse', 'HEAD');
	const stream: string[] = [];
	for (let index = 0; index < amount; index++) {
		const text = `work of branch ${index}\n`;
		const message = `branch ${index}\n`;
		stream.push(
			`commit refs/heads/topic-${index}\ncommitter User <user@localhost> ${1_700_000_000 + index} +0000\n`,
			`data ${message.length}\n${message}from ${head}\nM 100644 inline topics/topic${index}.txt\n`,
			`data ${text.length}\n${text}\n`,
		);
	}
	await command(['git', '-C', dir, 'fast-import', '--quiet'], { input: stream.join('') });
}

/** A clone as it comes over a network, one pack, in which somebody has begun to work. */
export async function clone(from: string, to: string): Promise<void> {
	await command(['git', 'clone', '-q', '--no-local', from, to]);
	await refresh(to);
}

/**
 * Lets git note in the index that the files are as committed. Straight after a checkout it cannot trust their times, and
 * every status reads them all; editors and prompts ask for the status all the time, so that it does not stay like that.
 */
async function refresh(dir: string): Promise<void> {
	await setTimeout(1100);
	await git(dir, 'status', '--porcelain');
}

/** A copy of a clone, in which git knows the files as well as in the clone. */
export async function copyHome(from: string, to: string): Promise<void> {
	await command(['cp', '-a', from, to]);
	await git(to, 'status', '--porcelain');
}

/** Writes a file, and the folders above it. */
export async function put(dir: string, path: string, content: string | Buffer): Promise<void> {
	const file = join(dir, path);
	await mkdir(dirname(file), { recursive: true });
	await writeFile(file, content);
}

async function commitAll(dir: string, message: string): Promise<void> {
	await git(dir, 'add', '-A');
	await git(dir, 'commit', '-qm', message);
}
