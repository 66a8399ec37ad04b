import { isHomeportError, throwIfCancelled } from '../base/errors.js';
import type { KnownContent } from '../model/known.js';
import type { Oid } from '../model/observation.js';
import { contentIn, type FreshWork } from './contentIn.js';
import type { HomeRepository } from './home.js';
import { withScratchObjects } from './integrate.js';
import { filesOfChanges } from './patchText.js';
import type { Git } from './run.js';
import type { Scratch } from './taken.js';
import { twinPool } from './twins.js';
import type { TreeChange } from './worktree.js';

const mostCommits = 500;
const mostTargets = 8;
const mostCompared = 2000;
const mostMerges = 40;

/**
 * Tells how much of a commit's history home has by content alone: squashed, cherry-picked, rebased or amended. Null where
 * branches and remote-tracking branches of home reach all of it. Reads home; writes only what is thrown away. Where there
 * is too much to compare, or `deadline` has passed, `known` is null.
 */
export async function knownContent(
	home: HomeRepository,
	tip: Oid,
	options: { readonly signal?: AbortSignal; readonly deadline: AbortSignal },
): Promise<KnownContent | null> {
	let merges = 0;
	const goOn = (): boolean => {
		throwIfCancelled(options.signal);
		return !options.deadline.aborted && (merges += 1) <= mostMerges;
	};
	const range = ['rev-list', '--topo-order', '--parents', `--max-count=${mostCommits + 1}`, tip, ...notHome];
	const parents = new Map<Oid, readonly Oid[]>();
	for (const line of lines(await home.git.text(range))) {
		const [oid = '', ...rest] = line.split(' ');
		parents.set(oid, rest);
	}
	if (parents.size === 0) {
		return null;
	}
	if (parents.size > mostCommits) {
		const commits = Number(await home.git.text(['rev-list', '--count', tip, ...notHome]));
		return { commits, known: null, target: null, how: null };
	}
	if (await holdsAllOfHome(home.git, tip, parents)) {
		return { commits: parents.size, known: 0, target: null, how: null };
	}
	try {
		return await withScratchObjects(home, async (git, folder) => {
			const scratch = { git: git.with({ config: steady }), folder };
			return compare(scratch, tip, parents, await targetsOf(home.git), goOn);
		});
	} catch (error) {
		throwIfCancelled(options.signal);
		if (!isHomeportError(error, 'git-failed', 'limit-exceeded')) {
			throw error;
		}
		// Too many files, or a commit or file that is not here, as in a shallow or partial clone.
		return { commits: parents.size, known: null, target: null, how: null };
	}
}

const notHome = ['--not', '--branches', '--remotes'];

// Home has nothing since the work began, so none of the work can be in it. A merge may have brought it into the session.
async function holdsAllOfHome(git: Git, tip: Oid, work: ReadonlyMap<Oid, readonly Oid[]>): Promise<boolean> {
	if ([...work.values()].some((parents) => parents.length > 1)) {
		return false;
	}
	return (await git.text(['rev-list', '--max-count=1', '--branches', '--remotes', '--not', tip])) === '';
}

// What would have two contents pass for the same, or take long.
const steady: readonly (readonly [string, string])[] = [
	['merge.renormalize', 'false'],
	['merge.renameLimit', '1000'],
];

