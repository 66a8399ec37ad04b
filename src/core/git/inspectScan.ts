import { HomeportError } from '../base/errors.js';
import type { Limits } from '../config/limits.js';
import type { Oid } from '../model/observation.js';
import { isKnownMode, isTreeMode, linkMode, visitTree, type TreeEntry } from './inspectTree.js';
import { judgeName, type Fault, type NameFacts } from './policyPath.js';
import { fileRisk, folderOf } from './policyRisk.js';

/** The entries of a folder that home has already, by name. */
export type BaseFolder = ReadonlyMap<string, TreeEntry>;

/** An entry that needs a second look: by its path, by its content, or because of its size. */
export interface Mark {
	readonly facts: NameFacts;
	readonly mode: number;
	readonly oid: Oid;
}

/** A rule that a tree breaks, wherever it is placed. */
interface TreeFault extends Fault {
	/** The name in the tree that it is about; null for the tree itself. */
	readonly name: string | null;
	/** True where home's own folder in this place breaks the rule in the same way. */
	readonly isIn: (base: BaseFolder) => boolean;
}

/** What is kept of a tree of the packs: the trees of the packs that it holds, and what may become a finding. */
export interface TreeNode {
	readonly oid: Oid;
	readonly bytes: number;
	/** Names and positions of the subtrees that are in the packs too. */
	readonly childNames: readonly string[];
	readonly children: readonly number[];
	/** Entries that are no such subtree, and the length of the longest name among them. */
	readonly others: number;
	readonly longestOther: number;
	readonly marks: readonly Mark[];
	readonly faults: readonly TreeFault[];
	/** Names that another name in this tree can stand for. */
	readonly clashing: ReadonlySet<string>;
}

export interface ScanSubject {
	readonly limits: Limits;
	readonly oidBytes: number;
	/** Position of every tree of the packs. */
	readonly trees: ReadonlyMap<Oid, number>;
	/** Blobs of the packs that are larger than the limit, with their size. */
	readonly bigBlobs: ReadonlyMap<Oid, number>;
}

// What an inspection keeps in memory for a second look, at most; about 50 MB.
const mostMarks = 200_000;
// Subtrees named by all trees together, at most; a million trees name about five million. 16 bytes each.
const mostEdges = 10_000_000;
const noNames: ReadonlySet<string> = new Set();
const mostNames = 100_000;

interface NameJudgement {
	readonly facts: NameFacts;
	readonly isRisky: boolean;
	readonly isFolder: boolean;
}

/**
 * Makes the function that turns the bytes of a tree into a {@link TreeNode}. It fails with `limit-exceeded` once more
 * than memory allows would have to be kept.
 */
export function createTreeScanner(subject: ScanSubject): (oid: Oid, bytes: Buffer) => TreeNode {
	const names = new Map<string, NameJudgement>();
	let kept = 0;
	let edges = 0;
	const judge = (name: string): NameJudgement => {
		let judgement = names.get(name);
		if (judgement === undefined) {
			const facts = judgeName(name);
			const isRisky = facts.isModules || fileRisk(facts.folded) !== null;
			judgement = { facts, isRisky, isFolder: folderOf(facts.folded) !== null };
			if (names.size >= mostNames) {
				names.clear();
			}
			names.set(name, judgement);
		}
		return judgement;
	};
	return (oid, bytes) => {
		const node = scanTree(subject, judge, oid, bytes);
		kept += node.marks.length + node.faults.length;
		edges += node.children.length;
		if (edges > mostEdges) {
			throw new HomeportError('limit-exceeded', { what: 'folders in folders' });
		}
		if (kept > mostMarks) {
			throw new HomeportError('limit-exceeded', { what: 'entries to look into' });
		}
		return node;
	};
}

