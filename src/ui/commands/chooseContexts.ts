import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { ContextList } from '../../core/model/report.js';
import { homeSettingsNow, setContexts } from '../platform/settings.js';
import type { PickableChoice } from '../prompts/choice.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';

/** Asks which contexts of the kubeconfig are looked at, and writes that into the settings. Contacts no cluster. */
export async function chooseContexts(context: CommandContext): Promise<void> {
	const { prompter } = context.ports;
	const homeport = await openedHome(context);
	if (homeport === null) {
		return;
	}
	const list = await homeport.contexts();
	const set = homeSettingsNow().clusters?.contexts ?? [];
	const choices = choicesOf(list, set);
	if (choices.length === 0) {
		await tellNoContexts(context);
		return;
	}
	const chosen = await prompter.pickSeveral(
		{
			title: vscode.l10n.t('Contexts that Homeport looks at'),
			hint:
				list.current === null
					? vscode.l10n.t('Choose none to follow the current context; there is none now')
					: vscode.l10n.t('Choose none to follow the current context, now {0}', shownText(list.current, 100)),
		},
		choices,
	);
	if (chosen !== null && chosen.join('\n') !== set.join('\n')) {
		await setContexts(chosen);
	}
}

function choicesOf({ current, known }: ContextList, set: readonly string[]): PickableChoice<string>[] {
	const order = (name: string): string => (name === current ? '' : name);
	const sorted = known.toSorted((a, b) => (order(a.name) < order(b.name) ? -1 : 1));
	const there = sorted.map(({ name, cluster, namespace }) => ({
		label: shownText(name, 200),
		description: name === current ? vscode.l10n.t('current context') : '',
		detail:
			namespace === null
				? vscode.l10n.t('cluster {0}', shownText(cluster, 200))
				: vscode.l10n.t('cluster {0}, namespace {1}', shownText(cluster, 200), shownText(namespace, 100)),
		value: name,
		picked: set.includes(name),
	}));
	const names = new Set(known.map(({ name }) => name));
	const gone = set.filter((name) => !names.has(name));
	return [
		...there,
		...gone.map((name) => ({
			label: shownText(name, 200),
			description: vscode.l10n.t('not in the kubeconfig'),
			value: name,
			picked: true,
		})),
	];
}

async function tellNoContexts({ ports, detached }: CommandContext): Promise<void> {
	const openSettings = vscode.l10n.t('Open Settings');
	const message = vscode.l10n.t(
		'There is no kubeconfig with a context in it. Homeport reads the one that the settings name, else the files in KUBECONFIG, else ~/.kube/config.',
	);
	void detached(async () => {
		if ((await ports.prompter.notify({ level: 'info', message, actions: [openSettings] })) === openSettings) {
			await vscode.commands.executeCommand('workbench.action.openSettings', 'homeport.kube');
		}
	});
}
