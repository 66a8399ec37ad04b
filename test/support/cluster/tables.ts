import type { KubeObject, Pod, StatefulSet } from './objects.js';
import type { Resource } from './resources.js';

interface Column {
	readonly name: string;
	/** 1 is shown only with `-o wide`. */
	readonly priority?: number;
	readonly cell: (object: KubeObject) => string | number;
}

/** What of the objects themselves a row brings along. */
export type Included = 'Metadata' | 'Object' | 'None';

const nameColumn: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
const ageColumn: Column = { name: 'Age', cell: ({ metadata }) => age(metadata.creationTimestamp) };
const none = '<none>';

const podColumns: readonly Column[] = [
	nameColumn,
	{ name: 'Ready', cell: (object) => readyCount(object as Pod) },
	{ name: 'Status', cell: (object) => podWord(object as Pod) },
	{ name: 'Restarts', cell: (object) => String(restarts(object as Pod)) },
	ageColumn,
	{ name: 'IP', priority: 1, cell: (object) => (object as Pod).status.podIP ?? none },
	{ name: 'Node', priority: 1, cell: (object) => (object as Pod).spec.nodeName ?? none },
	{ name: 'Nominated Node', priority: 1, cell: () => none },
	{ name: 'Readiness Gates', priority: 1, cell: () => none },
];

const columns: Readonly<Record<string, readonly Column[]>> = {
	pods: podColumns,
	statefulsets: [
		nameColumn,
		{
			name: 'Ready',
			cell: (object) => {
				const { spec, status } = object as StatefulSet;
				return `${status.readyReplicas ?? 0}/${spec.replicas}`;
			},
		},
		ageColumn,
	],
	namespaces: [nameColumn, { name: 'Status', cell: phase }, ageColumn],
	persistentvolumeclaims: [nameColumn, { name: 'Status', cell: phase }, ageColumn],
};

/** The objects as the table that kubectl shows. */
export function tableOf(
	resource: Resource,
	objects: readonly KubeObject[],
	included: Included,
	metadata: object,
): object {
	const chosen = columns[resource.plural] ?? [nameColumn, ageColumn];
	return {
		kind: 'Table',
		apiVersion: 'meta.k8s.io/v1',
		metadata,
		columnDefinitions: chosen.map(({ name, priority = 0 }) => ({
			name,
			type: 'string',
			format: name === 'Name' ? 'name' : '',
			description: `${name} of the ${resource.singular}`,
			priority,
		})),
		rows: objects.map((object) => ({
			cells: chosen.map(({ cell }) => cell(object)),
			...rowObject(object, included),
		})),
	};
}

function rowObject(object: KubeObject, included: Included): { object?: object } {
	switch (included) {
		case 'None':
			return {};
		case 'Object':
			return { object };
		default:
			return {
				object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
			};
	}
}

function phase({ status }: KubeObject): string {
	return (status as { phase?: string } | undefined)?.phase ?? '';
}

function readyCount({ spec, status }: Pod): string {
	return `${status.containerStatuses?.filter(({ ready }) => ready).length ?? 0}/${spec.containers.length}`;
}

function restarts({ status }: Pod): number {
	return (status.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
}

function podWord({ metadata, status }: Pod): string {
	if (metadata.deletionTimestamp !== undefined) {
		return 'Terminating';
	}
	const states = (status.containerStatuses ?? []).map(({ state }) => state.waiting ?? state.terminated);
	return states.find((state) => state !== undefined)?.reason ?? status.reason ?? status.phase;
}

function age(since: string | null): string {
	const seconds = Math.max(0, Math.round((Date.now() - Date.parse(since ?? '')) / 1000));
	return seconds < 120 ? `${seconds}s` : `${Math.floor(seconds / 60)}m`;
}
