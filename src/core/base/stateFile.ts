import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { open, realpath, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type * as z from 'zod/mini';
import { HomeportError, errorText, hasCode } from './errors.js';
import { withStateLock } from './stateLock.js';
import { sweepTemporary, temporaryName } from './temporary.js';

/** Larger files are none of ours. */
const maxStateBytes = 4 * 1024 * 1024;

/** How a damaged file is treated: moved out of the way, or left for its writer to mend and reported each time. */
export type OnDamage = 'set-aside' | 'leave';

type Read<T> =
	| { readonly kind: 'missing' }
	| { readonly kind: 'good'; readonly text: string; readonly value: T }
	| { readonly kind: 'damaged'; readonly reason: string };

/**
 * The JSON state in `path`; `empty` where there is no file. A file that is damaged (no regular file, more than 4 MiB, no
 * UTF-8, no JSON, not of this shape) fails with `state-damaged` and is never taken for empty: `set-aside` renames it to
 * `<path>.damaged-<time>` (`details.setAside`, null where that is not possible), so that the next call finds no file;
 * `leave` touches nothing, so that every call fails until someone mends it. A file that cannot be read fails the same
 * way and stays.
 */
export async function readState<T>(
	path: string,
	schema: z.ZodMiniType<T>,
	empty: T,
	onDamage: OnDamage = 'set-aside',
): Promise<T> {
	const read = await readFile(path, schema);
	if (read.kind === 'damaged') {
		if (onDamage === 'leave') {
			throw damaged(path, read.reason, null);
		}
		return setAsideLocked(path, schema, read.reason);
	}
	return read.kind === 'missing' ? empty : read.value;
}

/**
 * Replaces the state in `path` by what `change` makes of it, under a lock that all processes respect, and returns that.
 * The file is written whole or not at all, for its user alone (0600, new folders 0700). `change` may run again when the
 * file was changed by someone who did not wait for the lock; it may throw, which leaves everything as it was.
 *
 * Fails with `state-damaged` like {@link readState}, with `state-unwritable` where it cannot be locked or written, and
 * with `lock-lost` where the lock was taken over; the old file is then still there.
 */
export async function updateState<T>(
	path: string,
	schema: z.ZodMiniType<T>,
	empty: T,
	change: (state: T) => T,
): Promise<T> {
	return withStateLock(path, async (held) => {
		for (;;) {
			const before = await readFile(path, schema);
			if (before.kind === 'damaged') {
				throw await setAside(path, before.reason);
			}
			const state = change(before.kind === 'good' ? before.value : empty);
			const text = `${JSON.stringify(state, null, '\t')}\n`;
			if (Buffer.byteLength(text) > maxStateBytes) {
				throw new HomeportError('limit-exceeded', { what: path, limit: maxStateBytes });
			}
			const now = await readFile(path, schema);
			held();
			if (now.kind !== before.kind || (now.kind === 'good' && before.kind === 'good' && now.text !== before.text)) {
				continue;
			}
			try {
				await replaceFile(path, text);
			} catch (error) {
				throw unwritable(path, error);
			}
			return state;
		}
	});
}

async function readFile<T>(path: string, schema: z.ZodMiniType<T>): Promise<Read<T>> {
	let text: string;
	try {
		const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
		try {
			if (!(await handle.stat()).isFile()) {
				return { kind: 'damaged', reason: 'it is no regular file' };
			}
			// One byte more than may be there, whatever the file's size is said to be.
			const bytes = await buffer(handle.createReadStream({ end: maxStateBytes, autoClose: false }));
			if (bytes.length > maxStateBytes) {
				return { kind: 'damaged', reason: `it is too large to be read, with more bytes than: ${maxStateBytes}` };
			}
			text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
		} finally {
			await handle.close();
		}
	} catch (error) {
		if (hasCode(error, 'ENOENT', 'ENOTDIR')) {
			return { kind: 'missing' };
		}
		// A socket cannot even be opened.
		if (hasCode(error, 'ENXIO', 'ERR_ENCODING_INVALID_ENCODED_DATA')) {
			return { kind: 'damaged', reason: 'it is no text file' };
		}
		throw new HomeportError('state-damaged', { path, reason: errorText(error), setAside: null }, error);
	}
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		// The parser's own words would quote the file.
		return { kind: 'damaged', reason: 'it is no JSON' };
	}
	const parsed = schema.safeParse(json);
	return parsed.success
		? { kind: 'good', text, value: parsed.data }
		: { kind: 'damaged', reason: parsed.error.issues.map(issueText).slice(0, 3).join('; ') };
}

/** What is wrong with a value, the key named first. */
export function issueText(issue: z.core.$ZodIssue): string {
	const key = issue.path.map(String).join('.') || 'the file';
	switch (issue.code) {
		case 'invalid_type':
			return `${key} must be of type ${issue.expected}`;
		case 'invalid_value':
			return `${key} must be one of ${issue.values.map(String).join(', ')}`;
		default:
			return `${key}: ${issue.message}`;
	}
}

async function setAsideLocked<T>(path: string, schema: z.ZodMiniType<T>, reason: string): Promise<T> {
	try {
		return await withStateLock(path, async () => {
			const again = await readFile(path, schema);
			if (again.kind === 'good') {
				return again.value;
			}
			throw again.kind === 'missing' ? damaged(path, reason, null) : await setAside(path, again.reason);
		});
	} catch (error) {
		throw error instanceof HomeportError && error.code !== 'state-damaged' ? damaged(path, reason, null) : error;
	}
}

async function setAside(path: string, reason: string): Promise<HomeportError> {
	const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
	const aside = `${path}.damaged-${time}-${randomUUID().slice(0, 8)}`;
	try {
		await rename(path, aside);
		return damaged(path, reason, aside);
	} catch (error) {
		return damaged(path, reason, null, error);
	}
}

/** The old file or the new one at every instant, a full disk included. A symbolic link stays, and its target changes. */
async function replaceFile(path: string, text: string): Promise<void> {
	const target = await realpath(path).catch(() => path);
	await sweepTemporary(target);
	const temporary = temporaryName(target);
	try {
		const file = await open(temporary, 'wx', 0o600);
		try {
			await file.writeFile(text);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(temporary, target);
	} catch (error) {
		await rm(temporary, { force: true });
		throw error;
	}
	const folder = await open(dirname(target), constants.O_RDONLY);
	try {
		await folder.sync();
	} finally {
		await folder.close();
	}
}

function damaged(path: string, reason: string, aside: string | null, cause?: unknown): HomeportError {
	return new HomeportError('state-damaged', { path, reason, setAside: aside }, cause);
}

function unwritable(path: string, error: unknown): HomeportError {
	return new HomeportError('state-unwritable', { path, reason: errorText(error) }, error);
}
