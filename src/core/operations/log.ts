import { randomBytes } from 'node:crypto';
import * as z from 'zod/mini';
import { HomeportError, isHomeportError } from '../base/errors.js';
import { listEntries, readEntryFiles, resolveRef, writeEntry, writeNote } from '../git/history.js';
import { updateOwnRefs } from '../git/ownRefs.js';
import { missingObjects } from '../git/quarantine.js';
import type { Git } from '../git/run.js';
import type { Oid } from '../model/observation.js';
import type { SyncRequest } from '../model/plan.js';
import { opensMerge } from '../model/canBeUndone.js';
import type { OpenMerge } from '../model/merge.js';
import type { Operation, OperationKind } from '../model/report.js';
import type { Snapshot } from './snapshot.js';
import {
	type OperationFiles,
	type OperationRef,
	type SessionRef,
	type StoredOperation,
	storedOperation,
} from './stored.js';

/** The newest entry of the operation log. */
export const operationsRef = 'refs/homeport/operations';
const entryFile = 'operation.json';

export interface OperationIntent {
	readonly kind: OperationKind;
	readonly session: string | null;
	readonly request: SyncRequest | null;
	readonly time: string;
	readonly worktree: string;
	readonly refs: readonly OperationRef[];
	readonly sessionRefs?: readonly SessionRef[];
	readonly accepted: readonly string[];
	readonly undoes: string | null;
	readonly files?: readonly OperationFiles[];
	/** The open merge that is opened, continued or dropped. */
	readonly merge?: OpenMerge | null;
	/** The working trees concerned, by a name. */
	readonly snapshots: Readonly<Record<string, Snapshot>>;
}

/** An operation that was begun: its id, and the entry that holds the intent. */
export interface BegunOperation {
	readonly id: string;
	readonly entry: Oid;
	readonly stored: StoredOperation;
}

type End = 'done' | 'rolled-back';
// `Homeport sync: done 0123456789ab`, with the operation's id.
const endSubject = /^Homeport [a-z]+: (done|rolled-back) ([0-9a-f]{12})$/;

/**
 * Logs what an operation is about to do, with everything needed to take it back. The sync lock must be held, and the
 * operation before be ended.
 */
export async function beginOperation(git: Git, intent: OperationIntent): Promise<BegunOperation> {
	const [tip, refs] = await Promise.all([resolveRef(git, operationsRef), userRefs(git)]);
	const { snapshots, sessionRefs, files = [], merge = null, ...rest } = intent;
	const stored: StoredOperation = {
		schemaVersion: 1,
		id: randomBytes(6).toString('hex'),
		...rest,
		refs: [...intent.refs],
		files: [...files],
		merge,
		...(sessionRefs === undefined ? {} : { sessionRefs: [...sessionRefs] }),
		accepted: [...intent.accepted],
		before: Object.fromEntries(refs.map(({ ref, oid }) => [ref, oid])),
		snapshots: Object.fromEntries(Object.entries(snapshots).map(([name, { state }]) => [name, state])),
	};
	const sent = (sessionRefs ?? []).flatMap(({ from, to }) => [from, to]).filter((oid) => oid !== null);
	// A session may have commits that home only holds under another name.
	const elsewhere = new Set(await missingObjects(git, sent));
	const heads = Object.values(snapshots).map(({ state }) => state.head.oid);
	const kept = sent.filter((oid) => !elsewhere.has(oid));
	const tips = [
		...refs.map(({ commit }) => commit),
		...intent.refs.flatMap(({ from, to }) => [from, to]),
		...heads,
		...kept,
	];
	const entry = await writeEntry(git, {
		subject: `Homeport ${intent.kind}: begun ${stored.id}`,
		files: { [entryFile]: `${JSON.stringify(stored, null, '\t')}\n` },
		trees: { ...snapshotTrees('before', snapshots), ...filesTrees(files) },
		previous: tip,
		tips: tips.filter((oid) => oid !== null),
	});
	await moveOperations(git, entry, tip);
	return { id: stored.id, entry, stored };
}

/** Logs how a begun operation ended, with the working trees afterwards where they differ. The sync lock must be held. */
export async function endOperation(
	git: Git,
	begun: BegunOperation,
	end: End,
	after: Readonly<Record<string, Snapshot>> = {},
): Promise<void> {
	const subject = `Homeport ${begun.stored.kind}: ${end} ${begun.id}`;
	const entry = await writeNote(git, subject, begun.entry, snapshotTrees('after', after));
	await moveOperations(git, entry, begun.entry);
}

/** The operation that was begun and never ended, if the newest entry is one. */
export async function unendedOperation(git: Git): Promise<BegunOperation | null> {
	const log = await git.run(['log', '-1', '--format=%H %s', operationsRef, '--'], { allow: [128] });
	const [, tip, subject = ''] = /^([0-9a-f]+) (.*)\n/.exec(log.stdout.toString('utf8')) ?? [];
	if (tip === undefined) {
		if ((await resolveRef(git, operationsRef)) !== null) {
			throw new HomeportError('state-damaged', { path: operationsRef, reason: log.stderr.trim() });
		}
		return null;
	}
	if (endSubject.test(subject)) {
		return null;
	}
	const [stored] = await readStored(git, [tip]);
	return { id: stored!.id, entry: tip, stored: stored! };
}

