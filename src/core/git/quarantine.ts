import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecOptions } from '../backends/backend.js';
import { errorText, HomeportError, isHomeportError, throwIfCancelled } from '../base/errors.js';
import { shownText } from '../base/text.js';
import type { Oid } from '../model/observation.js';
import type { Moved } from '../model/report.js';
import { listenForProgress, withoutProgress } from './gitProgress.js';
import { gitAt, type HomeRepository } from './home.js';
import { endedBySignal, type Git } from './run.js';
import type { SessionExec } from './session/exec.js';
import { openTunnel } from './tunnel.js';
import { unwritableWords } from './unwritable.js';

/** A throw-away bare repository that borrows home's objects; what is fetched into it reaches home only by adopting. */
export interface Quarantine {
	readonly git: Git;
	readonly path: string;
	/** The folder of the packs that came in. */
	readonly packFolder: string;
	discard(): Promise<void>;
}

export interface FetchOptions {
	/** Commits to fetch, by object id. */
	readonly wanted: readonly Oid[];
	/** Commits that both sides are known to have and that may be named to the session. */
	readonly common: readonly Oid[];
	/** The session's git folder, and the folder of its capture's objects. */
	readonly gitDir: string;
	readonly run: string | null;
	/** The session's history may be cut off: take what it has, and say so by a boundary in the quarantine. */
	readonly shallow: boolean;
	/** zlib level of the session's pack, 0 to 9. */
	readonly compression: number;
	/** For all tries together. */
	readonly timeoutMs: number;
	readonly idleMs: number;
	readonly maxBytes: number;
	readonly signal?: AbortSignal;
	readonly onMoved?: (moved: Moved) => void;
}

const folderName = 'quarantine';
const mostTries = 3;
const pauseMs = 250;

/** Makes an empty quarantine on home's file system. `borrow` is off where home's own objects are in doubt. */
export async function createQuarantine(home: HomeRepository, borrow = true): Promise<Quarantine> {
	const parent = join(home.commonDir, 'homeport', folderName);
	await mkdir(parent, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
		throw new HomeportError('state-unwritable', { path: parent, reason: errorText(error) }, error);
	});
	const path = join(parent, `${process.pid}-${randomBytes(6).toString('hex')}`);
	await home.git.run(['init', '-q', '--bare', '--template=', `--object-format=${home.objectFormat}`, path]);
	if (borrow) {
		await mkdir(join(path, 'objects/info'), { recursive: true });
		await writeFile(join(path, 'objects/info/alternates'), `${join(home.commonDir, 'objects')}\n`);
	}
	const git = gitAt(home, path, {
		env: { GIT_DIR: path },
		config: [
			['fetch.fsckObjects', 'true'],
			['transfer.fsckObjects', 'true'],
			['fetch.unpackLimit', '1'],
			['transfer.unpackLimit', '1'],
			['fetch.writeCommitGraph', 'false'],
			['core.alternateRefsPrefixes', 'refs/remotes/origin/'],
			['core.bigFileThreshold', '1m'],
			['core.fsync', 'none'],
		],
	});
	return {
		git,
		path,
		packFolder: join(path, 'objects/pack'),
		discard: () => rm(path, { recursive: true, force: true }),
	};
}

/**
 * Fetches commits of a session into the quarantine, checked by git's fsck on the way. Afterwards every wanted commit is
 * there; else it fails with `incomplete` (details.missing), `blocked` (details.stderr: git's own words about a damaged
 * or hostile object), `stream-failed`, `timed-out`, `limit-exceeded` or `cancelled`. A stream that is cut is tried again
 * on a fresh one, three times in all; packs that came whole before the cut stay. See {@link wasCut}.
 */
export async function fetchInto(quarantine: Quarantine, exec: SessionExec, options: FetchOptions): Promise<void> {
	const began = performance.now();
	for (let tries = 1; ; tries += 1) {
		try {
			await fetchOnce(quarantine, exec, options, options.timeoutMs - (performance.now() - began));
			break;
		} catch (error) {
			if (!wasCut(error)) {
				throw error;
			}
			const pause = pauseMs * tries;
			if (tries === mostTries || performance.now() - began + pause >= options.timeoutMs) {
				throw new HomeportError('stream-failed', { ...error.details, tries }, error);
			}
			const { signal } = options;
			await sleep(pause, null, signal === undefined ? {} : { signal }).catch(() => throwIfCancelled(signal));
			await dropHalfPacks(quarantine);
		}
	}
	const missing = await missingObjects(quarantine.git, options.wanted);
	if (missing.length > 0) {
		throw new HomeportError('incomplete', { missing });
	}
}

/** True where the way to the session broke; a command that ended by itself, however badly, would end so again. */
export function wasCut(error: unknown): error is HomeportError {
	return isHomeportError(error, 'stream-failed') && error.details['exitCode'] === undefined;
}

// What git had of a pack when it was cut; it uses none of it again.
async function dropHalfPacks({ packFolder }: Quarantine): Promise<void> {
	const names = await readdir(packFolder).catch(() => []);
	for (const name of names.filter((one) => one.startsWith('tmp_'))) {
		await rm(join(packFolder, name), { force: true });
	}
}

