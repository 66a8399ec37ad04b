import { type Resource, namespaces, resources } from './resources.js';

/** What a path names. */
export interface Target {
	readonly resource: Resource;
	/** Empty for all, and for what lies in none. */
	readonly namespace: string;
	/** Empty for a list. */
	readonly name: string;
	/** Empty for the object itself. */
	readonly subresource: string;
}

/** The object or the list that a path names; undefined where it names none that there is. */
export function parseTarget(path: string): Target | undefined {
	const parts = path.split('/').slice(1).map(decodeURIComponent);
	const head = parts[0] === 'api' ? ['', parts[1]] : parts[0] === 'apis' ? [parts[1], parts[2]] : undefined;
	if (head === undefined) {
		return undefined;
	}
	const rest = parts.slice(parts[0] === 'api' ? 2 : 3);
	const inNamespace = rest[0] === 'namespaces' && rest.length > 2;
	const namespace = inNamespace ? (rest[1] ?? '') : '';
	const [plural, name = '', subresource = '', ...more] = inNamespace ? rest.slice(2) : rest;
	const resource = resources.find((one) => one.group === head[0] && one.version === head[1] && one.plural === plural);
	const known = resource !== undefined && (subresource === '' || Object.hasOwn(resource.subresources, subresource));
	return known && more.length === 0 && resource.namespaced === (inNamespace || (name === '' && resource !== namespaces))
		? { resource, namespace, name, subresource }
		: undefined;
}

/** What is asked of the target, in the words of RBAC. */
export function verbOf(method: string, { name }: Target, watch: boolean): string {
	switch (method) {
		case 'GET':
			return watch ? 'watch' : name === '' ? 'list' : 'get';
		case 'POST':
			return 'create';
		case 'PUT':
			return 'update';
		case 'PATCH':
			return 'patch';
		case 'DELETE':
			return name === '' ? 'deletecollection' : 'delete';
		default:
			return '';
	}
}

/** The plural name with the subresource, as RBAC and errors say it. */
export function resourceName({ resource, subresource }: Target): string {
	return subresource === '' ? resource.plural : `${resource.plural}/${subresource}`;
}
