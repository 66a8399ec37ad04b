import * as vscode from 'vscode';
import { shownText } from '../../core/base/text.js';
import type { Operation } from '../../core/model/report.js';
import { shortRef } from '../tree/words.js';

/** A ref that an operation moved. */
export type Moved = Operation['refs'][number];

/** What an operation did, as its line in the history says it: `Sync of alpha`. */
export function operationTitle(operation: Operation): string {
	const session = sessionName(operation.session);
	return session === '' ? kindNames[operation.kind]() : kindTitles[operation.kind](session);
}

/** The name in a session's id, safe to show; nothing where there is no session. */
function sessionName(id: string | null): string {
	return id === null ? '' : shownText(id.slice(id.lastIndexOf('/') + 1), 100);
}

/** What became of the operation, where that is not simply that it was done. */
export function operationState(operation: Operation): string | null {
	if (operation.state === 'begun') {
		return vscode.l10n.t('not ended');
	}
	if (operation.state === 'rolled-back') {
		return vscode.l10n.t('taken back by itself');
	}
	if (operation.undone) {
		return vscode.l10n.t('undone');
	}
	return operation.isOpen ? vscode.l10n.t('waits to be continued') : null;
}

/** What happened to one ref. */
export function movedWords({ from, to }: Moved): string {
	if (from === null) {
		return to === null ? '' : vscode.l10n.t('created at {0}', shortOid(to));
	}
	return to === null
		? vscode.l10n.t('removed, was {0}', shortOid(from))
		: vscode.l10n.t('from {0} to {1}', shortOid(from), shortOid(to));
}

/** The names of what an operation changed, a few of them: `main, claude/alpha`. */
export function changedNames(operation: Operation): string {
	const names = [...operation.refs, ...(operation.sessionRefs ?? [])].map(({ ref }) => shortRef(ref));
	const files = operation.files.length > 0 ? [vscode.l10n.t('files')] : [];
	return [...new Set([...names, ...files])].slice(0, 4).join(', ');
}

/** True where taking the operation back is a redo, since it is an undo itself. */
export function isUndo(operation: Operation): boolean {
	return operation.kind === 'undo';
}

/** An object id as people read it. */
function shortOid(oid: string): string {
	return oid.slice(0, 8);
}

const kindNames: Record<Operation['kind'], () => string> = {
	sync: () => vscode.l10n.t('Sync'),
	push: () => vscode.l10n.t('Push'),
	undo: () => vscode.l10n.t('Undo'),
	redo: () => vscode.l10n.t('Redo'),
	forget: () => vscode.l10n.t('Forget'),
	open: () => vscode.l10n.t('Open merge'),
	continue: () => vscode.l10n.t('Merge'),
};

const kindTitles: Record<Operation['kind'], (session: string) => string> = {
	sync: (session) => vscode.l10n.t('Sync of {0}', session),
	push: (session) => vscode.l10n.t('Push to {0}', session),
	undo: (session) => vscode.l10n.t('Undo for {0}', session),
	redo: (session) => vscode.l10n.t('Redo for {0}', session),
	forget: (session) => vscode.l10n.t('Forget of {0}', session),
	open: (session) => vscode.l10n.t('Merge of {0}, opened', session),
	continue: (session) => vscode.l10n.t('Merge of {0}', session),
};
