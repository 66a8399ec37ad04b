import type { KubeObject } from './objects.js';
import { type Resource, groupVersion } from './resources.js';
import { type Selector, fieldSelector, labelSelector } from './selectors.js';
import { badRequest, gone } from './status.js';
import type { Store } from './store.js';
import { type Included, tableOf } from './tables.js';

/** What both selectors of a request let through. */
export function selectorOf(query: URLSearchParams): Selector {
	const labels = labelSelector(query.get('labelSelector') ?? '');
	const fields = fieldSelector(query.get('fieldSelector') ?? '');
	return (object) => labels(object) && fields(object);
}

/** What rows are to have of their objects, where the request wants a table; undefined where it does not. */
export function tableWanted(accept: string | undefined, query: URLSearchParams): Included | undefined {
	const [first = ''] = (accept ?? '').split(',');
	return first.includes('as=Table') ? ((query.get('includeObject') as Included | null) ?? 'Metadata') : undefined;
}

/** One page of a list, or all of it, as objects or as a table. Fails with a 410 where the list of the page has gone. */
export function listPage(
	store: Store,
	resource: Resource,
	namespace: string,
	query: URLSearchParams,
	table: Included | undefined,
): object {
	const all = store.list(resource, namespace).filter(selectorOf(query));
	const begin = readContinue(query.get('continue'), store.oldest());
	const rest = begin === undefined ? all : all.filter((object) => place(object) > begin.after);
	const limit = Number(query.get('limit') ?? 0) || Infinity;
	const page = rest.slice(0, limit);
	const last = page.at(-1);
	const left = rest.length - page.length;
	const revision = begin?.revision ?? store.revision();
	const filtered = query.has('labelSelector') || query.has('fieldSelector');
	const metadata = {
		resourceVersion: String(revision),
		...(left === 0 || last === undefined ? {} : { continue: writeContinue(revision, place(last)) }),
		...(left === 0 || filtered ? {} : { remainingItemCount: left }),
	};
	if (table !== undefined) {
		return tableOf(resource, page, table, metadata);
	}
	const items = page.map(({ kind: _kind, apiVersion: _version, ...item }) => item);
	return { kind: `${resource.kind}List`, apiVersion: groupVersion(resource), metadata, items };
}

function place({ metadata }: KubeObject): string {
	return `${metadata.namespace ?? ''}/${metadata.name}`;
}

function writeContinue(revision: number, after: string): string {
	const token = { v: 'meta.k8s.io/v1', rv: revision, start: `${after}\0` };
	return Buffer.from(JSON.stringify(token)).toString('base64url');
}

function readContinue(text: string | null, oldest: number): { revision: number; after: string } | undefined {
	if (text === null || text === '') {
		return undefined;
	}
	try {
		const { rv, start } = JSON.parse(Buffer.from(text, 'base64url').toString()) as { rv: number; start: string };
		if (rv >= oldest) {
			return { revision: rv, after: start.slice(0, -1) };
		}
	} catch {
		throw badRequest('continue key is not valid');
	}
	throw gone('continue', oldest);
}
