import { readFile, stat } from 'node:fs/promises';
import { HomeportError, throwIfCancelled } from '../base/errors.js';
import type { Oid } from '../model/observation.js';
import type { Git } from './run.js';

/** git for an inspection, with the time that the inspection may take. */
export interface Reader {
	readonly git: Git;
	readonly signal: AbortSignal;
	/** Throws `cancelled` when the signal was raised, `timed-out` when the time is over. */
	check(): void;
}

export interface ObjectInfo {
	readonly oid: Oid;
	readonly type: string;
	readonly size: number;
}

const chunkBytes = 8 * 1024 * 1024;
const chunkObjects = 20_000;
// An entry of a version 2 index: the oid, a checksum, an offset of 4 bytes and sometimes 8 more (gitformat-pack(5)).
const minIndexEntry = 20 + 4 + 4;

/** A reader that gives up `seconds` from now, or when the signal is raised. */
export function createReader(git: Git, seconds: number, signal?: AbortSignal): Reader {
	const end = performance.now() + seconds * 1000;
	const timeout = AbortSignal.timeout(Math.ceil(seconds * 1000));
	const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
	return {
		git,
		signal: either,
		check: () => {
			throwIfCancelled(signal);
			if (performance.now() >= end || timeout.aborted) {
				throw new HomeportError('timed-out', { command: 'inspect' });
			}
		},
	};
}

/**
 * The ids of the objects in the packs, each once, in the order in which the packs hold them; null where there are more
 * than `most`.
 */
export async function packObjects(reader: Reader, indexes: readonly string[], most: number): Promise<Oid[] | null> {
	const oids = new Set<Oid>();
	for (const index of indexes) {
		if ((await stat(index)).size > (most + 1024) * (minIndexEntry + 32)) {
			return null;
		}
		reader.check();
		const listing = await reader.git.text(['show-index'], { input: await readFile(index), signal: reader.signal });
		const placed = listing.split('\n').map((line) => {
			const space = line.indexOf(' ');
			return { offset: Number(line.slice(0, space)), oid: line.slice(space + 1).split(' ', 1)[0]! };
		});
		for (const { oid } of placed.sort((a, b) => a.offset - b.offset)) {
			if (oid !== '') {
				oids.add(oid);
			}
		}
		if (oids.size > most) {
			return null;
		}
	}
	return [...oids];
}

/** Type and size of each object; those that do not exist are left out. */
export async function objectInfos(reader: Reader, oids: readonly Oid[], git: Git = reader.git): Promise<ObjectInfo[]> {
	if (oids.length === 0) {
		return [];
	}
	reader.check();
	const answer = await git.text(['cat-file', '--batch-check', '--buffer'], {
		input: `${oids.join('\n')}\n`,
		signal: reader.signal,
	});
	const infos: ObjectInfo[] = [];
	for (const line of answer.split('\n')) {
		const [oid, type, size] = line.split(' ');
		if (size !== undefined) {
			infos.push({ oid: oid!, type: type!, size: Number(size) });
		}
	}
	return infos;
}

/** Hands over the bytes of every object in turn, in chunks that fit the memory; sizes must have been checked. */
export async function readObjects(
	reader: Reader,
	objects: readonly ObjectInfo[],
	take: (object: ObjectInfo, bytes: Buffer) => void,
): Promise<void> {
	for (let start = 0; start < objects.length;) {
		let end = start;
		for (let bytes = 0; end < objects.length && end - start < chunkObjects && bytes < chunkBytes; end++) {
			bytes += objects[end]!.size;
		}
		const chunk = objects.slice(start, end);
		const answers = await readNamed(
			reader,
			chunk.map((object) => object.oid),
		);
		for (const [index, object] of chunk.entries()) {
			const answer = answers[index];
			if (answer === null || answer === undefined || answer.type !== object.type) {
				throw new HomeportError('git-failed', { command: 'cat-file', exitCode: 0, stderr: `lost ${object.oid}` });
			}
			take(object, answer.bytes);
		}
		start = end;
	}
}

export interface NamedObject {
	readonly type: string;
	readonly bytes: Buffer;
}

/** Reads objects by any name git knows, as bytes of one character each and without newline; null for each not there. */
export async function readNamed(reader: Reader, names: readonly string[]): Promise<(NamedObject | null)[]> {
	if (names.length === 0) {
		return [];
	}
	reader.check();
	const { stdout } = await reader.git.run(['cat-file', '--batch', '--buffer'], {
		input: Buffer.from(`${names.join('\n')}\n`, 'latin1'),
		signal: reader.signal,
	});
	reader.check();
	const answers: (NamedObject | null)[] = [];
	for (let at = 0; at < stdout.length;) {
		const lineEnd = stdout.indexOf(0x0a, at);
		const header = /^[0-9a-f]{40,64} ([a-z]+) (\d+)$/.exec(stdout.toString('latin1', at, lineEnd));
		at = lineEnd + 1;
		if (header === null) {
			answers.push(null);
		} else {
			const size = Number(header[2]);
			answers.push({ type: header[1]!, bytes: stdout.subarray(at, at + size) });
			at += size + 1;
		}
	}
	if (answers.length !== names.length) {
		throw new HomeportError('git-failed', { command: 'cat-file', exitCode: 0, stderr: 'an answer is missing' });
	}
	return answers;
}
