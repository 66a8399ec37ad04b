import type { KubeObject, StatefulSet } from './objects.js';
import { type Resource, statefulSets } from './resources.js';
import { type Cause, invalid } from './status.js';

const largestData = 1024 * 1024;
const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

/** Fails with a 422 where a new object could not be kept. */
export function validate(resource: Resource, object: KubeObject): void {
	const { name } = object.metadata;
	const causes: Cause[] = [];
	if (!new RegExp(`^${label}(\\.${label})*$`).test(name) || (resource === statefulSets && name.includes('.'))) {
		causes.push(badName(name));
	}
	if (resource === statefulSets) {
		const { selector, template } = (object as StatefulSet).spec;
		const labels = template.metadata.labels ?? {};
		if (Object.entries(selector.matchLabels).some(([key, value]) => labels[key] !== value)) {
			const shown = Object.entries(labels).map(([key, value]) => `"${key}":"${value}"`);
			const message = `Invalid value: map[string]string{${shown.join(', ')}}: \`selector\` does not match template \`labels\``;
			causes.push({ reason: 'FieldValueInvalid', message, field: 'spec.template.metadata.labels' });
		}
	}
	if (sizeOf(object.data) > largestData) {
		const message = `Too long: may not be more than ${largestData} bytes`;
		causes.push({ reason: 'FieldValueTooLong', message, field: 'data' });
	}
	if (causes.length > 0) {
		throw invalid(resource, name, causes);
	}
}

function badName(name: string): Cause {
	const rule = `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${label}')`;
	return { reason: 'FieldValueInvalid', message: `Invalid value: "${name}": ${rule}`, field: 'metadata.name' };
}

function sizeOf(data: unknown): number {
	const values = Object.values((data ?? {}) as Record<string, string>);
	return values.reduce((sum, value) => sum + Buffer.from(value, 'base64').length, 0);
}
