import * as vscode from 'vscode';
import { HomeportError, isHomeportError } from '../../core/base/errors.js';
import { shownText } from '../../core/base/text.js';
import type { Contents } from '../../core/contents.js';
import type { Oid } from '../../core/model/observation.js';
import { contentOf, contentUri } from './contentUri.js';

const mostFiles = 1000;

/**
 * Opens all that differs between two commits in one editor, file by file; `from` null is the empty tree. Returns how many
 * files differ and how many are shown; where none does, nothing is opened.
 */
export async function openChanges(
	contents: Contents,
	title: string,
	from: Oid | null,
	to: Oid,
): Promise<{ readonly total: number; readonly shown: number }> {
	const { items, total } = await contents.changes(from, to, mostFiles);
	if (items.length > 0) {
		const resources = items.map((change) => {
			const before = change.from === null ? undefined : contentUri(from, change.oldPath ?? change.path);
			const after = change.to === null ? undefined : contentUri(to, change.path);
			return [after ?? before, before, after];
		});
		await vscode.commands.executeCommand('vscode.changes', title, resources);
	}
	return { total, shown: items.length };
}

/** Opens what differs in one file between two commits; a side that has no such file is empty. */
export async function openChange(contents: Contents, from: Oid | null, to: Oid, path: string): Promise<void> {
	const side = async (oid: Oid | null): Promise<vscode.Uri> =>
		contentUri(oid === null || !(await hasFile(contents, oid, path)) ? null : oid, path);
	const [before, after] = await Promise.all([side(from), side(to)]);
	if (contentOf(before)?.oid === null && contentOf(after)?.oid === null) {
		throw new HomeportError('content-missing', { path });
	}
	const name = shownText(path.slice(path.lastIndexOf('/') + 1), 100);
	const title = `${name} (${from === null ? vscode.l10n.t('nothing') : from.slice(0, 8)} ↔ ${to.slice(0, 8)})`;
	await vscode.commands.executeCommand('vscode.diff', before, after, title);
}

async function hasFile(contents: Contents, oid: Oid, path: string): Promise<boolean> {
	try {
		return (await contents.facts(oid, path)).kind !== 'folder';
	} catch (error) {
		if (isHomeportError(error, 'content-missing')) {
			return false;
		}
		throw error;
	}
}
