import * as vscode from 'vscode';
import { withoutIcons } from './plainText.js';
import type { Choice, PickableChoice, PickOptions } from './choice.js';

interface Item<T> extends vscode.QuickPickItem {
	/** Not there for a heading, which cannot be chosen. */
	readonly value?: T;
}

/** Shows choices below their headings and waits for one of them; null where the user turned away. */
export function pickOne<T>(
	title: string,
	choices: readonly Choice<T>[],
	{ step, back }: PickOptions<T>,
): Promise<T | null> {
	const pick = vscode.window.createQuickPick<Item<T>>();
	pick.title = step === undefined ? title : `${title} (${step})`;
	pick.items = itemsOf(choices);
	pick.matchOnDescription = true;
	pick.buttons = back === undefined ? [] : [vscode.QuickInputButtons.Back];
	return new Promise<T | null>((resolve) => {
		const end = (answer: T | null): void => {
			resolve(answer);
			pick.dispose();
		};
		pick.onDidAccept(() => {
			const [chosen] = pick.selectedItems;
			if (chosen?.value !== undefined) {
				end(chosen.value);
			}
		});
		pick.onDidTriggerButton(() => end(back ?? null));
		pick.onDidHide(() => end(null));
		pick.show();
	});
}

/** Shows choices to mark and waits; null where the user turned away. */
export async function pickSeveral<T>(
	title: string,
	hint: string,
	choices: readonly PickableChoice<T>[],
): Promise<readonly T[] | null> {
	const picked = await vscode.window.showQuickPick(itemsOf(choices), {
		title,
		placeHolder: withoutIcons(hint),
		canPickMany: true,
		ignoreFocusOut: true,
		matchOnDescription: true,
		matchOnDetail: true,
	});
	return picked?.flatMap(({ value }) => (value === undefined ? [] : [value])) ?? null;
}

function itemsOf<T>(choices: readonly (Choice<T> & Partial<PickableChoice<T>>)[]): Item<T>[] {
	return choices.flatMap((choice, index): Item<T>[] => {
		const { label, description, detail, group, picked, value } = choice;
		const heading = group !== undefined && group !== choices[index - 1]?.group;
		const item: Item<T> = {
			label: withoutIcons(label),
			...(description === undefined ? {} : { description: withoutIcons(description) }),
			...(detail === undefined ? {} : { detail: withoutIcons(detail) }),
			...(picked === undefined ? {} : { picked }),
			value,
		};
		return heading ? [{ label: group, kind: vscode.QuickPickItemKind.Separator }, item] : [item];
	});
}
