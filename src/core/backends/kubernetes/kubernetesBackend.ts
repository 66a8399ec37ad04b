import { loadYaml } from '@kubernetes/client-node';
import type { Disposable } from '../../base/disposable.js';
import { HomeportError, isHomeportError, throwIfCancelled } from '../../base/errors.js';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { timer } from '../../base/timer.js';
import { watchStateFile } from '../../base/watchFile.js';
import type { Session } from '../../model/session.js';
import type { Backend, SessionChange } from '../backend.js';
import { changesBetween } from '../sessionChanges.js';
import { openConnection } from './connection.js';
import type { Connection } from './connection.js';
import { createCredentialStore } from './credentials.js';
import type { Found, Selector } from './discover.js';
import type { Kubeconfig } from './kubeconfig.js';
import { kubeconfigPaths, readKubeconfig } from './kubeconfigFiles.js';
import { listNamespace } from './namespace.js';
import { execInPod } from './podExec.js';
import { watchNamespace } from './watchNamespace.js';

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
	/** Null where a problem is over. */
	readonly error: unknown;
}

/** What was found, and what could not be asked. */
export interface ClusterLook {
	readonly sessions: readonly Session[];
	/** The scopes that answered, as the sessions of each name it. */
	readonly listed: readonly string[];
	readonly problems: readonly ClusterProblem[];
}

/** The sessions of Kubernetes and OpenShift clusters. */
export interface KubernetesBackend extends Pick<Backend, 'kind' | 'exec'> {
	/**
	 * Asks every chosen cluster at once. One that fails, or that is silent for a second after another has answered, hides no
	 * other: it is among the problems, as is a kubeconfig that cannot be used. Rejects only when cancelled.
	 */
	look(signal?: AbortSignal): Promise<ClusterLook>;
	/**
	 * Tells of sessions that appear, change or go, as long as it is not disposed, and of clusters that cannot be asked, with
	 * no error once they can. A kubeconfig that changes is read anew.
	 */
	watch(listener: (change: SessionChange) => void, onProblem?: (problem: ClusterProblem) => void): Disposable;
	dispose(): void;
}

/** A cluster that has not answered so long after another did does not delay it any more. */
const afterAnswerMs = 900;

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

	const namespaceOf = ({ context }: Connection): string => options.choice.namespace ?? context.namespace ?? 'default';
	const keep = (connection: Connection, listed: readonly Found[]): void => {
		for (const [id, known] of found) {
			if (known.connection.context.name === connection.context.name) {
				found.delete(id);
			}
		}
		for (const one of listed) {
			found.set(one.session.id, { found: one, connection });
		}
	};

	const lookAt = async (
		kubeconfig: Kubeconfig,
		context: string,
		signal: AbortSignal | undefined,
	): Promise<ClusterLook> => {
		const connection = await connectionOf(kubeconfig, context);
		const namespace = namespaceOf(connection);
		const inside = await listNamespace(connection, namespace, await options.selectors(), signal);
		keep(connection, inside);
		const sessions = inside.map(({ session }) => session);
		return { sessions, listed: [`${context}/${namespace}`], problems: [] };
	};

	const readConfig = async (): Promise<{ kubeconfig: Kubeconfig; contexts: readonly string[] }> => {
		const { choice, env } = options;
		const source = { env, file: choice.kubeconfig, foreign: await options.foreign() };
		const kubeconfig = await readKubeconfig(source, async (text) => loadYaml<unknown>(text));
		const current = choice.context ?? kubeconfig.currentContext;
		const contexts = choice.allContexts ? [...kubeconfig.contexts.keys()] : current === null ? [] : [current];
		return { kubeconfig, contexts };
	};

	const look: KubernetesBackend['look'] = async (signal) => {
		let config: Awaited<ReturnType<typeof readConfig>>;
		try {
			config = await readConfig();
		} catch (error) {
			return unasked(options.choice.context ?? '', error);
		}
		const late = new AbortController();
		const until = AbortSignal.any([late.signal, ...(signal === undefined ? [] : [signal])]);
		const waiting = new Set(config.contexts);
		const dead = timer(() => late.abort());
		const looks = await Promise.all(
			config.contexts.map(async (context) => {
				try {
					const answered = await lookAt(config.kubeconfig, context, until);
					dead.start(afterAnswerMs);
					return answered;
				} catch (error) {
					const silent = late.signal.aborted && isHomeportError(error, 'cancelled');
					return unasked(context, silent ? new HomeportError('cluster-timed-out', { context }) : error);
				} finally {
					waiting.delete(context);
					if (waiting.size === 0) {
						dead.stop();
					}
				}
			}),
		);
		throwIfCancelled(signal);
		return {
			sessions: looks.flatMap(({ sessions }) => sessions),
			listed: looks.flatMap(({ listed }) => listed),
			problems: looks.flatMap(({ problems }) => problems),
		};
	};

	const watch: KubernetesBackend['watch'] = (listener, onProblem) => {
		let disposed = false;
		let watches: Disposable[] = [];
		const known = new Map<string, ReadonlyMap<string, Session>>();
		const begin = async (): Promise<void> => {
			const { kubeconfig, contexts } = await readConfig();
			const selectors = await options.selectors();
			for (const context of disposed ? [] : contexts) {
				const connection = await connectionOf(kubeconfig, context);
				const told = {
					sessions: (listed: readonly Found[]) => {
						keep(connection, listed);
						const now = new Map(listed.map(({ session }) => [session.id, session]));
						for (const change of changesBetween(known.get(context) ?? new Map(), now)) {
							listener(change);
						}
						known.set(context, now);
					},
					problem: (error: unknown) => onProblem?.({ context, error }),
				};
				watches.push(watchNamespace(connection, namespaceOf(connection), selectors, told));
			}
		};
		const restart = (): void => {
			watches.forEach((one) => one.dispose());
			watches = [];
			begin().catch((error: unknown) => onProblem?.({ context: options.choice.context ?? '', error }));
		};
		const files = kubeconfigPaths({ env: options.env, file: options.choice.kubeconfig });
		const fileWatches = files.map((path) => watchStateFile(path, restart));
		restart();
		return {
			dispose: () => {
				disposed = true;
				[...watches, ...fileWatches].forEach((one) => one.dispose());
			},
		};
	};

	return {
		kind: 'kubernetes',
		look,
		watch,
		exec: async (session, argv, execOptions) => {
			// What a watch told may lag behind; only a look decides that it is gone, or has another storage by now.
			if (found.get(session.id)?.found.session.storage !== session.storage) {
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
			if (now.storage !== session.storage) {
				throw new HomeportError('session-missing', {
					session: session.id,
					reason: 'its storage is another than when it was looked at',
				});
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

function unasked(context: string, error: unknown): ClusterLook {
	return { sessions: [], listed: [], problems: [{ context, error }] };
}
