import { randomBytes } from 'node:crypto';
import type { ErrorCode } from '../../base/errors.js';
import { HomeportError } from '../../base/errors.js';
import { shownText } from '../../base/text.js';
import type { Oid } from '../../model/observation.js';
import { type SessionExec, outputOf, tookTooLong } from './exec.js';
import { fieldOf, parseSections } from './fields.js';
import { type Look, readLook } from './look.js';
import script from './observe.sh';
import opening from './open.sh';

export interface ObserveOptions {
	readonly workspace: string;
	readonly gitDir: string | null;
	/** A folder for the private index and objects, where the backend knows one; else one of the session's own. */
	readonly privateFolder: string | null;
	/** Names the private folder; one for each session. */
	readonly key: string;
	/** What the backend knows of the storage's life. */
	readonly storage: string;
	/** Only HEAD's branch is the session's: it is a worktree of home. */
	readonly oneBranch: boolean;
	readonly capture: boolean;
	/** Ask for commits of HEAD's history, to find what both sides have. */
	readonly history: boolean;
	/** Commits that the ledger has: ask how many of each branch it has not. */
	readonly counted: readonly Oid[];
	readonly ignored: readonly string[];
	readonly credentials: readonly string[];
	readonly maxFileBytes: number;
	readonly maxTotalBytes: number;
	readonly maxRefs: number;
	/** Files of the commit at HEAD. */
	readonly maxFiles: number;
	/** zlib level of the capture's objects, 0 to 9. */
	readonly compression: number;
	readonly timeoutMs: number;
	readonly signal?: AbortSignal;
}

// A script that says at once that it runs: one that was lost on the way is not waited for.
const begun = "printf '@begun\\0'\n";
const firstByteMs = 60_000;

const maxOutput = 256 * 1024 * 1024;
const failures: readonly string[] = [
	'git-missing',
	'git-too-old',
	'session-missing',
	'session-damaged',
	'limit-exceeded',
	'capture-failed',
];

/**
 * Observes a session and captures its uncommitted work, in one exec. Writes nothing under its `.git`. Fails with
 * `session-missing`, `session-damaged`, `git-missing`, `git-too-old`, `limit-exceeded`, or as the stream fails.
 */
export async function observe(exec: SessionExec, options: ObserveOptions): Promise<Look> {
	const limits = {
		timeoutMs: options.timeoutMs,
		maxBytes: maxOutput,
		...(options.signal === undefined ? {} : { signal: options.signal }),
	};
	let output: Buffer;
	try {
		output = await outputOf(exec, ['sh', '-c', begun + opening + script, 'homeport-observe'], {
			...limits,
			firstByteMs,
			env: environment(options),
		});
	} catch (error) {
		if (tookTooLong(error)) {
			const culprit = await specialFile(exec, options.workspace);
			if (culprit !== null) {
				throw new HomeportError(
					'session-damaged',
					{ reason: `git waits for what is no regular file: ${shownText(culprit)}` },
					error,
				);
			}
		}
		throw error;
	}
	const sections = parseSections(output);
	const failed = sections.get('fail');
	if (failed !== undefined) {
		throw failure(fieldOf(failed, 'code'), fieldOf(failed, 'text'));
	}
	if (!sections.has('end')) {
		throw new HomeportError('stream-failed', { reason: 'the observation ended early' });
	}
	return readLook(sections, options);
}

/** Removes the folder of a run whose objects have come home. Never fails: the next look sweeps what stays. */
export async function dropRun(exec: SessionExec, run: string): Promise<void> {
	try {
		await outputOf(exec, ['rm', '-rf', '--', run], { timeoutMs: 30_000, maxBytes: 65_536 });
	} catch {
		// Swept later by the session's next observation.
	}
}

function environment(options: ObserveOptions): Record<string, string> {
	return {
		HP_WORKSPACE: options.workspace,
		HP_GIT_DIR: options.gitDir ?? '',
		HP_PRIVATE: options.privateFolder ?? '',
		HP_KEY: options.key,
		HP_RUN: randomBytes(4).toString('hex'),
		HP_ONE_BRANCH: options.oneBranch ? '1' : '',
		HP_CAPTURE: options.capture ? '1' : '',
		HP_HISTORY: options.history ? '1' : '',
		HP_KNOWN: options.counted.slice(0, 200).join('\n'),
		HP_IGNORED: options.ignored.join('\n'),
		HP_CREDENTIALS: options.credentials.join('\n'),
		HP_MAX_FILE: String(options.maxFileBytes),
		HP_MAX_TOTAL: String(options.maxTotalBytes),
		HP_MAX_REFS: String(options.maxRefs),
		HP_MAX_FILES: String(options.maxFiles),
		HP_LEVEL: String(options.compression),
	};
}

// git opens some files by name wherever they stand; a FIFO among them makes it wait for ever.
async function specialFile(exec: SessionExec, workspace: string): Promise<string | null> {
	const find = 'cd "$1" && find . ! -type f ! -type d ! -type l -print | head -n 1';
	try {
		const found = await outputOf(exec, ['sh', '-c', find, 'sh', workspace], { timeoutMs: 20_000, maxBytes: 65_536 });
		const path = found.toString('utf8').trim();
		return path === '' ? null : path;
	} catch {
		return null;
	}
}

function failure(code: string, text: string): HomeportError {
	const known = failures.includes(code) ? (code === 'capture-failed' ? 'session-damaged' : code) : 'session-damaged';
	return new HomeportError(known as ErrorCode, { reason: shownText(text) });
}
