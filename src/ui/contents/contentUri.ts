import * as vscode from 'vscode';
import type { Oid } from '../../core/model/observation.js';

/** The scheme of files that are read out of home's objects. */
export const contentScheme = 'homeport';

// Stands for a file that is not there on one side of a diff.
const nothing = 'none';

/** The address of a file of a commit or tree; `oid` null is an empty file of that name. */
export function contentUri(oid: Oid | null, path: string): vscode.Uri {
	return vscode.Uri.from({ scheme: contentScheme, authority: oid ?? nothing, path: `/${path}` });
}

/** What an address names; null where it is none of ours. */
export function contentOf(uri: vscode.Uri): { readonly oid: Oid | null; readonly path: string } | null {
	const path = uri.path.replace(/^\/+/, '');
	if (uri.authority === nothing) {
		return { oid: null, path };
	}
	return isOid(uri.authority) ? { oid: uri.authority, path } : null;
}

/** Whether a text is the id of an object in full. */
export function isOid(text: unknown): text is Oid {
	return typeof text === 'string' && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text);
}
