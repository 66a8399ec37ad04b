import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import { isBranchName, standsBeside } from '../../core/model/branchName.js';
import type { SyncRequest } from '../../core/model/plan.js';
import type { BranchChoices } from '../../core/model/report.js';
import type { Session } from '../../core/model/session.js';
import type { Prompter } from '../prompts/prompter.js';
import type { Choice, PickOptions } from '../prompts/choice.js';
import { conflictChoices, directionChoices, strategyChoices } from './strategyChoices.js';

/** What the questions are about. */
export interface OptionsAsked {
	/** How it is named in titles. */
	readonly name: string;
	/** The one session, or null for several, of which no branches are asked. */
	readonly session: Session | null;
	/** Names of the session's branches, as they were last seen. */
	readonly branches: readonly string[];
	/** What was chosen last; it is offered first. */
	readonly last: SyncRequest;
	/** Home's branches, and the name that a branch of the session would get here; null is its HEAD. */
	readonly branchChoices: (session: Session, branch: string | null) => Promise<BranchChoices>;
}

/** Undefined leads back. */
type Answer<T> = { readonly value: T } | undefined;
type Step = (draft: SyncRequest, place: Place) => Promise<SyncRequest | 'back' | null>;

interface Place {
	readonly step: string;
	readonly canGoBack: boolean;
}

/** Asks step by step how to sync, with a way back; null where the user turned away. */
export async function pickSyncOptions(prompter: Prompter, asked: OptionsAsked): Promise<SyncRequest | null> {
	const before: SyncRequest[] = [];
	let draft = asked.last;
	for (;;) {
		const steps = stepsOf(prompter, asked, draft);
		const step = steps[before.length];
		if (step === undefined) {
			return settled(asked, draft);
		}
		const place = vscode.l10n.t('{0} of {1}', before.length + 1, steps.length);
		const answer = await step(draft, { step: place, canGoBack: before.length > 0 });
		if (answer === null) {
			return null;
		}
		if (answer === 'back') {
			draft = before.pop()!;
		} else {
			before.push(draft);
			draft = answer;
		}
	}
}

function stepsOf(prompter: Prompter, asked: OptionsAsked, draft: SyncRequest): Step[] {
	const { session } = asked;
	const inward = draft.direction !== 'session';
	const named = session !== null;
	return [
		...(session?.worktreeOfHome === true ? [] : [directionStep(prompter, asked)]),
		strategyStep(prompter, asked),
		...(draft.strategy === 'merge' && inward ? [conflictStep(prompter, asked)] : []),
		...(named ? [sourceStep(prompter, asked)] : []),
		...(named && hasTarget(draft) ? [targetStep(prompter, asked, session)] : []),
		originStep(prompter, asked),
	];
}

// Of the strategies that say themselves where work comes to, no branch is asked.
function hasTarget({ direction, strategy, from }: SyncRequest): boolean {
	return (
		direction === 'session' ||
		strategy === 'merge' ||
		strategy === 'overwrite' ||
		(strategy === 'branch' && from !== null)
	);
}

// What was chosen last and not asked this time does not hold.
function settled({ session }: OptionsAsked, draft: SyncRequest): SyncRequest {
	return {
		...draft,
		direction: session?.worktreeOfHome === true ? 'home' : draft.direction,
		from: session === null ? null : draft.from,
		branch: session === null || !hasTarget(draft) ? null : draft.branch,
	};
}

function directionStep(prompter: Prompter, { name, last }: OptionsAsked): Step {
	return async (draft, place) => {
		const title = vscode.l10n.t('Which way work of {0} goes', name);
		const answer = await ask(prompter, title, directionChoices(), last.direction, place);
		return put(answer, (direction) => ({ ...draft, direction }));
	};
}

function strategyStep(prompter: Prompter, { name, last }: OptionsAsked): Step {
	return async (draft, place) => {
		const title =
			draft.direction === 'session'
				? vscode.l10n.t('How to send work to {0}', name)
				: vscode.l10n.t('How to bring {0} home', name);
		const way = last.rebase === true ? { strategy: last.strategy, rebase: true } : { strategy: last.strategy };
		const answer = await ask(prompter, title, strategyChoices(draft.direction), way, place);
		return put(answer, (chosen) => {
			const { direction, from, branch, origin = false } = draft;
			return { direction, from, branch, ...chosen, ...(origin ? { origin } : {}) };
		});
	};
}

function conflictStep(prompter: Prompter, { last }: OptionsAsked): Step {
	return async (draft, place) => {
		const title = vscode.l10n.t('Where both sides changed the same lines');
		const answer = await ask(prompter, title, conflictChoices(), last.onConflict ?? 'manual', place);
		return put(answer, (onConflict) => ({ ...draft, onConflict }));
	};
}

