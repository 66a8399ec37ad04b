import * as z from 'zod/mini';
import type { Disposable } from '../../base/disposable.js';
import { isHomeportError } from '../../base/errors.js';
import type { Connection } from './connection.js';
import type { Found, Selector } from './discover.js';
import { mayBeForbidden, sessionsIn, sourcesOf } from './namespace.js';
import type { Source } from './namespace.js';
import { reflect } from './reflect.js';

const identified = z.looseObject({ metadata: z.looseObject({ uid: z.string() }) });

/** Changes that come together are told together. */
const quietMs = 50;

/** Who is told of a namespace. */
export interface NamespaceListener {
	/** All sessions as they are now, once everything was listed and after each change. */
	sessions(found: readonly Found[]): void;
	/** Why what was told last may be stale, each kind of reason once; null once it is not any more. */
	problem(error: unknown): void;
}

/** Follows the sessions of one namespace by watches, until it is disposed. */
export function watchNamespace(
	connection: Connection,
	namespace: string,
	selectors: readonly Selector[],
	listener: NamespaceListener,
): Disposable {
	const stop = new AbortController();
	const sources = sourcesOf(namespace, selectors);
	const objects = new Map<Source, Map<string, unknown> | null>();
	const problems = new Map<Source, unknown>();
	let quiet: NodeJS.Timeout | undefined;

	const changed = (): void => {
		clearTimeout(quiet);
		if (objects.size === sources.length) {
			quiet = setTimeout(() => {
				const items = [...objects].map(([source, known]) => [source, known && [...known.values()]] as const);
				listener.sessions(sessionsIn(connection.context.name, new Map(items)));
			}, quietMs);
		}
	};
	let toldCode: string | null = null;
	const tellProblem = (error: unknown): void => {
		const code = error === null ? null : isHomeportError(error) ? error.code : 'internal';
		if (code !== toldCode) {
			toldCode = code;
			listener.problem(error);
		}
	};
	for (const source of sources) {
		// One that this user may not see is not asked for again.
		const own = new AbortController();
		void reflect(
			connection,
			source,
			{
				replace: (items) => {
					objects.set(source, new Map(items.map((item) => [uidOf(item), item])));
					changed();
				},
				apply: (object, gone) => {
					const known = objects.get(source);
					if (gone) {
						known?.delete(uidOf(object));
					} else {
						known?.set(uidOf(object), object);
					}
					changed();
				},
				problem: (error) => {
					if (mayBeForbidden(source, error)) {
						own.abort();
						objects.set(source, null);
						changed();
						return;
					}
					if (error === null) {
						problems.delete(source);
					} else {
						problems.set(source, error);
					}
					tellProblem([...problems.values()][0] ?? null);
				},
			},
			AbortSignal.any([stop.signal, own.signal]),
		);
	}
	return {
		dispose: () => {
			clearTimeout(quiet);
			stop.abort();
		},
	};
}

function uidOf(object: unknown): string {
	return z.safeParse(identified, object).data?.metadata.uid ?? '';
}
