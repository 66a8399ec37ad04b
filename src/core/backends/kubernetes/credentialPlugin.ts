import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import * as z from 'zod/mini';
import { HomeportError, errorText, hasCode } from '../../base/errors.js';
import { searchPathOutside } from '../../base/searchPath.js';
import { shownText } from '../../base/text.js';
import type { ClusterEntry, CredentialPlugin } from './kubeconfig.js';

const maxOutputBytes = 1024 * 1024;
const stderrTailBytes = 4096;

const optionalText = z.optional(z.nullable(z.string()));
const answerSchema = z.looseObject({
	apiVersion: z.string(),
	kind: z.literal('ExecCredential'),
	status: z.looseObject({
		token: optionalText,
		clientCertificateData: optionalText,
		clientKeyData: optionalText,
		expirationTimestamp: optionalText,
	}),
});

/** What a plugin gave. */
export interface PluginCredential {
	readonly token: string | null;
	/** PEM. */
	readonly certificate: string | null;
	readonly key: string | null;
	/** Milliseconds since 1970, or null where it does not end by itself. */
	readonly expiresAt: number | null;
}

export interface PluginOptions {
	readonly env: NodeJS.ProcessEnv;
	/** Folders in which no program is looked for. */
	readonly foreign: readonly string[];
	readonly cluster: ClusterEntry;
	/** Milliseconds until it is ended. */
	readonly timeoutMs: number;
}

/**
 * Runs a credential plugin by the protocol of client-go (`client.authentication.k8s.io`): its stdin is closed, so that one
 * that asks for a password ends instead of waiting. Fails with `credentials-failed`: the command, why, and the last that
 * it said on stderr.
 */
export async function runCredentialPlugin(plugin: CredentialPlugin, options: PluginOptions): Promise<PluginCredential> {
	const fail = (reason: string, stderr = '', cause?: unknown): never => {
		const details = {
			command: plugin.command,
			reason,
			stderr: shownText(stderr.trim(), 2000),
			hint: plugin.installHint,
		};
		throw new HomeportError('credentials-failed', details, cause);
	};
	const { output, stderr } = await run(plugin, options).catch((error: unknown) => {
		if (error instanceof PluginFailure) {
			return fail(error.message, error.stderr, error);
		}
		const missing = hasCode(error, 'ENOENT') ? 'there is no such program' : errorText(error);
		return fail(missing, '', error);
	});
	const parsed = z.safeParse(answerSchema, parseJson(output));
	if (!parsed.success || parsed.data.apiVersion !== plugin.apiVersion) {
		return fail('it did not answer with an ExecCredential of the version it was asked for', stderr);
	}
	const { token, clientCertificateData, clientKeyData, expirationTimestamp } = parsed.data.status;
	if (!token && !(clientCertificateData && clientKeyData)) {
		return fail('it gave neither a token nor a certificate with its key', stderr);
	}
	const expiresAt = expirationTimestamp ? Date.parse(expirationTimestamp) : Number.NaN;
	return {
		token: token || null,
		certificate: clientCertificateData || null,
		key: clientKeyData || null,
		expiresAt: Number.isNaN(expiresAt) ? null : expiresAt,
	};
}

class PluginFailure extends Error {
	readonly stderr: string;

	constructor(reason: string, stderr: string) {
		super(reason);
		this.stderr = stderr;
	}
}

function run(plugin: CredentialPlugin, options: PluginOptions): Promise<{ output: string; stderr: string }> {
	const { env, foreign, timeoutMs } = options;
	return new Promise((resolve, reject) => {
		const child = spawn(plugin.command, plugin.args, {
			// Not in home: a program must not find files of the repository by chance.
			cwd: env['HOME'] || homedir(),
			env: {
				...env,
				...plugin.env,
				PATH: searchPathOutside(foreign, plugin.env['PATH'] ?? env['PATH'] ?? ''),
				KUBERNETES_EXEC_INFO: JSON.stringify(execInfo(plugin, options.cluster)),
			},
			stdio: ['ignore', 'pipe', 'pipe'],
			detached: true,
		});
		const chunks: Buffer[] = [];
		let size = 0;
		let stderr = '';
		const end = (reason: string): void => {
			if (child.pid !== undefined) {
				try {
					process.kill(-child.pid, 'SIGKILL');
				} catch {
					// Nothing of it is left.
				}
			}
			// What it started may hold the pipes open; nobody waits for that.
			reject(new PluginFailure(reason, stderr));
		};
		const timer = setTimeout(() => end(`it gave no answer within ${Math.round(timeoutMs / 1000)} s`), timeoutMs);
		child.stdout.on('data', (chunk: Buffer) => {
			size += chunk.length;
			if (size > maxOutputBytes) {
				end('it writes without an end');
				return;
			}
			chunks.push(chunk);
		});
		child.stderr.on('data', (chunk: Buffer) => {
			stderr = (stderr + chunk.toString('utf8')).slice(-stderrTailBytes);
		});
		child.on('error', (error) => {
			clearTimeout(timer);
			reject(error);
		});
		child.on('close', (code, signal) => {
			clearTimeout(timer);
			if (code === 0) {
				resolve({ output: Buffer.concat(chunks).toString('utf8'), stderr });
			} else {
				reject(new PluginFailure(`it ended with ${code === null ? String(signal) : `exit code ${code}`}`, stderr));
			}
		});
	});
}

function execInfo(plugin: CredentialPlugin, cluster: ClusterEntry): unknown {
	return {
		apiVersion: plugin.apiVersion,
		kind: 'ExecCredential',
		spec: {
			interactive: false,
			...(plugin.provideClusterInfo
				? {
						cluster: {
							server: cluster.server,
							...(cluster.caData === null ? {} : { 'certificate-authority-data': cluster.caData }),
							...(cluster.tlsServerName === null ? {} : { 'tls-server-name': cluster.tlsServerName }),
							...(cluster.skipTlsVerify ? { 'insecure-skip-tls-verify': true } : {}),
							...(cluster.proxyUrl === null ? {} : { 'proxy-url': cluster.proxyUrl }),
						},
					}
				: {}),
		},
	};
}

function parseJson(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch {
		return null;
	}
}
