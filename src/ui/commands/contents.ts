import * as vscode from 'vscode';
import { HomeportError } from '../../core/base/errors.js';
import { shownText } from '../../core/base/text.js';
import type { Homeport } from '../../core/homeport.js';
import type { Oid } from '../../core/model/observation.js';
import { contentUri, isOid } from '../contents/contentUri.js';
import { openChange, openChanges } from '../contents/openChanges.js';
import { openedHome } from './chooseHome.js';
import type { CommandContext } from './context.js';
import type { CommandInput } from './registry.js';

// Everybody may call a command: nothing of it is believed. A `from` that is no id is the empty tree.
type ContentArgument = Readonly<Partial<Record<'oid' | 'path' | 'from' | 'to' | 'title', unknown>>>;

/** Opens what a commit `{ oid }` has changed against its first parent. */
export async function showCommit(context: CommandContext, input: CommandInput): Promise<void> {
	const homeport = await openedHome(context);
	if (homeport !== null) {
		const { subject, parents, oid } = await homeport.contents.commit(required(input, 'oid'));
		await compare(context, homeport, `${oid.slice(0, 8)} ${shownText(subject, 80)}`, parents[0] ?? null, oid);
	}
}

/** Opens what differs between two commits: `{ from, to, title }`. */
export async function showChanges(context: CommandContext, input: CommandInput): Promise<void> {
	const homeport = await openedHome(context);
	if (homeport !== null) {
		const { title } = argumentOf(input);
		const to = required(input, 'to');
		await compare(
			context,
			homeport,
			typeof title === 'string' ? shownText(title, 200) : to.slice(0, 8),
			fromOf(input),
			to,
		);
	}
}

/** Opens what differs in one file between two commits: `{ from, to, path }`. */
export async function showFileChange(context: CommandContext, input: CommandInput): Promise<void> {
	const homeport = await openedHome(context);
	if (homeport !== null) {
		await openChange(homeport.contents, fromOf(input), required(input, 'to'), pathOf(input));
	}
}

/** Opens a file as a commit has it: `{ oid, path }`. */
export async function openFile(input: CommandInput): Promise<void> {
	await vscode.commands.executeCommand('vscode.open', contentUri(required(input, 'oid'), pathOf(input)));
}

/** Opens all that differs, and says so where that is nothing or more than is shown. */
export async function compare(
	{ ports }: CommandContext,
	{ contents }: Homeport,
	title: string,
	from: Oid | null,
	to: Oid,
): Promise<void> {
	const { total, shown } = await openChanges(contents, title, from, to);
	if (total === 0) {
		const message = vscode.l10n.t('{0}: no file differs.', title);
		await ports.prompter.notify({ level: 'info', message, actions: [] });
	} else if (shown < total) {
		const message = vscode.l10n.t('{0}: {1} files differ; the first {2} are shown.', title, total, shown);
		await ports.prompter.notify({ level: 'info', message, actions: [] });
	}
}

function argumentOf({ argument }: CommandInput): ContentArgument {
	return typeof argument === 'object' && argument !== null ? argument : {};
}

function required(input: CommandInput, key: 'oid' | 'to'): Oid {
	const oid = argumentOf(input)[key];
	if (!isOid(oid)) {
		throw new HomeportError('usage', { what: vscode.l10n.t('This shows what a page or a line names') });
	}
	return oid;
}

function fromOf(input: CommandInput): Oid | null {
	const { from } = argumentOf(input);
	return isOid(from) ? from : null;
}

function pathOf(input: CommandInput): string {
	const { path } = argumentOf(input);
	if (typeof path !== 'string' || path === '') {
		throw new HomeportError('usage', { what: vscode.l10n.t('This shows what a page or a line names') });
	}
	return path;
}