async function compare(
	scratch: Scratch,
	tip: Oid,
	parents: ReadonlyMap<Oid, readonly Oid[]>,
	targets: readonly { readonly ref: string; readonly oid: Oid }[],
	goOn: () => boolean,
): Promise<KnownContent> {
	const commits = [...parents.keys()];
	const plain = commits.filter((commit) => parents.get(commit)!.length < 2);
	const work: FreshWork = { tip, commits, parents, files: await filesOfChanges(scratch.git, plain) };
	const changes = new Map<Oid, readonly TreeChange[]>();
	const asked = new Set<Oid>();
	let best: KnownContent = { commits: commits.length, known: 0, target: null, how: null };
	for (const { ref, oid } of targets) {
		if (best.known === commits.length) {
			break;
		}
		if (!goOn()) {
			return best.known === 0 ? { ...best, known: null } : best;
		}
		if (await isOlder(scratch.git, oid, [...asked])) {
			continue;
		}
		asked.add(oid);
		const own = await commitsSince(scratch.git, oid, work);
		const unread = own.filter((commit) => !changes.has(commit));
		const read = await filesOfChanges(scratch.git, unread, 500);
		unread.forEach((commit) => changes.set(commit, read.get(commit) ?? []));
		const pool = twinPool(concerning(work, own, changes));
		if (pool.files.size > 0) {
			const { known, how } = await contentIn(scratch, work, { oid, pool }, goOn);
			best = known.size > best.known! ? { ...best, known: known.size, target: ref, how } : best;
		}
	}
	return best;
}

// A branch that others reach has nothing beside them, but for what they dropped.
async function isOlder(git: Git, target: Oid, others: readonly Oid[]): Promise<boolean> {
	return others.length > 0 && (await git.text(['rev-list', '--max-count=1', target, '--not', ...others])) === '';
}

// The newest commits of the target since the work began.
async function commitsSince(git: Git, target: Oid, { parents, files }: FreshWork): Promise<Oid[]> {
	// What a merge brought into the session from home does not count: it may be the work itself, squashed.
	const outside = [...files.keys()].flatMap((commit) => parents.get(commit)!).filter((parent) => !parents.has(parent));
	const begun = [...new Set(outside)].map((parent) => `^${parent}`);
	const input = `${[target, ...begun].join('\n')}\n`;
	return lines(await git.text(['rev-list', '--no-merges', `--max-count=${mostCompared}`, '--stdin'], { input }));
}

// Those of the commits that change files which the work changes, with what they change.
function concerning(
	{ files }: FreshWork,
	commits: readonly Oid[],
	changes: ReadonlyMap<Oid, readonly TreeChange[]>,
): Map<Oid, readonly TreeChange[]> {
	const paths = new Set([...files.values()].flat().map((file) => file.path));
	const found = new Map<Oid, readonly TreeChange[]>();
	for (const commit of commits) {
		const changed = changes.get(commit) ?? [];
		if (changed.some((file) => paths.has(file.path))) {
			found.set(commit, changed);
		}
	}
	return found;
}

/**
 * The branches of home that work is likely to have come to: the one checked out here, what it follows, the remotes' main
 * branches, branches with such a name, then the newest others.
 */
async function targetsOf(git: Git): Promise<{ ref: string; oid: Oid }[]> {
	const format = '--format=%(objectname)%00%(refname)%00%(HEAD)%00%(upstream)%00%(symref)';
	const listed = await git.text(['for-each-ref', '--sort=-committerdate', format, 'refs/heads', 'refs/remotes']);
	const refs = lines(listed).map((line) => {
		const [oid = '', ref = '', head, upstream = '', symref = ''] = line.split('\0');
		return { oid, ref, isHead: head === '*', upstream, symref };
	});
	const here = refs.find(({ isHead }) => isHead);
	const mains = new Set(refs.map(({ symref }) => symref));
	const rank = ({ ref }: { readonly ref: string }): number => {
		const likely = [
			ref === here?.ref,
			ref === here?.upstream,
			mains.has(ref),
			/\/(?:main|master|trunk|develop)$/.test(ref),
		];
		const first = likely.indexOf(true);
		return first < 0 ? likely.length : first;
	};
	const ranked = refs.filter(({ symref }) => symref === '').sort((a, b) => rank(a) - rank(b));
	const seen = new Set<Oid>();
	return ranked.filter(({ oid }) => !seen.has(oid) && seen.add(oid)).slice(0, mostTargets);
}

function lines(text: string): string[] {
	return text.split('\n').filter((line) => line !== '');
}
