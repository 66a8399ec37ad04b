export type FindingLevel = 'block' | 'warn';

export type FindingCode =
	| 'fsck'
	| 'dot-git-entry'
	| 'unsafe-path'
	| 'path-too-long'
	| 'path-too-deep'
	| 'tree-too-large'
	| 'blob-too-large'
	| 'too-many-objects'
	| 'too-many-files'
	| 'inspection-incomplete'
	| 'gitmodules-unsafe'
	| 'gitmodules-symlink'
	| 'embedded-repository'
	| 'case-clash'
	| 'symlink-outside'
	| 'windows-name'
	| 'attributes-driver'
	| 'lfs-config'
	| 'runs-on-open'
	| 'runs-on-checkout'
	| 'runs-on-install'
	| 'runs-on-push'
	| 'object-missing';

/** What inspection found in a session's objects. `block` cannot be accepted; `warn` is shown. */
export interface Finding {
	readonly code: FindingCode;
	readonly level: FindingLevel;
	/** The path inside the tree, an oid, or a ref; already safe to show. */
	readonly path: string;
	/** The rule that was broken, in a few words; details for the message. */
	readonly detail: string;
}
