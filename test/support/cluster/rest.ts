import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { admit } from './admission.js';
import type { Changes, DeleteOptions } from './changes.js';
import { discover } from './discovery.js';
import type { RestFault } from './faults.js';
import { listPage, selectorOf, tableWanted } from './lists.js';
import type { Pod, ReplicaSet } from './objects.js';
import { Refusal, badRequest, faultRefusal, noSuchPath, notAllowed, unsupportedMediaType } from './status.js';
import { type Parts, authorize } from './parts.js';
import { scaleOf, sendLog } from './subresources.js';
import { tableOf } from './tables.js';
import { type Target, parseTarget, resourceName, verbOf } from './target.js';

interface Call {
	readonly request: IncomingMessage;
	readonly response: ServerResponse;
	readonly query: URLSearchParams;
	readonly target: Target;
	readonly fault: RestFault | undefined;
}

/** Answers a request, whatever it is. */
export async function answer(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
	try {
		await serve(parts, request, response);
	} catch (error) {
		if (!(error instanceof Refusal)) {
			throw error;
		}
		sendRefusal(response, error);
	}
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
	const { access, faults } = parts;
	const { pathname, searchParams: query } = new URL(request.url ?? '/', 'https://localhost');
	const method = request.method ?? 'GET';
	const target = parseTarget(pathname);
	const watching = ['true', '1'].includes(query.get('watch') ?? '');
	const verb = target === undefined ? method.toLowerCase() : verbOf(method, target, watching);
	const asked = {
		verb,
		resource: target === undefined ? pathname : resourceName(target),
		namespace: target?.namespace ?? '',
		name: target?.name ?? '',
	};
	const fault = faults.takeRest(asked);
	if (fault !== undefined && (await failed(fault, watching, response))) {
		return;
	}
	const user = access.authenticate(request);
	if (target === undefined) {
		await serveOther(parts, pathname, method, user, request, response);
		return;
	}
	if (target.subresource === 'exec') {
		admit(parts, request);
		throw badRequest('Upgrade request required');
	}
	authorize(access, user, verb, target);
	await serveTarget(parts, verb, { request, response, query, target, fault });
}

/** Whether the fault was the whole answer. */
async function failed(fault: RestFault, watching: boolean, response: ServerResponse): Promise<boolean> {
	switch (fault.kind) {
		case 'status':
			sendRefusal(response, faultRefusal(fault.status, fault.retryAfterSeconds));
			return true;
		case 'hang':
			return true;
		case 'reset':
			response.destroy();
			return true;
		case 'garbage':
			if (!watching) {
				response.writeHead(200, { 'content-type': 'application/json' }).end('<html>no JSON at all');
			}
			return !watching;
		default:
			return false;
	}
}

async function serveOther(
	{ access }: Parts,
	path: string,
	method: string,
	user: string,
	request: IncomingMessage,
	response: ServerResponse,
): Promise<void> {
	if (method === 'POST' && path === '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews') {
		const { spec } = (await readBody(request)) as { spec: { resourceAttributes?: Record<string, string> } };
		const { namespace = '', verb = '', resource = '', subresource } = spec.resourceAttributes ?? {};
		const what = subresource === undefined ? resource : `${resource}/${subresource}`;
		sendJson(response, 201, {
			kind: 'SelfSubjectAccessReview',
			apiVersion: 'authorization.k8s.io/v1',
			metadata: { creationTimestamp: null },
			spec,
			status: { allowed: access.allowed(user, verb, namespace, what) },
		});
		return;
	}
	const found =
		method === 'GET' ? discover(path, request.headers.host ?? String(request.headers[':authority'])) : undefined;
	if (found === undefined) {
		throw noSuchPath();
	}
	sendJson(response, 200, found);
}

async function serveTarget(parts: Parts, verb: string, call: Call): Promise<void> {
	const { store, kubelet, changes, watches } = parts;
	const { request, response, query, target, fault } = call;
	const { resource, namespace, subresource } = target;
	const table = tableWanted(request.headers.accept, query);
	if (subresource === 'log') {
		sendLog(kubelet, changes.get(target) as Pod, query, response);
	} else if (subresource === 'scale') {
		sendJson(response, 200, scaleOf(await serveScale(changes, verb, call)));
	} else if (verb === 'list') {
		sendJson(response, 200, listPage(store, resource, namespace, query, table));
	} else if (verb === 'watch') {
		const timeout = query.get('timeoutSeconds');
		const watch = {
			resource,
			namespace,
			selector: selectorOf(query),
			resourceVersion: query.get('resourceVersion') ?? '',
			bookmarks: query.get('allowWatchBookmarks') === 'true',
			timeoutSeconds: timeout === null ? undefined : Number(timeout),
			table,
		};
		watches.open(watch, response, fault);
	} else if (verb === 'get') {
		const found = changes.get(target);
		const { resourceVersion } = found.metadata;
		sendJson(response, 200, table === undefined ? found : tableOf(resource, [found], table, { resourceVersion }));
	} else {
		await serveChange(changes, verb, call);
	}
}

async function serveChange(changes: Changes, verb: string, { request, response, query, target }: Call): Promise<void> {
	const body = await readBody(request);
	switch (verb) {
		case 'create':
			sendJson(response, 201, changes.create(target, body));
			return;
		case 'update':
			sendJson(response, 200, changes.replace(target, body));
			return;
		case 'patch':
			sendJson(response, 200, changes.patch(target, body, isStrategic(request)));
			return;
		case 'delete': {
			const grace = query.get('gracePeriodSeconds');
			const asked = grace === null ? {} : { gracePeriodSeconds: Number(grace) };
			sendJson(response, 200, changes.delete(target, { ...(body as DeleteOptions), ...asked }));
			return;
		}
		default:
			throw notAllowed();
	}
}

async function serveScale(changes: Changes, verb: string, { request, target }: Call): Promise<ReplicaSet> {
	if (verb === 'get') {
		return changes.get(target) as ReplicaSet;
	}
	const { spec } = (await readBody(request)) as { spec?: { replicas?: number } };
	if (typeof spec?.replicas !== 'number' || !['update', 'patch'].includes(verb)) {
		throw badRequest('a scale needs spec.replicas');
	}
	return changes.scale(target, spec.replicas) as ReplicaSet;
}

function isStrategic(request: IncomingMessage): boolean {
	const [type] = (request.headers['content-type'] ?? '').split(';');
	switch (type) {
		case 'application/merge-patch+json':
			return false;
		case 'application/strategic-merge-patch+json':
			return true;
		default:
			throw unsupportedMediaType();
	}
}

async function readBody(request: IncomingMessage): Promise<unknown> {
	if (request.headers['content-type']?.includes('protobuf') === true) {
		throw unsupportedMediaType();
	}
	const bytes = await buffer(request);
	if (bytes.length === 0) {
		return {};
	}
	try {
		return JSON.parse(bytes.toString()) as unknown;
	} catch {
		throw badRequest('the body of the request is no JSON');
	}
}

function sendJson(response: ServerResponse, status: number, body: object): void {
	const text = `${JSON.stringify(body)}\n`;
	response
		.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
		.end(text);
}

function sendRefusal(response: ServerResponse, { status }: Refusal): void {
	const after = status.details?.retryAfterSeconds;
	if (after !== undefined) {
		response.setHeader('retry-after', String(after));
	}
	sendJson(response, status.code, status);
}