function scanTree(subject: ScanSubject, judge: (name: string) => NameJudgement, oid: Oid, bytes: Buffer): TreeNode {
	const { limits, oidBytes, trees, bigBlobs } = subject;
	const childNames: string[] = [];
	const children: number[] = [];
	const marks: Mark[] = [];
	const faults: TreeFault[] = [];
	const byFolded = new Map<string, string>();
	let clashing: Set<string> | null = null;
	let count = 0;
	let longestOther = 0;
	let isPadded = false;

	const damage = visitTree(bytes, oidBytes, (mode, name, oidAt, zeroPadded) => {
		count += 1;
		if (count > limits.treeEntries) {
			return;
		}
		isPadded ||= zeroPadded;
		const { facts, isRisky, isFolder } = judge(name);
		for (const fault of facts.faults) {
			faults.push(entryFault(fault, name));
		}
		if (name.length > limits.nameBytes) {
			const detail = `a name of ${name.length} bytes`;
			faults.push(entryFault({ code: 'path-too-long', level: 'block', detail }, name));
		}
		if (!isKnownMode(mode)) {
			const detail = `a file mode that git does not write: ${mode.toString(8)}`;
			faults.push(entryFault({ code: 'fsck', level: 'block', detail }, name));
		}
		const other = byFolded.get(facts.folded);
		if (other === undefined) {
			byFolded.set(facts.folded, name);
		} else {
			faults.push(clashFault(name, other, limits));
			clashing = (clashing ?? new Set<string>()).add(name).add(other);
		}
		const isTree = isTreeMode(mode);
		const child = isTree ? trees.get(bytes.toString('hex', oidAt, oidAt + oidBytes)) : undefined;
		if (child !== undefined) {
			childNames.push(facts.name);
			children.push(child);
			return;
		}
		longestOther = Math.max(longestOther, name.length);
		if (mode === linkMode || (isTree ? isFolder : isRisky || isFolder) || bigBlobs.size > 0) {
			const entryOid = bytes.toString('hex', oidAt, oidAt + oidBytes);
			if (mode === linkMode || isRisky || isFolder || bigBlobs.has(entryOid)) {
				marks.push({ facts, mode, oid: entryOid });
			}
		}
	});

	if (damage !== null) {
		faults.push({ code: 'fsck', level: 'block', detail: damage, name: null, isIn: () => false });
	}
	if (isPadded) {
		const detail = 'a file mode that begins with zero';
		faults.push({ code: 'fsck', level: 'warn', detail, name: null, isIn: () => false });
	}
	if (count > limits.treeEntries) {
		faults.push({
			code: 'tree-too-large',
			level: 'block',
			detail: `a folder of ${count} entries`,
			name: null,
			isIn: (base) => base.size > limits.treeEntries,
		});
	}
	if (looksLikeRepository(byFolded)) {
		faults.push({
			code: 'embedded-repository',
			level: 'warn',
			detail: 'a git repository inside the tree; git commands in it obey its configuration',
			name: null,
			isIn: (base) => looksLikeRepository(base),
		});
	}
	const others = count - children.length;
	return {
		oid,
		bytes: bytes.length,
		childNames,
		children,
		others,
		longestOther,
		marks,
		faults,
		clashing: clashing ?? noNames,
	};
}

function entryFault(fault: Fault, name: string): TreeFault {
	return { ...fault, name, isIn: (base) => base.has(name) };
}

function clashFault(name: string, other: string, limits: Limits): TreeFault {
	const isTwice = name === other;
	return {
		code: isTwice ? 'fsck' : 'case-clash',
		level: isTwice || limits.ignoreCase ? 'block' : 'warn',
		detail: isTwice ? 'a name that is there twice' : `on some file systems the same name as ${shownName(other)}`,
		name,
		isIn: (base) => !isTwice && base.has(name) && base.has(other),
	};
}

function shownName(name: string): string {
	return Buffer.from(name, 'latin1').toString('utf8');
}

// What git takes for a repository without being told (`is_git_directory` in its setup.c).
function looksLikeRepository(folder: { has(name: string): boolean }): boolean {
	const has = (name: string): boolean => folder.has(name);
	const hasHead = has('head') || has('HEAD');
	return hasHead && (has('commondir') || (has('objects') && has('refs')));
}