function sourceStep(prompter: Prompter, { branches, last }: OptionsAsked): Step {
	return async (draft, place) => {
		const all = draft.strategy === 'branch' && draft.direction !== 'session';
		const own: Choice<string | null> = all
			? { label: vscode.l10n.t('All Branches'), value: null }
			: { label: vscode.l10n.t('The One That It Is On'), value: null };
		const title = vscode.l10n.t("The session's branch");
		const choices = [own, ...branches.map((branch) => ({ label: shownText(branch, 200), value: branch }))];
		const answer = await ask(prompter, title, choices, last.from, place);
		return put(answer, (from) => ({ ...draft, from, branch: from === draft.from ? draft.branch : null }));
	};
}

function targetStep(prompter: Prompter, asked: OptionsAsked, session: Session): Step {
	return async (draft, place) => {
		const outward = draft.direction === 'session';
		const { home, checkedOut, suggested } = await asked.branchChoices(session, draft.from);
		const own: Choice<Target> = {
			label: ownTarget(draft, suggested, checkedOut),
			value: { branch: null },
		};
		const fresh: Choice<Target> = { label: vscode.l10n.t('New Branch…'), value: 'new' };
		const group = vscode.l10n.t('Your branches');
		const existing = home.map((branch): Choice<Target> => {
			const description = branch === checkedOut ? vscode.l10n.t('checked out here') : '';
			return { label: shownText(branch, 200), description, group, value: { branch } };
		});
		const title = outward
			? vscode.l10n.t('Your branch that goes there')
			: vscode.l10n.t('Your branch that it comes to');
		const last: Target = { branch: asked.last.branch };
		for (;;) {
			const answer = await ask(prompter, title, [own, ...(outward ? [] : [fresh]), ...existing], last, place);
			if (answer === null || answer === undefined || answer.value !== 'new') {
				return put(answer, (target) => ({ ...draft, branch: target === 'new' ? null : target.branch }));
			}
			const branch = await prompter.ask({
				title: vscode.l10n.t('New Branch'),
				prompt: vscode.l10n.t('Name of the branch'),
				value: home.includes(suggested) ? '' : suggested,
				problem: (name) => branchProblem(name, home),
			});
			// Who turns away from the name sees the branches again.
			if (branch !== null) {
				return { ...draft, branch };
			}
		}
	};
}

type Target = 'new' | { readonly branch: string | null };

function ownTarget(draft: SyncRequest, suggested: string, checkedOut: string | null): string {
	if (draft.direction === 'session') {
		return checkedOut === null
			? vscode.l10n.t('The One That Is Checked Out Here')
			: vscode.l10n.t('The One That Is Checked Out Here, {0}', shownText(checkedOut, 100));
	}
	return draft.strategy === 'branch'
		? vscode.l10n.t('As Configured, {0}', shownText(suggested, 100))
		: vscode.l10n.t('The One of the Same Name');
}

/** Why a branch of home cannot get this name, or null. */
function branchProblem(name: string, existing: readonly string[]): string | null {
	if (!isBranchName(name)) {
		return vscode.l10n.t('git takes no branch of this name.');
	}
	if (existing.includes(name)) {
		return vscode.l10n.t('There is a branch of this name; choose it in the list.');
	}
	return standsBeside(name, existing)
		? null
		: vscode.l10n.t('There is a branch whose name is a folder of this one, or has it as a folder.');
}

function originStep(prompter: Prompter, { last }: OptionsAsked): Step {
	return async (draft, place) => {
		const choices: Choice<boolean>[] = [
			{ label: vscode.l10n.t('Leave the Origin Alone'), value: false },
			{
				label: vscode.l10n.t('Take In Before, Push After'),
				detail: vscode.l10n.t(
					'For the branch checked out here: what it follows is taken in first, and pushed to afterwards.',
				),
				value: true,
			},
		];
		const answer = await ask(prompter, vscode.l10n.t('The origin'), choices, last.origin === true, place);
		return put(answer, (origin) => ({ ...draft, origin }));
	};
}

// What was chosen last stands first, where Enter takes it.
async function ask<T>(
	prompter: Prompter,
	title: string,
	choices: readonly Choice<T>[],
	last: T,
	{ step, canGoBack }: Place,
): Promise<Answer<T> | null> {
	const wrapped = choices.map((choice): Choice<Answer<T> | 'back'> => ({ ...choice, value: { value: choice.value } }));
	const isLast = ({ value }: Choice<Answer<T> | 'back'>): boolean => isDeepStrictEqual(value, { value: last });
	const ordered = [...wrapped.filter(isLast), ...wrapped.filter((choice) => !isLast(choice))];
	const options: PickOptions<Answer<T> | 'back'> = canGoBack ? { step, back: 'back' } : { step };
	const answer = await prompter.pick(title, ordered, options);
	return answer === 'back' ? undefined : answer;
}

function put<T>(answer: Answer<T> | null, change: (value: T) => SyncRequest): SyncRequest | 'back' | null {
	return answer === null ? null : answer === undefined ? 'back' : change(answer.value);
}
