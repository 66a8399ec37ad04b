import { throwIfCancelled } from '../base/errors.js';
import { describeError } from '../base/messages.js';
import type { Translate } from '../base/say.js';
import { notReachable } from '../git/history.js';
import { missingObjects } from '../git/quarantine.js';
import type { Git } from '../git/run.js';
import type { Look } from '../git/session/look.js';
import { dropRun } from '../git/session/observe.js';
import { type MissingReason, observedOids, type Oid } from '../model/observation.js';
import type { BranchStatus, LedgerEntry, Rungs, SessionStatus } from '../model/report.js';
import type { Session } from '../model/session.js';
import { execOf, type StepOptions, type SyncContext } from '../sync/context.js';
import { readLedgerHead } from '../sync/ledger.js';
import { knownOf } from '../sync/known.js';
import { commonCommits, lookAt } from '../sync/look.js';

/** What one look at a session told, or the reason why there is none. */
type Seen = { readonly look: Look } | { readonly reason: string };

/**
 * Looks at a session, without adopting anything, and says where its work stands. An error becomes `unknown`, told in the
 * language of `translate`.
 */
export async function statusOf(
	context: SyncContext,
	session: Session,
	translate: Translate,
	options: StepOptions,
): Promise<SessionStatus> {
	const { git } = context.home;
	let last: LedgerEntry | null = null;
	let seen: Seen;
	try {
		last = (await readLedgerHead(git, session.id))?.entry ?? null;
		const look = await countedLook(context, session, last, options);
		if (look.run !== null) {
			await dropRun(execOf(context, session), look.run);
		}
		seen = { look };
	} catch (error) {
		throwIfCancelled(options.signal);
		seen = { reason: describeError(error, 'cli', translate).message };
	}
	return describe(context, session, seen, last, options);
}

// For a session that was never synced, what it shares with home stands in for the ledger; that takes a look to learn.
async function countedLook(
	context: SyncContext,
	session: Session,
	last: LedgerEntry | null,
	options: StepOptions,
): Promise<Look> {
	if (last !== null) {
		return lookAt(context, session, { history: false, counted: observedOids(last) }, options);
	}
	const first = await lookAt(context, session, { history: true, counted: [] }, options);
	const common = await commonCommits(context.home.git, first);
	if (common.length === 0) {
		return first;
	}
	if (first.run !== null) {
		await dropRun(execOf(context, session), first.run);
	}
	return lookAt(context, session, { history: false, counted: common }, options);
}

/*
 * Where the work of a session stands. `last` is the ledger's newest entry. Counts what home can tell: commits that only
 * the session names, commits adopted, on a branch of home, and on a remote-tracking branch; a remote's own word, the
 * rung `verified`, is asked for nowhere here.
 */
async function describe(
	context: SyncContext,
	session: Session,
	seen: Seen,
	last: LedgerEntry | null,
	options: StepOptions,
): Promise<SessionStatus> {
	const { git } = context.home;
	const look = 'look' in seen ? seen.look : null;
	const known = look?.observation ?? null;
	const shown = known ?? last;
	const leftOut = known?.missing.filter((item) => fileReasons.has(item.reason)).length ?? 0;
	const branches: BranchStatus[] = [];
	const same = await knownOf(context.home, await tipsHere(git, shown), options);
	for (const tip of shown?.branches ?? []) {
		const rungs = await rungsOf(git, tip.oid, look?.fresh.get(tip.oid)?.commits ?? null, last);
		const isHead = tip.name === shown?.head.branch;
		const dirty = isHead && known !== null ? known.files.length : 0;
		const adopted = last?.capture?.oid;
		const captured = isHead && adopted !== undefined && known?.capture?.oid === adopted ? dirty - leftOut : 0;
		const content = same.get(tip.oid);
		branches.push({
			name: tip.name,
			isHead,
			rungs: { ...rungs, dirty: dirty - captured, captured },
			...(content === undefined ? {} : { known: content }),
		});
	}
	const files = known?.files ?? [];
	const untracked = files.filter((file) => file.change === 'untracked' || file.change === 'ignored').length;
	const unsafeFiles = known === null ? 0 : known.capture?.oid === last?.capture?.oid ? leftOut : files.length;
	const commits = branches.reduce((sum, branch) => sum + branch.rungs.committed, 0);
	return {
		session: session.id,
		state: known === null && session.state === 'running' ? 'error' : session.state,
		branches,
		files: { changed: files.length - untracked, untracked },
		changedFiles: files.slice(0, mostFiles),
		captured:
			known === null || known.capture === null || known.capture.oid !== last?.capture?.oid
				? null
				: { from: known.head.oid, to: known.capture.oid },
		exposure: {
			oldestSeconds: oldestSeconds(look, commits > 0 || unsafeFiles > 0, last, context.clock.now()),
			commits,
			files: unsafeFiles,
		},
		inProgress: known?.inProgress ?? null,
		unknown: 'look' in seen ? null : { reason: session.reason ?? seen.reason, since: last?.time ?? null },
	};
}

const mostFiles = 100;

// Files that a capture leaves out: they stay in the session alone.
const fileReasons: ReadonlySet<MissingReason> = new Set(['unreadable', 'looks-like-credentials', 'too-large']);

// The oldest commit that only the session has, by its own date; for files, no longer than since the last look.
function oldestSeconds(look: Look | null, exposed: boolean, last: LedgerEntry | null, now: number): number {
	if (!exposed) {
		return 0;
	}
	const dates = [...(look?.fresh.values() ?? [])]
		.filter((fresh) => fresh.commits > 0)
		.map((fresh) => fresh.oldest * 1000);
	const since = last === null ? [] : [Date.parse(last.time)];
	const oldest = Math.min(...(dates.length > 0 ? dates : since), now);
	return Math.round((now - oldest) / 1000);
}

const none: Rungs = { dirty: 0, committed: 0, captured: 0, home: 0, pushed: 0, verified: 0 };

async function rungsOf(git: Git, tip: Oid, fresh: number | null, last: LedgerEntry | null): Promise<Rungs> {
	if (!(await isHere(git, tip))) {
		return { ...none, committed: fresh ?? 1 };
	}
	const counts = await Promise.all([
		git.text(['rev-list', '--count', tip, '--not', '--remotes']),
		git.text(['rev-list', '--count', tip, '--not', '--remotes', '--branches']),
	]);
	const [unpushed = 0, onNoBranch = 0] = counts.map(Number);
	const adopted = last !== null && (await notReachable(git, [tip], last.oid)).length === 0;
	return adopted ? { ...none, home: unpushed } : { ...none, committed: onNoBranch, home: unpushed - onNoBranch };
}

// HEAD's branch first.
async function tipsHere(git: Git, shown: Pick<LedgerEntry, 'branches' | 'head'> | null): Promise<Oid[]> {
	const branches = [...(shown?.branches ?? [])];
	branches.sort((a, b) => Number(b.name === shown?.head.branch) - Number(a.name === shown?.head.branch));
	const tips = branches.map((tip) => tip.oid);
	const missing = new Set(await missingObjects(git, tips));
	return tips.filter((oid) => !missing.has(oid));
}

async function isHere(git: Git, oid: Oid): Promise<boolean> {
	return (await git.run(['cat-file', '-e', `${oid}^{commit}`], { allow: [1, 128] })).exitCode === 0;
}
