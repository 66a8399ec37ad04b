import { createHash } from 'node:crypto';
import { updateOwnRefs } from '../git/ownRefs.js';
import type { Git } from '../git/run.js';
import { sessionRefName } from '../model/session.js';
import type { LedgerHead } from './ledger.js';

const prefix = 'refs/homeport/sessions/';

/**
 * Makes `refs/homeport/sessions/<session>/` name what the ledger's newest entry lists: one ref a branch, and the
 * capture. A cache for people and `git log`, made good at the next look where it fails; `head` null removes it. Deletes
 * go first, in a transaction of their own,
 * since a folder may become a file.
 */
export async function refreshSessionRefs(git: Git, sessionId: string, head: LedgerHead | null): Promise<void> {
	const cache = git.with({ config: [['core.fsync', 'none']] });
	const base = `${prefix}${sessionRefName(sessionId)}/`;
	const wanted = new Map<string, string>();
	if (head !== null) {
		for (const tip of head.entry.branches) {
			const ref = `${base}heads/${refPath(tip.name)}`;
			wanted.set(ref, head.standsFor[tip.oid] ?? tip.oid);
		}
		if (head.entry.capture !== null) {
			const { oid } = head.entry.capture;
			wanted.set(`${base}capture`, head.standsFor[oid] ?? oid);
		}
	}
	const listed = await git.text(['for-each-ref', '--format=%(refname) %(objectname)', base]);
	const current = new Map(
		listed
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => line.split(' ', 2) as [string, string]),
	);
	const gone = [...current.keys()].filter((ref) => !wanted.has(ref));
	const moved = [...wanted].filter(([ref, oid]) => current.get(ref) !== oid);
	if (gone.length > 0) {
		await updateOwnRefs(cache, gone.map((ref) => `delete ${ref}\n`).join(''));
	}
	if (moved.length > 0) {
		await updateOwnRefs(cache, moved.map(([ref, oid]) => `update ${ref} ${oid}\n`).join(''));
	}
}

// A session's branch name may hold what no ref of ours should; each part is encoded like a session's id.
function refPath(branch: string): string {
	return branch.split('/').map(refPart).join('/');
}

// A name in a folder has 255 bytes at most, the `.lock` of git included.
function refPart(part: string): string {
	const encoded = sessionRefName(part);
	const digest = createHash('sha256').update(part).digest('hex').slice(0, 12);
	return encoded.length <= 200 ? encoded : `${encoded.slice(0, 180).replace(/%[0-9A-F]?$/, '')}-${digest}`;
}
