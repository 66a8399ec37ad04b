const maxPartBytes = 250;

/** Names that git would read as something else before it reads them as a branch (gitrevisions(7)). */
export const readsAsOther = /^(?:refs|heads|tags|remotes|origin)\//i;
/** A name that git reads as a commit or as HEAD. */
export const readsAsCommit = /^(?:[a-z_]*head|[0-9a-f]{40}|[0-9a-f]{64})$/i;

/** True when the branch name is one that git accepts and reads as nothing else (git-check-ref-format(1)). */
export function isBranchName(name: string): boolean {
	const parts = name.split('/');
	return (
		!/^-|^@$|@\{|\.\.|\.$|[ ~^:?*[\\\p{Cc}\p{Cs}]/u.test(name) &&
		!readsAsOther.test(name) &&
		!readsAsCommit.test(name) &&
		parts.every((part) => part !== '' && !/^\.|\.lock$/.test(part) && byteLength(part) <= maxPartBytes)
	);
}

/** True when a name stands beside these branches: git keeps no branch in a folder of another one's name. */
export function standsBeside(name: string, existing: readonly string[]): boolean {
	return existing.every((other) => !other.startsWith(`${name}/`) && !name.startsWith(`${other}/`));
}

/** The name's length as git counts it. */
export function byteLength(text: string): number {
	return new TextEncoder().encode(text).length;
}
