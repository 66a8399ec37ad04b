import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { ForgetScope } from '../../core/model/report.js';
import { forgetPage } from '../pages/forgetPage.js';
import type { Choice } from '../prompts/choice.js';
import { openedHome } from './chooseHome.js';
import { chosenSession } from './chosenSessions.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';

const pageKey = 'forget';

/** Drops what the ledger of a session holds: shows the last copies that go, and wants the session's name typed. */
export async function forgetSession(context: CommandContext, input: CommandInput): Promise<void> {
	const { model, pages, ports } = context;
	const homeport = await openedHome(context);
	const view = homeport === null ? null : await chosenSession(context, input, vscode.l10n.t('Session to forget'));
	if (homeport === null || view === null) {
		return;
	}
	const { id, name } = view.session;
	const scope = await askedScope(context, name);
	if (scope === null) {
		return;
	}
	const plan = await ports.prompter.progress(vscode.l10n.t('Looking for last copies'), ({ signal }) =>
		homeport.forgetPlan(id, scope, { signal }),
	);
	pages.show(pageKey, forgetPage(plan));
	if (plan.entries === 0) {
		return;
	}
	const typed = await ports.prompter.ask({
		title: vscode.l10n.t('Forget {0}', shownText(name, 100)),
		prompt: vscode.l10n.t('This cannot be undone. Type the name of the session to go on: {0}', shownText(name, 100)),
		value: '',
		problem: (text) => (text === name ? null : vscode.l10n.t('This is not the name of the session.')),
	});
	if (typed === null) {
		return;
	}
	const done = await ports.prompter.progress(vscode.l10n.t('Forgetting'), (call) =>
		model.operate(call.signal, () => homeport.forget(id, scope, typed)),
	);
	pages.close(pageKey);
	const message = vscode.l10n.t(
		'{0}: entries of the ledger forgotten: {1}; commits that were nowhere else: {2}.',
		shownText(name, 100),
		done.entries,
		done.lastCopies.length,
	);
	void ports.prompter.notify({ level: 'info', message, actions: [] });
}

async function askedScope({ ports: { prompter } }: CommandContext, name: string): Promise<ForgetScope | null> {
	const title = vscode.l10n.t('What to forget of {0}', shownText(name, 100));
	const choices: Choice<'path' | 'before' | 'all'>[] = [
		{
			label: vscode.l10n.t('What Holds a Path…'),
			detail: vscode.l10n.t('Entries that hold a file or folder, such as a secret that got in.'),
			value: 'path',
		},
		{
			label: vscode.l10n.t('What Is Older Than a Date…'),
			value: 'before',
		},
		{ label: vscode.l10n.t('Everything'), detail: vscode.l10n.t('The whole ledger of the session.'), value: 'all' },
	];
	const chosen = await prompter.pick(title, choices);
	if (chosen === 'path') {
		const path = await prompter.ask({
			title,
			prompt: vscode.l10n.t('Path in the repository'),
			value: '',
			problem: (text) => (text.trim() === '' ? vscode.l10n.t('A path is needed.') : null),
		});
		return path === null ? null : { path };
	}
	if (chosen === 'before') {
		const date = await prompter.ask({
			title,
			prompt: vscode.l10n.t('Date, such as {0}', '2026-11-20'),
			value: '',
			problem: (text) => (isDate(text) ? null : vscode.l10n.t('A date is needed, such as {0}.', '2026-11-20')),
		});
		return date === null ? null : { before: new Date(date).toISOString() };
	}
	return chosen === null ? null : {};
}

function isDate(text: string): boolean {
	return /^\d{4}-\d{2}-\d{2}(T[\d:.]+Z?)?$/.test(text) && !Number.isNaN(Date.parse(text));
}
