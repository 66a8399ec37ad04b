import type { Access } from './access.js';
import type { Changes } from './changes.js';
import type { Faults } from './faults.js';
import type { Kubelet } from './kubelet.js';
import { forbidden } from './status.js';
import type { Store } from './store.js';
import { type Target, resourceName } from './target.js';
import type { Watches } from './watch.js';

/** The parts of the cluster that answer requests. */
export interface Parts {
	readonly store: Store;
	readonly kubelet: Kubelet;
	readonly changes: Changes;
	readonly watches: Watches;
	readonly access: Access;
	readonly faults: Faults;
}

/** Fails with a 403 where the user may not do what is asked. */
export function authorize(access: Access, user: string, verb: string, target: Target): void {
	const { resource, name } = target;
	const namespace = resource.kind === 'Namespace' ? name : target.namespace;
	const what = resourceName(target);
	if (!access.allowed(user, verb, namespace, what)) {
		throw forbidden(user, verb, what, resource, namespace, name);
	}
}
