import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Finding } from '../../core/model/finding.js';
import type { Conflict } from '../../core/model/merge.js';
import type { Oid } from '../../core/model/observation.js';
import type { Plan, RefChange } from '../../core/model/plan.js';
import type { ChangeDetails } from '../../core/model/planDetails.js';
import type { PushChange } from '../../core/model/push.js';
import type { Session } from '../../core/model/session.js';
import type { Warning } from '../../core/model/warning.js';
import { unaccepted } from '../../core/model/warning.js';
import { conflictWords } from '../prompts/conflictWords.js';
import { changes, changeWords, checkedOutWords, planAction } from '../prompts/planText.js';
import { shortRef } from '../tree/words.js';
import { changeDetails, commitItem } from './changeDetails.js';
import { html } from './html.js';
import type { Html } from './html.js';
import { moreLine } from './moreLine.js';
import { commandButton, commandLink } from './page.js';
import type { PageContent } from './page.js';
import { findingWords, warningWords } from '../platform/coreWords.js';

/** A plan, the session that it is of, and what its changes hold, for a window on the home at `root`. */
export interface ShownPlan {
	readonly root: string;
	readonly session: Session;
	readonly plan: Plan;
	readonly details: readonly ChangeDetails[];
}

/** What would happen, for reading: first what asks, then what is lost, what runs code, what conflicts and what moves. */
export function planPage(plans: readonly ShownPlan[]): PageContent {
	const [only] = plans;
	const title =
		plans.length === 1 && only !== undefined
			? vscode.l10n.t('Plan: {0}', shownText(only.session.name, 60))
			: vscode.l10n.t('Plan for {0} Sessions', plans.length);
	return {
		title,
		commands: [
			'homeport.sync',
			'homeport.showPlan',
			'homeport.showCommit',
			'homeport.showFileChange',
			'homeport.openFile',
		],
		body: html`<p class="muted">
				${vscode.l10n.t(
					'Nothing of yours has changed. What the sessions have is kept under refs/homeport, whatever you decide.',
				)}
			</p>
			${plans.map((shown) => planOf(shown, plans.length > 1))}`,
	};
}

function planOf(shown: ShownPlan, named: boolean): Html {
	const { session, plan } = shown;
	const asks = plan.warnings.filter(({ level }) => level === 'ask');
	const notes = plan.warnings.filter(({ level }) => level === 'note');
	return html`${named ? html`<h2>${shownText(session.id, 200)}</h2>` : null} ${summary(plan)} ${actions(shown)}
	${section(vscode.l10n.t('Asked before anything changes'), asks.map(askOf))} ${findingsOf(shown)}
	${section(vscode.l10n.t('Lost'), lostOf(shown))} ${section(vscode.l10n.t('In conflict'), conflictsOf(shown))}
	${section(vscode.l10n.t('Changes in this repository'), homeOf(shown))}
	${section(vscode.l10n.t('Changes in the session'), sessionOf(shown))}
	${section(vscode.l10n.t('Worth knowing'), notes.map(noteOf))}`;
}

function summary(plan: Plan): Html {
	const asked = unaccepted(plan.warnings, new Set()).length;
	const moves = changes<RefChange | PushChange>([...plan.refs, ...(plan.push ?? [])]).length > 0;
	if (asked > 0) {
		const text =
			asked === 1
				? vscode.l10n.t('One thing is asked before this plan is carried out.')
				: vscode.l10n.t('{0} things are asked before this plan is carried out.', asked);
		return html`<p><strong>${text}</strong></p>`;
	}
	return html`<p>
		<strong
			>${
				moves
					? vscode.l10n.t('This plan takes nothing away, so nothing is asked.')
					: vscode.l10n.t('Nothing would change: all that the session has is where it belongs.')
			}</strong
		>
	</p>`;
}

function actions({ session, plan }: ShownPlan): Html {
	const again = { session: session.id, request: plan.request };
	const moves = changes<RefChange | PushChange>([...plan.refs, ...(plan.push ?? [])]).length > 0;
	const act = moves || unaccepted(plan.warnings, new Set()).length > 0;
	return html`<p class="actions">
		${act ? commandButton('homeport.sync', again, planAction(plan)) : null}
		${commandLink('homeport.showPlan', again, vscode.l10n.t('Plan Again'))}
	</p>`;
}

function section(title: string, parts: readonly Html[]): Html | null {
	return parts.length === 0
		? null
		: html`<section>
				<h2>${title}</h2>
				${parts}
			</section>`;
}

function askOf(warning: Warning): Html {
	return html`<p class="ask">${warningWords(warning)}</p>`;
}

