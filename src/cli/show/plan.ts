import { count, shownText } from '../../core/base/text.js';
import type { Conflict } from '../../core/model/merge.js';
import type { Finding } from '../../core/model/finding.js';
import type { Oid } from '../../core/model/observation.js';
import type { RefChange } from '../../core/model/plan.js';
import type { PushChange } from '../../core/model/push.js';
import type { Warning } from '../../core/model/warning.js';
import { findingText, warningText } from '../../core/model/words.js';
import type { Style } from '../style.js';
import { table } from '../table.js';
import type { Cell } from '../table.js';

/** What all plans and results have to say: refs that move, warnings and findings. */
export interface Shown {
	readonly refs: readonly RefChange[];
	/** Branches of the session, where work goes there. */
	readonly push?: readonly PushChange[];
	readonly warnings: readonly (Warning & { readonly accepted?: boolean })[];
	readonly findings?: readonly Finding[];
}

const longestMessage = 2000;
const mostConflicts = 20;
const mostFiles = 20;

/** An object id as people read it; `-` where there is none. */
export function shortOid(oid: Oid | null): string {
	return oid === null ? '-' : shownText(oid.slice(0, 8));
}

/** The refs, warnings and findings of a plan or a result, a line each. */
export function planLines(shown: Shown, style: Style, width?: number): string[] {
	const refs = table(
		['action', 'branch', 'commits', 'change', 'from', 'checked out in'],
		shown.refs.map((change) => refCells(change)),
		style,
		width === undefined ? undefined : width - 2,
	);
	return [
		...(shown.refs.length > 0 ? refs : shown.push === undefined ? ['no branch changes'] : []),
		...shown.refs.flatMap((change) => lostLines(change, style)),
		...shown.refs.flatMap((change) => conflictsOf(change).slice(0, mostConflicts).map(conflictLine)),
		...shown.refs.flatMap((change) => fileLines(change)),
		...pushLines(shown.push ?? [], style, width),
		...shown.warnings.map((warning) => warningLine(warning, style)),
		...(shown.findings ?? []).map((finding) => findingLine(finding, style)),
	].map((line) => `  ${line}`);
}

// What goes to the session, after what comes home.
function pushLines(push: readonly PushChange[], style: Style, width?: number): string[] {
	if (push.length === 0) {
		return [];
	}
	const cells = push.map((change): Cell[] => [
		change.to === null && change.from !== null && change.forecast === undefined && change.files === undefined
			? actionCell(change)
			: change.lost > 0
				? { text: change.action, tone: 'careful' }
				: change.action,
		branchName(change.ref),
		change.to === null ? (change.from === null ? 'new' : `was ${shortOid(change.from)}`) : pushMoveText(change),
		[change.gained > 0 ? `+${change.gained}` : '', change.lost > 0 ? `−${count(change.lost, 'commit')}` : '']
			.filter((text) => text !== '')
			.join(' '),
		change.source === '' ? '' : shownText(change.source),
		[change.beside ? 'beside' : '', change.checkedOut && change.action !== 'keep' ? 'its files move' : '']
			.filter((text) => text !== '')
			.join(', '),
	]);
	return [
		...table(['action', 'in the session', 'commits', 'change', 'from home', ''], cells, style, width && width - 2),
		...push.flatMap((change) => lostLines(change, style)),
	];
}

function pushMoveText({ from, to }: PushChange): string {
	return from === to || from === null ? shortOid(to) : `${shortOid(from)}..${shortOid(to)}`;
}

/** How to accept these codes on the command line. */
export function acceptHint(codes: readonly string[]): string {
	return `To accept: --accept ${codes.join(',')}`;
}

/** The branch of a home ref, as people call it. */
export function branchName(ref: string): string {
	return shownText(ref.replace(/^refs\/heads\//, ''));
}

function refCells(change: RefChange): Cell[] {
	return [
		actionCell(change),
		branchName(change.ref),
		moveText(change),
		[change.gained > 0 ? `+${change.gained}` : '', change.lost > 0 ? `−${count(change.lost, 'commit')}` : '']
			.filter((text) => text !== '')
			.join(' '),
		change.source ?? '',
		change.worktree ?? '',
	];
}

function moveText({ from, to, action }: RefChange): string {
	if (to === null && action === 'merge') {
		return `from ${shortOid(from)}`;
	}
	if (to === null) {
		return `was ${shortOid(from)}`;
	}
	return from === to || from === null ? shortOid(to) : `${shortOid(from)}..${shortOid(to)}`;
}

function actionCell(change: Pick<RefChange, 'action' | 'to' | 'lost'>): Cell {
	if (change.action === 'keep') {
		return change.action;
	}
	const action = change.to === null && change.action !== 'merge' ? 'remove' : change.action;
	return action === 'remove' || action === 'overwrite' || change.lost > 0 ? { text: action, tone: 'careful' } : action;
}

function conflictsOf({ forecast, files }: RefChange): readonly Conflict[] {
	return forecast?.conflicts ?? files?.conflicts ?? [];
}

function fileLines({ action, files }: RefChange): string[] {
	const changed = action === 'files' ? (files?.changed ?? []) : [];
	const more = changed.length - mostFiles;
	return [
		...changed.slice(0, mostFiles).map((path) => `changes ${shownText(path)}`),
		...(more > 0 ? [`and ${count(more, 'more file')}`] : []),
	];
}

function conflictLine({ path, kind, regions }: Conflict): string {
	const lines = regions.slice(0, 5).map(({ first, last }) => `${first}-${last}`);
	const where = lines.length === 0 ? '' : `, lines ${lines.join(', ')}${regions.length > 5 ? ', …' : ''}`;
	return `conflict in ${shownText(path)} (${shownText(kind)}${where})`;
}

// The commits that a branch would no longer reach, by name: what a person needs to decide.
function lostLines(change: Pick<RefChange, 'ref' | 'lost' | 'lostCommits'>, style: Style): string[] {
	const more = change.lost - change.lostCommits.length;
	const lines = change.lostCommits.map((commit) => `${branchName(change.ref)} loses ${shownText(commit)}`);
	return [...lines, ...(lines.length > 0 && more > 0 ? [`and ${count(more, 'more commit')}`] : [])].map((line) =>
		style('careful', line),
	);
}

/** A warning on one line. */
export function warningLine(warning: Warning & { readonly accepted?: boolean }, style: Style): string {
	const level =
		warning.level === 'note' ? style('faint', 'note') : style('careful', warning.accepted ? 'accepted' : 'ask');
	return `${level} ${shownText(warning.code)}: ${shownText(warningText(warning, 'cli'), longestMessage)}`;
}

/** A finding on one line. */
export function findingLine(finding: Finding, style: Style): string {
	const level = finding.level === 'block' ? style('bad', 'block') : style('careful', 'warn');
	return `${level} ${shownText(finding.code)} in ${shownText(finding.path)}: ${shownText(findingText(finding), longestMessage)}`;
}
