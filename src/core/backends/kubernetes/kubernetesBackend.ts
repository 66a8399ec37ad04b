import { loadYaml } from '@kubernetes/client-node';
import { HomeportError } from '../../base/errors.js';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import type { Session } from '../../model/session.js';
import type { Backend } from '../backend.js';
import { openConnection } from './connection.js';
import type { Connection } from './connection.js';
import { createCredentialStore } from './credentials.js';
import { discover } from './discover.js';
import type { Found, Selector } from './discover.js';
import type { Kubeconfig } from './kubeconfig.js';
import { readKubeconfig } from './kubeconfigFiles.js';
import { listNamespace } from './listNamespace.js';
import { execInPod } from './podExec.js';

/** Which clusters are meant. */
export interface ClusterChoice {
	/** A kubeconfig of its own, or null for the user's. */
	readonly kubeconfig: string | null;
	/** A context by name, or null for the current one. */
	readonly context: string | null;
	/** A namespace, or null for that of the context. */
	readonly namespace: string | null;
	readonly allContexts: boolean;
}

export interface KubernetesOptions {
	readonly choice: ClusterChoice;
	readonly env: NodeJS.ProcessEnv;
	readonly clock: Clock;
	readonly logger: Logger;
	/** Folders of home and of sessions, where neither a kubeconfig nor a program is the user's own. */
	foreign(): Promise<readonly string[]>;
	selectors(): Promise<readonly Selector[]>;
}

/** A cluster that could not be asked, and why. */
export interface ClusterProblem {
	readonly context: string;
	readonly error: unknown;
}

/** What was found, and what could not be asked. */
export interface ClusterLook {
	readonly sessions: readonly Session[];
	readonly problems: readonly ClusterProblem[];
}

/** The sessions of Kubernetes and OpenShift clusters. */
export interface KubernetesBackend extends Pick<Backend, 'kind' | 'exec'> {
	/**
	 * Asks every chosen cluster at once. One that fails hides no other: it is among the problems, as is a kubeconfig that
	 * cannot be used. Rejects only when cancelled.
	 */
	look(signal?: AbortSignal): Promise<ClusterLook>;
	dispose(): void;
}

/** Opens no connection and reads no file before it is asked. */
export function createKubernetesBackend(options: KubernetesOptions): KubernetesBackend {
	const connections = new Map<string, { readonly made: string; readonly connection: Connection }>();
	const found = new Map<string, { readonly found: Found; readonly connection: Connection }>();
	let store: ReturnType<typeof createCredentialStore> | null = null;

	const connectionOf = async (kubeconfig: Kubeconfig, context: string): Promise<Connection> => {
		const { cluster = '', user = null } = kubeconfig.contexts.get(context) ?? {};
		const made = JSON.stringify([kubeconfig.clusters.get(cluster), user === null ? null : kubeconfig.users.get(user)]);
		const open = connections.get(context);
		if (open?.made === made) {
			return open.connection;
		}
		open?.connection.dispose();
		const foreign = await options.foreign();
		store ??= createCredentialStore({ env: options.env, foreign, now: () => options.clock.now() });
		const connection = openConnection(kubeconfig, context, store);
		connections.set(context, { made, connection });
		return connection;
	};

	const lookAt = async (
		kubeconfig: Kubeconfig,
		context: string,
		signal: AbortSignal | undefined,
	): Promise<Session[]> => {
		const connection = await connectionOf(kubeconfig, context);
		const namespace = options.choice.namespace ?? connection.context.namespace ?? 'default';
		const { listed, selected } = await listNamespace(connection, namespace, await options.selectors(), signal);
		return discover(context, listed, selected).map((one) => {
			found.set(one.session.id, { found: one, connection });
			return one.session;
		});
	};

	const look: KubernetesBackend['look'] = async (signal) => {
		const { choice, env } = options;
		const kubeconfig = await readKubeconfig(
			{ env, file: choice.kubeconfig, foreign: await options.foreign() },
			async (text) => loadYaml<unknown>(text),
		).catch((error: unknown) => ({ context: choice.context ?? '', error }));
		if ('error' in kubeconfig) {
			return { sessions: [], problems: [kubeconfig] };
		}
		const current = choice.context ?? kubeconfig.currentContext;
		const contexts = choice.allContexts ? [...kubeconfig.contexts.keys()] : current === null ? [] : [current];
		found.clear();
		const looks = await Promise.all(
			contexts.map((context) =>
				lookAt(kubeconfig, context, signal).then(
					(sessions) => ({ sessions, problems: [] }),
					(error: unknown) => ({ sessions: [], problems: [{ context, error }] }),
				),
			),
		);
		if (signal?.aborted) {
			throw new HomeportError('cancelled', {}, signal.reason);
		}
		return { sessions: looks.flatMap(({ sessions }) => sessions), problems: looks.flatMap(({ problems }) => problems) };
	};

	return {
		kind: 'kubernetes',
		look,
		exec: async (session, argv, execOptions) => {
			if (!found.has(session.id)) {
				await look(execOptions?.signal);
			}
			const known = found.get(session.id);
			if (known === undefined) {
				throw new HomeportError('session-missing', {
					session: session.id,
					reason: 'the cluster does not list it any more',
				});
			}
			const { target, session: now } = known.found;
			if (target === null) {
				throw new HomeportError('session-unreachable', { session: session.id, reason: now.reason ?? now.state });
			}
			return execInPod(known.connection, target, argv, execOptions);
		},
		dispose: () => {
			for (const { connection } of connections.values()) {
				connection.dispose();
			}
			connections.clear();
			found.clear();
		},
	};
}
