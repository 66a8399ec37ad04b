import { HomeportError, isHomeportError } from '../../base/errors.js';
import type { Connection } from './connection.js';
import { readPage } from './objects.js';

const pageSize = 500;
/** More sessions in one namespace are none. */
const mostItems = 20_000;

/** A whole list, and the place from which a watch tells what has changed since; null where the server names none. */
export interface WholeList {
	readonly items: readonly unknown[];
	readonly resourceVersion: string | null;
}

/** Every item of a list, page by page; a list that is too old to be gone on with is begun once more. */
export async function listAll(
	connection: Connection,
	path: string,
	labels: string,
	what: string,
	signal: AbortSignal | undefined,
): Promise<WholeList> {
	for (let again = false; ; again = true) {
		try {
			return await listPages(connection, path, labels, what, signal);
		} catch (error) {
			if (again || !isHomeportError(error, 'cluster-expired')) {
				throw error;
			}
		}
	}
}

async function listPages(
	connection: Connection,
	path: string,
	labels: string,
	what: string,
	signal: AbortSignal | undefined,
): Promise<WholeList> {
	const items: unknown[] = [];
	let next: string | null = null;
	for (;;) {
		const query = {
			limit: String(pageSize),
			...(labels === '' ? {} : { labelSelector: labels }),
			...(next === null ? {} : { continue: next }),
		};
		const page = readPage(await connection.get(path, query, what, { signal }));
		if (page === null) {
			throw new HomeportError('cluster-failed', { ...connection.asked(what), reason: 'the answer is no list' });
		}
		items.push(...page.items);
		if (items.length > mostItems) {
			throw new HomeportError('limit-exceeded', { what: `The list of ${path}`, limit: mostItems });
		}
		next = page.next;
		if (next === null) {
			return { items, resourceVersion: page.resourceVersion };
		}
	}
}
