/** The caps of inspection: how much of a session's objects is accepted, and how long looking at them may take. */
export interface Limits {
	/** Objects in the incoming packs together. */
	readonly objects: number;
	/** Bytes of one blob, unpacked. */
	readonly blobBytes: number;
	/** Entries of one tree. */
	readonly treeEntries: number;
	/** Bytes of one path, and of one name in it; what Linux can open (PATH_MAX, NAME_MAX). */
	readonly pathBytes: number;
	readonly nameBytes: number;
	/** Names in one path. */
	readonly depth: number;
	/** Files that one commit would check out; a subtree counts as often as it is named. */
	readonly files: number;
	/** Seconds for the whole inspection. */
	readonly seconds: number;
	/** Findings listed for one code; the rest is counted in one more. */
	readonly findingsPerCode: number;
	/** True where home's file system takes `a` and `A` for one name: clashes then block. */
	readonly ignoreCase: boolean;
}

/**
 * Defaults far above what a repository of people holds, since a cap that is hit leaves work behind, and far below what
 * fills a disk or a memory.
 */
export const defaultLimits: Limits = {
	objects: 1_000_000,
	blobBytes: 1024 ** 3,
	treeEntries: 100_000,
	pathBytes: 4096,
	nameBytes: 255,
	depth: 256,
	files: 1_000_000,
	seconds: 60,
	findingsPerCode: 20,
	ignoreCase: false,
};