async function fetchOnce(
	quarantine: Quarantine,
	exec: SessionExec,
	options: FetchOptions,
	timeoutMs: number,
): Promise<void> {
	const tunnel = await openTunnel(() => exec(uploadPackCommand(options), execOptions(options, timeoutMs)));
	try {
		const refspecs = options.wanted.map((oid, index) => `${oid}:refs/quarantine/${index}`).join('\n');
		const args = ['fetch', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance'];
		args.push(
			'--progress',
			...options.common.slice(0, 256).map((oid) => `--negotiation-tip=${oid}`),
			...(options.shallow ? ['--update-shallow'] : []),
			'--stdin',
			'session',
		);
		const fetching = quarantine.git.run(args, {
			input: `${refspecs}\n`,
			config: [
				['remote.session.url', tunnel.url],
				['protocol.git.allow', 'always'],
			],
			allow: [1, 128],
			idleMs: options.idleMs,
			...(options.signal === undefined ? {} : { signal: options.signal }),
			onStderr: listenForProgress(() => tunnel.bytes(), options.onMoved),
		});
		const result = await fetching.catch(async (error: unknown) => {
			const reason = endedBySignal(error) ? await reasonOf(tunnel.finished()) : undefined;
			throw reason === undefined ? error : fetchError('', reason, quarantine.path);
		});
		if (result.exitCode !== 0) {
			throw fetchError(result.stderr, await reasonOf(tunnel.finished()), quarantine.path);
		}
		await tunnel.finished();
	} finally {
		tunnel.close();
	}
}

/** Those of the objects that the repository does not have. */
export async function missingObjects(git: Git, oids: readonly Oid[]): Promise<Oid[]> {
	if (oids.length === 0) {
		return [];
	}
	const answer = await git.text(['cat-file', '--batch-check=%(objectname)'], { input: `${oids.join('\n')}\n` });
	return answer
		.split('\n')
		.filter((line) => line.endsWith(' missing'))
		.map((line) => line.slice(0, -' missing'.length));
}

/** The `.idx` files of the packs that came in. */
export async function incomingPacks(quarantine: Quarantine): Promise<string[]> {
	const names = await readdir(quarantine.packFolder).catch(() => []);
	return names.filter((name) => name.endsWith('.idx')).map((name) => join(quarantine.packFolder, name));
}

// The environment does what observe.sh does by overrides: nothing that the session configures starts a program.
const uploadPackScript = `
export GIT_DIR="$1" GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_NO_REPLACE_OBJECTS=1 GIT_NO_LAZY_FETCH=1
export GIT_ALLOW_PROTOCOL=none GIT_TERMINAL_PROMPT=0 GIT_OPTIONAL_LOCKS=0 GIT_PROTOCOL=version=2
[ -z "$2" ] || export GIT_ALTERNATE_OBJECT_DIRECTORIES="$2"
level=$3
ulimit -v 8388608 2>/dev/null
exec git -c safe.directory='*' -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.alternateRefsCommand= \\
	-c core.attributesFile=/dev/null -c core.sshCommand=false -c core.gitProxy= -c protocol.allow=never \\
	-c uploadpack.allowAnySHA1InWant=true -c core.bigFileThreshold=1m -c core.compression="$level" \\
	-c pack.compression="$level" -c pack.window=10 -c pack.depth=50 -c pack.threads=2 -c gc.auto=0 \\
	upload-pack --strict "$1"
`;

function uploadPackCommand(options: FetchOptions): string[] {
	const objects = options.run === null ? '' : `${options.run}/objects`;
	return ['sh', '-c', uploadPackScript, 'homeport-upload-pack', options.gitDir, objects, String(options.compression)];
}

function execOptions(options: FetchOptions, timeoutMs: number): ExecOptions {
	return {
		timeoutMs,
		idleMs: options.idleMs,
		maxBytes: options.maxBytes,
		...(options.signal === undefined ? {} : { signal: options.signal }),
	};
}

async function reasonOf(done: Promise<void>): Promise<unknown> {
	const settled = await Promise.race([
		done.then(
			() => undefined,
			(error: unknown) => error,
		),
		new Promise<undefined>((resolve) => {
			setTimeout(() => resolve(undefined), 1000).unref();
		}),
	]);
	return settled;
}

function fetchError(stderr: string, streamError: unknown, path: string): HomeportError {
	const text = shownText(withoutProgress(stderr).join('; '), 4000);
	if (
		/fsck error|hasDot|fatal: pack has bad object|index-pack failed/i.test(stderr) &&
		/error: object [0-9a-f]{40,64}/.test(stderr)
	) {
		return new HomeportError('blocked', { stderr: text });
	}
	if (unwritableWords(stderr) !== null) {
		return new HomeportError('state-unwritable', { path, reason: text });
	}
	const said = `${withoutProgress(stderr).join('; ')} ${isHomeportError(streamError) ? String(streamError.details['reason']) : ''}`;
	if (
		/corrupt|mismatch|did not send all necessary|loose object|not receive expected|bad object|missing (?:blob|tree|commit)|unable to read|inflate|does not exist|not our ref|unpack failed/i.test(
			said,
		)
	) {
		return new HomeportError('incomplete', { reason: shownText(said.trim(), 1000) }, streamError);
	}
	if (isHomeportError(streamError)) {
		return new HomeportError(streamError.code, { ...streamError.details, stderr: text }, streamError);
	}
	return new HomeportError('stream-failed', { reason: text });
}

/** Writes what a file or folder holds to disk. */
export async function fsyncPath(path: string): Promise<void> {
	const handle = await open(path, 'r');
	try {
		await handle.sync();
	} finally {
		await handle.close();
	}
}
