import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { BranchStatus, Rungs, SessionStatus } from '../../core/model/report.js';
import type { SessionState } from '../../core/model/session.js';
import type { BroughtRef, SessionView } from './snapshot.js';
import { staleMs, stateOf } from './standing.js';

/** `1 commit`, `3 commits`. */
export function commits(amount: number): string {
	return amount === 1 ? vscode.l10n.t('1 commit') : vscode.l10n.t('{0} commits', amount);
}

/** `1 file`, `3 files`. */
function files(amount: number): string {
	return amount === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', amount);
}

/** A length of time in its largest unit alone: `under 1 min`, `14 min`, `3 h`, `1 day`, `20 days`. */
export function ageText(seconds: number): string {
	if (seconds < 60) {
		return vscode.l10n.t('under 1 min');
	}
	if (seconds < 3600) {
		return vscode.l10n.t('{0} min', Math.floor(seconds / 60));
	}
	if (seconds < 86_400) {
		return vscode.l10n.t('{0} h', Math.floor(seconds / 3600));
	}
	const days = Math.floor(seconds / 86_400);
	return days === 1 ? vscode.l10n.t('1 day') : vscode.l10n.t('{0} days', days);
}

/** The session's line beside its name: `2 commits, 1 file only there · oldest 14 min · main`. */
export function sessionWords(view: SessionView): string {
	return sessionParts(view).join(' · ');
}

/** The parts of the session's line, what matters most first: a narrow side bar cuts the rest. */
export function sessionParts(view: SessionView): string[] {
	const { session, status, lookedAt, last } = view;
	const now = stateOf(view);
	const state = now === 'running' ? [] : [stateWord(now)];
	if (status === null) {
		const isNew = session.state === 'running' && last.seen === null;
		return [...state, isNew ? vscode.l10n.t('not looked at yet') : unknownWords(last.seen)];
	}
	if (status.unknown !== null) {
		return [...state, unknownWords(status.unknown.since)];
	}
	const branch = headBranch(status);
	const age = lookedAt === null ? 0 : Date.now() - lookedAt;
	const stale = age > staleMs ? [vscode.l10n.t('as of {0} ago', ageText(age / 1000))] : [];
	return [...state, ...exposureWords(status), ...stale, ...(branch === null ? [] : [shownText(branch, 60)])];
}

/** The branch that the session has checked out, or null. */
export function headBranch(status: SessionStatus): string | null {
	return status.branches.find((branch) => branch.isHead)?.name ?? null;
}

/** The branch that the session is on, or was on when it was last seen; null where that is not known. */
export function branchOf({ status, last }: SessionView): string | null {
	return (status === null ? null : headBranch(status)) ?? last.branch;
}

/** The state of a session, for people. */
export function stateWord(state: SessionState): string {
	return stateNames[state]();
}

/** What the session's branch has on which rung of the ladder, the least safe first. */
export function branchWords(branch: BranchStatus): string {
	const parts = rungWords(branch.rungs);
	return parts.length === 0 ? vscode.l10n.t('nothing of its own') : parts.join(' · ');
}

/** When a branch of home got what it has of the session. */
export function broughtWords(brought: BroughtRef): string {
	return vscode.l10n.t('brought home at {0}', timeWords(brought.time));
}

/** The name of a branch of home, for people. */
export function shortRef(ref: string): string {
	return shownText(ref.replace(/^refs\/heads\//, ''), 100);
}

/** Whether a session's uncommitted files are at home too. */
export function filesWords(status: SessionStatus): string {
	return status.exposure.files === 0 ? vscode.l10n.t('captured') : vscode.l10n.t('only there');
}

/** The time of day for today, else the date. */
export function timeWords(iso: string): string {
	const time = new Date(iso);
	const today = time.toDateString() === new Date().toDateString();
	return today ? time.toLocaleTimeString([], { timeStyle: 'short' }) : time.toLocaleDateString();
}

const stateNames: Record<SessionState, () => string> = {
	running: () => vscode.l10n.t('running'),
	stopped: () => vscode.l10n.t('stopped'),
	pending: () => vscode.l10n.t('pending'),
	error: () => vscode.l10n.t('error'),
	unreachable: () => vscode.l10n.t('unreachable'),
	missing: () => vscode.l10n.t('missing'),
};

function unknownWords(since: string | null): string {
	return since === null
		? vscode.l10n.t('unknown, nothing home yet')
		: vscode.l10n.t('unknown, last seen {0} ago', ageText(secondsSince(since)));
}

function secondsSince(iso: string): number {
	return Math.max(0, (Date.now() - Date.parse(iso)) / 1000);
}

function exposureWords({ exposure }: SessionStatus): string[] {
	const { oldestSeconds } = exposure;
	const work = [
		exposure.commits > 0 ? commits(exposure.commits) : null,
		exposure.files > 0 ? files(exposure.files) : null,
	].filter((part) => part !== null);
	if (work.length === 0) {
		return [vscode.l10n.t('all home')];
	}
	// Of files that were never seen before, nobody knows the age.
	const oldest = oldestSeconds > 0 || exposure.commits > 0 ? [vscode.l10n.t('oldest {0}', ageText(oldestSeconds))] : [];
	return [vscode.l10n.t('{0} only there', work.join(', ')), ...oldest];
}

function rungWords(rungs: Rungs): string[] {
	return [
		rungs.committed > 0 ? vscode.l10n.t('{0} only there', commits(rungs.committed)) : null,
		rungs.home > 0 ? vscode.l10n.t('{0} home, not pushed', commits(rungs.home)) : null,
		rungs.pushed > 0 ? vscode.l10n.t('{0} pushed', commits(rungs.pushed)) : null,
		rungs.verified > 0 ? vscode.l10n.t('{0} verified on origin', commits(rungs.verified)) : null,
	].filter((part) => part !== null);
}
