import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { userIdentity } from '../git/identity.js';
import { integrate, withScratch } from '../git/integrate.js';
import { mergeFiles } from '../git/mergeFiles.js';
import { treeGit } from '../git/worktree.js';
import type { OperationFiles } from '../operations/stored.js';
import type { Plan, RefChange } from '../model/plan.js';
import type { Session } from '../model/session.js';
import type { SyncContext } from './context.js';
import { integrationOf } from './forecast.js';
import { headsPrefix } from './naming.js';

/**
 * The changes of a plan with the commits that its merges stand for, made in home by the user's identity; no ref names them
 * yet. Fails with `identity-missing`, and with `changed-meanwhile` where a merge does not come out as it was planned.
 */
export async function makeMerges(
	{ home, clock }: SyncContext,
	session: Session,
	plan: Plan,
): Promise<readonly RefChange[]> {
	const refs: RefChange[] = [];
	for (const change of plan.refs) {
		const { forecast } = change;
		if (change.action !== 'merge' || forecast === undefined) {
			refs.push(change);
			continue;
		}
		const git = await treeGit(home, home.root);
		const identity = await userIdentity(git, clock.now());
		const message = mergeMessage(session, change);
		const integration = integrationOf(plan.request, forecast.onto, forecast.source, message);
		const made = await withScratch(home, (folder) => integrate(git, folder, integration, identity));
		if (made === null || 'conflicts' in made || made.tree !== forecast.tree) {
			throw new HomeportError('changed-meanwhile', { ref: change.ref, reason: 'the merge comes out differently now' });
		}
		refs.push({ ...change, to: made.commit });
	}
	return refs;
}

/**
 * The trees of home that the plan's files stand for, as objects of home. Fails with `changed-meanwhile` where the working
 * tree is no longer what was planned for.
 */
export async function makeFiles({ home }: SyncContext, plan: Plan): Promise<OperationFiles[]> {
	const made: OperationFiles[] = [];
	for (const { action, files } of plan.refs) {
		if (action !== 'files' || files === undefined) {
			continue;
		}
		const { worktree, ref } = files;
		const merged = await withScratch(home, (folder) => mergeFiles(home, worktree, files, folder));
		if (merged === null || merged.to === null || merged.from !== files.from || merged.to !== files.to) {
			throw new HomeportError('changed-meanwhile', { ref, worktree, reason: 'files here were changed meanwhile' });
		}
		made.push({ worktree, from: merged.from, to: merged.to });
	}
	return made;
}

/** The message of a merge commit, safe to show. */
export function mergeMessage(session: Session, { source, ref }: Pick<RefChange, 'source' | 'ref'>): string {
	const from = source === null ? `session '${session.name}'` : `branch '${source}' of session '${session.name}'`;
	return shownText(`Merge ${from} into ${ref.slice(headsPrefix.length)}`, 500);
}
