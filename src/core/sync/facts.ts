import { shownText } from '../base/text.js';
import { readable } from '../git/bytePath.js';
import { changesBetween, filesInTheWay } from '../git/worktree.js';
import type { Finding } from '../model/finding.js';
import { freshCounts, isAncestor, relationOf } from '../git/relations.js';
import type { HomeBranch, PlanFacts, SessionBranch, SyncRequest } from '../model/plan.js';
import type { Relation } from '../model/relation.js';
import type { Session } from '../model/session.js';
import type { StepOptions, SyncContext } from './context.js';
import { forecastMerge } from './forecast.js';
import { forecastFiles } from './forecastFiles.js';
import { countDirty } from './homeState.js';
import type { HomeState } from './homeState.js';
import { knownOf } from './known.js';
import { readManifest } from './manifest.js';
import { homeRefsOf } from './naming.js';
import type { Rescue } from './rescue.js';

/** Gathers all that a plan is made of, after the session's work was adopted, on what home is like. Changes nothing. */
export async function gatherFacts(
	context: SyncContext,
	session: Session,
	rescue: Rescue,
	request: SyncRequest,
	state: HomeState,
	options: StepOptions = {},
): Promise<PlanFacts> {
	const { home, config } = context;
	const { observation, before } = rescue;
	const sameEpoch = before !== null && before.entry.epoch === observation.epoch;
	const [lastSync, branches] = await Promise.all([
		lastSyncOf(context),
		sessionBranches(context, rescue, sameEpoch, options),
	]);
	const facts: PlanFacts = {
		session: {
			id: session.id,
			name: session.name,
			agent: session.agent,
			worktreeOfHome: session.worktreeOfHome,
			epoch: observation.epoch,
			epochChanged: before !== null && !sameEpoch,
			branches,
			goneBranches: sameEpoch
				? before.entry.branches
						.map((tip) => tip.name)
						.filter((name) => !observation.branches.some((tip) => tip.name === name))
				: [],
			inProgress: observation.inProgress,
			changedFiles: observation.files.length,
			captured: observation.capture !== null || !observation.missing.some((item) => item.reason === 'capture-failed'),
			quiet: observation.capture?.quiet ?? true,
			missing: observation.missing.length,
			shallow: observation.shallow,
			partial: observation.partial,
		},
		home: {
			branches: state.branches,
			worktrees: state.worktrees.map((tree) => ({ ...tree, dirtyFiles: 0 })),
			here: home.mainWorktree === null ? null : home.root,
			ignoreCase: home.ignoreCase,
			lastSync,
		},
		config: {
			headTemplate: config.headTemplate,
			otherTemplate: config.otherTemplate,
			protectedBranches: config.protectedBranches,
		},
		forecast: null,
		files: null,
		findings: rescue.findings,
	};
	const refs = homeRefsOf(facts, request);
	const related = await mapLimited(branches, 4, (branch, index) =>
		relate(context, branch, refs[index] ?? [], state.branches),
	);
	const concerned = new Set(refs.flat());
	const worktrees = await mapLimited(facts.home.worktrees, 4, async (tree) =>
		tree.branch !== null && concerned.has(tree.branch)
			? { ...tree, dirtyFiles: await countDirty(home, tree.path) }
			: tree,
	);
	const gathered = {
		...facts,
		session: { ...facts.session, branches: related },
		home: { ...facts.home, worktrees },
	};
	const files = await forecastFiles(home, gathered, request, rescue);
	const forecast = await forecastMerge(home, gathered, request);
	const reached = { files: new Set(files?.changed), opened: forecast?.tree === null ? forecast.ref : null };
	const earlier = await earlierFindings(context, rescue, related, state.branches, reached);
	return { ...gathered, findings: [...rescue.findings, ...earlier], forecast, files };
}

