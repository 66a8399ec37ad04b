import { simpleGit } from 'simple-git';
import { HomeportError, errorText, isHomeportError, throwIfCancelled } from '../base/errors.js';

/** What a git command printed, as bytes, and how it ended. */
export interface GitResult {
	readonly stdout: Buffer;
	readonly stderr: string;
	readonly exitCode: number;
}

export interface GitCall {
	/** What git reads from its standard input. */
	readonly input?: string | Buffer;
	/** Variables for this call, on top of the hardened environment. */
	readonly env?: Readonly<Record<string, string>>;
	/** Configuration for this call, handed over in the environment; overrides every file. */
	readonly config?: readonly (readonly [key: string, value: string])[];
	/** Exit codes beside 0 that are an answer and no failure. */
	readonly allow?: readonly number[];
	/** Kills git when raised; for commands that write neither refs nor index only. */
	readonly signal?: AbortSignal;
	/** Milliseconds without output after which git is killed. */
	readonly idleMs?: number;
	/** Receives stderr as it comes, for progress. */
	readonly onStderr?: (text: string) => void;
}

/** Runs git in one folder; fails with `git-failed` on an exit code that the call does not allow. */
export interface Git {
	readonly dir: string;
	run(args: readonly string[], call?: GitCall): Promise<GitResult>;
	/** Stdout as text without the last newline. */
	text(args: readonly string[], call?: GitCall): Promise<string>;
	/** Stdout split at its NUL terminators, as text. */
	list(args: readonly string[], call?: GitCall): Promise<string[]>;
	/** The same git with more variables and configuration for every call. */
	with(call: Pick<GitCall, 'env' | 'config'>): Git;
}

/** Configuration under which every git of Homeport runs; no hook, helper, daemon, prompt or transport is left on. */
const hardened: readonly (readonly [string, string])[] = [
	['core.hooksPath', '/dev/null'],
	['core.fsmonitor', 'false'],
	['core.sshCommand', 'false'],
	['core.askPass', ''],
	['credential.helper', ''],
	['protocol.allow', 'never'],
	['protocol.version', '2'],
	['transfer.bundleURI', 'false'],
	['fetch.uriProtocols', ''],
	['submodule.recurse', 'false'],
	['gc.auto', '0'],
	['maintenance.auto', 'false'],
	['core.protectHFS', 'true'],
	['core.protectNTFS', 'true'],
	['core.quotePath', 'false'],
	['core.fsync', 'loose-object,pack,pack-metadata,index,reference'],
	['core.fsyncMethod', 'fsync'],
	['log.showSignature', 'false'],
	['diff.external', ''],
	['commit.gpgSign', 'false'],
];

const hardenedEnv: Readonly<Record<string, string>> = {
	GIT_TERMINAL_PROMPT: '0',
	GIT_NO_REPLACE_OBJECTS: '1',
	GIT_OPTIONAL_LOCKS: '0',
	GIT_LFS_SKIP_SMUDGE: '1',
	GIT_ALLOW_PROTOCOL: 'git',
	GIT_NO_LAZY_FETCH: '1',
	GIT_EDITOR: 'true',
	GIT_AUTHOR_NAME: 'Homeport',
	GIT_AUTHOR_EMAIL: 'homeport@localhost',
	GIT_COMMITTER_NAME: 'Homeport',
	GIT_COMMITTER_EMAIL: 'homeport@localhost',
	LC_ALL: 'C',
};

/** Who git may talk to: nobody but the tunnel to a session, or the user's own origin as the user would. */
export type Reach = 'session' | 'origin';

// What keeps git from the user's own ssh, helpers and transports; for their origin it is left out.
const closing: ReadonlySet<string> = new Set([
	'core.sshCommand',
	'core.askPass',
	'credential.helper',
	'protocol.allow',
]);

// `ext` runs a command that an address names: no origin needs it.
const originOnly: readonly (readonly [string, string])[] = [['protocol.ext.allow', 'never']];

