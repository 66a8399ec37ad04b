import * as z from 'zod/mini';
import { HomeportError, isHomeportError } from '../base/errors.js';
import { listEntries, readEntryFiles, resolveRef, writeEntry } from '../git/history.js';
import { updateOwnRefs } from '../git/ownRefs.js';
import type { Git } from '../git/run.js';
import { type Observation, type Oid, observedOids } from '../model/observation.js';
import type { Finding } from '../model/finding.js';
import type { LastSeen, LedgerEntry } from '../model/report.js';
import { sessionIdOfRefName, sessionRefName } from '../model/session.js';

const ledgerPrefix = 'refs/homeport/ledger/';
const entryFile = 'entry.json';

/** The ref of a session's ledger. */
export function ledgerRef(sessionId: string): string {
	return ledgerPrefix + sessionRefName(sessionId);
}

const oid = z.string().check(z.regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/));
const tip = z.object({ name: z.string(), oid });
const entrySchema = z.object({
	schemaVersion: z.literal(1),
	session: z.string(),
	time: z.string(),
	epoch: z.string(),
	head: z.object({ branch: z.nullable(z.string()), oid: z.nullable(oid) }),
	branches: z.array(tip),
	detached: z.array(tip),
	stashes: z.array(tip),
	reflog: z.array(oid),
	capture: z.nullable(z.object({ oid, quiet: z.boolean() })),
	missing: z.array(z.object({ name: z.string(), reason: z.string(), size: z.nullable(z.number()) })),
	/** What inspection warned of, in this entry's objects or in those before. */
	findings: z.array(z.object({ code: z.string(), level: z.literal('warn'), path: z.string(), detail: z.string() })),
	/** Commits without parents that stand for originals of which the session has only the newest part. */
	standsFor: z.record(z.string(), oid),
});
type StoredEntry = z.infer<typeof entrySchema>;

/** The newest entry of a session's ledger. */
export interface LedgerHead {
	readonly oid: Oid;
	readonly entry: LedgerEntry;
	/** Original commits that could not be adopted whole, and the commits that hold their trees. */
	readonly standsFor: Readonly<Record<Oid, Oid>>;
	/** Warnings of inspection about all that came home so far. */
	readonly findings: readonly Finding[];
}

/** Reads the newest entry, or null where the session was never seen. Fails with `state-damaged`. */
export async function readLedgerHead(git: Git, sessionId: string): Promise<LedgerHead | null> {
	const ref = ledgerRef(sessionId);
	const tipOid = await resolveRef(git, ref);
	if (tipOid === null) {
		return null;
	}
	const [stored] = await readEntries(git, ref, [tipOid]);
	return toHead(tipOid, stored!);
}

function toHead(oid: Oid, stored: StoredEntry): LedgerHead {
	return {
		oid,
		entry: toEntry(oid, stored),
		standsFor: stored.standsFor,
		findings: stored.findings as readonly Finding[],
	};
}

/** What each ledger's newest entry says, by the id of its session; null for one that is damaged. */
export async function lastSeen(git: Git): Promise<ReadonlyMap<string, LastSeen | null>> {
	const refs = await git.text(['for-each-ref', '--format=%(objectname) %(refname)', ledgerPrefix]);
	const ledgers = refs.split('\n').flatMap((line) => {
		const [tip = '', ref = ''] = line.split(' ');
		return ref === '' ? [] : [{ tip, session: sessionIdOfRefName(ref.slice(ledgerPrefix.length)) }];
	});
	const texts = await readEntryFiles(
		git,
		ledgers.map(({ tip }) => tip),
		entryFile,
	).catch(() => []);
	return new Map(ledgers.map(({ session }, index) => [session, seenIn(texts[index] ?? '')]));
}

function seenIn(text: string): LastSeen | null {
	try {
		const { head, time } = z.parse(entrySchema, JSON.parse(text));
		return { branch: head.branch, seen: time };
	} catch {
		return null;
	}
}

/** The entries of a session's ledger, newest first. Fails with `state-damaged`. */
export async function readLedger(git: Git, sessionId: string, limit?: number): Promise<LedgerEntry[]> {
	const ref = ledgerRef(sessionId);
	const tipOid = await resolveRef(git, ref);
	if (tipOid === null) {
		return [];
	}
	const listed = await damagedAs(ref, () => listEntries(git, tipOid));
	const entries = listed.map((entry) => entry.oid).slice(0, limit);
	const stored = await readEntries(git, ref, entries);
	return stored.map((entry, index) => toEntry(entries[index]!, entry));
}

/** The ids of all sessions that have a ledger. */
export async function ledgerSessions(git: Git): Promise<string[]> {
	const refs = await git.text(['for-each-ref', '--format=%(refname)', ledgerPrefix]);
	return refs
		.split('\n')
		.filter((ref) => ref !== '')
		.map((ref) => sessionIdOfRefName(ref.slice(ledgerPrefix.length)));
}

