import { HomeportError } from '../base/errors.js';
import { shellWord } from '../base/text.js';
import { lstat, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { HomeRepository } from '../git/home.js';
import { type Session, sessionId } from '../model/session.js';

const scope = 'worktree';
// Open merges are Homeport's own.
const mergesFolder = '/.claude/sync/merges/';

/**
 * The linked worktrees of home as sessions, except the one that home was opened in. Their branches are home's already;
 * HEAD, index and files are their own. They are told by home's own records, never by what stands in their folders. A
 * name that comes twice gets a number.
 */
export async function worktreeSessions(home: HomeRepository): Promise<Session[]> {
	const sessions: Session[] = [];
	const names = new Set<string>();
	for (const { path, gitDir } of await linkedWorktrees(home)) {
		if (path === home.root || path.includes(mergesFolder)) {
			continue;
		}
		let name = basename(path);
		for (let number = 2; names.has(name); number += 1) {
			name = `${basename(path)}-${number}`;
		}
		names.add(name);
		const info = await stat(gitDir).catch(() => null);
		const folder = await lstat(path).catch(() => null);
		const there = info !== null && folder?.isDirectory() === true;
		sessions.push({
			id: sessionId('local', scope, name),
			name,
			backend: 'local',
			scope,
			agent: 'worktree',
			state: there ? 'running' : 'missing',
			reason: there ? null : 'the folder of the worktree is not there',
			workspace: path,
			gitDir,
			storage: info === null ? 'gone' : `${info.dev}:${info.ino}`,
			home: home.mainWorktree ?? home.root,
			worktreeOfHome: true,
		});
	}
	return sessions;
}

/** Fails with `usage` where the session is listed for what it is, and so has no registration to end. */
export function refuseListedSession(session: Session): void {
	if (session.backend !== 'local') {
		throw new HomeportError('usage', {
			session: session.id,
			what: `${session.id} lives on a cluster, and is listed as long as it is there`,
		});
	}
	if (session.scope === scope) {
		throw new HomeportError('usage', {
			session: session.id,
			what: `${session.id} is a worktree of home, and is listed as long as it is there`,
			next: `\`git worktree remove ${shellWord(session.workspace)}\` takes it away.`,
		});
	}
}

// `.git/worktrees/<id>/gitdir` names the `.git` file of the worktree (gitrepository-layout(5)).
async function linkedWorktrees(home: HomeRepository): Promise<{ path: string; gitDir: string }[]> {
	const folder = join(home.commonDir, 'worktrees');
	const found: { path: string; gitDir: string }[] = [];
	for (const id of (await readdir(folder).catch(() => [])).toSorted((a, b) => (a < b ? -1 : 1))) {
		const record = join(folder, id, 'gitdir');
		const info = await lstat(record).catch(() => null);
		const text = info?.isFile() && info.size < 8192 ? (await readFile(record, 'utf8')).replace(/\n$/, '') : '';
		if (text.endsWith('/.git')) {
			const path = dirname(text);
			found.push({ path: await realpath(path).catch(() => path), gitDir: join(folder, id) });
		}
	}
	return found;
}
