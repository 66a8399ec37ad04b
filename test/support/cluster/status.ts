import { type Resource, qualifiedName } from './resources.js';

export interface Cause {
	readonly reason: string;
	readonly message: string;
	readonly field: string;
}

interface Details {
	readonly name?: string;
	readonly group?: string;
	readonly kind?: string;
	readonly uid?: string;
	readonly causes?: readonly Cause[];
	readonly retryAfterSeconds?: number;
}

/** The body of every answer that is no object. */
export interface Status {
	readonly kind: 'Status';
	readonly apiVersion: 'v1';
	readonly metadata: Record<string, never>;
	readonly status: 'Success' | 'Failure';
	readonly message?: string;
	readonly reason?: string;
	readonly details?: Details;
	readonly code?: number;
}

/** A request that is answered with a failure. */
export class Refusal extends Error {
	readonly status: Status & { code: number };

	constructor(code: number, reason: string, message: string, details?: Details) {
		super(message);
		const common = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason } as const;
		this.status = { ...common, ...(details === undefined ? {} : { details }), code };
	}
}

function detailsOf(resource: Resource, name: string): Details {
	const group = resource.group === '' ? {} : { group: resource.group };
	return { ...(name === '' ? {} : { name }), ...group, kind: resource.plural };
}

export function badRequest(message: string): Refusal {
	return new Refusal(400, 'BadRequest', message);
}

export function unauthorized(): Refusal {
	return new Refusal(401, 'Unauthorized', 'Unauthorized');
}

/** `what` is the resource with its subresource, such as `pods/exec`. */
export function forbidden(
	user: string,
	verb: string,
	what: string,
	resource: Resource,
	namespace: string,
	name: string,
): Refusal {
	const scope = namespace === '' ? 'at the cluster scope' : `in the namespace "${namespace}"`;
	const subject = name === '' ? qualifiedName(resource) : `${qualifiedName(resource)} "${name}"`;
	const reach = `cannot ${verb} resource "${what}" in API group "${resource.group}" ${scope}`;
	const message = `${subject} is forbidden: User "${user}" ${reach}`;
	return new Refusal(403, 'Forbidden', message, detailsOf(resource, name));
}

export function notFound(resource: Resource, name: string): Refusal {
	const message = `${qualifiedName(resource)} "${name}" not found`;
	return new Refusal(404, 'NotFound', message, detailsOf(resource, name));
}

/** For a path that nothing serves. */
export function noSuchPath(): Refusal {
	return new Refusal(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function notAllowed(): Refusal {
	return new Refusal(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {});
}

export function alreadyExists(resource: Resource, name: string): Refusal {
	const message = `${qualifiedName(resource)} "${name}" already exists`;
	return new Refusal(409, 'AlreadyExists', message, detailsOf(resource, name));
}

export function conflict(resource: Resource, name: string): Refusal {
	const reason = 'the object has been modified; please apply your changes to the latest version and try again';
	const message = `Operation cannot be fulfilled on ${qualifiedName(resource)} "${name}": ${reason}`;
	return new Refusal(409, 'Conflict', message, detailsOf(resource, name));
}

/** `asked` and `oldest` are revisions; for a watch, and for a page whose list has gone. */
export function gone(asked: number | string, oldest: number): Refusal {
	return new Refusal(410, 'Expired', `too old resource version: ${asked} (${oldest})`);
}

export function unsupportedMediaType(): Refusal {
	const message = 'the body of the request was in an unknown format';
	return new Refusal(415, 'UnsupportedMediaType', message, {});
}

export function invalid(resource: Resource, name: string, causes: readonly Cause[]): Refusal {
	const kind = resource.group === '' ? resource.kind : `${resource.kind}.${resource.group}`;
	const told = causes.map(({ field, message }) => `${field}: ${message}`);
	const message = `${kind} "${name}" is invalid: ${told.length === 1 ? told[0] : `[${told.join(', ')}]`}`;
	return new Refusal(422, 'Invalid', message, { ...detailsOf(resource, name), kind: resource.kind, causes });
}

/** What a deletion that is done at once is answered with. */
export function deleted(resource: Resource, name: string, uid: string): Status {
	const details = { ...detailsOf(resource, name), uid };
	return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

/** The answer of a server that is in trouble, with the words that a real one has for the status. */
export function faultRefusal(status: number, retryAfterSeconds?: number): Refusal {
	const words: Readonly<Record<number, [string, string]>> = {
		400: ['BadRequest', 'the server rejected our request for an unknown reason'],
		401: ['Unauthorized', 'Unauthorized'],
		403: ['Forbidden', 'forbidden'],
		404: ['NotFound', 'the server could not find the requested resource'],
		410: ['Expired', 'The provided continue parameter is too old to display a consistent list result.'],
		429: ['TooManyRequests', 'too many requests, please try again later'],
		503: ['ServiceUnavailable', 'the server is currently unable to handle the request'],
		504: ['Timeout', 'the request did not complete in time'],
	};
	const [reason, message] = words[status] ?? ['InternalError', 'Internal error occurred: the store is not there'];
	return new Refusal(status, reason, message, retryAfterSeconds === undefined ? undefined : { retryAfterSeconds });
}
