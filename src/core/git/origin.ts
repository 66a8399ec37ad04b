import { lstat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { HomeportError, throwIfCancelled } from '../base/errors.js';
import { searchPathOutside } from '../base/searchPath.js';
import { shownText } from '../base/text.js';
import type { Oid } from '../model/observation.js';
import type { HomeRepository } from './home.js';
import { readable } from './bytePath.js';
import { judgeName } from './policyPath.js';
import { fileRisk, type Folder, folderOf } from './policyRisk.js';
import { createGit, type Git, type GitResult } from './run.js';
import { changesBetween } from './worktree.js';

/** The branch that is checked out in home, and the branch of a remote that it follows. */
export interface Upstream {
	readonly branch: string;
	readonly remote: string;
	/** The branch's ref over there. */
	readonly remoteRef: string;
	/** The remote-tracking branch here. */
	readonly tracking: string;
}

/** Why the origin is left alone, or left us alone. */
export type OriginReason =
	| 'no-branch'
	| 'no-upstream'
	| 'goes-elsewhere'
	| 'has-hook'
	| 'unreachable'
	| 'timed-out'
	| 'not-allowed'
	| 'moved-on'
	| 'declined'
	| 'gone'
	| 'failed';

/** What came of talking to the origin; `said` is what git or the origin said, safe to show. */
export type OriginAnswer =
	| { readonly ok: true }
	| { readonly ok: false; readonly reason: OriginReason; readonly said: string };

const deadlineMs = 120_000;

/** The upstream of the branch that is checked out in home, or why there is none to work with. */
export async function upstreamOf({ git }: HomeRepository): Promise<Upstream | 'no-branch' | 'no-upstream'> {
	const head = await git.run(['symbolic-ref', '-q', 'HEAD'], { allow: [1] });
	const branch = head.stdout.toString('utf8').trim();
	if (!branch.startsWith('refs/heads/')) {
		return 'no-branch';
	}
	const fields = ['upstream', 'upstream:remotename', 'upstream:remoteref'].map((field) => `%(${field})`);
	const listed = await git.text(['for-each-ref', `--format=%(refname)%00${fields.join('%00')}`, branch]);
	// The pattern also matches what stands below a folder of that name.
	const line = listed.split('\n').find((text) => text.startsWith(`${branch}\0`));
	const [, tracking = '', remote = '', remoteRef = ''] = line?.split('\0') ?? [];
	return tracking.startsWith('refs/remotes/') && remote !== '' && remoteRef !== ''
		? { branch, remote, remoteRef, tracking }
		: 'no-upstream';
}

/** Fetches the upstream's branch to its remote-tracking branch; no tag, no other branch, no submodule. */
export async function fetchUpstream(
	home: HomeRepository,
	{ remote, remoteRef }: Upstream,
	signal?: AbortSignal,
): Promise<OriginAnswer> {
	const quiet = ['--no-tags', '--no-prune', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-gc'];
	return talk(home, ['fetch', ...quiet], [remote, remoteRef], signal);
}

/** Why a push to the upstream would not be what the user's own `git push` is; null where it would. */
export async function pushHindrance(home: HomeRepository, upstream: Upstream): Promise<OriginReason | null> {
	const { git } = home;
	const listed = await git.text(['for-each-ref', '--format=%(refname)%00%(push:remotename)', upstream.branch]);
	const line = listed.split('\n').find((text) => text.startsWith(`${upstream.branch}\0`));
	if (line?.split('\0')[1] !== upstream.remote) {
		return 'goes-elsewhere';
	}
	return (await hasPushHook(home)) ? 'has-hook' : null;
}

// A hook may check what is pushed or, as that of Git LFS, push what belongs to it; going past it is not for us.
async function hasPushHook({ git, commonDir, root }: HomeRepository): Promise<boolean> {
	const listed = await git.list(['config', '-z', '--type=path', '--show-scope', '--get-all', 'core.hooksPath'], {
		allow: [1],
	});
	let folder = resolve(commonDir, 'hooks');
	for (let index = 0; index + 1 < listed.length; index += 2) {
		if (listed[index] !== 'command') {
			folder = resolve(root, listed[index + 1]!);
		}
	}
	const info = await lstat(resolve(folder, 'pre-push')).catch(() => null);
	return info !== null && (info.isSymbolicLink() || (info.mode & 0o111) !== 0);
}

/**
 * Files that run elsewhere, with the user's rights, once the branch goes there from `from` to `to`: workflows and the like
 * that are new or changed. As text, not yet safe to show.
 */
export async function filesThatRunThere({ git }: HomeRepository, from: Oid | null, to: Oid): Promise<string[]> {
	const changed = (await changesBetween(git, from, to)).filter((file) => file.newMode !== '000000');
	return changed.map((file) => readable(file.path)).filter(runsWhenPushed);
}

function runsWhenPushed(path: string): boolean {
	const names = path.split('/').map((name) => judgeName(name).folded);
	let inside: Folder | null = null;
	for (const name of names.slice(0, -1)) {
		inside = folderOf(name, inside);
	}
	return fileRisk(names.at(-1)!, inside)?.code === 'runs-on-push';
}

/** Pushes a commit to the upstream's branch, which must go forward by it: never forced, nothing else with it. */
export async function pushUpstream(
	home: HomeRepository,
	{ remote, remoteRef }: Upstream,
	commit: Oid,
	signal?: AbortSignal,
): Promise<OriginAnswer> {
	const alone = ['--porcelain', '--no-follow-tags', '--recurse-submodules=no', '--no-force-with-lease', '--no-force'];
	return talk(home, ['push', ...alone], [remote, `${commit}:${remoteRef}`], signal);
}

async function talk(
	home: HomeRepository,
	command: readonly string[],
	operands: readonly string[],
	signal: AbortSignal | undefined,
): Promise<OriginAnswer> {
	const deadline = AbortSignal.timeout(deadlineMs);
	const either = signal === undefined ? deadline : AbortSignal.any([signal, deadline]);
	try {
		const args = [...command, '--end-of-options', ...operands];
		const running = originGit(home).run(args, { allow: [1, 128, 129], signal: either, config: impatient });
		// A helper of git may outlive it and hold its output open; it ends by itself, and is not waited for.
		const answer = await Promise.race([running, raised(either)]);
		return answer.exitCode === 0 ? { ok: true } : refusalOf(answer);
	} catch (error) {
		throwIfCancelled(signal);
		if (deadline.aborted) {
			return { ok: false, reason: 'timed-out', said: '' };
		}
		throw error;
	}
}

// git-config(1): an HTTP server that sends nothing for so many seconds is given up.
const impatient: readonly (readonly [string, string])[] = [
	['http.lowSpeedLimit', '1'],
	['http.lowSpeedTime', '30'],
];

function raised(signal: AbortSignal): Promise<never> {
	return new Promise((_, reject) => {
		const fail = (): void => reject(new HomeportError('cancelled', {}, signal.reason));
		signal.addEventListener('abort', fail, { once: true });
	});
}

function originGit(home: HomeRepository): Git {
	const path = searchPathOutside([home.root, ...home.sessionFolders], process.env['PATH'] ?? '');
	return createGit(home.root, { env: { PATH: path } }, 'origin');
}

// The words of git and of the servers in use; what none of them fits is told as it is.
const signs: readonly (readonly [RegExp, OriginReason])[] = [
	[/\(fetch first\)|\(non-fast-forward\)|\(stale info\)|cannot lock ref|reference already exists/i, 'moved-on'],
	[
		/denied to|permission (?:to .* )?denied|\b40[13]\b|not (?:allowed|permitted|authori[sz]ed)|authentication failed|could not read (?:username|password)|terminal prompts disabled/i,
		'not-allowed',
	],
	[/hook declined|protected branch|\[remote rejected\]|GH\d{3}/i, 'declined'],
	[/couldn't find remote ref/i, 'gone'],
	[
		/could not resolve|unable to look up|connection (?:refused|reset|timed out)|unable to access|could not read from remote|does not appear to be a git repository|not found|no route to host|network is unreachable|unable to connect|early EOF|hung up/i,
		'unreachable',
	],
];

function refusalOf({ stdout, stderr }: GitResult): OriginAnswer {
	const lines = `${stderr}\n${stdout.toString('utf8')}`.split('\n').map((line) => line.trim());
	const text = lines.join('\n');
	const reason = signs.find(([sign]) => sign.test(text))?.[1] ?? 'failed';
	const telling = lines.filter(
		(line) => /^(?:remote:|fatal:|error:|!|ssh:)/.test(line) && !line.startsWith('error: failed to push'),
	);
	// An address may hold a password.
	const said = telling
		.slice(0, 4)
		.join('; ')
		.replace(/[^\s/'":]+:[^\s/@]*@/g, '');
	return { ok: false, reason, said: shownText(said, 400) };
}