/** True when the observation tells nothing that the newest entry does not. */
export function sameAsLast(head: LedgerHead | null, sessionId: string, observation: Observation): boolean {
	if (head === null) {
		return false;
	}
	const { oid: _, ...last } = head.entry;
	const now = storedEntry(sessionId, observation, head.entry.time, {}, []);
	const { schemaVersion: _version, session: _session, standsFor: _stands, findings: _findings, ...seen } = now;
	return JSON.stringify(sortKeys(seen)) === JSON.stringify(sortKeys(last));
}

/**
 * Adds an observation whose objects are home to the ledger, whose newest entry is `head`, and moves the ledger's ref to
 * it; an observation equal to the last adds none. Returns the newest entry. `standsFor` maps originals that could not be
 * adopted whole. Fails with `changed-meanwhile` when another process added an entry meanwhile.
 */
export async function appendLedger(
	git: Git,
	sessionId: string,
	head: LedgerHead | null,
	news: LedgerNews,
): Promise<LedgerHead> {
	const { observation, time, standsFor, findings } = news;
	if (head !== null && sameAsLast(head, sessionId, observation)) {
		return head;
	}
	const tips = observedOids(observation).map((original) => standsFor[original] ?? original);
	const stored = storedEntry(sessionId, observation, time, standsFor, findings);
	const entry = await writeEntry(git, {
		subject: `Homeport ledger: ${sessionRefName(sessionId)}`,
		files: { [entryFile]: serialize(stored) },
		previous: head?.oid ?? null,
		tips,
	});
	await moveLedger(git, sessionId, entry, head?.oid ?? null);
	return toHead(entry, stored);
}

/** What an entry of the ledger is made of. */
export interface LedgerNews {
	readonly observation: Observation;
	/** ISO 8601. */
	readonly time: string;
	readonly standsFor: Readonly<Record<Oid, Oid>>;
	readonly findings: readonly Finding[];
}

/** Moves the ledger's ref by compare-and-swap; `to` null deletes it. Fails with `changed-meanwhile`. */
export async function moveLedger(git: Git, sessionId: string, to: Oid | null, from: Oid | null): Promise<void> {
	const ref = ledgerRef(sessionId);
	const expected = from ?? '';
	const command =
		to === null ? `delete ${ref} ${expected}\n` : `update ${ref} ${to} ${from ?? '0'.repeat(to.length)}\n`;
	const moved = await updateOwnRefs(git, command);
	if (moved.exitCode !== 0) {
		const now = await resolveRef(git, ref);
		if (now !== from) {
			throw new HomeportError('changed-meanwhile', { ref });
		}
		throw new HomeportError('state-unwritable', { path: ref, reason: moved.stderr.trim() });
	}
}

async function readEntries(git: Git, ref: string, entries: readonly Oid[]): Promise<StoredEntry[]> {
	const texts = await damagedAs(ref, () => readEntryFiles(git, entries, entryFile));
	return entries.map((entry, index) => {
		const text = texts[index];
		try {
			return z.parse(entrySchema, JSON.parse(text ?? ''));
		} catch (error) {
			throw new HomeportError('state-damaged', { path: ref, entry }, error);
		}
	});
}

async function damagedAs<T>(ref: string, read: () => Promise<T>): Promise<T> {
	try {
		return await read();
	} catch (error) {
		if (isHomeportError(error, 'git-failed')) {
			throw new HomeportError('state-damaged', { path: ref }, error);
		}
		throw error;
	}
}

function storedEntry(
	session: string,
	observation: Observation,
	time: string,
	standsFor: Readonly<Record<Oid, Oid>>,
	findings: readonly Finding[],
): StoredEntry {
	const { epoch, head, branches, detached, stashes, reflog, capture, missing } = observation;
	return {
		schemaVersion: 1,
		session,
		time,
		epoch,
		head,
		branches: [...branches],
		detached: [...detached],
		stashes: [...stashes],
		reflog: [...reflog].sort(),
		capture,
		missing: [...missing],
		findings: findings.filter((finding) => finding.level === 'warn') as StoredEntry['findings'],
		standsFor: { ...standsFor },
	};
}

function toEntry(entryOid: Oid, stored: StoredEntry): LedgerEntry {
	const {
		schemaVersion: _version,
		session: _session,
		standsFor: _stands,
		findings: _findings,
		missing,
		...entry
	} = stored;
	return { oid: entryOid, ...entry, missing: missing as LedgerEntry['missing'] };
}

function serialize(entry: StoredEntry): string {
	return `${JSON.stringify(entry, null, '\t')}\n`;
}

function sortKeys(value: object): object {
	return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Writes a ledger anew that holds just these entries, oldest first; returns its newest, or null where none is left. */
export async function rewriteLedger(git: Git, sessionId: string, entries: readonly LedgerEntry[]): Promise<Oid | null> {
	const stored = await readEntries(
		git,
		ledgerRef(sessionId),
		entries.map((entry) => entry.oid),
	);
	let previous: Oid | null = null;
	for (const entry of stored) {
		const tips = observedOids(entry).map((original) => entry.standsFor[original] ?? original);
		previous = await writeEntry(git, {
			subject: `Homeport ledger: ${sessionRefName(sessionId)}`,
			files: { [entryFile]: serialize(entry) },
			previous,
			tips,
		});
	}
	return previous;
}