// What came home with an earlier sync and was warned of then still counts where it would reach a working tree.
async function earlierFindings(
	context: SyncContext,
	rescue: Rescue,
	branches: readonly SessionBranch[],
	homeBranches: ReadonlyMap<string, HomeBranch>,
	reached: { readonly files: ReadonlySet<string>; readonly opened: string | null },
): Promise<Finding[]> {
	const told = new Set(rescue.findings.map((finding) => `${finding.code}\0${finding.path}`));
	const earlier = rescue.ledger.findings.filter((finding) => !told.has(`${finding.code}\0${finding.path}`));
	const changed = new Set(reached.files);
	for (const branch of earlier.length === 0 ? [] : branches) {
		for (const [ref, relation] of branch.relations) {
			const target = homeBranches.get(ref);
			const inTree = target !== undefined && (target.worktree !== null || ref === reached.opened);
			if (inTree && relation.kind !== 'equal') {
				const changes = await changesBetween(context.home.git, target.oid, branch.oid);
				changes.forEach((change) => changed.add(shownText(readable(change.path), 4096)));
			}
		}
	}
	return earlier.filter(
		(finding) => changed.has(finding.path) || [...changed].some((path) => path.startsWith(`${finding.path}/`)),
	);
}

async function lastSyncOf(context: SyncContext): Promise<string | null> {
	try {
		return (await readManifest(context.env, context.home.mainWorktree ?? context.home.root))?.last_sync ?? null;
	} catch (error) {
		context.logger.log('warn', `the manifest cannot be read: ${String(error)}`);
		return null;
	}
}

async function sessionBranches(
	context: SyncContext,
	rescue: Rescue,
	sameEpoch: boolean,
	options: StepOptions,
): Promise<SessionBranch[]> {
	const { git } = context.home;
	const { observation, before, ledger } = rescue;
	const { head } = observation;
	const tips: { name: string | null; oid: string; isHead: boolean }[] = observation.branches.map((tip) => ({
		name: tip.name,
		oid: ledger.standsFor[tip.oid] ?? tip.oid,
		isHead: tip.name === head.branch,
	}));
	if (head.branch === null && head.oid !== null) {
		tips.push({ name: null, oid: ledger.standsFor[head.oid] ?? head.oid, isHead: true });
	}
	const fresh = await freshCounts(git, [...new Set(tips.map((tip) => tip.oid))]);
	const unreached = tips.filter((tip) => fresh.get(tip.oid) !== 0).sort((a, b) => Number(b.isHead) - Number(a.isHead));
	const known = await knownOf(
		context.home,
		unreached.map((tip) => tip.oid),
		options,
	);
	const earlier = new Map(sameEpoch ? before!.entry.branches.map((tip) => [tip.name, tip.oid]) : []);
	return mapLimited(tips, 4, async (tip) => {
		const last = tip.name === null ? undefined : earlier.get(tip.name);
		const rewound = last !== undefined && last !== tip.oid && !(await isAncestor(git, last, tip.oid));
		const same = known.get(tip.oid);
		return {
			...tip,
			fresh: fresh.get(tip.oid) ?? 0,
			...(same === undefined ? {} : { known: same }),
			relations: new Map(),
			inTheWay: new Map(),
			rewound,
		};
	});
}

async function relate(
	context: SyncContext,
	branch: SessionBranch,
	refs: readonly string[],
	homeBranches: ReadonlyMap<string, HomeBranch>,
): Promise<SessionBranch> {
	const relations = new Map<string, Relation>();
	const inTheWay = new Map<string, readonly string[]>();
	for (const ref of refs) {
		const target = homeBranches.get(ref);
		if (target === undefined) {
			continue;
		}
		relations.set(ref, await relationOf(context.home.git, target.oid, branch.oid));
		if (target.worktree !== null) {
			const files = await filesInTheWay(context.home, target.worktree, target.oid, branch.oid).catch(() => null);
			// Without an answer the tree counts as unknown, and is not moved.
			if (files !== null) {
				inTheWay.set(ref, files);
			}
		}
	}
	return { ...branch, relations, inTheWay };
}

/** Maps with at most `width` calls under way; the order of the results is that of the items. */
async function mapLimited<T, R>(
	items: readonly T[],
	width: number,
	map: (item: T, index: number) => Promise<R>,
): Promise<R[]> {
	const results: R[] = [];
	let next = 0;
	const work = async (): Promise<void> => {
		for (let index = next++; index < items.length; index = next++) {
			results[index] = await map(items[index]!, index);
		}
	};
	await Promise.all(Array.from({ length: Math.min(width, items.length) }, work));
	return results;
}
