import { count, shownText } from '../../core/base/text.js';
import { observedOids } from '../../core/model/observation.js';
import type { Oid } from '../../core/model/observation.js';
import type { LedgerEntry, Operation } from '../../core/model/report.js';
import type { Style } from '../style.js';
import { ledgerRef } from '../documents.js';
import { table } from '../table.js';
import { branchName, shortOid } from './plan.js';

const mostKept = 50;

/** The ledger of a session: its newest entry in full, what is missing, the entries before, and what they alone name. */
export function ledgerLines(id: string, entries: readonly LedgerEntry[], style: Style, width?: number): string[] {
	const newest = entries[0];
	if (newest === undefined) {
		return ['nothing of this session was ever seen'];
	}
	const seen = tipsOf(newest).map(({ what, name, oid }) => [what, name, shortOid(oid)]);
	return [
		`kept in home under ${shownText(ledgerRef(id))}, ${count(entries.length, 'entry', 'entries')}`,
		`last seen ${shownText(newest.time)}`,
		...table(['what', 'name', 'commit'], seen, style, width),
		...newest.missing.map((missing) =>
			style('careful', `missing: ${shownText(missing.name)} (${missing.reason}${sizeText(missing.size)})`),
		),
		...(entries.length === 1 ? [] : ['', ...entryTable(entries.slice(1), style, width)]),
		...keptLines(entries, style, width),
	];
}

/** The operation log, an operation a line. */
export function operationLines(operations: readonly Operation[], style: Style, width?: number): string[] {
	if (operations.length === 0) {
		return ['no operations yet'];
	}
	return table(
		['operation', 'time', 'what', 'session', 'branches', 'state'],
		operations.map((operation) => [
			operation.id,
			operation.time,
			operation.kind,
			operation.session ?? '',
			[...operation.refs, ...(operation.sessionRefs ?? [])].map((change) => branchName(change.ref)).join(', '),
			stateText(operation),
		]),
		style,
		width,
	);
}

/** One operation with every ref that it moved. */
export function operationDetailLines(operation: Operation, style: Style, width?: number): string[] {
	const fact = (name: string, text: string | null): string[] =>
		text === null || text === '' ? [] : [`${name.padEnd(9)} ${shownText(text)}`];
	return [
		style('heading', `${operation.kind} ${shownText(operation.id)}`),
		...fact('time', operation.time),
		...fact('state', stateText(operation)),
		...fact('session', operation.session),
		...fact('strategy', operation.request?.strategy ?? null),
		...fact('undoes', operation.undoes),
		...fact('accepted', operation.accepted.join(', ')),
		...fact('merge in', operation.merge?.path ?? null),
		...(operation.refs.length > 0 || operation.sessionRefs === undefined
			? table(['branch', 'from', 'to'], operation.refs.map(movedCells), style, width)
			: []),
		...(operation.sessionRefs === undefined
			? []
			: table(['in the session', 'from', 'to'], operation.sessionRefs.map(movedCells), style, width)),
	];
}

function movedCells({ ref, from, to }: Operation['refs'][number]): string[] {
	return [branchName(ref), shortOid(from), shortOid(to)];
}

interface LedgerTip {
	readonly what: string;
	readonly name: string;
	readonly oid: Oid;
}

function tipsOf(entry: LedgerEntry): LedgerTip[] {
	const { branches, detached, stashes, reflog, capture } = entry;
	return [
		...branches.map((tip) => ({ what: 'branch', ...tip })),
		...detached.map((tip) => ({ what: 'detached', ...tip })),
		...stashes.map((tip) => ({ what: 'stash', ...tip })),
		...reflog.map((oid) => ({ what: 'reflog', name: '', oid })),
		...(capture === null ? [] : [{ what: 'capture', name: capture.quiet ? '' : 'not quiet', oid: capture.oid }]),
	];
}

// What the session no longer names is what a person comes to the ledger for.
function keptLines(entries: readonly LedgerEntry[], style: Style, width?: number): string[] {
	const known = new Set(entries.slice(0, 1).flatMap(observedOids));
	const kept = new Map<Oid, readonly string[]>();
	for (const entry of entries.slice(1)) {
		for (const { what, name, oid } of tipsOf(entry)) {
			if (!known.has(oid) && !kept.has(oid)) {
				kept.set(oid, [what, name, shortOid(oid), entry.time]);
			}
		}
	}
	const rows = [...kept.values()];
	const more = rows.length - mostKept;
	return rows.length === 0
		? []
		: [
				'',
				'kept of before, and no longer named by the session:',
				...table(['what', 'name', 'commit', 'last seen'], rows.slice(0, mostKept), style, width),
				...(more > 0 ? [`and ${more} more; \`--json\` lists all`] : []),
			];
}

function entryTable(entries: readonly LedgerEntry[], style: Style, width?: number): string[] {
	return table(
		['before that', 'branches', 'stashes', 'capture', 'missing'],
		entries.map((entry) => [
			entry.time,
			String(entry.branches.length),
			String(entry.stashes.length),
			shortOid(entry.capture?.oid ?? null),
			String(entry.missing.length),
		]),
		style,
		width,
	);
}

function stateText(operation: Operation): string {
	const more = [...(operation.undone ? ['undone'] : []), ...(operation.isOpen ? ['waits to be continued'] : [])];
	return [operation.state, ...more].join(', ');
}

function sizeText(size: number | null): string {
	return size === null ? '' : `, ${count(size, 'byte')}`;
}
