import { randomBytes } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { boundClaim, completePod, completeReplicas, completeStatefulSet, deletionMark } from './defaults.js';
import type { Kubelet } from './kubelet.js';
import type { ClaimTemplate, KubeObject, Pod, ReplicaSpec, StatefulSet } from './objects.js';
import { mergePatch } from './patch.js';
import { type Resource, claims, namespaces, pods } from './resources.js';
import { type Status, Refusal, alreadyExists, badRequest, conflict, deleted, notFound } from './status.js';
import type { Store } from './store.js';
import type { Target } from './target.js';
import type { Tasks } from './tasks.js';
import { validate } from './validate.js';

/** What changes the cluster on behalf of a request. */
export interface Changes {
	create(target: Target, body: unknown): KubeObject;
	/** Replaces the object, unless the body names a revision that it is not at any more. */
	replace(target: Target, body: unknown): KubeObject;
	/** Merges a patch into the object; `strategic` merges named things by their names. */
	patch(target: Target, body: unknown, strategic: boolean): KubeObject;
	/** `options` is the body of the request, with the grace of the query in it. */
	delete(target: Target, options: DeleteOptions): KubeObject | Status;
	/** The object; fails with a 404 where there is none. */
	get(target: Target): KubeObject;
	/** Sets how many replicas the object wants. */
	scale(target: Target, replicas: number): KubeObject;
}

export interface DeleteOptions {
	readonly gracePeriodSeconds?: number;
	readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

export function createChanges(store: Store, kubelet: Kubelet, tasks: Tasks): Changes {
	const get = ({ resource, namespace, name }: Target): KubeObject => {
		const found = store.get(resource, namespace, name);
		if (found === undefined) {
			throw notFound(resource, name);
		}
		return found;
	};
	const put = (target: Target, wanted: KubeObject): KubeObject => {
		const before = get(target);
		const asked = wanted.metadata.resourceVersion ?? '';
		if (asked !== '' && asked !== before.metadata.resourceVersion) {
			throw conflict(target.resource, target.name);
		}
		const after = store.update(target.resource, before, (draft) => {
			const { namespace, name, uid, resourceVersion, creationTimestamp, generation } = before.metadata;
			const kept = { name, uid, resourceVersion, creationTimestamp };
			const place = namespace === undefined ? {} : { namespace };
			const next = generation === undefined ? {} : { generation: generation + specChanged(before, wanted) };
			Object.assign(draft, wanted, { metadata: { ...wanted.metadata, ...kept, ...place, ...next } });
		});
		return after ?? before;
	};

	return {
		get,
		create: (target, body) => {
			const { resource, namespace } = target;
			const given = withName(body as KubeObject, namespace);
			if (resource.namespaced && store.get(namespaces, '', namespace) === undefined) {
				throw notFound(namespaces, namespace);
			}
			validate(resource, given);
			if (store.get(resource, namespace, given.metadata.name) !== undefined) {
				throw alreadyExists(resource, given.metadata.name);
			}
			const made = store.create(resource, complete(resource, given));
			if (resource === claims) {
				store.update(claims, made, (draft) => {
					(draft.spec as { volumeName: string }).volumeName = `pvc-${draft.metadata.uid}`;
				});
			}
			if (resource === pods) {
				tasks.track(kubelet.start(made as Pod));
			}
			return made;
		},
		replace: (target, body) => put(target, body as KubeObject),
		patch: (target, body, strategic) => put(target, withoutRevision(mergePatch(get(target), body, strategic), body)),
		delete: (target, { gracePeriodSeconds, preconditions }) => {
			const { resource, name } = target;
			const object = get(target);
			checkPreconditions(target, object, preconditions);
			if (resource === pods) {
				tasks.track(kubelet.end(object as Pod, gracePeriodSeconds));
				return store.get(pods, target.namespace, name) ?? object;
			}
			if (resource === claims && isUsed(store, target)) {
				const marked = store.update(claims, object, ({ metadata }) => Object.assign(metadata, deletionMark(0)));
				return marked ?? object;
			}
			store.remove(resource, object);
			return deleted(resource, name, object.metadata.uid);
		},
		scale: (target, replicas) => {
			const before = get(target) as StatefulSet;
			return put(target, { ...before, spec: { ...before.spec, replicas } });
		},
	};
}

function withName(body: KubeObject, namespace: string): KubeObject {
	const { metadata } = body ?? {};
	if (typeof metadata !== 'object' || (metadata.name ?? metadata.generateName) === undefined) {
		throw badRequest('name or generateName is required');
	}
	const name = metadata.name ?? `${metadata.generateName}${randomBytes(3).toString('hex').slice(0, 5)}`;
	return { ...body, metadata: { ...metadata, name, ...(namespace === '' ? {} : { namespace }) } };
}

/** A revision in a patch is a condition; without one the patch is for whatever is there. */
function withoutRevision(merged: unknown, patch: unknown): KubeObject {
	const object = merged as KubeObject;
	const { resourceVersion = '' } = (patch as Partial<KubeObject>).metadata ?? {};
	return { ...object, metadata: { ...object.metadata, resourceVersion } };
}

function specChanged(before: KubeObject, after: KubeObject): 0 | 1 {
	return isDeepStrictEqual(before.spec, after.spec) ? 0 : 1;
}

function complete(resource: Resource, given: KubeObject): Omit<KubeObject, 'kind' | 'apiVersion'> {
	const { kind: _kind, apiVersion: _version, metadata, ...rest } = given;
	switch (resource.kind) {
		case 'StatefulSet': {
			const spec = completeStatefulSet(given.spec as StatefulSet['spec']);
			return { metadata: { ...metadata, generation: 1 }, spec, status: { replicas: 0, availableReplicas: 0 } };
		}
		case 'ReplicaSet':
		case 'Deployment': {
			const spec = completeReplicas(given.spec as ReplicaSpec);
			return { metadata: { ...metadata, generation: 1 }, spec, status: { replicas: 0 } };
		}
		case 'Pod':
			return completePod(metadata, (given as Pod).spec);
		case 'PersistentVolumeClaim':
			return boundClaim(metadata, { spec: given.spec as ClaimTemplate['spec'] }, '') as KubeObject;
		case 'Namespace': {
			const labels = { 'kubernetes.io/metadata.name': metadata.name, ...metadata.labels };
			return { metadata: { ...metadata, labels }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } };
		}
		default:
			return { metadata, ...rest };
	}
}

