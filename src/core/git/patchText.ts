import { createHash } from 'node:crypto';
import { HomeportError } from '../base/errors.js';
import type { Oid } from '../model/observation.js';
import { bytePaths } from './bytePath.js';
import type { Git } from './run.js';
import type { TreeChange } from './worktree.js';

/**
 * A change of a whole tree: a commit against its first parent, or `COMMIT BASE`, a commit against another one. The form is
 * that of a line which `git diff-tree --stdin` reads.
 */
export type ChangeLine = string;

const diffTree = ['diff-tree', '--stdin', '--always', '--root', '-r', '--no-renames', '--ignore-submodules=none'];
const whole = ['-p', '-U3', '--full-index', '--diff-algorithm=histogram', '--no-ext-diff', '--no-textconv'];

const mostFiles = 300_000;

/**
 * The files of each change, in git's order; none for a merge commit. The changes must differ from each other. Fails with
 * `limit-exceeded` where they concern more than 300,000 files together; reads `atOnce` of them at a time.
 */
export async function filesOfChanges(
	git: Git,
	lines: readonly ChangeLine[],
	atOnce = 20,
): Promise<Map<ChangeLine, TreeChange[]>> {
	const found = new Map<ChangeLine, TreeChange[]>();
	let amount = 0;
	for (let start = 0; start < lines.length; start += atOnce) {
		const read = await readFiles(git, lines.slice(start, start + atOnce));
		for (const [line, files] of read) {
			found.set(line, files);
			amount += files.length;
		}
		if (amount > mostFiles) {
			throw new HomeportError('limit-exceeded', { what: 'The files of these commits', limit: mostFiles });
		}
	}
	return found;
}

async function readFiles(git: Git, lines: readonly ChangeLine[]): Promise<Map<ChangeLine, TreeChange[]>> {
	const answer = await git.run([...diffTree, '-z', '--raw'], { input: `${lines.join('\n')}\n` });
	const fields = bytePaths(answer.stdout);
	const found = new Map<ChangeLine, TreeChange[]>();
	let place = -1;
	for (let index = 0; index < fields.length; index += 1) {
		const field = fields[index]!;
		if (field.startsWith(':')) {
			const [oldMode = '', newMode = '', oldOid = '', newOid = ''] = field.slice(1).split(' ');
			found.get(lines[place]!)!.push({ path: fields[(index += 1)]!, oldMode, newMode, oldOid, newOid });
		} else {
			place = placeOf(lines, field, place);
			found.set(lines[place]!, []);
		}
	}
	return found;
}

// git may pass over a line: what comes next is the next one that names this commit.
function placeOf(lines: readonly ChangeLine[], commit: Oid, last: number): number {
	const place = lines.findIndex((line, index) => index > last && line.startsWith(commit));
	if (place < 0) {
		throw new HomeportError('internal', { what: 'git told of a commit that it was not asked for' });
	}
	return place;
}

/** The part of a patch that is about one file, one character for each byte. */
type Section = string;

/**
 * The patch of each change, a section a file in the order of {@link filesOfChanges}. Files beyond half a megabyte count as
 * binary, and what would be more than `mostBytes` to read in one change is left out.
 */
export async function patchesOf(
	git: Git,
	changes: ReadonlyMap<ChangeLine, readonly TreeChange[]>,
	mostBytes = 4_000_000,
): Promise<Map<ChangeLine, readonly Section[]>> {
	const capped = git.with({ config: [['core.bigFileThreshold', '512k']] });
	const sizes = await blobSizes(git, [...changes.values()].flat());
	const found = new Map<ChangeLine, readonly Section[]>();
	let batch: ChangeLine[] = [];
	let bytes = 0;
	const flush = async (): Promise<void> => {
		for (const [line, sections] of batch.length === 0 ? [] : await readPatches(capped, batch)) {
			// Fewer or more sections than files would put a text to the wrong file.
			if (sections.length === changes.get(line)!.length) {
				found.set(line, sections);
			}
		}
		[batch, bytes] = [[], 0];
	};
	for (const [line, files] of changes) {
		const size = files.reduce(
			(sum, { oldOid, newOid }) => sum + (sizes.get(oldOid) ?? 0) + (sizes.get(newOid) ?? 0),
			0,
		);
		if (files.length > 0 && size <= mostBytes) {
			batch.push(line);
			bytes += size;
			if (bytes > 4 * mostBytes) {
				await flush();
			}
		}
	}
	await flush();
	return found;
}

