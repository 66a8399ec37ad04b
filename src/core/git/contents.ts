import { HomeportError } from '../base/errors.js';
import type { ContentFacts, ContentKind, CutList, FolderEntry } from '../model/contents.js';
import type { Oid } from '../model/observation.js';
import { bytePaths, readable, writtenAs } from './bytePath.js';
import { isTreeMode, linkMode, submoduleMode, treeEntries, type TreeEntry } from './inspectTree.js';
import type { ObjectFacts, ObjectReader } from './objects.js';
import type { Git } from './run.js';

/** What stands in commits and trees that home has. A blob's id with any path is that blob. */
export interface TreeContents {
	/** Fails with `content-missing` where nothing stands there. */
	facts(oid: Oid, path: string): Promise<ContentFacts>;
	/** A file's bytes, a link's target, or the line that names a submodule's commit. Fails with `content-too-large` too. */
	file(oid: Oid, path: string): Promise<Buffer>;
	/** In git's order. Names that no path can have are left out. */
	folder(oid: Oid, path: string): Promise<FolderEntry[]>;
}

type Entries = ReadonlyMap<string, TreeEntry>;

/** What an editor can be asked to hold; above it, VS Code itself asks before it opens a file. */
const mostFileBytes = 50 * 1024 * 1024;
// A folder of a hundred thousand files takes some 4 MiB.
const mostTreeBytes = 32 * 1024 * 1024;
const mostTreesKept = 100;
const largestTreeKept = 1024 * 1024;

export function createTreeContents(objects: ObjectReader): TreeContents {
	const kept = new Map<Oid, Entries>();

	const entriesOf = async (oid: Oid): Promise<Entries> => {
		const known = kept.get(oid);
		if (known !== undefined) {
			return known;
		}
		const tree = await objectOf(objects, oid);
		requireSize(tree, mostTreeBytes);
		const entries = treeEntries(await objects.read(tree), oid.length / 2);
		if (tree.size <= largestTreeKept) {
			kept.set(oid, entries);
			if (kept.size > mostTreesKept) {
				kept.delete(kept.keys().next().value!);
			}
		}
		return entries;
	};

	const locate = async (oid: Oid, path: string): Promise<{ kind: ContentKind; oid: Oid }> => {
		const start = await objectOf(objects, oid);
		if (start.type === 'blob') {
			return { kind: 'file', oid };
		}
		let at: { kind: ContentKind; oid: Oid } = {
			kind: 'folder',
			oid: start.type === 'tree' ? oid : (await objectOf(objects, `${oid}^{tree}`)).oid,
		};
		for (const name of path.split('/').filter((part) => part !== '')) {
			const entries: Entries = at.kind === 'folder' ? await entriesOf(at.oid) : new Map<string, TreeEntry>();
			const entry = writtenAs(name)
				.map((bytes) => entries.get(bytes))
				.find((found) => found !== undefined);
			if (entry === undefined) {
				throw new HomeportError('content-missing', {
					path,
					reason: `there is no such path in the commit: ${oid.slice(0, 8)}`,
				});
			}
			at = { kind: kindOfMode(entry.mode), oid: entry.oid };
		}
		return at;
	};

	return {
		facts: async (oid, path) => {
			const found = await locate(oid, path);
			if (found.kind === 'folder') {
				return { ...found, size: 0 };
			}
			const isHere = found.kind !== 'submodule';
			const size = isHere ? (await objectOf(objects, found.oid)).size : submoduleText(found.oid).length;
			return { ...found, size };
		},
		file: async (oid, path) => {
			const found = await locate(oid, path);
			if (found.kind === 'folder') {
				throw new HomeportError('content-missing', { path, found: 'folder', reason: 'it is a folder' });
			}
			if (found.kind === 'submodule') {
				return submoduleText(found.oid);
			}
			const object = await objectOf(objects, found.oid);
			requireSize(object, mostFileBytes, path);
			return objects.read(object);
		},
		folder: async (oid, path) => {
			const found = await locate(oid, path);
			if (found.kind !== 'folder') {
				throw new HomeportError('content-missing', { path, found: 'file', reason: 'it is no folder' });
			}
			return [...(await entriesOf(found.oid)).values()]
				.filter(({ name }) => name !== '' && name !== '.' && name !== '..' && !name.includes('/'))
				.map(({ name, mode, oid }) => ({ name: readable(name), kind: kindOfMode(mode), oid }));
		},
	};
}

/** The paths of all files of a commit or tree, in git's order. */
export async function pathsOf(git: Git, oid: Oid, most: number, signal?: AbortSignal): Promise<CutList<string>> {
	const args = ['ls-tree', '-r', '-z', '--full-tree', '--name-only', oid];
	const paths = bytePaths((await git.run(args, signal === undefined ? {} : { signal })).stdout);
	return { items: paths.slice(0, most).map(readable), total: paths.length };
}

/** What a mode in a tree stands for. */
export function kindOfMode(mode: number): ContentKind {
	if (isTreeMode(mode)) {
		return 'folder';
	}
	return mode === linkMode ? 'link' : mode === submoduleMode ? 'submodule' : 'file';
}

// As git's own diffs show one.
function submoduleText(oid: Oid): Buffer {
	return Buffer.from(`Subproject commit ${oid}\n`);
}

/** What a name of an object names. Fails with `content-missing`. */
export async function objectOf(objects: ObjectReader, name: string): Promise<ObjectFacts> {
	requireOid(name.replace(/\^\{tree\}$/, ''));
	const found = await objects.facts(name);
	if (found === null) {
		throw new HomeportError('content-missing', { oid: name });
	}
	return found;
}

/** Fails with `usage` where the text is no object id: everything else may mean something to git. */
function requireOid(text: string): void {
	if (!/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text)) {
		throw new HomeportError('usage', { what: `${text.slice(0, 80)} is no object id` });
	}
}

function requireSize({ oid, size }: ObjectFacts, most: number, path?: string): void {
	if (size > most) {
		throw new HomeportError('content-too-large', { path, oid, bytes: size, limit: most });
	}
}
