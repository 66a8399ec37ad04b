import { createHash } from 'node:crypto';
import {
	chmodSync,
	lstatSync,
	mkdirSync,
	readFileSync,
	readdirSync,
	readlinkSync,
	rmSync,
	writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** One file as git would store it. */
export interface StoredFile {
	readonly mode: string;
	readonly oid: string;
}

/** A path whose bytes are one character each; what the file system takes is {@link onDisk}. */
export type ModelPath = string;

export function onDisk(folder: string, path: ModelPath): Buffer {
	return Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
}

/** The object id of a blob, computed here and not by git. */
export function blobOid(bytes: Buffer): string {
	return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

/** Every file and link below a folder, except where `skip` says so, by path. Empty folders are none. */
export function storedFiles(folder: string, skip: (path: ModelPath) => boolean): Map<ModelPath, StoredFile> {
	const files = new Map<ModelPath, StoredFile>();
	const visit = (prefix: ModelPath): void => {
		for (const name of readdirSync(prefix === '' ? folder : onDisk(folder, prefix), { encoding: 'buffer' })) {
			const path = prefix === '' ? name.toString('latin1') : `${prefix}/${name.toString('latin1')}`;
			if (skip(path)) {
				continue;
			}
			const full = onDisk(folder, path);
			const info = lstatSync(full);
			if (info.isDirectory()) {
				visit(path);
			} else if (info.isSymbolicLink()) {
				files.set(path, { mode: '120000', oid: blobOid(readlinkSync(full, { encoding: 'buffer' })) });
			} else if (info.isFile()) {
				const mode = (info.mode & 0o100) === 0 ? '100644' : '100755';
				files.set(path, { mode, oid: blobOid(readFileSync(full)) });
			}
		}
	};
	visit('');
	return files;
}

/** The object id of the tree that holds these files, computed here and not by git. */
export function treeOid(files: ReadonlyMap<ModelPath, StoredFile>): string {
	const folders = new Map<string, Map<ModelPath, StoredFile>>();
	const entries: { name: string; sortName: string; mode: string; oid: string }[] = [];
	for (const [path, file] of files) {
		const slash = path.indexOf('/');
		if (slash === -1) {
			entries.push({ name: path, sortName: path, ...file });
		} else {
			const folder = folders.get(path.slice(0, slash)) ?? new Map<ModelPath, StoredFile>();
			folders.set(path.slice(0, slash), folder.set(path.slice(slash + 1), file));
		}
	}
	for (const [name, inside] of folders) {
		entries.push({ name, sortName: `${name}/`, mode: '40000', oid: treeOid(inside) });
	}
	entries.sort((a, b) => (a.sortName < b.sortName ? -1 : 1));
	const body = Buffer.concat(
		entries.flatMap(({ name, mode, oid }) => [Buffer.from(`${mode} ${name}\0`, 'latin1'), Buffer.from(oid, 'hex')]),
	);
	return createHash('sha1').update(`tree ${body.length}\0`).update(body).digest('hex');
}

/** Path, mode, size and content of everything below a folder, folders included. */
export function listing(folder: string, skip: (path: ModelPath) => boolean = () => false): Map<ModelPath, string> {
	const found = new Map<ModelPath, string>();
	const visit = (prefix: ModelPath): void => {
		for (const name of readdirSync(prefix === '' ? folder : onDisk(folder, prefix), { encoding: 'buffer' })) {
			const path = prefix === '' ? name.toString('latin1') : `${prefix}/${name.toString('latin1')}`;
			if (skip(path)) {
				continue;
			}
			const full = onDisk(folder, path);
			const info = lstatSync(full);
			if (info.isDirectory()) {
				found.set(path, `folder ${info.mode}`);
				visit(path);
			} else if (info.isSymbolicLink()) {
				found.set(path, `link ${readlinkSync(full)}`);
			} else {
				found.set(path, `${info.mode} ${info.size} ${blobOid(readFileSync(full))}`);
			}
		}
	};
	visit('');
	return found;
}

/** What differs between two maps, a line each. */
export function differences(before: ReadonlyMap<string, unknown>, after: ReadonlyMap<string, unknown>): string[] {
	const lines: string[] = [];
	for (const key of new Set([...before.keys(), ...after.keys()])) {
		const [old, now] = [before.get(key), after.get(key)].map((value) => JSON.stringify(value) ?? 'none');
		if (old !== now) {
			lines.push(`${JSON.stringify(key)}: ${old} -> ${now}`);
		}
	}
	return lines;
}

/** Puts a file there, whatever stood in its place or in the place of its folders. */
export function putFile(folder: string, path: ModelPath, content: string, mode = 0o644): void {
	const full = clearPlace(folder, path);
	writeFileSync(full, content, { mode });
	chmodSync(full, mode);
}

/** Removes what stands at a path, and files that stand where its folders must be; returns the path on the disk. */
export function clearPlace(folder: string, path: ModelPath): Buffer {
	for (let parent = dirname(path); parent !== '.'; parent = dirname(parent)) {
		const info = lstatSync(onDisk(folder, parent), { throwIfNoEntry: false });
		if (info !== undefined && !info.isDirectory()) {
			rmSync(onDisk(folder, parent));
		}
	}
	const full = onDisk(folder, path);
	if (dirname(path) !== '.') {
		mkdirSync(onDisk(folder, dirname(path)), { recursive: true });
	}
	removePlace(folder, path);
	return full;
}

/** Removes a file, a link or a folder with all that is in it. */
export function removePlace(folder: string, path: ModelPath): void {
	const info = lstatSync(onDisk(folder, path), { throwIfNoEntry: false });
	if (info?.isDirectory()) {
		for (const name of readdirSync(onDisk(folder, path), { encoding: 'buffer' })) {
			removePlace(folder, `${path}/${name.toString('latin1')}`);
		}
	}
	if (info !== undefined) {
		rmSync(onDisk(folder, path), { recursive: info.isDirectory() });
	}
}
