import { errorText, HomeportError, isHomeportError, throwIfCancelled } from '../base/errors.js';
import { adoptPacks } from '../git/adopt.js';
import { fsckFindings } from '../git/inspectFsck.js';
import { inspect } from '../git/inspect.js';
import { createQuarantine, fetchInto, incomingPacks, type Quarantine, wasCut } from '../git/quarantine.js';
import { makeStandIns } from '../git/standIns.js';
import type { Look } from '../git/session/look.js';
import { dropRun } from '../git/session/observe.js';
import { unwritableOr } from '../git/unwritable.js';
import type { Finding } from '../model/finding.js';
import { type Observation, type Oid, observedOids, withoutCommits } from '../model/observation.js';
import type { Moved, SyncPhase } from '../model/report.js';
import type { Session } from '../model/session.js';
import { execOf, isoTime, type StepOptions, type SyncContext } from './context.js';
import { appendLedger, type LedgerHead, readLedgerHead, sameAsLast } from './ledger.js';
import { commonCommits, lookAt } from './look.js';
import { refreshSessionRefs } from './sessionRefs.js';

/** What came home, and what was seen. */
export interface Rescue {
	readonly observation: Observation;
	/** The ledger as it was before, and as it is now. */
	readonly before: LedgerHead | null;
	readonly ledger: LedgerHead;
	/** What inspection found in the objects that came home just now. */
	readonly findings: readonly Finding[];
}

const attempts = 3;
const mostFindings = 500;
const mostLost = 50;

/**
 * Brings everything that a session has home: observes and captures, fetches into quarantine, inspects, adopts, and
 * records it in the ledger. Touches nothing of the user's. Fails with `blocked` (details.findings) when inspection
 * forbids the objects; a session that changes or breaks off meanwhile is tried again, three times in all.
 */
export async function rescueSession(
	context: SyncContext,
	session: Session,
	options: StepOptions = {},
): Promise<Rescue> {
	let borrow = true;
	for (let attempt = 1; ; attempt += 1) {
		// What cannot come home whole must not keep the rest from it.
		const piecemeal = attempt === attempts;
		try {
			return await rescueOnce(context, session, { ...options, borrow, piecemeal });
		} catch (error) {
			throwIfCancelled(options.signal);
			const again = isHomeportError(error, 'stream-failed', 'changed-meanwhile', 'incomplete') && !gaveUp(error);
			if (!again || attempt === attempts) {
				throw unwritableOr(error, context.home.commonDir);
			}
			// Objects of home's that a gc removed meanwhile cannot be borrowed again.
			borrow = borrow && !isHomeportError(error, 'incomplete');
			context.logger.log('info', `${session.id}: attempt ${attempt} ended with ${error.code}; trying again`);
		}
	}
}

// A fetch that was cut has been tried again there.
function gaveUp(error: unknown): boolean {
	return wasCut(error) && error.details['tries'] !== undefined;
}

async function rescueOnce(context: SyncContext, session: Session, options: StepOptions & FetchMode): Promise<Rescue> {
	const report: Report = (phase, moved) =>
		options.onProgress?.({ session: session.id, phase, ...(moved === undefined ? {} : { moved }) });
	const { git } = context.home;
	const exec = execOf(context, session);
	report('observe');
	const before = await readLedgerHead(git, session.id);
	const look = await lookAt(context, session, { history: before === null, counted: [] }, options);
	let cache = Promise.resolve();
	try {
		if (look.objectFormat !== '' && look.objectFormat !== context.home.objectFormat) {
			const reason = `its objects are named by another hash than those of home: ${look.objectFormat}, ${context.home.objectFormat}`;
			throw new HomeportError('session-damaged', { reason });
		}
		if (options.borrow && before !== null && sameAsLast(before, session.id, look.observation)) {
			cache = refreshCache(context, session, before);
			return { observation: look.observation, before, ledger: before, findings: [] };
		}
		const { observation, ledger, findings } = await adoptObserved(context, session, look, before, {
			...options,
			report,
		});
		cache = refreshCache(context, session, ledger);
		return { observation, before, ledger, findings };
	} finally {
		await Promise.all([cache, look.run === null ? null : dropRun(exec, look.run)]);
	}
}

// A cache for people: what cannot be named there is in the ledger all the same.
async function refreshCache(context: SyncContext, session: Session, ledger: LedgerHead): Promise<void> {
	try {
		await refreshSessionRefs(context.home.git, session.id, ledger);
	} catch (error) {
		context.logger.log('warn', `${session.id}: its refs could not be refreshed: ${errorText(error)}`);
	}
}

