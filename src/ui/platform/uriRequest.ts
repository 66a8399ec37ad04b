import { shownText } from '../../core/base/text.js';

/** What an address of the kind `vscode://homeport.homeport/…` asks for. */
export interface UriRequest {
	readonly show: 'session' | 'sync';
	readonly session: string;
}

const longest = 500;

/** Reads an address; null for one that asks for anything but what there is, by a whole name of a session. */
export function uriRequest(path: string, query: string): UriRequest | null {
	const [, show] = /^\/(session|sync)$/.exec(path) ?? [];
	const names = new URLSearchParams(query).getAll('id');
	const [session = ''] = names;
	const isName = /^(kubernetes|container|local)\/./.test(session) && shownText(session, longest) === session;
	return names.length === 1 && isName && (show === 'session' || show === 'sync') ? { show, session } : null;
}
