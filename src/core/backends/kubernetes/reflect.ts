import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod/mini';
import { HomeportError, isHomeportError } from '../../base/errors.js';
import { timer } from '../../base/timer.js';
import { backoffMs } from './backoff.js';
import { refusalError } from './clusterErrors.js';
import type { Connection } from './connection.js';
import { listAll } from './listAll.js';

/** Which objects are followed. */
export interface Followed {
	readonly path: string;
	readonly labels: string;
	/** For the words of a failure: `pods in agents`. */
	readonly what: string;
}

/** Who is told. */
export interface Follower {
	/** All objects as they are now. */
	replace(items: readonly unknown[]): void;
	/** One object that is new or has changed, or has gone. */
	apply(object: unknown, gone: boolean): void;
	/** What stands in the way; null once it works again. Trying goes on. */
	problem(error: unknown): void;
}

// A server sends a bookmark about once a minute; a connection silent for longer may be one that has died in its sleep.
const silentMs = 90_000;
const watchSeconds = 300;
// A watch that ends sooner would otherwise be asked for again and again.
const shortMs = 1000;

const eventSchema = z.looseObject({ type: z.string(), object: z.unknown() });
const versionSchema = z.looseObject({ metadata: z.looseObject({ resourceVersion: z.string() }) });
const statusSchema = z.looseObject({ code: z.number(), message: z.optional(z.string()) });

/**
 * Lists objects, and then follows their changes by a watch that goes on where the last one ended; lists anew only where
 * the server no longer knows that place. Waits longer after each failure, and never gives up before the signal ends it.
 */
export async function reflect(
	connection: Connection,
	followed: Followed,
	follower: Follower,
	signal: AbortSignal,
): Promise<void> {
	let version: string | null = null;
	let failures = 0;
	const pauseAfter = (failure: unknown): Promise<void> => {
		failures += 1;
		return pause(backoffMs(failures, failure, Math.random()), signal);
	};
	while (!signal.aborted) {
		const began = performance.now();
		let open = false;
		try {
			if (version === null) {
				const listed = await listAll(connection, followed.path, followed.labels, `list ${followed.what}`, signal);
				follower.replace(listed.items);
				version = listed.resourceVersion ?? '0';
			}
			const opened = (): void => {
				open = true;
				follower.problem(null);
			};
			for await (const seen of changes(connection, followed, follower, version, signal, opened)) {
				version = seen;
				failures = 0;
			}
			if (performance.now() - began < shortMs) {
				await pauseAfter(null);
			}
		} catch (error) {
			if (signal.aborted) {
				return;
			}
			if (isHomeportError(error, 'cluster-expired')) {
				version = null;
			} else if (!open || failures > 0) {
				// A watch that breaks once is nothing unusual.
				follower.problem(error);
			}
			await pauseAfter(error);
		}
	}
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
	try {
		await sleep(ms, undefined, { signal });
	} catch {
		// Ended by the signal, which the caller looks at.
	}
}

/** The versions that a watch has come to, each once its change was told. */
async function* changes(
	connection: Connection,
	{ path, labels, what }: Followed,
	follower: Follower,
	from: string,
	signal: AbortSignal,
	opened: () => void,
): AsyncGenerator<string> {
	const silence = new AbortController();
	const silent = timer(() => silence.abort());
	const query = {
		watch: 'true',
		allowWatchBookmarks: 'true',
		resourceVersion: from,
		timeoutSeconds: String(watchSeconds),
		...(labels === '' ? {} : { labelSelector: labels }),
	};
	silent.start(silentMs);
	try {
		const until = AbortSignal.any([signal, silence.signal]);
		const lines = await connection.lines(path, query, `watch ${what}`, until);
		opened();
		for await (const line of lines) {
			silent.start(silentMs);
			const version = takeEvent(line, connection, what, follower);
			if (version !== null) {
				yield version;
			}
		}
	} catch (error) {
		if (!silence.signal.aborted) {
			throw error;
		}
	} finally {
		silent.stop();
		silence.abort();
	}
}

function takeEvent(line: string, connection: Connection, what: string, follower: Follower): string | null {
	if (line.trim() === '') {
		return null;
	}
	const event = z.safeParse(eventSchema, parseJson(line)).data;
	const asked = connection.asked(`watch ${what}`);
	if (event?.type === 'ERROR') {
		const { code = 500, message = 'the watch failed' } = z.safeParse(statusSchema, event.object).data ?? {};
		throw refusalError(asked, { status: code, message, retryAfter: null });
	}
	const version = z.safeParse(versionSchema, event?.object).data?.metadata.resourceVersion;
	if (event === undefined || version === undefined) {
		throw new HomeportError('cluster-failed', { ...asked, reason: 'the server sent an event that cannot be read' });
	}
	if (event.type !== 'BOOKMARK') {
		follower.apply(event.object, event.type === 'DELETED');
	}
	return version;
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
