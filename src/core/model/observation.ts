/** A git object name, 40 or 64 lower-case hexadecimal digits. */
export type Oid = string;

/** A commit that a session names: a branch, a stash entry, a worktree's HEAD. */
export interface Tip {
	readonly name: string;
	readonly oid: Oid;
}

/** What a working tree is in the middle of. */
export type InProgress = 'merge' | 'rebase' | 'cherry-pick' | 'revert' | 'bisect' | 'am';

export type FileChange = 'modified' | 'deleted' | 'untracked' | 'ignored' | 'unmerged';

/** A file that the session has not committed. `size` is null where there is none to tell. */
export interface ChangedFile {
	readonly path: string;
	readonly change: FileChange;
	readonly size: number | null;
}

export type MissingReason =
	| 'unreadable'
	| 'looks-like-credentials'
	| 'too-large'
	| 'nested-repository'
	| 'worktree-elsewhere'
	| 'special-file'
	| 'lfs-content'
	| 'shallow-history'
	| 'partial-clone'
	| 'object-missing'
	| 'capture-failed'
	| 'too-many-refs';

/** Something that the session has and Homeport could not take; `name` is a path, a ref or an oid. */
export interface Missing {
	readonly name: string;
	readonly reason: MissingReason;
	readonly size: number | null;
}

/** The commit that holds what the session has not committed. */
export interface Capture {
	readonly oid: Oid;
	/** False where the working tree would not hold still over three rounds. */
	readonly quiet: boolean;
}

/** All that one look at a session told, names and object ids alone. */
export interface Observation {
	/** One life of the session's storage and repository; two that differ are never compared as deletions. */
	readonly epoch: string;
	/** `branch` is null when detached, `oid` when there is no commit yet. */
	readonly head: { readonly branch: string | null; readonly oid: Oid | null };
	readonly branches: readonly Tip[];
	/** HEADs of the session's working trees that no branch holds, by the tree's name. */
	readonly detached: readonly Tip[];
	readonly stashes: readonly Tip[];
	/** Commits that only a reflog, or an operation in progress, still names. */
	readonly reflog: readonly Oid[];
	readonly inProgress: InProgress | null;
	readonly bare: boolean;
	readonly shallow: boolean;
	readonly partial: boolean;
	readonly sparse: boolean;
	readonly lfs: boolean;
	readonly submodules: readonly string[];
	readonly files: readonly ChangedFile[];
	readonly capture: Capture | null;
	readonly missing: readonly Missing[];
	/** git's version in the session. */
	readonly gitVersion: string;
}

/** The part of an observation that names commits. */
export type ObservedTips = Pick<Observation, 'head' | 'branches' | 'detached' | 'stashes' | 'reflog' | 'capture'>;

/** Every object id that an observation names, each once. */
export function observedOids(observation: ObservedTips): Oid[] {
	const oids = new Set<Oid>();
	for (const tip of [...observation.branches, ...observation.detached, ...observation.stashes]) {
		oids.add(tip.oid);
	}
	for (const oid of observation.reflog) {
		oids.add(oid);
	}
	if (observation.head.oid !== null) {
		oids.add(observation.head.oid);
	}
	if (observation.capture !== null) {
		oids.add(observation.capture.oid);
	}
	return [...oids];
}

/** The observation without some commits; what named them is listed as missing. */
export function withoutCommits(observation: Observation, lost: ReadonlySet<Oid>): Observation {
	const kept = (tip: Tip): boolean => !lost.has(tip.oid);
	const named = [...observation.branches, ...observation.detached, ...observation.stashes].filter((tip) => !kept(tip));
	const others = observation.reflog.filter((oid) => lost.has(oid));
	const capture = observation.capture !== null && lost.has(observation.capture.oid) ? ['capture'] : [];
	const names = [...named.map((tip) => tip.name), ...others, ...capture];
	const { oid } = observation.head;
	return {
		...observation,
		head: { ...observation.head, oid: oid !== null && lost.has(oid) ? null : oid },
		branches: observation.branches.filter(kept),
		detached: observation.detached.filter(kept),
		stashes: observation.stashes.filter(kept),
		reflog: observation.reflog.filter((oid) => !lost.has(oid)),
		capture: capture.length > 0 ? null : observation.capture,
		missing: [
			...observation.missing,
			...names.map((name): Missing => ({ name, reason: 'object-missing', size: null })),
		],
	};
}
