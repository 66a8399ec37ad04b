import { isHomeportError } from '../../base/errors.js';
import type { Connection } from './connection.js';
import { discover, legacyLabels, paudeLabels } from './discover.js';
import type { Found, Selector } from './discover.js';
import { listAll } from './listAll.js';
import { readClaim, readPod, readStatefulSet } from './objects.js';
import type { Claim, Pod, StatefulSet } from './objects.js';
import type { Followed } from './reflect.js';

type Kind = 'statefulSets' | 'pods' | 'claims';

/** What is listed of one namespace; `selector` where pods are listed for one. */
export interface Source extends Followed {
	readonly kind: Kind;
	readonly selector: Selector | null;
}

/** Everything that sessions of a namespace are made of. */
export function sourcesOf(namespace: string, selectors: readonly Selector[]): Source[] {
	const core = `/api/v1/namespaces/${encodeURIComponent(namespace)}`;
	const apps = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}`;
	const pods = (labels: string, selector: Selector | null): Source => {
		return { kind: 'pods', path: `${core}/pods`, labels, what: `pods in ${namespace}`, selector };
	};
	return [
		{
			kind: 'statefulSets',
			path: `${apps}/statefulsets`,
			labels: paudeLabels,
			what: `StatefulSets in ${namespace}`,
			selector: null,
		},
		pods(paudeLabels, null),
		pods(legacyLabels, null),
		{
			kind: 'claims',
			path: `${core}/persistentvolumeclaims`,
			labels: '',
			what: `volume claims in ${namespace}`,
			selector: null,
		},
		...selectors.map((selector) => pods(selector.labels, selector)),
	];
}

/** The sessions in the objects of each source; null where this user may not list them. */
export function sessionsIn(context: string, objects: ReadonlyMap<Source, readonly unknown[] | null>): Found[] {
	const statefulSets: StatefulSet[] = [];
	const pods = new Map<string, Pod>();
	const selected = new Map<Selector, Pod[]>();
	let claims: Claim[] | null = null;
	for (const [{ kind, selector }, items] of objects) {
		if (kind === 'statefulSets') {
			statefulSets.push(...read(items, readStatefulSet));
		} else if (kind === 'claims') {
			claims = items === null ? null : read(items, readClaim);
		} else if (selector !== null) {
			selected.set(selector, read(items, readPod));
		} else {
			read(items, readPod).forEach((pod) => pods.set(pod.metadata.uid, pod));
		}
	}
	return discover(context, { statefulSets, pods: [...pods.values()], claims }, selected);
}

function read<T>(items: readonly unknown[] | null, one: (item: unknown) => T | null): T[] {
	return (items ?? []).flatMap((item) => one(item) ?? []);
}

/**
 * Lists the sessions of one namespace. Who may not list claims is shown the rest; fails with the codes of
 * `clusterErrors.ts`.
 */
export async function listNamespace(
	connection: Connection,
	namespace: string,
	selectors: readonly Selector[],
	signal: AbortSignal | undefined,
): Promise<Found[]> {
	const listed = await Promise.all(
		sourcesOf(namespace, selectors).map(async (source) => {
			const list = listAll(connection, source.path, source.labels, `list ${source.what}`, signal);
			const { items } = await list.catch((error: unknown) => {
				if (mayBeForbidden(source, error)) {
					return { items: null };
				}
				throw error;
			});
			return [source, items] as const;
		}),
	);
	return sessionsIn(connection.context.name, new Map(listed));
}

/** True where the source is one that sessions can be told without. */
export function mayBeForbidden(source: Source, error: unknown): boolean {
	return source.kind === 'claims' && isHomeportError(error, 'cluster-forbidden');
}
