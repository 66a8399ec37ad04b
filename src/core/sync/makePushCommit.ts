import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { userIdentity } from '../git/identity.js';
import { integrate, withScratchObjects } from '../git/integrate.js';
import { mergeTrees } from '../git/mergedTree.js';
import { treeGit } from '../git/worktree.js';
import type { Oid } from '../model/observation.js';
import type { SyncRequest } from '../model/plan.js';
import type { PushChange } from '../model/push.js';
import type { SyncContext } from './context.js';
import { headsPrefix } from './naming.js';
import { turned } from './pushFacts.js';

/**
 * The commit that a change of the session's branch brings, made in home by the user's identity where it stands for a merge
 * or for files alone; no ref names it yet. `source` is home's commit. Fails with `identity-missing`, and with
 * `changed-meanwhile` where it does not come out as it was planned.
 */
export async function makePushCommit(
	{ home, clock }: SyncContext,
	request: SyncRequest,
	change: PushChange,
	source: Oid,
): Promise<Oid> {
	const { forecast, files } = change;
	if (change.to !== null) {
		return change.to;
	}
	const git = await treeGit(home, home.root);
	const identity = await userIdentity(git, clock.now());
	const [from, to] = [`home's ${change.source}`, change.ref.slice(headsPrefix.length)];
	if (files !== undefined) {
		// What the plan had put together was thrown away with it; home's own tree is there.
		const own = await git.text(['rev-parse', '--verify', `${source}^{tree}`]);
		if (files.onto !== null && files.tree !== own) {
			const merged = await mergeTrees(git, files.onto, source);
			requireSame(change, merged?.clean === true ? merged.tree : null, files.tree);
		}
		const message = shownText(`Files of ${from}, as of ${source.slice(0, 12)}`, 500);
		const parents = files.onto === null ? [] : ['-p', files.onto];
		const args = ['commit-tree', ...identity.sign, ...parents, files.tree];
		return git.text(args, { input: `${message}\n`, env: identity.env });
	}
	if (forecast === undefined) {
		throw new HomeportError('internal', { what: 'a change of the session without a commit' });
	}
	const message = shownText(`Merge ${from} into ${to}`, 500);
	const { kind, onto } = forecast;
	const onConflict = turned(request.onConflict);
	const made = await withScratchObjects(home, (_, folder) =>
		integrate(git, folder, { kind, onto, source, onConflict, message }, identity),
	);
	if (made === null || 'conflicts' in made) {
		throw new HomeportError('changed-meanwhile', { ref: change.ref, reason: 'the merge comes out differently now' });
	}
	requireSame(change, made.tree, forecast.tree);
	return made.commit;
}

function requireSame(change: PushChange, made: Oid | null, planned: Oid | null): void {
	if (made === null || made !== planned) {
		throw new HomeportError('changed-meanwhile', { ref: change.ref, reason: 'the merge comes out differently now' });
	}
}
