import type { IncomingMessage } from 'node:http';
import type { ExecFault } from './faults.js';
import type { Pod } from './objects.js';
import { type Parts, authorize } from './parts.js';
import { pods } from './resources.js';
import { badRequest, faultRefusal, noSuchPath, notFound } from './status.js';
import { chosenContainer } from './subresources.js';
import { parseTarget, resourceName } from './target.js';

/** An exec that may be. */
export interface Admitted {
	readonly pod: Pod;
	readonly container: string;
	readonly argv: readonly string[];
	readonly query: URLSearchParams;
	readonly fault: ExecFault;
}

/** All that is checked before the upgrade, in the order of a real server. */
export function admit({ store, access, faults }: Parts, request: IncomingMessage): Admitted {
	const { pathname, searchParams: query } = new URL(request.url ?? '/', 'https://localhost');
	const target = parseTarget(pathname);
	if (target?.subresource !== 'exec') {
		throw noSuchPath();
	}
	const { namespace, name } = target;
	const verb = request.method === 'POST' ? 'create' : 'get';
	const fault = faults.takeExec({ verb, resource: resourceName(target), namespace, name });
	if (fault.refuse !== undefined) {
		throw faultRefusal(fault.refuse);
	}
	authorize(access, access.authenticate(request), verb, target);
	const pod = store.get(pods, namespace, name) as Pod | undefined;
	if (pod === undefined) {
		throw notFound(pods, name);
	}
	const container = chosenContainer(pod, query.get('container'));
	const argv = query.getAll('command');
	if (argv.length === 0) {
		throw badRequest('you must specify at least one command for the container');
	}
	if (pod.spec.nodeName === undefined) {
		throw badRequest(`pod ${name} does not have a host assigned`);
	}
	if (['Succeeded', 'Failed'].includes(pod.status.phase)) {
		throw badRequest(`cannot exec into a container in a completed pod; current phase is ${pod.status.phase}`);
	}
	return { pod, container, argv, query, fault };
}
