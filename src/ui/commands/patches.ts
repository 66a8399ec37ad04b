import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { PatchRequest, PatchResult } from '../../core/model/patches.js';
import type { Choice } from '../prompts/choice.js';
import { patchesWords } from '../prompts/patchesText.js';
import { openedHome } from './chooseHome.js';
import { chosenSession } from './chosenSessions.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';

/** Makes patches for `git am` of a session's commits: as a document of the branch it is on, or a file for each branch. */
export async function makePatches(context: CommandContext, input: CommandInput): Promise<void> {
	const { model, ports } = context;
	const homeport = await openedHome(context);
	const view =
		homeport === null ? null : await chosenSession(context, input, vscode.l10n.t('Session to make patches of'));
	if (homeport === null || view === null) {
		return;
	}
	const { session } = view;
	const request = await askedRequest(context, shownText(session.name, 100));
	if (request === null) {
		return;
	}
	const mails: string[] = [];
	const title = vscode.l10n.t('Making patches of {0}', shownText(session.name, 100));
	const result = await ports.prompter.progress(title, (call) =>
		model.operate(call.signal, () => homeport.patches(session, request, (text) => mails.push(text), call)),
	);
	await openMails(mails);
	void context.detached(() => tell(context, result, request));
}

async function askedRequest({ ports: { prompter } }: CommandContext, name: string): Promise<PatchRequest | null> {
	const title = vscode.l10n.t('Patches of {0}', name);
	const where: Choice<'document' | 'folder'>[] = [
		{
			label: vscode.l10n.t('Open as a Document'),
			detail: vscode.l10n.t('The commits of the branch that the session is on.'),
			value: 'document',
		},
		{
			label: vscode.l10n.t('Save to a Folder…'),
			detail: vscode.l10n.t('One new file for each branch of the session.'),
			value: 'folder',
		},
	];
	const chosen = await prompter.pick(title, where);
	const output = chosen === 'folder' ? await prompter.folder(title, vscode.l10n.t('Save Patches Here')) : null;
	if (chosen === null || (chosen === 'folder' && output === null)) {
		return null;
	}
	const uncommitted = await prompter.pick(title, [
		{ label: vscode.l10n.t('Commits Alone'), value: false },
		{ label: vscode.l10n.t('With What Is Not Committed, as the Last Patch'), value: true },
	]);
	return uncommitted === null ? null : { from: null, base: null, uncommitted, output, dryRun: false };
}

async function openMails(mails: readonly string[]): Promise<void> {
	if (mails.length > 0) {
		const document = await vscode.workspace.openTextDocument({ content: mails.join(''), language: 'diff' });
		await vscode.window.showTextDocument(document, { preview: false });
	}
}

async function tell({ ports }: CommandContext, result: PatchResult, { output }: PatchRequest): Promise<void> {
	const reveal = vscode.l10n.t('Open Folder');
	const written = output !== null && result.series.some(({ file }) => file !== null);
	const chosen = await ports.prompter.notify({ ...patchesWords(result), actions: written ? [reveal] : [] });
	if (chosen === reveal && output !== null) {
		await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(output));
	}
}
