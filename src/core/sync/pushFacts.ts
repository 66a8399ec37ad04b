import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { filteredPaths } from '../git/attributes.js';
import { type BytePath, readable } from '../git/bytePath.js';
import { throwAwayIdentity } from '../git/identity.js';
import { integrate, withScratchObjects } from '../git/integrate.js';
import { mergeTrees, conflictsOf } from '../git/mergedTree.js';
import { relationOf } from '../git/relations.js';
import type { Git } from '../git/run.js';
import { readTarget } from '../git/session/push/target.js';
import { changesBetween } from '../git/worktree.js';
import type { MergeForecast, OnConflict } from '../model/merge.js';
import type { Oid } from '../model/observation.js';
import { isBranchName } from '../model/branchName.js';
import type { SyncRequest } from '../model/plan.js';
import type { Relation } from '../model/relation.js';
import type { BesideBranch, Hindrance, PushFacts } from '../model/push.js';
import type { Session } from '../model/session.js';
import { execOf, type StepOptions, type SyncContext } from './context.js';
import { readHomeState } from './homeState.js';
import { placeOf } from './look.js';
import { headsPrefix, homeBranchName, namesBeside } from './naming.js';
import { besideNameOf } from './planPush.js';
import type { Rescue } from './rescue.js';

/** The branch of home that goes out; `oid` is null for a merge that is planned and not made yet. */
export interface HomeSource {
	readonly branch: string;
	readonly oid: Oid | null;
	/** For a merge that is not made yet: the commits that it will bring. */
	readonly gained: number;
}

/** The home branch that a push is of: the one that was named, else the one that is checked out here. */
export async function homeSource(context: SyncContext, request: SyncRequest): Promise<HomeSource> {
	const { home } = context;
	const state = await readHomeState(home);
	const here = state.worktrees.find((worktree) => worktree.path === home.root)?.branch ?? null;
	const ref = request.branch === null ? here : headsPrefix + request.branch;
	const found = ref === null ? undefined : state.branches.get(ref);
	if (ref === null || found === undefined) {
		throw new HomeportError('usage', {
			what:
				request.branch === null
					? 'Home has no branch with a commit checked out'
					: `Home has no branch "${shownText(request.branch)}"`,
			next: 'Name the home branch with `--branch NAME`.',
		});
	}
	return { branch: ref.slice(headsPrefix.length), oid: found.oid, gained: 0 };
}

/**
 * Gathers all that the plan of a push is made of, after the session's work came home: what came home is what it is planned
 * on, and what the push leases, even where the session has gone on since. Fails with `session-not-owned` where nothing may
 * be written there.
 */
export async function gatherPush(
	context: SyncContext,
	session: Session,
	rescue: Rescue,
	request: SyncRequest,
	source: HomeSource,
	hindrance: Hindrance | null,
	options: StepOptions,
): Promise<PushFacts> {
	const { home } = context;
	const { observation, ledger } = rescue;
	const oids = new Map(observation.branches.map((tip) => [headsPrefix + tip.name, tip.oid]));
	const ref = targetRef(context, session, rescue, request, source.branch);
	const oid = ref === null ? null : (oids.get(ref) ?? null);
	// What home cannot hold of a session's history stands there under another name.
	const known = oid === null ? null : (ledger.standsFor[oid] ?? oid);
	const relation = known === null ? null : await relationTo(home.git, known, source);
	const base = known === null || source.oid === null ? null : await baseOf(home.git, known, source.oid);
	const holds = ref !== null && observation.head.branch === ref.slice(headsPrefix.length);
	const coming = await withScratchObjects(home, async (git, folder) => {
		const forecast =
			known === null || known !== oid || source.oid === null
				? null
				: await forecastPush(git, folder, request, known, source.oid, relation);
		const tree = forecast === null ? source.oid : forecast.tree;
		if (!holds || tree === null) {
			return { forecast, added: [], filtered: [] };
		}
		const changes = await changesBetween(git, known, tree);
		const paths = changes.filter(({ newMode }) => newMode !== '000000').map(({ path }) => path);
		const added = changes.filter(({ oldMode }) => oldMode === '000000').map(({ path }) => path);
		return { forecast, added, filtered: await filteredPaths(git, folder, tree, paths) };
	});
	const target = await readTarget(
		execOf(context, session),
		await placeOf(context, session),
		{ ref: ref ?? 'HEAD', added: coming.added },
		options.signal === undefined ? {} : { signal: options.signal },
	);
	if (!target.owned) {
		throw new HomeportError('session-not-owned', { session: session.id });
	}
	return {
		session: {
			id: session.id,
			name: session.name,
			epoch: observation.epoch,
			branches: [...oids.keys()],
			held: target.held,
			inProgress: target.inProgress,
			dirty: target.dirty,
		},
		home: {
			branch: source.branch,
			oid: source.oid,
			tree: source.oid === null ? null : await treeOf(home.git, source.oid),
			gained: source.oid === null ? source.gained : await countNew(home.git, source.oid, [...oids.values()]),
		},
		target: ref === null ? null : { ref, oid, tree: known === null ? null : await treeOf(home.git, known) },
		relation,
		base: known === oid ? base : null,
		forecast: coming.forecast,
		inTheWay: target.inTheWay,
		filtered: coming.filtered.map((path: BytePath) => readable(path)),
		besides: await besidesOf(home.git, oids, ledger.standsFor, source),
		hindrance,
	};
}

