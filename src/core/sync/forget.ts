import { HomeportError } from '../base/errors.js';
import { shownText } from '../base/text.js';
import { appendAudit } from '../coordination/auditLog.js';
import { parseBatch } from '../git/history.js';
import type { HomeRepository } from '../git/home.js';
import type { Git } from '../git/run.js';
import { type Oid, observedOids } from '../model/observation.js';
import type { ForgetPlan, ForgetScope, LedgerEntry } from '../model/report.js';
import { dropFromOperations } from '../operations/log.js';
import { type StepOptions, type SyncContext, underLock } from './context.js';
import { knownOf } from './known.js';
import { ledgerRef, moveLedger, readLedger, readLedgerHead, rewriteLedger } from './ledger.js';
import { refreshSessionRefs } from './sessionRefs.js';

const listedSubjects = 1000;

/**
 * What a forget would drop: the commits that nothing else of home reaches afterwards, and which of them home has by
 * content all the same. Changes nothing.
 */
export async function planForget(
	home: HomeRepository,
	sessionId: string,
	scope: ForgetScope,
	options: StepOptions,
): Promise<ForgetPlan> {
	const { git } = home;
	const { kept, dropped } = await splitLedger(git, sessionId, scope);
	const lost = await lastCopies(git, sessionId, kept, dropped);
	const going = new Set(lost);
	const branches = (dropped[0]?.branches ?? []).filter(({ oid }) => going.has(oid));
	const found = await knownOf(
		home,
		branches.map(({ oid }) => oid),
		options,
	);
	return {
		session: sessionId,
		entries: dropped.length,
		lastCopies: await withSubjects(git, lost),
		known: branches.flatMap(({ name, oid }) => {
			const known = found.get(oid);
			return known === undefined || known.target === null ? [] : [{ name, known }];
		}),
	};
}

/**
 * Rewrites a session's ledger without the entries in scope, and the operation log without the commits that only they
 * kept: the one place where something that was seen goes. `confirmation` is the session's name, typed. Fails with
 * `confirmation-needed`, `session-unknown` or `usage`.
 */
export async function forgetSession(
	context: SyncContext,
	sessionId: string,
	scope: ForgetScope,
	confirmation: string,
): Promise<ForgetPlan> {
	const { git } = context.home;
	if (confirmation !== sessionId && confirmation !== sessionId.split('/').at(-1)) {
		throw new HomeportError('confirmation-needed', { session: sessionId });
	}
	return underLock(context, `forget ${sessionId}`, {}, async () => {
		const { kept, dropped, tip } = await splitLedger(git, sessionId, scope);
		const lost = await lastCopies(git, sessionId, kept, dropped);
		const plan = { session: sessionId, entries: dropped.length, lastCopies: await withSubjects(git, lost) };
		if (dropped.length === 0) {
			return plan;
		}
		const rewritten = await rewriteLedger(git, sessionId, [...kept].reverse());
		// The ledger goes last: until then a forget that was cut off can be done again.
		await dropFromOperations(git, new Set(lost));
		await moveLedger(git, sessionId, rewritten, tip);
		await refreshSessionRefs(git, sessionId, await readLedgerHead(git, sessionId));
		const said = `forgot ${plan.entries} entries of ${sessionId} and ${lost.length} last copies`;
		await appendAudit(await context.syncFolder(), 'WARN', said, context.clock);
		return plan;
	});
}

async function splitLedger(
	git: Git,
	sessionId: string,
	scope: ForgetScope,
): Promise<{ kept: LedgerEntry[]; dropped: LedgerEntry[]; tip: Oid }> {
	const entries = await readLedger(git, sessionId);
	const [newest] = entries;
	if (newest === undefined) {
		throw new HomeportError('session-unknown', { name: sessionId, what: 'ledger' });
	}
	const before = scope.before === undefined ? null : Date.parse(scope.before);
	if (before !== null && Number.isNaN(before)) {
		throw new HomeportError('usage', { what: `"${shownText(scope.before ?? '')}" is no date` });
	}
	const kept: LedgerEntry[] = [];
	const dropped: LedgerEntry[] = [];
	for (const entry of entries) {
		const old = before === null || Date.parse(entry.time) < before;
		const holds = scope.path === undefined || (await holdsPath(git, entry, scope.path));
		(old && holds ? dropped : kept).push(entry);
	}
	return { kept, dropped, tip: newest.oid };
}

async function holdsPath(git: Git, entry: LedgerEntry, path: string): Promise<boolean> {
	const tips = observedOids(entry);
	const found = await git.text(['rev-list', '--max-count=1', '--stdin'], {
		input: `${tips.join('\n')}\n--\n${path}\n`,
		env: { GIT_LITERAL_PATHSPECS: '1' },
	});
	return found !== '';
}

// Reached by what goes, and by nothing that stays: no branch, tag, remote, stash or HEAD, and no other ledger.
async function lastCopies(
	git: Git,
	sessionId: string,
	kept: readonly LedgerEntry[],
	dropped: readonly LedgerEntry[],
): Promise<Oid[]> {
	const going = [...new Set(dropped.flatMap(observedOids))];
	if (going.length === 0) {
		return [];
	}
	const staying = [...new Set(kept.flatMap(observedOids))].map((oid) => `^${oid}`);
	const own = ledgerRef(sessionId);
	const listed = await git.text(['for-each-ref', '--format=%(refname)']);
	const others = listed
		.split('\n')
		.filter(
			(ref) =>
				ref !== '' &&
				ref !== own &&
				!ref.startsWith('refs/homeport/operations') &&
				!ref.startsWith('refs/homeport/sessions/'),
		);
	const input = [...going, ...staying, ...others.map((ref) => `^${ref}`), '^HEAD'].join('\n');
	const walked = await git.text(['rev-list', '--ignore-missing', '--stdin'], { input: `${input}\n` });
	return walked.split('\n').filter((oid) => oid !== '');
}

async function withSubjects(git: Git, oids: readonly Oid[]): Promise<{ oid: Oid; subject: string }[]> {
	const listed = oids.slice(0, listedSubjects);
	if (listed.length === 0) {
		return [];
	}
	const { stdout } = await git.run(['cat-file', '--batch'], { input: `${listed.join('\n')}\n` });
	const texts = parseBatch(stdout, listed.length);
	return oids.map((oid, index) => {
		const body = texts[index]?.toString('utf8').split('\n\n').slice(1).join('\n\n') ?? '';
		return { oid, subject: shownText(body.split('\n', 1)[0] ?? '', 200) };
	});
}
