import type { KnownHow } from '../model/known.js';
import type { Oid } from '../model/observation.js';
import { mergeTrees } from './mergedTree.js';
import { type ChangeLine, filesOfChanges } from './patchText.js';
import { mostSurvives, type Scratch, type Taken, takenBy } from './taken.js';
import { findTwins, type Twin, type TwinPool } from './twins.js';
import type { TreeChange } from './worktree.js';

/** Commits of a session that no branch of home reaches. */
export interface FreshWork {
	readonly tip: Oid;
	/** Newest first, children before their parents. */
	readonly commits: readonly Oid[];
	readonly parents: ReadonlyMap<Oid, readonly Oid[]>;
	/** Of each commit that is no merge, what it changes against its parent. */
	readonly files: ReadonlyMap<Oid, readonly TreeChange[]>;
}

/** A commit of home, and the commits it reaches that concern the same files. */
export interface Target {
	readonly oid: Oid;
	readonly pool: TwinPool;
}

const mostTips = 20;
const mostPrefixes = 50;

/**
 * Those of the commits whose content the target has today, by whatever way it came there. Only what is certain counts: a
 * change that the target has taken and dropped again, in part or as a whole, is not there. `goOn` is asked before each
 * merge; once it says no, what was found so far is the answer.
 */
export async function contentIn(
	scratch: Scratch,
	work: FreshWork,
	target: Target,
	goOn: () => boolean,
): Promise<{ known: ReadonlySet<Oid>; how: KnownHow }> {
	const known = new Set<Oid>();
	const twins = await findTwins(scratch.git, work.files, target.pool);
	const { squashed, hopeless } = await takenTogether(scratch, work, target, twins, known, goOn);
	const concerned = new Set([...target.pool.files.values()].flat().map((file) => file.path));
	for (const commit of work.commits) {
		const [[parent, ...more], files = []] = [work.parents.get(commit)!, work.files.get(commit)];
		const mayBe = !known.has(commit) && parent !== undefined && more.length === 0 && files.length > 0;
		const hope = twins.has(commit) || (!hopeless.has(commit) && files.every((file) => concerned.has(file.path)));
		if (mayBe && hope && goOn()) {
			const change = { line: commit, from: parent, to: commit, files };
			const taken = await takenBy(scratch, target.oid, change.from, change.to);
			const isThere = await isTaken(scratch, target.oid, change, taken, twins.get(commit));
			if (isThere && (twins.has(commit) || (await isNewSince(scratch, target.oid, change)))) {
				known.add(commit);
			}
		}
	}
	const single = [...known].every((commit) => twins.has(commit));
	const how = single ? 'cherry-picked' : squashed ? 'squashed' : 'contained';
	if (known.size > 0) {
		for (const commit of work.commits) {
			if (!known.has(commit) && goOn() && (await isContentFree(scratch, work, commit))) {
				known.add(commit);
			}
		}
	}
	return { known, how };
}

interface Change {
	readonly line: ChangeLine;
	readonly from: Oid;
	readonly to: Oid;
	readonly files: readonly TreeChange[];
}

/**
 * Looks for runs of commits that the target has together, from the tip down; adds them to `known`. `squashed` says that one
 * of them has a twin, a commit that squashes it; `hopeless` are commits that need not be tried alone.
 */
async function takenTogether(
	scratch: Scratch,
	work: FreshWork,
	target: Target,
	twins: ReadonlyMap<Oid, Twin>,
	known: Set<Oid>,
	goOn: () => boolean,
): Promise<{ squashed: boolean; hopeless: ReadonlySet<Oid> }> {
	let squashed = false;
	const hopeless = new Set<Oid>();
	const waiting = [work.tip];
	const seen = new Set<Oid>();
	while (waiting.length > 0 && seen.size < mostTips && goOn()) {
		const tip = waiting.shift()!;
		if (seen.has(tip)) {
			continue;
		}
		seen.add(tip);
		const base = await onlyBase(scratch, target.oid, tip);
		if (base === null) {
			continue;
		}
		// What does not descend from the base was part of it already, and may have been dropped from it since.
		const run = await commitsBetween(scratch, work, base, tip);
		const linear = run.every((commit) => work.parents.get(commit)!.length === 1);
		const ends = linear ? run.slice(0, mostPrefixes) : run.slice(0, 1);
		const lines = new Map(ends.map((end) => [`${end} ${base}`, end]));
		const files = await filesOfChanges(scratch.git, [...lines.keys()]);
		const nets = await findTwins(scratch.git, files, target.pool);
		for (const [line, end] of lines) {
			const net = nets.get(line);
			const own = run.slice(run.indexOf(end));
			const picked = own.every((commit) => twins.has(commit));
			// Less than the whole is tried only where something says that it may be there.
			if ((end !== tip && net === undefined) || !goOn()) {
				continue;
			}
			const change = { line, from: base, to: end, files: files.get(line) ?? [] };
			// The twin of the last one is where all of them have arrived, if they came in their order.
			const last = picked ? { commit: twins.get(end)!.commit, exact: false } : undefined;
			const taken = await takenBy(scratch, target.oid, base, end);
			if (await isTaken(scratch, target.oid, change, taken, net ?? last)) {
				squashed ||= net !== undefined;
				addWhatIsLeft(work, own, change.files, known);
				break;
			}
			if (end === tip && taken.kind === 'gone') {
				aloneAt(work, own, new Set(taken.missing)).forEach((commit) => hopeless.add(commit));
			}
		}
		const inside = new Set(run);
		const before = run.flatMap((commit) => work.parents.get(commit)!);
		waiting.push(...before.filter((parent) => work.parents.has(parent) && !inside.has(parent)));
	}
	return { squashed, hopeless };
}

