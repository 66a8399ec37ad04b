/** One entry of a tree; a plain value that holds no bytes of the tree. */
export interface TreeEntry {
	/** The file mode, as the number that its octal digits say. */
	readonly mode: number;
	/** The name's bytes, one character each. */
	readonly name: string;
	readonly oid: string;
}

const treeMode = 0o40000;
export const linkMode = 0o120000;
export const submoduleMode = 0o160000;
// 0100664 was written by git before 1.0 and lives on in old histories.
const knownModes = new Set([0o100644, 0o100755, 0o100664, treeMode, linkMode, submoduleMode]);

export function isKnownMode(mode: number): boolean {
	return knownModes.has(mode);
}

/** True where git would take the entry for a folder, whatever else is in its mode. */
export function isTreeMode(mode: number): boolean {
	return (mode & 0o170000) === treeMode;
}

/** Receives an entry: the oid's place in the bytes, and whether the mode begins with a zero, which git never writes. */
export type VisitEntry = (mode: number, name: string, oidAt: number, zeroPadded: boolean) => void;

/**
 * Goes through the bytes of a tree object: octal mode, space, name, NUL, oid (gitformat-pack and `tree.c` know no other
 * form). Returns what is wrong with it, or null; entries before the damage have been visited. Never throws by itself.
 */
export function visitTree(bytes: Buffer, oidBytes: number, visit: VisitEntry): string | null {
	for (let at = 0; at < bytes.length;) {
		const modeAt = at;
		let mode = 0;
		for (; at < bytes.length && bytes[at] !== 0x20; at++) {
			const digit = bytes[at]! - 0x30;
			if (digit < 0 || digit > 7 || at - modeAt >= 7) {
				return 'a tree with a mode that is no number';
			}
			mode = mode * 8 + digit;
		}
		if (at === modeAt) {
			return 'a tree with an entry without a mode';
		}
		const nameAt = at + 1;
		const nameEnd = bytes.indexOf(0, nameAt);
		if (nameEnd < 0 || nameEnd + 1 + oidBytes > bytes.length) {
			return 'a tree that ends in the middle of an entry';
		}
		visit(mode, bytes.toString('latin1', nameAt, nameEnd), nameEnd + 1, bytes[modeAt] === 0x30);
		at = nameEnd + 1 + oidBytes;
	}
	return null;
}

/** The entries of a tree by name; of a damaged tree those before the damage. */
export function treeEntries(bytes: Buffer, oidBytes: number): Map<string, TreeEntry> {
	const entries = new Map<string, TreeEntry>();
	visitTree(bytes, oidBytes, (mode, name, oidAt) => {
		entries.set(name, { mode, name, oid: bytes.toString('hex', oidAt, oidAt + oidBytes) });
	});
	return entries;
}

/** The tree and the parents that a commit object names. */
export function commitLinks(bytes: Buffer): { readonly tree: string | null; readonly parents: readonly string[] } {
	let tree: string | null = null;
	const parents: string[] = [];
	for (let at = 0; at < bytes.length;) {
		const end = bytes.indexOf(0x0a, at);
		const match = /^(tree|parent) ([0-9a-f]{40,64})$/.exec(bytes.toString('latin1', at, end < 0 ? bytes.length : end));
		if (match === null) {
			break;
		}
		if (match[1] === 'parent') {
			parents.push(match[2]!);
		} else {
			tree = match[2]!;
		}
		at = end < 0 ? bytes.length : end + 1;
	}
	return { tree, parents };
}