async function adoptObserved(
	context: SyncContext,
	session: Session,
	look: Look,
	before: LedgerHead | null,
	options: AdoptOptions,
): Promise<Pick<Rescue, 'observation' | 'ledger' | 'findings'>> {
	const { home } = context;
	let { observation } = look;
	const record = (standsFor: Readonly<Record<Oid, Oid>>, findings: readonly Finding[]): Promise<LedgerHead> =>
		appendLedger(home.git, session.id, before, {
			observation,
			time: isoTime(context.clock),
			standsFor,
			findings: distinct([...findings, ...(before?.findings ?? [])]).slice(0, mostFindings),
		});
	const observed = observedOids(look.observation);
	const known = new Set(before === null || !options.borrow ? [] : observedOids(before.entry));
	let wanted = observed.filter((oid) => !known.has(oid));
	if (wanted.length === 0) {
		return { observation, ledger: await record(before?.standsFor ?? {}, []), findings: [] };
	}
	const quarantine = await createQuarantine(home, options.borrow);
	const fetching = { context, session, look, quarantine, before, options };
	try {
		options.report('fetch');
		if (options.piecemeal) {
			const lost = await fetchEach(fetching, wanted);
			observation = withoutCommits(observation, lost);
			wanted = wanted.filter((oid) => !lost.has(oid));
		} else {
			await fetchObserved(fetching, wanted);
		}
		options.report('inspect');
		const findings = await inspect(
			quarantine.git,
			await incomingPacks(quarantine),
			wanted,
			context.config.limits,
			options.signal,
		);
		if (findings.some((finding) => finding.level === 'block')) {
			throw new HomeportError('blocked', { session: session.id, findings });
		}
		throwIfCancelled(options.signal);
		options.report('adopt');
		const standsFor = await standInsFor(quarantine, look, wanted, before);
		const packs = await adoptPacks(home, quarantine);
		try {
			const ledger = await record(standsFor, findings);
			await requireConnected(
				context,
				wanted.map((oid) => standsFor[oid] ?? oid),
				options.borrow ? before : null,
			);
			return { observation, ledger, findings };
		} finally {
			await packs.release();
		}
	} finally {
		await quarantine.discard();
	}
}

interface FetchMode {
	/** Home's own objects may be relied on. */
	readonly borrow: boolean;
	/** Each commit is fetched by itself, and one that fails is left out. */
	readonly piecemeal: boolean;
}

type Report = (phase: SyncPhase, moved?: Moved) => void;
type AdoptOptions = StepOptions & FetchMode & { readonly report: Report };

interface Fetching {
	readonly context: SyncContext;
	readonly session: Session;
	readonly look: Look;
	readonly quarantine: Quarantine;
	readonly before: LedgerHead | null;
	readonly options: AdoptOptions;
}

// Returns the commits that could not be had; fails as the first of them where that is all.
async function fetchEach(fetching: Fetching, wanted: readonly Oid[]): Promise<Set<Oid>> {
	const lost = new Map<Oid, unknown>();
	for (const oid of wanted) {
		await fetchObserved(fetching, [oid]).catch((error: unknown) => {
			throwIfCancelled(fetching.options.signal);
			// A way that breaks says nothing of the commit.
			if (gaveUp(error)) {
				throw error;
			}
			lost.set(oid, error);
		});
	}
	const branches = fetching.look.observation.branches.map((tip) => tip.oid);
	const noBranch = branches.length > 0 && branches.every((oid) => lost.has(oid));
	if (noBranch || lost.size === wanted.length || lost.size > mostLost) {
		throw [...lost.values()][0];
	}
	return new Set(lost.keys());
}

function distinct(findings: readonly Finding[]): Finding[] {
	return [...new Map(findings.map((finding) => [`${finding.code}\0${finding.path}`, finding])).values()];
}

async function fetchObserved(fetching: Fetching, wanted: readonly Oid[]): Promise<void> {
	const { context, session, look, quarantine, before, options } = fetching;
	const { limits } = context.config;
	try {
		await fetchInto(quarantine, execOf(context, session), {
			wanted,
			common: options.borrow ? await nameable(context, look, before) : [],
			gitDir: look.gitDir,
			run: look.run,
			shallow: look.observation.shallow,
			compression: session.backend === 'local' ? 0 : 1,
			timeoutMs: limits.fetchSeconds * 1000,
			idleMs: limits.idleSeconds * 1000,
			maxBytes: limits.packBytes,
			onMoved: (moved) => options.report('fetch', moved),
			...(options.signal === undefined ? {} : { signal: options.signal }),
		});
	} catch (error) {
		if (isHomeportError(error, 'blocked')) {
			throw new HomeportError(
				'blocked',
				{ session: session.id, findings: fsckFindings(String(error.details['stderr'])) },
				error,
			);
		}
		if (look.observation.partial && isHomeportError(error, 'stream-failed') && !wasCut(error)) {
			// Another attempt meets the same objects that the session never had.
			throw new HomeportError('incomplete', { session: session.id, reason: 'partial clone' }, error);
		}
		throw error;
	}
}

// Originals that home cannot hold, and the commits that hold their content. Those of the entry before still stand.
async function standInsFor(
	quarantine: Quarantine,
	look: Look,
	wanted: readonly Oid[],
	before: LedgerHead | null,
): Promise<Record<Oid, Oid>> {
	const observed = new Set(observedOids(look.observation));
	const kept = Object.entries(before?.standsFor ?? {}).filter(([original]) => observed.has(original));
	if (!look.observation.shallow) {
		return Object.fromEntries(kept);
	}
	return { ...Object.fromEntries(kept), ...(await makeStandIns(quarantine.git, wanted)) };
}

// What may be named to the session in the negotiation: what it gave before, or names itself and home has as well.
async function nameable(context: SyncContext, look: Look, before: LedgerHead | null): Promise<Oid[]> {
	if (before === null) {
		return commonCommits(context.home.git, look);
	}
	return observedOids(before.entry)
		.filter((oid) => before.standsFor[oid] === undefined)
		.slice(0, 256);
}

/** Every object that the adopted commits need must be home; a gc may have removed what the fetch had counted on. */
async function requireConnected(context: SyncContext, tips: readonly Oid[], before: LedgerHead | null): Promise<void> {
	const from = before === null ? [] : [`^${before.oid}`];
	const walked = await context.home.git.run(['rev-list', '--objects', '--quiet', '--stdin'], {
		input: `${[...tips, ...from].join('\n')}\n`,
		allow: [1, 128],
	});
	if (walked.exitCode !== 0) {
		throw new HomeportError('incomplete', { reason: walked.stderr.trim() });
	}
}
