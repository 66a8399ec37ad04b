import { isHomeportError, throwIfCancelled } from '../base/errors.js';
import type { Limits } from '../config/limits.js';
import type { Finding } from '../model/finding.js';
import type { Oid } from '../model/observation.js';
import { draftFindings } from './inspectJudge.js';
import { DraftList, plainDraft, toFindings, type Draft } from './inspectDrafts.js';
import { borrowedGit, newToHome, type CommitLinks } from './inspectNovelty.js';
import { createReader, objectInfos, packObjects, readObjects, type ObjectInfo, type Reader } from './inspectObjects.js';
import { createTreeScanner, type TreeNode } from './inspectScan.js';
import { commitLinks } from './inspectTree.js';
import type { Git } from './run.js';

// A commit or a tag is a few lines; only the head of it is read.
const mostCommitBytes = 1024 * 1024;
// The most that an entry with a name within the limits can take, oid and mode included.
const mostEntryBytes = 300;

/**
 * Inspects the objects of the packs alone, against every rule of the policy, and tells what is new to home among it:
 * `block` for what must not come in, `warn` for what a person should know. A cap that is hit, the time included, is a
 * finding. `git` is the quarantine, with `GIT_DIR` in its environment; git's fsck is a matter of the fetch
 * (`fsckFindings`). Two inspections of one commit do not say the same: what home has by then is not told again.
 * Fails with `cancelled` when the signal is raised, `git-failed` when the quarantine cannot be read.
 */
export async function inspect(
	git: Git,
	packIndexes: readonly string[],
	tips: readonly Oid[],
	limits: Limits,
	signal?: AbortSignal,
): Promise<Finding[]> {
	const reader = createReader(git, limits.seconds, signal);
	try {
		return toFindings(await inspectPacks(reader, packIndexes, tips, limits), limits.findingsPerCode);
	} catch (error) {
		throwIfCancelled(signal);
		if (isHomeportError(error, 'limit-exceeded')) {
			return [incomplete(`more ${String(error.details['what'])} than can be kept in memory`)];
		}
		if (reader.signal.aborted || isHomeportError(error, 'timed-out')) {
			return [incomplete(`not done after ${limits.seconds} seconds`)];
		}
		throw error;
	}
}

async function inspectPacks(
	reader: Reader,
	packIndexes: readonly string[],
	tips: readonly Oid[],
	limits: Limits,
): Promise<Draft[]> {
	const oids = await packObjects(reader, packIndexes, limits.objects);
	if (oids === null) {
		return [plainDraft('too-many-objects', '', `more than ${limits.objects}`, [])];
	}
	const infos = await objectInfos(reader, [...new Set([...oids, ...tips])]);
	const found = new Map(infos.map((info) => [info.oid, info]));
	const drafts = new DraftList();
	for (const oid of [...oids, ...tips]) {
		if (!found.has(oid)) {
			drafts.add(plainDraft('object-missing', oid, 'git cannot read it', []));
		}
	}
	const objects = oids.flatMap((oid) => found.get(oid) ?? []);
	const { commits, nodes, trees, bigBlobs } = await readStructure(reader, objects, limits, drafts);
	const roots = [...[...commits.values()].map((commit) => commit.tree), ...tips].flatMap(
		(oid) => trees.get(oid ?? '') ?? [],
	);
	const oidBytes = (oids[0] ?? '').length / 2;
	await draftFindings(reader, { limits, oidBytes, nodes, trees, roots, bigBlobs }, drafts);
	const home = packIndexes[0] === undefined ? null : await borrowedGit(reader.git, packIndexes[0]);
	return newToHome(reader, home, drafts.all(), commits, oidBytes);
}

interface Structure {
	readonly commits: ReadonlyMap<Oid, CommitLinks>;
	readonly nodes: readonly TreeNode[];
	readonly trees: ReadonlyMap<Oid, number>;
	readonly bigBlobs: ReadonlyMap<Oid, number>;
}

async function readStructure(
	reader: Reader,
	objects: readonly ObjectInfo[],
	limits: Limits,
	drafts: DraftList,
): Promise<Structure> {
	const commits = new Map<Oid, CommitLinks>();
	const nodes: TreeNode[] = [];
	const trees = new Map<Oid, number>();
	const bigBlobs = new Map<Oid, number>();
	const readable: ObjectInfo[] = [];
	for (const object of objects) {
		const { oid, type, size } = object;
		if (type === 'tree') {
			const isTooLarge = size > limits.treeEntries * mostEntryBytes;
			nodes.push(emptyNode(oid));
			trees.set(oid, trees.size);
			if (isTooLarge) {
				drafts.add(plainDraft('tree-too-large', oid, `a folder listing of ${size} bytes`, [oid]));
			} else {
				readable.push(object);
			}
		} else if (type === 'blob') {
			if (size > limits.blobBytes) {
				bigBlobs.set(oid, size);
			}
		} else if (size > mostCommitBytes) {
			drafts.add(plainDraft('blob-too-large', oid, `a ${type} of ${size} bytes`, [oid]));
		} else if (type === 'commit') {
			readable.push(object);
		}
	}
	const oidBytes = (objects[0]?.oid.length ?? 40) / 2;
	const scan = createTreeScanner({ limits, oidBytes, trees, bigBlobs });
	await readObjects(reader, readable, ({ oid, type }, bytes) => {
		if (type === 'commit') {
			commits.set(oid, commitLinks(bytes));
		} else {
			nodes[trees.get(oid)!] = scan(oid, bytes);
		}
	});
	return { commits, nodes, trees, bigBlobs };
}

function emptyNode(oid: Oid): TreeNode {
	return {
		oid,
		bytes: 0,
		childNames: [],
		children: [],
		others: 0,
		longestOther: 0,
		marks: [],
		faults: [],
		clashing: new Set(),
	};
}

function incomplete(detail: string): Finding {
	return { code: 'inspection-incomplete', level: 'block', path: '', detail };
}
