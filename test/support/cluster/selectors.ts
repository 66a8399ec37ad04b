import type { KubeObject } from './objects.js';
import { badRequest } from './status.js';

export type Selector = (object: KubeObject) => boolean;

/** Objects whose labels fit: `a=b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas. */
export function labelSelector(text: string): Selector {
	const tests = split(text).map(labelTest);
	return ({ metadata }) => tests.every((test) => test(metadata.labels ?? {}));
}

/** Objects whose fields fit; of fields it knows the name, the namespace and the phase. */
export function fieldSelector(text: string): Selector {
	const tests = split(text).map((part): Selector => {
		const [, field = '', operator, value] = /^([^=!]+)(==|=|!=)(.*)$/.exec(part) ?? [];
		if (!['metadata.name', 'metadata.namespace', 'status.phase', 'involvedObject.name'].includes(field)) {
			throw badRequest(`field label not supported: ${field || part}`);
		}
		return (object) => (readField(object, field) === value) === (operator !== '!=');
	});
	return (object) => tests.every((test) => test(object));
}

function readField(object: KubeObject, field: string): unknown {
	let value: unknown = object;
	for (const name of field.split('.')) {
		value = (value as Record<string, unknown> | undefined)?.[name];
	}
	return value;
}

/** At commas outside of parentheses. */
function split(text: string): string[] {
	return text.split(/,(?![^(]*\))/).filter((part) => part.trim() !== '');
}

function labelTest(part: string): (labels: Readonly<Record<string, string>>) => boolean {
	const set = /^\s*(\S+)\s+(in|notin)\s+\(([^)]*)\)\s*$/.exec(part);
	if (set !== null) {
		const [, key = '', operator, list = ''] = set;
		const values = list.split(',').map((value) => value.trim());
		return (labels) => values.includes(labels[key] ?? '\0') === (operator === 'in');
	}
	const [, key, operator, value] = /^\s*([^=!\s]+)\s*(==|=|!=)\s*(\S*)\s*$/.exec(part) ?? [];
	if (key !== undefined) {
		return (labels) => (labels[key] === value) === (operator !== '!=');
	}
	const [, not, name] = /^\s*(!?)([^\s=!]+)\s*$/.exec(part) ?? [];
	if (name === undefined) {
		throw badRequest(`unable to parse requirement: ${part}`);
	}
	return (labels) => (labels[name] !== undefined) === (not === '');
}
