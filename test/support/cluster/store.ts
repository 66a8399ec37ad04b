import { randomUUID } from 'node:crypto';
import { type KubeObject, timestamp } from './objects.js';
import { type Resource, groupVersion } from './resources.js';

/** One change, as a watch tells it; `object` is the state after it, and the last one for DELETED. */
export interface Change {
	readonly revision: number;
	readonly resource: Resource;
	readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
	readonly object: KubeObject;
	/** The state before, which a watch with a selector needs. */
	readonly before: KubeObject | undefined;
}

/** All objects of the cluster, with one revision that counts every change. What it gives away is never changed later. */
export interface Store {
	revision(): number;
	/** The revision whose changes are the oldest that a watch can still begin after. */
	oldest(): number;
	/** Forgets all changes so far, so that a watch from an old revision is answered with 410. */
	compact(): void;
	get(resource: Resource, namespace: string, name: string): KubeObject | undefined;
	/** Objects of one namespace, or of all where it is empty, by namespace and name. */
	list(resource: Resource, namespace: string): KubeObject[];
	/** Keeps a new object, with a uid, a time and a revision of its own. */
	create(
		resource: Resource,
		object: Pick<KubeObject, 'spec' | 'status' | 'data'> & { metadata: NewMetadata },
	): KubeObject;
	/** Changes a copy of the object and keeps it; nothing happens where the object is gone or comes out the same. */
	update<T extends KubeObject>(resource: Resource, object: KubeObject, change: (draft: T) => void): T | undefined;
	/** Takes the object away, if it is still the same one. */
	remove(resource: Resource, object: KubeObject): void;
	/** Changes after a revision. */
	since(revision: number): readonly Change[];
	/** Calls for every change from now on; returns what ends it. */
	subscribe(listener: (change: Change) => void): () => void;
}

type NewMetadata = Partial<KubeObject['metadata']> & { name: string };

/** An empty store. */
export function createStore(): Store {
	const objects = new Map<string, KubeObject>();
	const changes: Change[] = [];
	const listeners = new Set<(change: Change) => void>();
	let revision = 100;
	let oldest = revision;

	const keyOf = (resource: Resource, namespace: string, name: string): string =>
		`${resource.group}/${resource.plural}/${namespace}/${name}`;
	const key = (resource: Resource, { metadata }: KubeObject): string =>
		keyOf(resource, metadata.namespace ?? '', metadata.name);

	const tell = (change: Change): void => {
		changes.push(change);
		for (const listener of listeners) {
			listener(change);
		}
	};

	const store: Store = {
		revision: () => revision,
		oldest: () => oldest,
		compact: () => {
			changes.length = 0;
			revision += 1;
			oldest = revision;
		},
		get: (resource, namespace, name) => objects.get(keyOf(resource, namespace, name)),
		list: (resource, namespace) => {
			const prefix = keyOf(resource, namespace, '').slice(0, namespace === '' ? -1 : undefined);
			const found = [...objects].filter(([key]) => key.startsWith(prefix));
			return found.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
		},
		create: (resource, { metadata, ...rest }) => {
			revision += 1;
			const object: KubeObject = {
				kind: resource.kind,
				apiVersion: groupVersion(resource),
				...structuredClone(rest),
				metadata: {
					...structuredClone(metadata),
					uid: randomUUID(),
					resourceVersion: String(revision),
					creationTimestamp: timestamp(),
				},
			};
			objects.set(key(resource, object), object);
			tell({ revision, resource, type: 'ADDED', object, before: undefined });
			return object;
		},
		update: <T extends KubeObject>(resource: Resource, { metadata }: KubeObject, change: (draft: T) => void) => {
			const before = objects.get(keyOf(resource, metadata.namespace ?? '', metadata.name));
			if (before === undefined || before.metadata.uid !== metadata.uid) {
				return undefined;
			}
			const object = structuredClone(before) as T;
			change(object);
			if (JSON.stringify(object) === JSON.stringify(before)) {
				return before as T;
			}
			revision += 1;
			object.metadata.resourceVersion = String(revision);
			objects.set(key(resource, object), object);
			tell({ revision, resource, type: 'MODIFIED', object, before });
			return object;
		},
		remove: (resource, { metadata }) => {
			const id = keyOf(resource, metadata.namespace ?? '', metadata.name);
			const before = objects.get(id);
			if (before === undefined || before.metadata.uid !== metadata.uid) {
				return;
			}
			revision += 1;
			objects.delete(id);
			const object = structuredClone(before);
			object.metadata.resourceVersion = String(revision);
			tell({ revision, resource, type: 'DELETED', object, before });
		},
		since: (from) => changes.filter((change) => change.revision > from),
		subscribe: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
	return store;
}
