import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../model/session.js';
import type { SessionChange } from './backend.js';

/** What changed between two looks at the sessions, each by id. */
export function* changesBetween(
	before: ReadonlyMap<string, Session>,
	now: ReadonlyMap<string, Session>,
): Iterable<SessionChange> {
	for (const [id, session] of now) {
		const old = before.get(id);
		if (old === undefined) {
			yield { kind: 'added', session };
		} else if (!isDeepStrictEqual(old, session)) {
			yield { kind: 'changed', session };
		}
	}
	for (const [id, session] of before) {
		if (!now.has(id)) {
			yield { kind: 'removed', session };
		}
	}
}