/** Variables by which the user's ssh, askpass programs, agents and proxies are found. */
const originNames: readonly RegExp[] = [
	/^SSH_/,
	/^GIT_(?:ASKPASS|SSH|SSH_COMMAND|SSH_VARIANT|SSL_\w+|HTTP_\w+|PROXY_\w+)$/,
	/^VSCODE_GIT_/,
	/^(?:https?|all|no)_proxy$/i,
	/^(?:GCM_\w+|KRB5CCNAME|GNUPGHOME|DISPLAY|WAYLAND_DISPLAY|XAUTHORITY|DBUS_SESSION_BUS_ADDRESS|XDG_RUNTIME_DIR)$/,
	/^(?:XDG_CACHE_HOME|XDG_DATA_HOME|SSL_CERT_FILE|SSL_CERT_DIR|LOCALAPPDATA|PROGRAMDATA|ELECTRON_RUN_AS_NODE)$/i,
];

// The guards of simple-git are for arguments that come from outside; what is let through here is our own hardening.
const ownConfiguration = {
	allowUnsafeConfigEnvCount: true,
	allowUnsafeHooksPath: true,
	allowUnsafeFsMonitor: true,
	allowUnsafeSshCommand: true,
	allowUnsafeAskPass: true,
	allowUnsafeCredentialHelper: true,
	allowUnsafeProtocolOverride: true,
	allowUnsafeDiffExternal: true,
	allowUnsafeFilter: true,
	allowUnsafeMergeDriver: true,
	allowUnsafePack: true,
	allowUnsafeConfigPaths: true,
	allowUnsafeGitProxy: true,
	allowUnsafeUrlRewrite: true,
	allowUnsafeGpgProgram: true,
	allowUnsafeTemplateDir: true,
	allowUnsafeDiffTextConv: true,
	allowUnsafeEditor: true,
};

/**
 * git for one folder of home or quarantine, hardened: the ambient `GIT_*` are gone, hooks, helpers and prompts are off.
 * Bytes come back as they are. With `origin`, the user's own ssh, helpers and proxies are as they set them up, hooks and
 * prompts on the terminal off all the same.
 */
export function createGit(dir: string, base: Pick<GitCall, 'env' | 'config'> = {}, reach: Reach = 'session'): Git {
	const run = (args: readonly string[], call: GitCall = {}): Promise<GitResult> => runGit(dir, args, base, call, reach);
	const text = async (args: readonly string[], call?: GitCall): Promise<string> =>
		(await run(args, call)).stdout.toString('utf8').replace(/\n$/, '');
	return {
		dir,
		run,
		text,
		list: async (args, call) => splitNul((await run(args, call)).stdout),
		with: (more) =>
			createGit(
				dir,
				{
					env: { ...base.env, ...more.env },
					config: [...(base.config ?? []), ...(more.config ?? [])],
				},
				reach,
			),
	};
}

