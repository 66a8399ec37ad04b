import { dirname, isAbsolute, resolve } from 'node:path';
import * as z from 'zod/mini';

const text = z.optional(z.nullable(z.string()));

const clusterSchema = z.looseObject({
	server: z.string(),
	'certificate-authority': text,
	'certificate-authority-data': text,
	'insecure-skip-tls-verify': z.optional(z.nullable(z.boolean())),
	'tls-server-name': text,
	'proxy-url': text,
});

const execSchema = z.looseObject({
	apiVersion: text,
	command: z.string(),
	args: z.optional(z.nullable(z.array(z.string()))),
	env: z.optional(z.nullable(z.array(z.looseObject({ name: z.string(), value: z.string() })))),
	installHint: text,
	provideClusterInfo: z.optional(z.nullable(z.boolean())),
});

const userSchema = z.looseObject({
	token: text,
	tokenFile: text,
	username: text,
	password: text,
	'client-certificate': text,
	'client-certificate-data': text,
	'client-key': text,
	'client-key-data': text,
	as: text,
	exec: z.optional(z.nullable(execSchema)),
	'auth-provider': z.optional(z.nullable(z.looseObject({ name: z.string() }))),
});

const contextSchema = z.looseObject({ cluster: z.string(), user: text, namespace: text });

function named<T extends z.core.$ZodLooseShape>(shape: T) {
	return z.optional(z.nullable(z.array(z.looseObject({ name: z.string(), ...shape }))));
}

const fileSchema = z.looseObject({
	'current-context': text,
	clusters: named({ cluster: clusterSchema }),
	users: named({ user: z.optional(z.nullable(userSchema)) }),
	contexts: named({ context: contextSchema }),
});

/** A cluster of a kubeconfig; paths are absolute. */
export interface ClusterEntry {
	readonly name: string;
	/** Without a slash at its end. */
	readonly server: string;
	readonly caFile: string | null;
	/** PEM, in base64. */
	readonly caData: string | null;
	readonly skipTlsVerify: boolean;
	readonly tlsServerName: string | null;
	readonly proxyUrl: string | null;
}

/** A program that gives credentials, by the protocol `client.authentication.k8s.io`. */
export interface CredentialPlugin {
	readonly apiVersion: string;
	readonly command: string;
	readonly args: readonly string[];
	readonly env: Readonly<Record<string, string>>;
	readonly installHint: string | null;
	readonly provideClusterInfo: boolean;
}

/** A user of a kubeconfig; paths are absolute. */
export interface UserEntry {
	readonly name: string;
	/** The file that it stands in: two files may each have a user of this name. */
	readonly file: string;
	readonly token: string | null;
	readonly tokenFile: string | null;
	readonly basic: { readonly username: string; readonly password: string } | null;
	readonly certificateFile: string | null;
	readonly certificateData: string | null;
	readonly keyFile: string | null;
	readonly keyData: string | null;
	readonly impersonate: string | null;
	readonly plugin: CredentialPlugin | null;
	/** The name of an old `auth-provider`, which kubectl has given up as well. */
	readonly authProvider: string | null;
}

/** A context of a kubeconfig. */
export interface ContextEntry {
	readonly name: string;
	readonly cluster: string;
	readonly user: string | null;
	readonly namespace: string | null;
}

/** All that one or several kubeconfig files say. */
export interface Kubeconfig {
	readonly currentContext: string | null;
	readonly contexts: ReadonlyMap<string, ContextEntry>;
	readonly clusters: ReadonlyMap<string, ClusterEntry>;
	readonly users: ReadonlyMap<string, UserEntry>;
}

/** What no file at all says. */
export const emptyKubeconfig: Kubeconfig = {
	currentContext: null,
	contexts: new Map(),
	clusters: new Map(),
	users: new Map(),
};

/**
 * What one file says: `content` is its YAML as read, `file` its absolute path, from whose folder relative paths count.
 * Throws an `Error` that names the place where it is of another shape.
 */
export function parseKubeconfig(content: unknown, file: string): Kubeconfig {
	const parsed = z.safeParse(fileSchema, content ?? {});
	if (!parsed.success) {
		const [issue] = parsed.error.issues;
		throw new Error(`${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'of another shape'}`);
	}
	const { 'current-context': currentContext, clusters, users, contexts } = parsed.data;
	return {
		currentContext: currentContext || null,
		clusters: byName((clusters ?? []).map(({ name, cluster }) => clusterEntry(name, cluster, file))),
		users: byName((users ?? []).map(({ name, user }) => userEntry(name, user ?? {}, file))),
		contexts: byName(
			(contexts ?? []).map(({ name, context }) => ({
				name,
				cluster: context.cluster,
				user: context.user || null,
				namespace: context.namespace || null,
			})),
		),
	};
}

/**
 * Several files as one, as kubectl merges them: the first that names a cluster, user, context or current context wins,
 * each as a whole.
 */
export function mergeKubeconfigs(files: readonly Kubeconfig[]): Kubeconfig {
	const merge = <T>(part: (file: Kubeconfig) => ReadonlyMap<string, T>): Map<string, T> =>
		new Map(files.toReversed().flatMap((file) => [...part(file)]));
	return {
		currentContext: files.find((file) => file.currentContext !== null)?.currentContext ?? null,
		contexts: merge((file) => file.contexts),
		clusters: merge((file) => file.clusters),
		users: merge((file) => file.users),
	};
}

function clusterEntry(name: string, cluster: z.infer<typeof clusterSchema>, file: string): ClusterEntry {
	return {
		name,
		server: cluster.server.replace(/\/+$/, ''),
		caFile: pathFrom(file, cluster['certificate-authority']),
		caData: cluster['certificate-authority-data'] || null,
		skipTlsVerify: cluster['insecure-skip-tls-verify'] === true,
		tlsServerName: cluster['tls-server-name'] || null,
		proxyUrl: cluster['proxy-url'] || null,
	};
}

function userEntry(name: string, user: z.infer<typeof userSchema>, file: string): UserEntry {
	return {
		name,
		file,
		token: user.token || null,
		tokenFile: pathFrom(file, user.tokenFile),
		basic: user.username ? { username: user.username, password: user.password ?? '' } : null,
		certificateFile: pathFrom(file, user['client-certificate']),
		certificateData: user['client-certificate-data'] || null,
		keyFile: pathFrom(file, user['client-key']),
		keyData: user['client-key-data'] || null,
		impersonate: user.as || null,
		plugin: user.exec ? pluginOf(user.exec, file) : null,
		authProvider: user['auth-provider']?.name ?? null,
	};
}

function pluginOf(exec: z.infer<typeof execSchema>, file: string): CredentialPlugin {
	return {
		apiVersion: exec.apiVersion || 'client.authentication.k8s.io/v1beta1',
		// A bare name is looked for on the PATH, anything else counts from the file's folder.
		command: exec.command.includes('/') ? resolve(dirname(file), exec.command) : exec.command,
		args: exec.args ?? [],
		env: Object.fromEntries((exec.env ?? []).map((variable) => [variable.name, variable.value])),
		installHint: exec.installHint || null,
		provideClusterInfo: exec.provideClusterInfo === true,
	};
}

function pathFrom(file: string, path: string | null | undefined): string | null {
	if (!path) {
		return null;
	}
	return isAbsolute(path) ? path : resolve(dirname(file), path);
}

// Within a file too the first entry of a name wins.
function byName<T extends { readonly name: string }>(entries: readonly T[]): Map<string, T> {
	return new Map(entries.toReversed().map((entry) => [entry.name, entry]));
}
