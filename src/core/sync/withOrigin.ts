import { shownText } from '../base/text.js';
import type { HomeRepository } from '../git/home.js';
import { gitDirOfWorktree, inProgressAt } from '../git/home.js';
import {
	fetchUpstream,
	filesThatRunThere,
	type OriginAnswer,
	pushHindrance,
	pushUpstream,
	type Upstream,
	upstreamOf,
} from '../git/origin.js';
import { relationOf } from '../git/relations.js';
import { filesInTheWay } from '../git/worktree.js';
import type { SyncRequest } from '../model/plan.js';
import type { SyncResult } from '../model/report.js';
import type { Warning, WarningCode } from '../model/warning.js';
import { readBranches } from '../operations/apply.js';
import { performOperation } from '../operations/perform.js';
import { settleHome, type StepOptions, type SyncContext, underLock } from './context.js';
import { listed, warning } from './guard.js';

/**
 * Syncs with the origin of home: what the branch checked out here follows is fetched and taken in before `sync`, where the
 * branch can go forward, and the branch is pushed there after a sync that changed it. What the origin refuses, and what
 * stands in the way here, becomes a note of the result and never makes it fail.
 */
export async function syncWithOrigin(
	context: SyncContext,
	request: SyncRequest,
	options: StepOptions,
	sync: () => Promise<SyncResult>,
): Promise<SyncResult> {
	const upstream = await upstreamOf(context.home);
	if (typeof upstream === 'string') {
		return withNotes(await sync(), [leftNote('origin-left', null, { reason: upstream })]);
	}
	const before = await takeIn(context, request, upstream, options);
	const result = await sync();
	const after = await pushAfter(context, upstream, result, options);
	return withNotes(result, [...before, ...after]);
}

function withNotes(result: SyncResult, notes: readonly Warning[]): SyncResult {
	return { ...result, warnings: [...result.warnings, ...notes.map((note) => ({ ...note, accepted: false }))] };
}

function leftNote(code: WarningCode, upstream: Upstream | null, details: Warning['details']): Warning {
	const named = upstream === null ? {} : { ref: shownText(upstream.branch), upstream: shownText(upstream.tracking) };
	return warning(code, 'note', { ...named, ...details });
}

async function takeIn(
	context: SyncContext,
	request: SyncRequest,
	upstream: Upstream,
	options: StepOptions,
): Promise<Warning[]> {
	const { home } = context;
	const left = (details: Warning['details']): Warning[] => [leftNote('origin-left', upstream, details)];
	const fetched = await fetchUpstream(home, upstream, options.signal);
	if (!fetched.ok) {
		return left(refusal(fetched));
	}
	await settleHome(context, options);
	const ahead = await forwardOf(home, upstream);
	if (ahead === null || ahead.kind === 'equal' || ahead.kind === 'ahead') {
		return [];
	}
	if (ahead.kind !== 'behind') {
		return left({ reason: 'diverged' });
	}
	return underLock(context, 'sync with the origin', options, async () => {
		const { from, to, worktree } = ahead;
		const gitDir = worktree === null ? null : await gitDirOfWorktree(worktree);
		if (gitDir !== null && (await inProgressAt(gitDir)) !== null) {
			return left({ reason: 'home-busy' });
		}
		const inWay = worktree === null ? [] : await filesInTheWay(home, worktree, from, to);
		if (inWay.length > 0) {
			return left({ reason: 'dirty-in-way', files: listed(inWay) });
		}
		const operation = await performOperation(home, context.clock, context.logger, {
			kind: 'sync',
			session: null,
			request,
			accepted: [],
			undoes: null,
			refs: [{ ref: upstream.branch, from, to, worktree }],
			reason: `homeport: sync with ${upstream.tracking}`,
		});
		return [leftNote('origin-taken-in', upstream, { commits: ahead.commits, operation })];
	});
}

interface Forward {
	readonly kind: string;
	readonly from: string;
	readonly to: string;
	readonly worktree: string | null;
	readonly commits: number;
}

/** How the branch stands to what it follows; null where one of the two has no commit. */
async function forwardOf(home: HomeRepository, upstream: Upstream): Promise<Forward | null> {
	const to = await tipOf(home, upstream.tracking);
	const { oid: from = null, worktree = null } = (await readBranches(home)).get(upstream.branch) ?? {};
	if (to === null || from === null) {
		return null;
	}
	const { kind, behind } = await relationOf(home.git, from, to);
	return { kind, from, to, worktree, commits: behind };
}

async function tipOf({ git }: HomeRepository, ref: string): Promise<string | null> {
	const named = await git.run(['rev-parse', '-q', '--verify', `${ref}^{commit}`], { allow: [1, 128] });
	return named.exitCode === 0 ? named.stdout.toString('utf8').trim() : null;
}

async function pushAfter(
	context: SyncContext,
	upstream: Upstream,
	result: SyncResult,
	options: StepOptions,
): Promise<Warning[]> {
	const change = result.refs.find(({ ref, action }) => ref === upstream.branch && action !== 'keep');
	if (result.outcome !== 'synced' || change === undefined || change.to === null) {
		return [];
	}
	const left = (details: Warning['details']): Warning[] => [leftNote('origin-not-pushed', upstream, details)];
	// All that the origin has not, and not this sync's part alone: what was held back once is still not read.
	const running = await filesThatRunThere(context.home, await tipOf(context.home, upstream.tracking), change.to);
	if (running.length > 0) {
		return left({ reason: 'runs-on-push', files: listed(running) });
	}
	const hindrance = await pushHindrance(context.home, upstream);
	if (hindrance !== null) {
		return left({ reason: hindrance });
	}
	const pushed = await pushUpstream(context.home, upstream, change.to, options.signal);
	return pushed.ok ? [leftNote('origin-pushed', upstream, {})] : left(refusal(pushed));
}

function refusal(answer: OriginAnswer & { readonly ok: false }): Warning['details'] {
	return { reason: answer.reason, said: answer.said };
}