/** All operations, newest first. Fails with `state-damaged`. */
export async function listOperations(git: Git, limit?: number): Promise<Operation[]> {
	const tip = await resolveRef(git, operationsRef);
	if (tip === null) {
		return [];
	}
	let entries: { oid: Oid; subject: string }[];
	try {
		entries = await listEntries(git, tip);
	} catch (error) {
		throw damaged(error);
	}
	const ended = new Map<string, End>();
	const begun: Oid[] = [];
	for (const { oid, subject } of entries) {
		const [, end, id] = endSubject.exec(subject) ?? [];
		if (id === undefined) {
			begun.push(oid);
		} else {
			ended.set(id, end as End);
		}
	}
	const stored = await readStored(git, begun);
	const operations: Operation[] = [];
	const undone = new Set<string>();
	const settled = new Set<string>();
	for (const entry of stored) {
		const { id, merge } = entry;
		const state = ended.get(id) ?? 'begun';
		// Newest first: a merge that was continued, dropped or opened again is seen before its opening.
		const isOpen = merge !== null && opensMerge(entry) && state === 'done' && !settled.has(merge.path);
		if (merge !== null && state === 'done') {
			settled.add(merge.path);
		}
		// Newest first: what takes an operation back is seen before it, and counts only where it stands itself.
		if (state === 'done' && entry.undoes !== null && !undone.has(id)) {
			undone.add(entry.undoes);
		}
		operations.push({
			id,
			kind: entry.kind,
			session: entry.session,
			request: entry.request,
			time: entry.time,
			state,
			refs: entry.refs.map(({ ref, from, to }) => ({ ref, from, to })),
			files: entry.files,
			...(entry.sessionRefs === undefined ? {} : { sessionRefs: entry.sessionRefs }),
			undoes: entry.undoes,
			undone: undone.has(id),
			accepted: entry.accepted,
			merge,
			isOpen,
		});
	}
	return limit === undefined ? operations : operations.slice(0, limit);
}

/** What entries that begin an operation say of it. Fails with `state-damaged`. */
export async function readStored(git: Git, entries: readonly Oid[]): Promise<StoredOperation[]> {
	const texts = await readEntryFiles(git, entries, entryFile).catch((error: unknown) => {
		throw damaged(error);
	});
	return texts.map((text, index) => {
		try {
			return z.parse(storedOperation, JSON.parse(text ?? ''));
		} catch (error) {
			throw new HomeportError('state-damaged', { path: operationsRef, entry: entries[index] }, error);
		}
	});
}

async function moveOperations(git: Git, to: Oid, from: Oid | null): Promise<void> {
	const moved = await updateOwnRefs(git, `update ${operationsRef} ${to} ${from ?? '0'.repeat(to.length)}\n`);
	if (moved.exitCode === 0) {
		return;
	}
	if ((await resolveRef(git, operationsRef)) !== from) {
		throw new HomeportError('changed-meanwhile', { ref: operationsRef });
	}
	throw new HomeportError('state-unwritable', { path: operationsRef, reason: moved.stderr.trim() });
}

// Branches and tags of home, and the commit behind each; a tag may name something that is none.
async function userRefs(git: Git): Promise<{ ref: string; oid: Oid; commit: Oid | null }[]> {
	const format = '--format=%(refname) %(objectname) %(objecttype) %(*objectname) %(*objecttype)';
	const listed = await git.text(['for-each-ref', format, 'refs/heads', 'refs/tags']);
	return listed
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => {
			const [ref = '', oid = '', type, peeled = '', peeledType] = line.split(' ');
			return { ref, oid, commit: type === 'commit' ? oid : peeledType === 'commit' ? peeled : null };
		});
}

function snapshotTrees(word: string, snapshots: Readonly<Record<string, Snapshot>>): Record<string, Oid> {
	const trees = Object.entries(snapshots).flatMap(([name, { trees }]) =>
		Object.entries(trees).map(([part, oid]) => [`${word}-${name}-${part}`, oid] as const),
	);
	return Object.fromEntries(trees);
}

function filesTrees(files: readonly OperationFiles[]): Record<string, Oid> {
	const trees = files.flatMap(({ from, to }, index) => [
		[`files-${index + 1}-from`, from] as const,
		[`files-${index + 1}-to`, to] as const,
	]);
	return Object.fromEntries(trees);
}

function damaged(error: unknown): unknown {
	return isHomeportError(error, 'git-failed')
		? new HomeportError('state-damaged', { path: operationsRef }, error)
		: error;
}

/**
 * Writes the operation log anew without the commits that a forget drops: what an entry says stays, but it no longer keeps
 * them. The sync lock must be held.
 */
export async function dropFromOperations(git: Git, dropped: ReadonlySet<Oid>): Promise<void> {
	const tip = await resolveRef(git, operationsRef);
	if (tip === null || dropped.size === 0) {
		return;
	}
	const walked = await git.text(['rev-list', '--first-parent', '--reverse', '--parents', tip]);
	let previous: Oid | null = null;
	for (const line of walked.split('\n')) {
		const [oid = '', ...parents] = line.split(' ');
		if (previous === null) {
			previous = oid;
			continue;
		}
		const keeps = parents.slice(1).filter((parent) => !dropped.has(parent));
		const tree = await git.text(['rev-parse', `${oid}^{tree}`]);
		const message = await git.text(['log', '-1', '--format=%s', oid]);
		const args = ['commit-tree', tree, ...[previous, ...keeps].flatMap((parent) => ['-p', parent])];
		previous = await git.text(args, { input: `${message}\n` });
	}
	if (previous !== null) {
		await moveOperations(git, previous, tip);
	}
}
