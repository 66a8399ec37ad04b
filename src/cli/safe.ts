import { errorText } from '../core/base/errors.js';
import { shownText } from '../core/base/text.js';

const deepest = 6;
const longestList = 200;
const longestText = 2000;

/**
 * The details of an error as JSON can hold them: text made safe to show, errors as their words, and what is too deep,
 * too long or no data left out.
 */
export function safeDetails(value: unknown, depth = 0): unknown {
	switch (typeof value) {
		case 'string':
			return shownText(value, longestText);
		case 'boolean':
			return value;
		case 'number':
			return Number.isFinite(value) ? value : String(value);
		case 'bigint':
			return String(value);
		case 'object':
			return safeObject(value, depth);
		default:
			return null;
	}
}

function safeObject(value: object | null, depth: number): unknown {
	if (value === null) {
		return null;
	}
	if (value instanceof Error) {
		return shownText(errorText(value), longestText);
	}
	if (value instanceof Date) {
		return Number.isNaN(value.getTime()) ? null : value.toISOString();
	}
	if (depth >= deepest) {
		return '…';
	}
	if (Array.isArray(value) || value instanceof Set) {
		return [...value].slice(0, longestList).map((item) => safeDetails(item, depth + 1));
	}
	const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value);
	return Object.fromEntries(
		entries
			.filter(([, item]) => item !== undefined)
			.slice(0, longestList)
			.map(([key, item]) => [shownText(String(key)), safeDetails(item, depth + 1)]),
	);
}

// Data keeps its exact value in JSON; only what could steer a terminal or mislead a reader is written as an escape.
const unsafeInJson = /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** A document as one line of JSON, harmless on a terminal; parsing gives every string back exactly. */
export function jsonText(document: unknown): string {
	return JSON.stringify(document).replace(
		unsafeInJson,
		(character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
	);
}
