type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The value with a patch merged into it: null takes a field away, lists are replaced. With `byName`, lists of objects
 * that have names are merged by them, which is what a strategic patch does for containers, their variables and volumes.
 */
export function mergePatch(value: unknown, patch: unknown, byName = false): unknown {
	if (byName && Array.isArray(value) && Array.isArray(patch) && [...value, ...patch].every(isNamed)) {
		const merged = value.map((item) => {
			const change = patch.find((other) => (other as Fields)['name'] === (item as Fields)['name']);
			return change === undefined ? item : mergePatch(item, change, byName);
		});
		const known = new Set(value.map((item) => (item as Fields)['name']));
		return [...merged, ...patch.filter((item) => !known.has((item as Fields)['name']))];
	}
	if (!isFields(patch)) {
		return patch;
	}
	const merged: Fields = isFields(value) ? { ...value } : {};
	for (const [name, change] of Object.entries(patch)) {
		if (change === null) {
			delete merged[name];
		} else if (!byName || !name.startsWith('$')) {
			merged[name] = mergePatch(merged[name], change, byName);
		}
	}
	return merged;
}

function isNamed(value: unknown): boolean {
	return isFields(value) && typeof value['name'] === 'string';
}
