import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { createGit, type Git } from '../../src/core/git/run.js';

export interface Entry {
	/** The octal mode as it is to stand in the tree. */
	readonly mode: string;
	readonly name: string | Buffer;
	readonly oid: string;
}

/** Nested folders as a value: text is a file, `{ link }` a symbolic link, an array the entries of a tree as they are. */
export type Content = string | Buffer | { readonly link: string } | readonly Entry[] | Folder;
export interface Folder {
	readonly [name: string]: Content;
}

const packTypes = { commit: 1, tree: 2, blob: 3 } as const;

/** Objects that git itself would refuse to write, and the pack that holds them. */
export class ObjectSet {
	readonly #objects = new Map<string, { readonly type: keyof typeof packTypes; readonly bytes: Buffer }>();

	#add(type: keyof typeof packTypes, bytes: Buffer): string {
		const oid = createHash('sha1').update(`${type} ${bytes.length}\0`).update(bytes).digest('hex');
		this.#objects.set(oid, { type, bytes });
		return oid;
	}

	blob(content: string | Buffer): string {
		return this.#add('blob', Buffer.from(content as string));
	}

	/** A tree of the entries in the order given, unchecked. */
	tree(entries: readonly Entry[]): string {
		return this.rawTree(
			Buffer.concat(
				entries.flatMap(({ mode, name, oid }) => [
					Buffer.from(`${mode} `),
					Buffer.from(name as string),
					Buffer.from([0]),
					Buffer.from(oid, 'hex'),
				]),
			),
		);
	}

	rawTree(bytes: Buffer): string {
		return this.#add('tree', bytes);
	}

	commit(tree: string, parents: readonly string[] = []): string {
		const head = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`)].join('\n');
		return this.#add('commit', Buffer.from(`${head}\nauthor a <a@b> 1 +0000\ncommitter a <a@b> 1 +0000\n\nx\n`));
	}

	/** A tree of nested folders, sorted as git sorts. */
	folder(folder: Folder): string {
		const entries = Object.entries(folder).map(([name, content]): Entry => {
			if (typeof content === 'string' || Buffer.isBuffer(content)) {
				return { mode: '100644', name, oid: this.blob(content) };
			}
			if (Array.isArray(content)) {
				return { mode: '40000', name, oid: this.tree(content as readonly Entry[]) };
			}
			if ('link' in content && typeof content.link === 'string') {
				return { mode: '120000', name, oid: this.blob(content.link) };
			}
			return { mode: '40000', name, oid: this.folder(content as Folder) };
		});
		const key = ({ mode, name }: Entry): Buffer => Buffer.from(`${String(name)}${mode === '40000' ? '/' : ''}`);
		return this.tree(entries.sort((a, b) => Buffer.compare(key(a), key(b))));
	}

	/** Leaves objects out of the pack, as a session does that knows home to have them. */
	omit(oids: readonly string[]): void {
		for (const oid of oids) {
			this.#objects.delete(oid);
		}
	}

	/** All objects as a pack of version 2 (gitformat-pack(5)). */
	pack(): Buffer {
		const parts = [packHeader(this.#objects.size)];
		for (const { type, bytes } of this.#objects.values()) {
			let rest = Math.floor(bytes.length / 16);
			const head = [(packTypes[type] << 4) | (bytes.length % 16)];
			while (rest > 0) {
				head[head.length - 1]! |= 0x80;
				head.push(rest & 0x7f);
				rest = Math.floor(rest / 128);
			}
			parts.push(Buffer.from(head), deflateSync(bytes, { level: 1 }));
		}
		const body = Buffer.concat(parts);
		return Buffer.concat([body, createHash('sha1').update(body).digest()]);
	}
}

function packHeader(count: number): Buffer {
	const header = Buffer.from('PACK\0\0\0\u0002\0\0\0\0', 'latin1');
	header.writeUInt32BE(count, 8);
	return header;
}

/** A folder with a small home in it, and quarantines that borrow home's objects. */
export class InspectionRoom {
	readonly folder = mkdtempSync(join(tmpdir(), 'homeport-inspect-'));
	readonly home = join(this.folder, 'home');
	#quarantines = 0;

	constructor() {
		this.git(this.folder, ['init', '-q', '--template=', '-b', 'main', this.home]);
	}

	/** Runs the real git, with a fixed identity and no configuration of the machine. */
	git(cwd: string, args: readonly string[], input?: string | Buffer): string {
		return execFileSync('git', args, {
			cwd,
			input,
			stdio: ['pipe', 'pipe', 'pipe'],
			maxBuffer: 256 * 1024 * 1024,
			env: {
				PATH: process.env['PATH'],
				GIT_CONFIG_GLOBAL: '/dev/null',
				GIT_CONFIG_NOSYSTEM: '1',
				GIT_AUTHOR_NAME: 'a',
				GIT_AUTHOR_EMAIL: 'a@b',
				GIT_COMMITTER_NAME: 'a',
				GIT_COMMITTER_EMAIL: 'a@b',
			},
		})
			.toString('utf8')
			.trim();
	}

	/** Puts objects into home as if they had always been there. */
	takeHome(objects: ObjectSet): void {
		this.git(this.home, ['index-pack', '--stdin'], objects.pack());
	}

	/** A new quarantine that borrows home's objects. */
	quarantine(borrow = true): string {
		const path = join(this.folder, `quarantine-${this.#quarantines++}`);
		this.git(this.folder, ['init', '-q', '--bare', '--template=', path]);
		if (borrow) {
			mkdirSync(join(path, 'objects/info'), { recursive: true });
			writeFileSync(join(path, 'objects/info/alternates'), `${join(this.home, '.git/objects')}\n`);
		}
		return path;
	}

	/** A quarantine that holds the objects, unchecked, in one pack. */
	receive(objects: ObjectSet, borrow = true): { git: Git; indexes: string[] } {
		const path = this.quarantine(borrow);
		this.git(path, ['index-pack', '--stdin'], objects.pack());
		return this.opened(path);
	}

	opened(path: string): { git: Git; indexes: string[] } {
		const packs = join(path, 'objects/pack');
		const indexes = readdirSync(packs).filter((name) => name.endsWith('.idx'));
		return { git: createGit(path, { env: { GIT_DIR: path } }), indexes: indexes.map((name) => join(packs, name)) };
	}

	dispose(): void {
		rmSync(this.folder, { recursive: true, force: true });
	}
}