async function readPatches(git: Git, lines: readonly ChangeLine[]): Promise<[ChangeLine, Section[]][]> {
	const answer = await git.run([...diffTree, ...whole], { input: `${lines.join('\n')}\n` });
	// Within a patch every line of a file begins with a sign: one that begins otherwise is git's own.
	const pieces = answer.stdout.toString('latin1').split(/(?<=\n)(?=diff --git |[0-9a-f]{40,64}\n)/);
	const read: [ChangeLine, Section[]][] = [];
	let place = -1;
	for (const piece of pieces) {
		if (piece.startsWith('diff --git ')) {
			read.at(-1)![1].push(piece);
		} else if (piece !== '') {
			place = placeOf(lines, piece.trim(), place);
			read.push([lines[place]!, []]);
		}
	}
	return read;
}

async function blobSizes(git: Git, files: readonly TreeChange[]): Promise<Map<Oid, number>> {
	const isBlob = (mode: string): boolean => mode !== '000000' && mode !== '160000';
	const oids = new Set<Oid>();
	for (const { oldMode, oldOid, newMode, newOid } of files) {
		(isBlob(oldMode) ? [oldOid] : []).concat(isBlob(newMode) ? [newOid] : []).forEach((oid) => oids.add(oid));
	}
	if (oids.size === 0) {
		return new Map();
	}
	const answer = await git.text(['cat-file', '--batch-check=%(objectname) %(objectsize)'], {
		input: `${[...oids].join('\n')}\n`,
	});
	return new Map(answer.split('\n').map((line) => [line.split(' ')[0]!, Number(line.split(' ')[1]) || 0]));
}

/** What two changes must have alike before their texts can be: the paths, and the modes before and after. */
export function shapeOf(files: readonly TreeChange[]): string {
	return digest(files.map(({ path, oldMode, newMode }) => `${path}\0${oldMode} ${newMode}`));
}

/** Equal for changes that take the same files from the same content to the same content. */
export function exactOf(files: readonly TreeChange[]): string {
	return digest(files.map((file) => `${file.path}\0${file.oldMode} ${file.newMode} ${file.oldOid} ${file.newOid}`));
}

/**
 * Equal for changes that put the same lines in place of the same lines, between the same lines: what `git patch-id` is
 * for, except that space and modes count, and that binary files must be the same before and after.
 */
export function patchIdOf(files: readonly TreeChange[], sections: readonly Section[]): string {
	return digest(
		files.map((file, index) => {
			const hunks = hunksOf(sections[index]!);
			const { path, oldMode, newMode, oldOid, newOid } = file;
			const isText = hunks !== null && oldMode !== '000000' && newMode !== '000000';
			return `${path}\0${oldMode} ${newMode}\0${isText ? hunks : `${oldOid} ${newOid}`}`;
		}),
	);
}

// The hunks without their places; null where git shows none, as for a binary file or a change of mode alone.
function hunksOf(section: Section): string | null {
	const lines = section.split('\n');
	const start = lines.findIndex((line) => line.startsWith('@@ '));
	const hunks = lines.slice(start).map((line) => (line.startsWith('@@ ') ? '@@' : line));
	return start < 0 ? null : hunks.join('\n');
}

function digest(parts: readonly string[]): string {
	const hash = createHash('sha256');
	parts.forEach((part) => hash.update(`${Buffer.byteLength(part, 'latin1')}\0`).update(part, 'latin1'));
	return hash.digest('hex');
}

/** Lines that a patch takes away and puts in their place, without anything unchanged between them. */
export interface Replacement {
	readonly removed: readonly string[];
	readonly added: readonly string[];
}

/** The replacements that a section holds; none for what is no text. */
export function replacementsOf(section: Section): Replacement[] {
	const found: { removed: string[]; added: string[] }[] = [];
	let open = false;
	for (const line of (hunksOf(section) ?? '').split('\n')) {
		const sign = line[0];
		if (sign === '+' || sign === '-') {
			if (!open) {
				found.push({ removed: [], added: [] });
			}
			found.at(-1)![sign === '+' ? 'added' : 'removed'].push(line.slice(1));
			open = true;
		} else if (sign !== '\\') {
			open = false;
		}
	}
	return found;
}
