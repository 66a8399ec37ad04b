import { HomeportError } from '../base/errors.js';
import type { HomeRepository } from '../git/home.js';
import { missingObjects } from '../git/quarantine.js';
import { filesInTheWay } from '../git/worktree.js';
import { canBeUndone, opensMerge } from '../model/canBeUndone.js';
import type { OpenMerge } from '../model/merge.js';
import type { RefChange } from '../model/plan.js';
import type { Operation } from '../model/report.js';
import type { Warning } from '../model/warning.js';
import { readBranches } from './apply.js';
import { filesRefusal } from './applyFiles.js';
import { treeAfter } from './loggedSnapshots.js';
import type { OperationFiles } from './stored.js';
import { snapshotsOf } from './snapshots.js';

/** What taking an operation back would do. */
export interface UndoPlan {
	readonly operation: Operation;
	readonly kind: 'undo' | 'redo';
	readonly refs: readonly RefChange[];
	readonly files: readonly OperationFiles[];
	/** The open merge that is dropped, or null. */
	readonly merge: OpenMerge | null;
	readonly warnings: readonly Warning[];
}

/**
 * The operation that `undo` takes: the one named by id, or a unique beginning of it; else the newest that is neither
 * undone nor an undo. Fails with `operation-unknown` or `nothing-to-undo`.
 */
export function operationToUndo(operations: readonly Operation[], id: string | null): Operation {
	if (id === null) {
		const newest = operations.find((operation) => canBeUndone(operation) && operation.kind !== 'undo');
		if (newest === undefined) {
			throw new HomeportError('nothing-to-undo');
		}
		return newest;
	}
	const operation = operationNamed(operations, id);
	if (!canBeUndone(operation)) {
		throw new HomeportError('nothing-to-undo', {
			id: operation.id,
			state: operation.undone ? 'undone' : operation.state,
		});
	}
	return operation;
}

/** Plans to put back what an operation changed. Where the user has since built on it, that is an `ask`. */
export async function planUndo(home: HomeRepository, operation: Operation): Promise<UndoPlan> {
	const branches = await readBranches(home);
	const wanted = operation.refs.flatMap(({ from }) => from ?? []);
	const gone = new Set(await missingObjects(home.git, wanted));
	const refs: RefChange[] = [];
	const warnings: Warning[] = [];
	for (const change of operation.refs) {
		const { oid: now, worktree } = branches.get(change.ref) ?? { oid: null, worktree: null };
		if (now === change.from) {
			continue;
		}
		if (change.from !== null && gone.has(change.from)) {
			throw new HomeportError('commits-forgotten', { ref: change.ref, commit: change.from });
		}
		const lost = now === null ? 0 : await countCommits(home, now, change.from ?? change.to);
		if (now !== change.to) {
			warnings.push({ code: 'built-on', level: 'ask', details: { ref: change.ref, commits: lost } });
		}
		if (worktree !== null) {
			await requireMovable(home, worktree, change.ref, now, change.from);
		}
		refs.push({
			ref: change.ref,
			from: now,
			to: change.from,
			action: now === null ? 'create' : 'overwrite',
			source: null,
			worktree,
			gained: now === null || change.from === null ? 0 : await countCommits(home, change.from, now),
			lost,
			lostCommits: [],
		});
	}
	const files = operation.files.map(({ worktree, from, to }) => ({ worktree, from: to, to: from }));
	for (const change of files) {
		refs.push(...(await requireFiles(home, operation, change, branches)));
	}
	const merge = opensMerge(operation) ? operation.merge : null;
	if (merge !== null && (await workedOn(home, operation.id, merge))) {
		warnings.push({ code: 'merge-worked-on', level: 'ask', details: { ref: merge.ref, path: merge.path } });
	}
	return { operation, kind: operation.kind === 'undo' ? 'redo' : 'undo', refs, files, merge, warnings };
}

// A working tree whose files can go back: shown as its branch, which stays.
async function requireFiles(
	home: HomeRepository,
	operation: Operation,
	change: OperationFiles,
	branches: Awaited<ReturnType<typeof readBranches>>,
): Promise<RefChange[]> {
	const { worktree } = change;
	const refusal = await filesRefusal(home, change);
	const shown = [...branches].find(([, branch]) => branch.worktree === worktree);
	const ref = shown?.[0] ?? operation.refs[0]?.ref ?? 'HEAD';
	if (refusal !== null) {
		throw new HomeportError('branch-in-use', { ref, worktree, reason: refusal, files: filesNamed(refusal) });
	}
	const oid = shown?.[1].oid ?? null;
	return [{ ref, from: oid, to: oid, action: 'files', source: null, worktree, gained: 0, lost: 0, lostCommits: [] }];
}

// `error: Entry 'NAME' not uptodate. Cannot merge.`, and a list where untracked files are in the way.
function filesNamed(refusal: string): string[] {
	const entries = [...refusal.matchAll(/Entry '(.*)' (?:not uptodate|would be overwritten)/g)].map(
		(match) => match[1]!,
	);
	const listed = [...refusal.matchAll(/^\t(.+)$/gm)].map((match) => match[1]!);
	const untracked = [...refusal.matchAll(/Untracked working tree file '(.*)' would be/g)].map((match) => match[1]!);
	return [...entries, ...listed, ...untracked];
}

// True unless the working tree of an open merge holds just what it held when it was opened.
async function workedOn(home: HomeRepository, id: string, merge: OpenMerge): Promise<boolean> {
	const now = (await snapshotsOf(home, [], merge))['merge'];
	if (now === undefined) {
		return false;
	}
	const start = merge.kind === 'merge' ? merge.onto : now.state.head.oid;
	return (
		now.state.head.oid !== start || (now.trees['files'] ?? null) !== (await treeAfter(home.git, id, 'merge-files'))
	);
}

async function requireMovable(
	home: HomeRepository,
	worktree: string,
	ref: string,
	now: string | null,
	to: string | null,
): Promise<void> {
	if (now === null || to === null) {
		throw new HomeportError('branch-in-use', { ref, worktree });
	}
	const files = await filesInTheWay(home, worktree, now, to);
	if (files.length > 0) {
		throw new HomeportError('branch-in-use', { ref, worktree, files });
	}
}

async function countCommits(home: HomeRepository, from: string, except: string | null): Promise<number> {
	const args = ['rev-list', '--count', from, ...(except === null ? [] : [`^${except}`])];
	const counted = await home.git.run(args, { allow: [128] });
	return counted.exitCode === 0 ? Number(counted.stdout.toString('utf8').trim()) : 0;
}

/** The operation with this id, or with an id that begins so. Fails with `operation-unknown`. */
export function operationNamed(operations: readonly Operation[], id: string): Operation {
	const found = operations.filter((operation) => id !== '' && operation.id.startsWith(id));
	const [operation] = found;
	if (operation === undefined || found.length > 1) {
		throw new HomeportError('operation-unknown', { id, candidates: found.map((candidate) => candidate.id) });
	}
	return operation;
}
