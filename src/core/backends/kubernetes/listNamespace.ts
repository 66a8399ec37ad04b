import { HomeportError, isHomeportError } from '../../base/errors.js';
import type { Connection } from './connection.js';
import { legacyLabels, paudeLabels } from './discover.js';
import type { Listed, Selector } from './discover.js';
import { readClaim, readPage, readPod, readStatefulSet } from './objects.js';
import type { Pod } from './objects.js';

const pageSize = 500;
/** More sessions in one namespace are none. */
const mostItems = 20_000;

/**
 * Lists what sessions are made of in one namespace. Who may not list claims, or StatefulSets where there are pods to be
 * seen, is shown the rest; fails with the codes of `clusterErrors.ts` where nothing may be seen.
 */
export async function listNamespace(
	connection: Connection,
	namespace: string,
	selectors: readonly Selector[],
	signal: AbortSignal | undefined,
): Promise<{ readonly listed: Listed; readonly selected: ReadonlyMap<Selector, readonly Pod[]> }> {
	const core = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
	const apps = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}`;
	const pods = async (labels: string): Promise<Pod[]> =>
		(await listAll(connection, `${core}/pods`, labels, `list pods in ${namespace}`, signal)).flatMap(
			(item) => readPod(item) ?? [],
		);
	const sets = `list StatefulSets in ${namespace}`;
	const [statefulSets, paudePods, legacyPods, claims, ...chosen] = await Promise.all([
		listAll(connection, `${apps}/statefulsets`, paudeLabels, sets, signal),
		pods(paudeLabels),
		pods(legacyLabels),
		listAll(connection, `${core}/persistentvolumeclaims`, '', `list volume claims in ${namespace}`, signal).catch(
			nullIfForbidden,
		),
		...selectors.map(({ labels }) => pods(labels)),
	]);
	const byUid = new Map([...paudePods, ...legacyPods].map((pod) => [pod.metadata.uid, pod]));
	return {
		listed: {
			statefulSets: statefulSets.flatMap((item) => readStatefulSet(item) ?? []),
			pods: [...byUid.values()],
			claims: claims?.flatMap((item) => readClaim(item) ?? []) ?? null,
		},
		selected: new Map(selectors.map((selector, index) => [selector, chosen[index] ?? []])),
	};
}

function nullIfForbidden(error: unknown): null {
	if (isHomeportError(error, 'cluster-forbidden')) {
		return null;
	}
	throw error;
}

/** Every item of a list, page by page; a list that changed too much meanwhile is begun once more. */
async function listAll(
	connection: Connection,
	path: string,
	labels: string,
	what: string,
	signal: AbortSignal | undefined,
): Promise<unknown[]> {
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
): Promise<unknown[]> {
	const items: unknown[] = [];
	let next: string | null = null;
	do {
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
	} while (next !== null);
	return items;
}
