import { count, shownText } from '../../core/base/text.js';
import type { BranchStatus, SessionStatus } from '../../core/model/report.js';
import type { Style } from '../style.js';
import { table } from '../table.js';

const rungs = ['dirty', 'committed', 'captured', 'home', 'pushed', 'verified'] as const;

/** Where the work of these sessions stands: a table of commits by branch and rung, and what is at risk. */
export function statusLines(statuses: readonly SessionStatus[], style: Style, width?: number): string[] {
	if (statuses.length === 0) {
		return ['no sessions'];
	}
	return statuses.flatMap((status) => [
		`${style('heading', shownText(status.session))} ${stateText(status)}`,
		...(status.branches.length === 0
			? []
			: table(
					['branch', ...rungs],
					status.branches.map((branch) => [
						branch.isHead ? `* ${branch.name}` : `  ${branch.name}`,
						...rungs.map((rung) => (branch.rungs[rung] === 0 ? '·' : String(branch.rungs[rung]))),
					]),
					style,
					width === undefined ? undefined : width - 2,
				).map((line) => `  ${line}`)),
		...status.branches.flatMap(knownLines).map((line) => `  ${line}`),
		...riskLines(status, style).map((line) => `  ${line}`),
	]);
}

/** A length of time in its largest whole unit. */
export function durationText(seconds: number): string {
	const units = [
		[86_400, 'day'],
		[3600, 'hour'],
		[60, 'minute'],
	] as const;
	for (const [length, name] of units) {
		if (seconds >= length) {
			return count(Math.floor(seconds / length), name);
		}
	}
	return count(Math.max(0, Math.floor(seconds)), 'second');
}

function stateText(status: SessionStatus): string {
	return status.inProgress === null ? status.state : `${status.state}, in the middle of a ${status.inProgress}`;
}

/** What home has of a branch by content: it would look as if it were nowhere else, and is there under another name. */
export function knownLines({ name, known }: Pick<BranchStatus, 'name' | 'known'>): string[] {
	if (known === undefined || known.target === null) {
		return [];
	}
	const target = shownText(known.target.replace(/^refs\/(?:heads|remotes)\//, ''));
	const { commits, how } = known;
	return [
		`${shownText(name)}: ${known.known ?? 0} of ${count(commits, 'commit')} in ${target} by content (${how ?? ''})`,
	];
}

function riskLines(status: SessionStatus, style: Style): string[] {
	const { files, exposure, unknown } = status;
	const lines: string[] = [];
	if (files.changed > 0 || files.untracked > 0) {
		lines.push(`not committed: ${files.changed} changed, ${files.untracked} untracked`);
	}
	if (exposure.commits > 0 || exposure.files > 0) {
		const what = `${count(exposure.commits, 'commit')} and ${count(exposure.files, 'file')}`;
		lines.push(
			style('careful', `only in the session: ${what}, the oldest for ${durationText(exposure.oldestSeconds)}`),
		);
	}
	if (unknown !== null) {
		const since = unknown.since === null ? 'never seen before' : `last seen ${shownText(unknown.since)}`;
		lines.push(style('bad', `unknown, ${since}: ${shownText(unknown.reason)}`));
	} else if (lines.length === 0) {
		lines.push(style('good', 'nothing is in the session alone'));
	}
	return lines;
}
