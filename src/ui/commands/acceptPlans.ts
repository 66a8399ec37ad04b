import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import { jointAsks } from '../../core/model/several.js';
import { askJointly } from '../../core/model/syncSeveral.js';
import type { Planned } from '../../core/model/syncSeveral.js';
import type { WarningCode } from '../../core/model/warning.js';
import { planPage } from '../pages/planPage.js';
import { askWords } from '../prompts/askWords.js';
import { lostCommits, planConfirmation } from '../prompts/planText.js';
import { commits } from '../tree/words.js';
import type { CommandContext } from './context.js';

/** The codes that the user accepted, for each session's id. */
export type Accepted = ReadonlyMap<string, readonly string[]>;

const nothing: Accepted = new Map();

/**
 * Asks about plans, all at once, and only where they ask. Their page opens; of several things that are asked each has to
 * be marked in a list; then a modal says what is done. Returns null where the user turned away, and leaves the page open.
 */
export async function acceptPlans(
	{ pages, ports: { prompter } }: CommandContext,
	homeport: Homeport,
	planned: readonly Planned[],
	signal: AbortSignal,
): Promise<Accepted | null> {
	const plans = planned.map(({ plan }) => plan);
	const asked = jointAsks(plans, new Set());
	if (asked.length === 0) {
		return nothing;
	}
	const asking = planned.filter(({ plan }) => asked.some(({ sessions }) => sessions.includes(plan.session)));
	const shown = await Promise.all(
		asking.map(async (one) => ({
			...one,
			root: homeport.root,
			details: await homeport.planDetails(one.plan, { signal }),
		})),
	);
	pages.show('plan', planPage(shown));
	const codes = asked.length === 1 ? [asked[0]!.code] : await markedCodes(prompter, asking);
	if (codes === null) {
		return null;
	}
	const accepted = await askJointly(plans, new Set(), async ({ code }) => codes.includes(code));
	const whole = asking.filter(({ plan }) =>
		asked.every((ask) => !ask.sessions.includes(plan.session) || codes.includes(ask.code)),
	);
	if (whole.length === 0) {
		const message = vscode.l10n.t('Nothing was changed: not all that is asked was accepted. The plan is still open.');
		void prompter.notify({ level: 'info', message, actions: [] });
		return null;
	}
	const confirmation = planConfirmation({
		title: questionWords(whole),
		plan: {
			refs: whole.flatMap(({ plan }) => plan.refs),
			push: whole.flatMap(({ plan }) => plan.push ?? []),
			warnings: whole.flatMap(({ plan }) => plan.warnings),
			findings: whole.flatMap(({ plan }) => plan.findings),
		},
		root: homeport.root,
		wayBack: vscode.l10n.t('"Homeport: Undo Last Operation" brings it all back.'),
	});
	if (!(await prompter.confirm(confirmation))) {
		return null;
	}
	pages.close('plan');
	return accepted;
}

async function markedCodes(
	prompter: CommandContext['ports']['prompter'],
	asking: readonly Planned[],
): Promise<readonly WarningCode[] | null> {
	const several = asking.length > 1;
	const choices = jointAsks(
		asking.map(({ plan }) => plan),
		new Set(),
	).map(({ code, sessions }) => {
		const warnings = asking
			.filter(({ plan }) => sessions.includes(plan.session))
			.flatMap(({ plan }) => plan.warnings)
			.filter((warning) => warning.code === code && warning.level === 'ask');
		const names = sessions.map((id) => asking.find(({ plan }) => plan.session === id)?.session.name ?? id);
		return {
			label: [...new Set(warnings.map(askWords))].join(', '),
			...(several ? { description: shownText(names.join(', '), 200) } : {}),
			picked: false,
			value: code,
		};
	});
	const title = vscode.l10n.t('Mark each thing that you accept');
	return prompter.pickSeveral({ title, hint: vscode.l10n.t('The plan behind tells more of each') }, choices);
}

function questionWords(planned: readonly Planned[]): string {
	const [only] = planned;
	const lost = planned.reduce((sum, { plan }) => sum + lostCommits(plan), 0);
	if (planned.length > 1 || only === undefined) {
		return lost === 0
			? vscode.l10n.t('Sync {0} sessions?', planned.length)
			: vscode.l10n.t('Sync {0} sessions, over {1}?', planned.length, commits(lost));
	}
	const name = shownText(only.session.name, 100);
	if (only.plan.request.direction === 'session') {
		return lost === 0
			? vscode.l10n.t('Send work to {0}?', name)
			: vscode.l10n.t("Send work to {0}, over {1} of the agent's?", name, commits(lost));
	}
	return lost === 0
		? vscode.l10n.t('Bring {0} home?', name)
		: vscode.l10n.t('Bring {0} home, over {1} of yours?', name, commits(lost));
}
