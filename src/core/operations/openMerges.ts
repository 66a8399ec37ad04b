import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { appendAudit } from '../coordination/auditLog.js';
import { HomeportError } from '../base/errors.js';
import { userIdentity } from '../git/identity.js';
import { filesWithMarkers, finishMergeWorktree, openMergeWorktree } from '../git/mergeWorktree.js';
import { filesInTheWay } from '../git/worktree.js';
import type { MergeForecast, OpenMerge } from '../model/merge.js';
import type { SyncRequest } from '../model/plan.js';
import type { ContinueResult, Operation } from '../model/report.js';
import { unaccepted, type Warning } from '../model/warning.js';
import { type StepOptions, type SyncContext, underLock } from '../sync/context.js';
import { readBranches } from './apply.js';
import { beginOperation, endOperation, listOperations } from './log.js';
import { performOperation } from './perform.js';
import { recoverOperation } from './recover.js';
import { snapshotsOf } from './snapshots.js';
import { operationNamed } from './undo.js';

/** What to open: the conflict that was forecast for a home ref. */
export interface OpenRequest {
	readonly session: string;
	readonly request: SyncRequest;
	readonly accepted: readonly string[];
	readonly ref: string;
	readonly forecast: MergeForecast;
	/** Of the merge commit that will end it. */
	readonly message: string;
}

/**
 * Opens a merge with conflicts in a working tree of its own, as an operation; nothing else of the user's changes. One
 * that is open for the same commits is not opened twice (`operation` null).
 */
export async function openMerge(
	context: SyncContext,
	{ session, request, accepted, ref, forecast, message }: OpenRequest,
	options: StepOptions,
): Promise<{ readonly operation: string | null; readonly path: string }> {
	const { home, clock } = context;
	return underLock(context, `merge for ${session}`, options, async () => {
		const { kind, onto, source } = forecast;
		const same = (await openMerges(context)).find(
			({ merge }) => merge?.ref === ref && merge.onto === onto && merge.source === source && merge.kind === kind,
		);
		if (same?.merge) {
			return { operation: null, path: same.merge.path };
		}
		const branches = await readBranches(home);
		if (branches.get(ref)?.oid !== onto) {
			throw new HomeportError('changed-meanwhile', { ref, expected: onto, found: branches.get(ref)?.oid ?? null });
		}
		const identity = await userIdentity(home.git, clock.now());
		const parent = join(await context.syncFolder(), 'merges');
		await mkdir(parent, { recursive: true, mode: 0o700 });
		const name = ref
			.slice('refs/heads/'.length)
			.replace(/[^\w.-]+/g, '-')
			.slice(0, 60);
		const merge: OpenMerge = {
			kind,
			ref,
			onto,
			source,
			path: join(parent, `${name}-${randomBytes(3).toString('hex')}`),
			message,
		};
		const begun = await beginOperation(home.git, {
			kind: 'open',
			session,
			request,
			time: new Date(clock.now()).toISOString(),
			worktree: home.root,
			refs: [],
			accepted,
			undoes: null,
			merge,
			snapshots: await snapshotsOf(home, [], null),
		});
		try {
			await openMergeWorktree(home, merge, { onConflict: request.onConflict ?? 'manual', identity });
		} catch (error) {
			await recoverOperation(home, context.logger);
			throw error;
		}
		await endOperation(home.git, begun, 'done', await snapshotsOf(home, [], merge));
		return { operation: begun.id, path: merge.path };
	});
}

/** The operations whose merges wait to be settled, newest first. */
async function openMerges({ home }: SyncContext): Promise<Operation[]> {
	return (await listOperations(home.git)).filter((operation) => operation.isOpen);
}

/** The operation that opened a merge which is open: the one of that id, or where `id` is null the only one. */
export async function openMergeNamed(context: SyncContext, id: string | null): Promise<Operation> {
	const open = await openMerges(context);
	return id === null ? onlyOne(open) : operationNamed(open, id);
}

function onlyOne(open: readonly Operation[]): Operation {
	const [only] = open;
	if (only === undefined || open.length > 1) {
		const candidates = open.map(({ id }) => id);
		throw new HomeportError('usage', {
			what: only === undefined ? 'No merge is open' : 'Several merges are open',
			next: only === undefined ? undefined : `Name one of them: ${candidates.join(', ')}.`,
			candidates,
		});
	}
	return only;
}

/**
 * Ends an open merge whose conflicts were settled: its commit is made, the branch moves to it, and its working tree goes.
 * `id` names the operation that opened it, or is null where there is one alone. Fails with `merge-unfinished`,
 * `operation-unknown`, `usage`, and `changed-meanwhile` where the branch has moved since.
 */
export async function continueMerge(
	context: SyncContext,
	id: string | null,
	options: StepOptions & { readonly accepted: readonly string[] },
): Promise<ContinueResult> {
	const { home, clock } = context;
	return underLock(context, 'merge', options, async () => {
		const operation = await openMergeNamed(context, id);
		const merge = operation.merge!;
		const { ref, onto } = merge;
		const now = (await readBranches(home)).get(ref) ?? { oid: null, worktree: null };
		if (now.oid !== onto) {
			throw new HomeportError('changed-meanwhile', { ref, expected: onto, found: now.oid });
		}
		const result = await finishMergeWorktree(home, merge, await userIdentity(home.git, clock.now()));
		const marked = await filesWithMarkers(home.git, onto, result);
		const warnings: Warning[] =
			marked.length === 0 ? [] : [{ code: 'markers-left', level: 'ask', details: { ref, files: marked.slice(0, 20) } }];
		const told = {
			continues: operation.id,
			ref,
			from: onto,
			to: result,
			warnings: warnings.map((warning) => ({ ...warning, accepted: options.accepted.includes(warning.code) })),
		};
		if (unaccepted(warnings, new Set(options.accepted)).length > 0) {
			return { ...told, operation: null, outcome: 'refused' };
		}
		const inWay = now.worktree === null ? [] : await filesInTheWay(home, now.worktree, onto, result);
		if (inWay.length > 0) {
			throw new HomeportError('branch-in-use', { ref, worktree: now.worktree, files: inWay });
		}
		const done = await performOperation(home, clock, context.logger, {
			kind: 'continue',
			session: operation.session,
			request: operation.request,
			accepted: options.accepted,
			undoes: null,
			merge,
			refs: [{ ref, from: onto, to: result, worktree: now.worktree }],
			reason: `homeport: continue ${operation.id}`,
		});
		await appendAudit(await context.syncFolder(), 'SUCCESS', `${operation.id} continued as ${done}`, clock);
		return { ...told, operation: done, outcome: 'done' };
	});
}
