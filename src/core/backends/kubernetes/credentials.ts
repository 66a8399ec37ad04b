import { readFile } from 'node:fs/promises';
import { HomeportError, errorText } from '../../base/errors.js';
import { runCredentialPlugin } from './credentialPlugin.js';
import type { PluginCredential, PluginOptions } from './credentialPlugin.js';
import type { ClusterEntry, UserEntry } from './kubeconfig.js';

/** What proves to a cluster who is asking. */
export interface Credentials {
	readonly authorization: string | null;
	readonly impersonate: string | null;
	/** PEM. */
	readonly certificate: string | null;
	readonly key: string | null;
}

/** Credentials of users, each got when it is first needed and kept while it is good. */
export interface CredentialStore {
	/** Fails with `credentials-failed`. Several callers share one run of a plugin. */
	of(user: UserEntry | null, cluster: ClusterEntry): Promise<Credentials>;
	/** Forgets what a plugin gave, after a cluster has refused it; true where asking again may give something else. */
	drop(user: UserEntry | null): boolean;
}

const pluginTimeoutMs = 60_000;
// A credential that ends while a request is under way would be refused there.
const earlyMs = 10_000;

const nothing: Credentials = { authorization: null, impersonate: null, certificate: null, key: null };

/** A store that keeps plugins' answers by file, user and cluster. Files are read each time: others rotate them. */
export function createCredentialStore(
	options: Pick<PluginOptions, 'env' | 'foreign'> & { readonly now: () => number },
): CredentialStore {
	const kept = new Map<string, { readonly file: string; readonly user: string; given: Promise<PluginCredential> }>();

	const fromPlugin = async (user: UserEntry, cluster: ClusterEntry): Promise<PluginCredential> => {
		const key = JSON.stringify([user.file, user.name, cluster.name]);
		const known = kept.get(key);
		if (known !== undefined) {
			const given = await known.given.catch(() => null);
			if (given !== null && (given.expiresAt === null || given.expiresAt - earlyMs > options.now())) {
				return given;
			}
			if (kept.get(key) !== known) {
				return fromPlugin(user, cluster);
			}
		}
		const asked = runCredentialPlugin(user.plugin!, { ...options, cluster, timeoutMs: pluginTimeoutMs });
		kept.set(key, { file: user.file, user: user.name, given: asked });
		return asked;
	};

	return {
		of: async (user, cluster) => {
			if (user === null) {
				return nothing;
			}
			if (user.authProvider !== null) {
				const reason = `its auth-provider is no longer supported, by kubectl neither; use its credential plugin: ${user.authProvider}`;
				throw new HomeportError('credentials-failed', { user: user.name, reason });
			}
			const fixed = await fixedCredentials(user);
			// As kubectl has it, a plugin is asked only where no token or password stands in the file.
			if (user.plugin === null || fixed.authorization !== null) {
				return fixed;
			}
			const given = await fromPlugin(user, cluster);
			return {
				...fixed,
				authorization: given.token === null ? null : `Bearer ${given.token}`,
				certificate: given.certificate ?? fixed.certificate,
				key: given.key ?? fixed.key,
			};
		},
		drop: (user) => {
			let dropped = false;
			for (const [key, entry] of kept) {
				if (user !== null && entry.file === user.file && entry.user === user.name) {
					kept.delete(key);
					dropped = true;
				}
			}
			return dropped;
		},
	};
}

async function fixedCredentials(user: UserEntry): Promise<Credentials> {
	const [tokenText, certificate, key] = await Promise.all([
		user.tokenFile === null ? null : contentOf(user.tokenFile, user),
		pem(user.certificateData, user.certificateFile, user),
		pem(user.keyData, user.keyFile, user),
	]);
	const token = tokenText?.trim() || user.token;
	const { basic } = user;
	return {
		authorization:
			basic === null
				? token === null
					? null
					: `Bearer ${token}`
				: `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`,
		impersonate: user.impersonate,
		certificate,
		key,
	};
}

async function pem(data: string | null, file: string | null, user: UserEntry): Promise<string | null> {
	if (data !== null) {
		return Buffer.from(data, 'base64').toString('utf8');
	}
	return file === null ? null : contentOf(file, user);
}

async function contentOf(path: string, user: UserEntry): Promise<string> {
	try {
		return await readFile(path, 'utf8');
	} catch (error) {
		throw new HomeportError('credentials-failed', { user: user.name, reason: errorText(error) }, error);
	}
}