function checkPreconditions(
	{ resource, name }: Target,
	{ metadata }: KubeObject,
	wanted: DeleteOptions['preconditions'],
): void {
	if (wanted?.uid !== undefined && wanted.uid !== metadata.uid) {
		const { status } = conflict(resource, name);
		const [head = ''] = (status.message ?? '').split(': ');
		const why = `the UID in the precondition (${wanted.uid}) does not match the UID in record (${metadata.uid})`;
		throw new Refusal(409, 'Conflict', `${head}: ${why}`, status.details);
	}
	if (wanted?.resourceVersion !== undefined && wanted.resourceVersion !== metadata.resourceVersion) {
		throw conflict(resource, name);
	}
}

function isUsed(store: Store, { namespace, name }: Target): boolean {
	return (store.list(pods, namespace) as Pod[]).some(({ spec }) =>
		spec.volumes?.some(({ persistentVolumeClaim: claim }) => claim?.claimName === name),
	);
}

/** Takes claims away that were deleted while a pod used them, once none does. */
export function releaseClaims(store: Store): void {
	store.subscribe(({ resource, type, object }) => {
		if (resource !== pods || type !== 'DELETED') {
			return;
		}
		const namespace = object.metadata.namespace ?? '';
		for (const claim of store.list(claims, namespace)) {
			const target = { resource: claims, namespace, name: claim.metadata.name, subresource: '' };
			if (claim.metadata.deletionTimestamp !== undefined && !isUsed(store, target)) {
				store.remove(claims, claim);
			}
		}
	});
}