async function runGit(
	dir: string,
	args: readonly string[],
	base: Pick<GitCall, 'env' | 'config'>,
	call: GitCall,
	reach: Reach,
): Promise<GitResult> {
	throwIfCancelled(call.signal);
	const config = [...hardeningOf(reach), ...(base.config ?? []), ...(call.config ?? [])];
	const env: Record<string, string> = {
		...userEnvironment(),
		...(reach === 'origin' ? originEnvironment() : hardenedEnv),
		...base.env,
		...call.env,
		...configEnvironment(config),
	};
	let result: GitResult | undefined;
	try {
		const git = simpleGit({
			baseDir: dir,
			allowEnvironment: Object.keys(env),
			unsafe: ownConfiguration,
			// The exit of git alone does not mean that all of its output has been read.
			completion: { onClose: true, onExit: false },
			// Nothing to read is an input too: without one, the command would wait for it.
			input: () => (call.input === '' ? Buffer.alloc(0) : call.input),
			errors: (error, ended) => {
				result = {
					stdout: Buffer.concat(ended.stdOut),
					stderr: Buffer.concat(ended.stdErr).toString('utf8'),
					exitCode: ended.exitCode,
				};
				// Any other error is only stderr again; the exit code is judged below.
				return error instanceof Error && ('syscall' in error || 'plugin' in error) ? error : undefined;
			},
			...(call.signal === undefined ? {} : { abort: call.signal }),
			...(call.idleMs === undefined ? {} : { timeout: { block: call.idleMs } }),
		});
		for (const [name, value] of Object.entries(env)) {
			git.env(name, value);
		}
		git.outputHandler((_command, stdout, stderr) => {
			// simple-git lets 50 ms pass after a command that printed nothing; an empty chunk is enough for it.
			stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
			if (call.onStderr !== undefined) {
				const onStderr = call.onStderr;
				stderr.on('data', (chunk: Buffer) => onStderr(chunk.toString('utf8')));
			}
		});
		await git.raw([...args]);
	} catch (error) {
		throwIfCancelled(call.signal);
		throw gitError(args, dir, result, error);
	}
	throwIfCancelled(call.signal);
	if (result === undefined) {
		throw new HomeportError('internal', { what: 'git ended without a result', command: args[0] });
	}
	if (result.exitCode !== 0 && !(call.allow ?? []).includes(result.exitCode)) {
		throw gitError(args, dir, result, undefined);
	}
	return result;
}

/**
 * True where a signal ended git: where the other end of its connection has gone, it dies of writing to it, and why the
 * other end has gone says more.
 */
export function endedBySignal(error: unknown): boolean {
	return isHomeportError(error, 'git-failed') && error.details['exitCode'] === null;
}

function gitError(args: readonly string[], dir: string, result: GitResult | undefined, cause: unknown): HomeportError {
	if (cause instanceof Error && 'syscall' in cause && 'code' in cause && cause.code === 'ENOENT') {
		return new HomeportError('git-missing', { dir }, cause);
	}
	if (cause instanceof Error && 'plugin' in cause && cause.plugin === 'timeout') {
		return new HomeportError('timed-out', { command: `git ${args[0] ?? ''}` }, cause);
	}
	const stderr = result?.stderr.trim() || (cause === undefined ? '' : errorText(cause));
	return new HomeportError('git-failed', { command: args[0], exitCode: result?.exitCode ?? null, stderr }, cause);
}

// simple-git hands on nothing by itself once a variable is set; the user's own configuration is found by these.
function userEnvironment(): Record<string, string> {
	const names = [
		'PATH',
		'HOME',
		'XDG_CONFIG_HOME',
		'USER',
		'LOGNAME',
		'TMPDIR',
		'USERPROFILE',
		'APPDATA',
		'SystemRoot',
		'TEMP',
	];
	const found = names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]] as const]));
	return Object.fromEntries(found);
}

function hardeningOf(reach: Reach): readonly (readonly [string, string])[] {
	return reach === 'session' ? hardened : [...hardened.filter(([key]) => !closing.has(key)), ...originOnly];
}

function originEnvironment(): Record<string, string> {
	const { GIT_ALLOW_PROTOCOL: _, ...rest } = hardenedEnv;
	const own = Object.entries(process.env).filter(([name]) => originNames.some((wanted) => wanted.test(name)));
	return { ...(Object.fromEntries(own) as Record<string, string>), ...rest };
}

/** Configuration as git reads it from its environment (git-config(1), `GIT_CONFIG_COUNT`). */
function configEnvironment(config: readonly (readonly [string, string])[]): Record<string, string> {
	const env: Record<string, string> = { GIT_CONFIG_COUNT: String(config.length) };
	for (const [index, [key, value]] of config.entries()) {
		env[`GIT_CONFIG_KEY_${index}`] = key;
		env[`GIT_CONFIG_VALUE_${index}`] = value;
	}
	return env;
}

/** The pieces of NUL-terminated output. */
function splitNul(bytes: Buffer): string[] {
	const text = bytes.toString('utf8');
	return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}
