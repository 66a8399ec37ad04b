import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One exchange with a real server: an answer, or the frames of an exec. */
export interface Recording {
	readonly request: { readonly method?: string; readonly path: string; readonly protocols?: readonly string[] };
	readonly response?: { readonly status: number; readonly headers: Record<string, string>; readonly body: unknown };
	readonly frames?: readonly RecordedFrame[];
	readonly upgrade?: { readonly status: number; readonly protocol: string };
	readonly refused?: { readonly status: number; readonly body: string };
	readonly error?: string;
	readonly close?: { readonly code: number; readonly reason: string };
}

export interface RecordedFrame {
	readonly from: 'server' | 'client';
	readonly channel?: number;
	readonly text?: string;
	/** Of a frame of the client that is no text. */
	readonly binary?: boolean | readonly number[];
}

/** The exchange of this name. */
export function recording(name: string): Recording {
	return JSON.parse(readFileSync(join('test/fixtures/kubernetes-1.33', `${name}.json`), 'utf8')) as Recording;
}

/** The body of the answer that was recorded under this name. */
export function recordedBody(name: string): unknown {
	const { response } = recording(name);
	if (response === undefined) {
		throw new Error(`The recording ${name} has no answer`);
	}
	return response.body;
}

/** Fields whose values are another's every time: of these only the types are compared. */
const varying = new Set([
	'uid',
	'resourceVersion',
	'creationTimestamp',
	'deletionTimestamp',
	'lastTransitionTime',
	'startTime',
	'startedAt',
	'finishedAt',
	'containerID',
	'imageID',
	'podIP',
	'ip',
	'volumeName',
	'controller-revision-hash',
	'currentRevision',
	'updateRevision',
	'storageVersionHash',
	'gitCommit',
	'continue',
	'description',
]);

/**
 * Where two values differ, as `path: what`: other fields, other types, other lengths, and other values but for those
 * that vary. Paths that one of `except` matches are not looked at.
 */
export function differences(recorded: unknown, answered: unknown, except: readonly RegExp[] = []): string[] {
	const found: string[] = [];
	compare('', '', recorded, answered);
	return found;

	function compare(path: string, key: string, a: unknown, b: unknown): void {
		if (except.some((pattern) => pattern.test(path))) {
			return;
		}
		const [kindA, kindB] = [kindOf(a), kindOf(b)];
		if (kindA !== kindB) {
			found.push(`${path}: ${kindA} in the recording, ${kindB} in the answer`);
		} else if (kindA === 'array' || kindA === 'object') {
			const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>];
			for (const name of new Set([...Object.keys(left), ...Object.keys(right)])) {
				compare(`${path}/${name}`, name, left[name], right[name]);
			}
		} else if (a !== b && !varying.has(key) && plain(a) !== plain(b)) {
			found.push(`${path}: ${JSON.stringify(a)} in the recording, ${JSON.stringify(b)} in the answer`);
		}
	}
}

function kindOf(value: unknown): string {
	return value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
}

/** A text without the parts that are another's every time. */
function plain(value: unknown): unknown {
	return typeof value === 'string'
		? value
				.replace(/kube-api-access-\w{5}/, 'kube-api-access')
				.replace(/too old resource version: 1 \(\d+\)/, 'too old resource version')
				.replaceAll(/[0-9a-f]{64}/g, '0')
		: value;
}
