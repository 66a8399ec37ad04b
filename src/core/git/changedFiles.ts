import type { ContentChange, ContentSide, CutList } from '../model/contents.js';
import type { Oid } from '../model/observation.js';
import { type BytePath, bytePaths, readable } from './bytePath.js';
import { kindOfMode } from './contents.js';
import type { Git } from './run.js';
import { emptyTree } from './worktree.js';

// Renames that also changed cost a comparison of every pair: among more files than this, git finds unchanged ones alone.
const renameLimit = '400';

/** The files that differ between two commits or trees, in git's order; `from` null stands for the empty tree. */
export async function changedFiles(
	git: Git,
	from: Oid | null,
	to: Oid,
	{ most, signal }: { readonly most: number; readonly signal?: AbortSignal | undefined },
): Promise<CutList<ContentChange>> {
	const old = from ?? (await emptyTree(git));
	const how = ['-r', '-z', '--raw', '--no-abbrev', '--ignore-submodules=none', '-M', '-l', renameLimit];
	const { stdout } = await git.run(['diff-tree', ...how, old, to], signal === undefined ? {} : { signal });
	const changes = parseRaw(bytePaths(stdout));
	return { items: changes.slice(0, most), total: changes.length };
}

// `:MODE MODE OID OID STATUS`, then a path, or two where the file was renamed (git-diff(1), raw output).
function parseRaw(fields: readonly BytePath[]): ContentChange[] {
	const changes: ContentChange[] = [];
	for (let at = 0; at + 1 < fields.length;) {
		const [oldMode = '', newMode = '', oldOid = '', newOid = '', status = ''] = fields[at]!.slice(1).split(' ');
		const renamed = /^[RC]/.test(status);
		const before = fields[at + 1]!;
		const path = renamed ? (fields[at + 2] ?? before) : before;
		changes.push({
			path: readable(path),
			oldPath: renamed ? readable(before) : null,
			from: sideOf(oldMode, oldOid),
			to: sideOf(newMode, newOid),
		});
		at += renamed ? 3 : 2;
	}
	return changes;
}

function sideOf(mode: string, oid: Oid): ContentSide | null {
	const number = Number.parseInt(mode, 8);
	return number === 0 ? null : { oid, kind: kindOfMode(number) };
}