// Commits that alone of their run concern a file of which something is missing: it is theirs.
function aloneAt(work: FreshWork, run: readonly Oid[], missing: ReadonlySet<string>): Oid[] {
	const counts = new Map<string, number>();
	const pathsOf = (commit: Oid): string[] => (work.files.get(commit) ?? []).map((file) => file.path);
	run.flatMap(pathsOf).forEach((path) => counts.set(path, (counts.get(path) ?? 0) + 1));
	return run.filter((commit) => pathsOf(commit).some((path) => missing.has(path) && counts.get(path) === 1));
}

// A commit whose files the whole does not touch was taken back on the way: its content came nowhere.
function addWhatIsLeft(work: FreshWork, run: readonly Oid[], files: readonly TreeChange[], known: Set<Oid>): void {
	const left = new Set(files.map((file) => file.path));
	for (const commit of run) {
		const own = work.files.get(commit) ?? [];
		if (own.length > 0 && own.every((file) => left.has(file.path))) {
			known.add(commit);
		}
	}
}

async function isTaken(
	scratch: Scratch,
	at: Oid,
	{ line, from, to, files }: Change,
	taken: Taken,
	twin: Twin | undefined,
): Promise<boolean> {
	if (taken.kind !== 'edited') {
		return taken.kind === 'there' && files.length > 0;
	}
	// Both sides changed the same places: it may be the work of the session, worked over, or other work altogether.
	if (twin === undefined || !(await mostSurvives(scratch.git, at, to, line, files, taken.places))) {
		return false;
	}
	return twin.exact || (await takenBy(scratch, twin.commit, from, to)).kind === 'there';
}

// What takes back an earlier commit of the session is there as well where home never had that one.
async function isNewSince(scratch: Scratch, target: Oid, change: Change): Promise<boolean> {
	const base = await onlyBase(scratch, target, change.to);
	return base !== null && (await takenBy(scratch, base, change.from, change.to)).kind !== 'there';
}

// A commit that changes nothing, or a merge that is what git makes of its parents.
async function isContentFree({ git }: Scratch, work: FreshWork, commit: Oid): Promise<boolean> {
	const [ours, theirs, ...more] = work.parents.get(commit)!;
	if (ours === undefined || theirs === undefined || more.length > 0) {
		return ours !== undefined && theirs === undefined && work.files.get(commit)?.length === 0;
	}
	const merged = await mergeTrees(git, ours, theirs);
	return merged?.clean === true && merged.tree === (await git.text(['rev-parse', `${commit}^{tree}`]));
}

/** The merge base of two commits where they have exactly one. */
async function onlyBase({ git }: Scratch, one: Oid, other: Oid): Promise<Oid | null> {
	const answer = await git.run(['merge-base', '--all', one, other], { allow: [1] });
	const bases = oidLines(answer.stdout.toString('latin1'));
	return bases.length === 1 ? bases[0]! : null;
}

async function commitsBetween({ git }: Scratch, work: FreshWork, base: Oid, tip: Oid): Promise<Oid[]> {
	const walked = await git.text(['rev-list', '--topo-order', '--ancestry-path', `${base}..${tip}`]);
	return oidLines(walked).filter((commit) => work.parents.has(commit));
}

function oidLines(text: string): Oid[] {
	return text.split('\n').filter((line) => line !== '');
}