/** The session's branch that a push goes to; null where HEAD is on none and none was named. */
function targetRef(
	{ config }: SyncContext,
	session: Session,
	{ observation }: Rescue,
	request: SyncRequest,
	branch: string,
): string | null {
	const { head, branches } = observation;
	const there = (name: string): boolean => branches.some((tip) => tip.name === name);
	if (request.from !== null) {
		if (!there(request.from) && !isBranchName(request.from)) {
			throw new HomeportError('usage', { what: `"${shownText(request.from)}" is no name for a branch` });
		}
		return headsPrefix + request.from;
	}
	if (head.branch === null) {
		return head.oid === null ? headsPrefix + homeBranchName(config.sessionTemplate, session, branch) : null;
	}
	if (there(head.branch)) {
		return headsPrefix + head.branch;
	}
	const name = config.sessionTemplate === '{branch}' ? branch : homeBranchName(config.sessionTemplate, session, branch);
	return headsPrefix + name;
}

async function relationTo(git: Git, known: Oid, source: HomeSource): Promise<Relation> {
	return source.oid === null
		? { kind: 'behind', ahead: 0, behind: source.gained, unpushed: 0, onlyHome: [] }
		: relationOf(git, known, source.oid);
}

/** What putting home's commit onto the session's comes to; null where it can go forward, or they have nothing in common. */
async function forecastPush(
	git: Git,
	folder: string,
	request: SyncRequest,
	onto: Oid,
	source: Oid,
	relation: Relation | null,
): Promise<MergeForecast | null> {
	const base = { onto, source, settled: [], inTheWay: null };
	const diverged = relation?.kind === 'diverged';
	if (request.strategy === 'exclude' && (diverged || relation?.kind === 'behind')) {
		const merged = await mergeTrees(git, onto, source);
		if (merged === null) {
			return null;
		}
		return merged.clean
			? { ...base, kind: 'merge', tree: merged.tree, conflicts: [], gained: 1 }
			: { ...base, kind: 'merge', tree: null, conflicts: await conflictsOf(git, merged), gained: 0 };
	}
	if (request.strategy !== 'merge' || !diverged) {
		return null;
	}
	const kind = request.rebase === true ? 'rebase' : 'merge';
	const onConflict = turned(request.onConflict);
	const made = await integrate(git, folder, { kind, onto, source, onConflict, message: '' }, throwAwayIdentity(0));
	if (made === null) {
		return null;
	}
	return 'conflicts' in made
		? { ...base, kind, tree: null, conflicts: made.conflicts, gained: 0 }
		: {
				...base,
				kind,
				tree: made.tree,
				conflicts: [],
				gained: made.gained,
				settled: made.settled.map((path) => shownText(path, 4096)),
			};
}

/** A merge into the session has the session for `ours`, where the user means home. */
export function turned(onConflict: OnConflict | undefined): OnConflict {
	return onConflict === 'auto-ours' ? 'auto-theirs' : onConflict === 'auto-theirs' ? 'auto-ours' : 'manual';
}

async function besidesOf(
	git: Git,
	oids: ReadonlyMap<string, Oid>,
	standsFor: Readonly<Record<Oid, Oid>>,
	source: HomeSource,
): Promise<BesideBranch[]> {
	const names = namesBeside([...oids.keys()].map((ref) => ref.slice(headsPrefix.length)))(besideNameOf(source.branch));
	const found: BesideBranch[] = [];
	for (const ref of names.map((name) => headsPrefix + name)) {
		const oid = oids.get(ref)!;
		const known = standsFor[oid] ?? oid;
		const [, ...parents] = (await git.text(['rev-list', '--parents', '-1', known])).split(' ');
		const relation = await relationTo(git, known, source);
		found.push({ ref, oid, tree: await treeOf(git, known), parents, relation });
	}
	return found;
}

async function baseOf(git: Git, one: Oid, other: Oid): Promise<Oid | null> {
	const answer = await git.run(['merge-base', one, other], { allow: [1] });
	return answer.exitCode === 0 ? answer.stdout.toString('utf8').trim() : null;
}

async function treeOf(git: Git, commit: Oid): Promise<Oid> {
	return git.text(['rev-parse', '--verify', `${commit}^{tree}`]);
}

async function countNew(git: Git, commit: Oid, there: readonly Oid[]): Promise<number> {
	const input = `${commit}\n${there.map((oid) => `^${oid}\n`).join('')}`;
	return Number(await git.text(['rev-list', '--count', '--ignore-missing', '--stdin'], { input }));
}