function noteOf(warning: Warning): Html {
	return html`<p class="note">${warningWords(warning)}</p>`;
}

function findingsOf({ plan, details }: ShownPlan): Html | null {
	const ranked = [...plan.findings].sort((a, b) => Number(b.level === 'block') - Number(a.level === 'block'));
	return section(
		vscode.l10n.t('Files to read first'),
		ranked.map(
			(finding) =>
				html`<p class="${finding.level === 'block' ? 'block' : 'ask'}">
					<code>${readable(finding, details)}</code>: ${findingWords(finding)}.
				</p>`,
		),
	);
}

// A link to the file as it would come home, where that is known.
function readable({ path }: Finding, details: readonly ChangeDetails[]): Html | string {
	const found = details.find(({ files }) => files.some((file) => file.path === path && file.kind !== 'removed'));
	return found === undefined ? shownText(path) : commandLink('homeport.openFile', { oid: found.tip, path }, path);
}

function lostOf({ plan, details }: ShownPlan): Html[] {
	const changes = [
		...plan.refs.map((change) => ({ change, side: 'home' as const, where: shortRef(change.ref) })),
		...(plan.push ?? []).map((change) => ({
			change,
			side: 'session' as const,
			where: vscode.l10n.t('{0} in the session', shortRef(change.ref)),
		})),
	];
	return changes
		.filter(({ change }) => change.action !== 'keep' && change.lost > 0)
		.map(({ change, side, where }) => {
			const found = details.find((one) => one.side === side && one.ref === change.ref);
			const named = found?.lost.map(commitItem) ?? change.lostCommits.map((line) => html`<li>${shownText(line)}</li>`);
			const more = change.lost - named.length;
			return html`<h3>${where}</h3>
				<ul class="commits">
					${named}
				</ul>
				${moreLine(more)}`;
		});
}

// Each file opens as it differs between the two sides.
function conflictsOf({ plan: { refs, push }, details }: ShownPlan): Html[] {
	const changed = [
		...refs.map((change) => ({ change, side: 'home' as const })),
		...(push ?? []).map((change) => ({ change, side: 'session' as const })),
	];
	const conflicts = changed.flatMap(({ change, side }) => {
		const files = change.files !== undefined && 'conflicts' in change.files ? change.files.conflicts : [];
		const tip = details.find((one) => one.side === side && one.ref === change.ref)?.tip ?? null;
		return (change.forecast?.conflicts ?? files).map((conflict) => conflictItem(conflict, change.from, tip));
	});
	return conflicts.length === 0
		? []
		: [
				html`<ul>
					${conflicts}
				</ul>`,
			];
}

function conflictItem({ path, kind, regions }: Conflict, from: Oid | null, to: Oid | null): Html {
	const shown = shownText(path);
	const name =
		from === null || to === null ? shown : commandLink('homeport.showFileChange', { from, to, path: shown }, shown);
	const places = regions.slice(0, mostRegions).map(({ first, last }) => `${first}–${last}`);
	const more = regions.length > mostRegions ? ', …' : '';
	const words = [
		conflictWords(kind),
		...(places.length === 0 ? [] : [vscode.l10n.t('lines {0} of the merge', places.join(', ') + more)]),
	];
	return html`<li><code>${name}</code> <span class="muted">${words.join(' · ')}</span></li>`;
}

const mostRegions = 5;

function homeOf({ root, plan, details }: ShownPlan): Html[] {
	return plan.refs.map((change) =>
		changeDetails({
			name: shortRef(change.ref),
			words: change.action === 'keep' ? vscode.l10n.t('stays as it is.') : changeWords(change),
			where: placeOf(change, root),
			details: details.find(({ ref, side }) => side === 'home' && ref === change.ref) ?? null,
		}),
	);
}

function placeOf({ source, worktree }: RefChange, root: string): string[] {
	return [
		...(source === null ? [] : [vscode.l10n.t("from the session's {0}", shownText(source, 100))]),
		...(worktree === null ? [] : [checkedOutWords(worktree, root)]),
	];
}

function sessionOf({ plan, details }: ShownPlan): Html[] {
	return (plan.push ?? []).map((change: PushChange) =>
		changeDetails({
			name: shortRef(change.ref),
			words: change.action === 'keep' ? vscode.l10n.t('stays as it is.') : changeWords(change),
			where: [
				...(change.source === '' ? [] : [vscode.l10n.t('from your {0}', shownText(change.source, 100))]),
				...(change.checkedOut ? [vscode.l10n.t('checked out there, its files move with it')] : []),
			],
			details: details.find(({ ref, side }) => side === 'session' && ref === change.ref) ?? null,
		}),
	);
}
