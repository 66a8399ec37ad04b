import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Finding } from '../../core/model/finding.js';
import type { RefChange } from '../../core/model/plan.js';
import type { PushChange } from '../../core/model/push.js';
import type { Warning } from '../../core/model/warning.js';
import { commits, shortRef } from '../tree/words.js';
import type { Confirmation } from './prompter.js';
import { findingWords, warningWords } from '../platform/coreWords.js';

// A modal has no scroll bar of its own; what is left out is counted.
const mostLines = 8;
const mostCommits = 4;

/** What a modal needs of a plan, be it of a sync or of an undo. */
interface AskedPlan {
	readonly refs: readonly RefChange[];
	/** Branches of the session, where work goes there. */
	readonly push?: readonly PushChange[];
	readonly warnings: readonly Warning[];
	readonly findings: readonly Finding[];
}

export interface PlanQuestion {
	readonly title: string;
	readonly plan: AskedPlan;
	/** The folder of the home that the window shows. */
	readonly root: string;
	/** How to get back what the plan would lose. */
	readonly wayBack: string;
	/** The name of the button; without it that of what happens to the branches. */
	readonly action?: string;
}

/** The modal for a plan: what happens, what is lost, how to get it back, and a button that says what it does. */
export function planConfirmation({ title, plan, root, wayBack, action }: PlanQuestion): Confirmation {
	const asks = plan.warnings.filter((warning) => warning.level === 'ask');
	const notes = plan.warnings.filter((warning) => warning.level === 'note');
	const sections = [
		cut([
			...changes(plan.refs).flatMap((change) => [refLine(change, root), ...lostLines(change)]),
			...changes(plan.push).flatMap((change) => [pushLine(change), ...lostLines(change)]),
		]),
		cut(asks.map((warning) => bullet(warningWords(seenFrom(root, warning))))),
		cut([
			...notes.map((warning) => bullet(warningWords(seenFrom(root, warning)))),
			...plan.findings.map((finding) => bullet(`${finding.path}: ${findingWords(finding)}.`)),
		]),
		[wayBack],
	];
	return {
		message: title,
		detail: sections
			.filter((lines) => lines.length > 0)
			.map((lines) => lines.join('\n'))
			.join('\n\n'),
		action: action ?? planAction(plan),
	};
}

/** The name of the button that applies these changes. */
export function planAction(plan: Pick<AskedPlan, 'refs' | 'push'>): string {
	const { refs, push } = plan;
	const changed = [...changes(refs), ...changes(push)];
	const lost = lostCommits(plan);
	const [only] = changed;
	if (refs.some((change) => change.forecast?.tree === null)) {
		return vscode.l10n.t('Open Merge');
	}
	if (lost > 0) {
		return lost === 1 ? vscode.l10n.t('Overwrite 1 Commit') : vscode.l10n.t('Overwrite {0} Commits', lost);
	}
	if (only === undefined) {
		return vscode.l10n.t('Continue');
	}
	if (changed.length > 1) {
		return vscode.l10n.t('Change {0} Branches', changed.length);
	}
	const name = shortRef(only.ref);
	if ('checkedOut' in only) {
		return vscode.l10n.t("Change the Session's {0}", name);
	}
	if (only.action === 'files') {
		return vscode.l10n.t('Change Files');
	}
	if (only.action === 'merge') {
		return vscode.l10n.t('Merge into {0}', name);
	}
	if (only.to === null) {
		return vscode.l10n.t('Remove Branch {0}', name);
	}
	return only.from === null ? vscode.l10n.t('Create Branch {0}', name) : vscode.l10n.t('Move Branch {0}', name);
}

/** How many commits the branches would no longer reach. */
export function lostCommits({ refs, push }: Pick<AskedPlan, 'refs' | 'push'>): number {
	return [...changes(refs), ...changes(push)].reduce((sum, change) => sum + change.lost, 0);
}

/** What was done to the branches, as one sentence for each, for the message afterwards. */
export function changesText({ refs, push }: Pick<AskedPlan, 'refs' | 'push'>): string {
	return cut([
		...changes(refs).map((change) => `${shortRef(change.ref)}: ${changeWords(change)}`),
		...changes(push).map(pushLine),
	]).join(' ');
}

/** Those that change something. */
export function changes<T extends Pick<RefChange, 'action'>>(all: readonly T[] | undefined): T[] {
	return (all ?? []).filter((change) => change.action !== 'keep');
}

// The commits that would be lost, by name.
function lostLines(change: RefChange | PushChange): string[] {
	const shown = change.lostCommits.slice(0, mostCommits);
	const more = change.lost - shown.length;
	return [
		...shown.map((commit) => `− ${shownText(commit, 60)}`),
		...(shown.length > 0 && more > 0 ? [vscode.l10n.t('− and {0} more', commits(more))] : []),
	];
}

function bullet(text: string): string {
	return `• ${text}`;
}

/** The warning without the folder that the window shows: a path says nothing there, and takes two lines. */
function seenFrom(root: string, warning: Warning): Warning {
	return warning.details['worktree'] === root ? { ...warning, details: { ...warning.details, worktree: '' } } : warning;
}

function refLine(change: RefChange, root: string): string {
	const name = shortRef(change.ref);
	if (change.worktree === null) {
		return `${name}: ${changeWords(change)}`;
	}
	return `${name} (${checkedOutWords(change.worktree, root)}): ${changeWords(change)}`;
}

/** Where a branch is checked out, for who sees the folder `root`. */
export function checkedOutWords(worktree: string, root: string): string {
	return worktree === root
		? vscode.l10n.t('checked out here')
		: vscode.l10n.t('checked out in {0}', shownText(worktree));
}

function pushLine(change: PushChange): string {
	return vscode.l10n.t("The session's {0}: {1}", shortRef(change.ref), changeWords(change));
}

/** What happens to a branch, as the rest of a sentence that begins with its name. */
export function changeWords(change: RefChange | PushChange): string {
	if (change.action === 'files') {
		const amount = change.files !== undefined && 'changed' in change.files ? change.files.changed.length : null;
		if ('checkedOut' in change) {
			return vscode.l10n.t('gets your files as one commit.');
		}
		if (amount === null) {
			return vscode.l10n.t('files of its working tree change.');
		}
		return amount === 1 ? vscode.l10n.t('1 file changes.') : vscode.l10n.t('{0} files change.', amount);
	}
	if (change.action === 'merge') {
		return vscode.l10n.t('gains {0} by a merge.', commits(change.gained));
	}
	if (change.to === null) {
		return vscode.l10n.t('removed.');
	}
	if (change.from === null) {
		return vscode.l10n.t('created, with {0}.', commits(change.gained));
	}
	const gains = commits(change.gained);
	if (change.gained === 0 && change.lost > 0) {
		return vscode.l10n.t('loses {0}.', commits(change.lost));
	}
	return change.lost === 0
		? vscode.l10n.t('gains {0}.', gains)
		: vscode.l10n.t('gains {0}, loses {1}.', gains, commits(change.lost));
}

function cut(lines: readonly string[]): string[] {
	return lines.length <= mostLines
		? [...lines]
		: [...lines.slice(0, mostLines - 1), vscode.l10n.t('… and {0} more', lines.length - mostLines + 1)];
}
