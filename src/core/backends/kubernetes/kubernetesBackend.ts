import { loadYaml } from '@kubernetes/client-node';
import type { Disposable } from '../../base/disposable.js';
import { HomeportError, isHomeportError, throwIfCancelled } from '../../base/errors.js';
import type { Clock } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { timer } from '../../base/timer.js';
import { watchStateFile } from '../../base/watchFile.js';
import type { ContextList } from '../../model/report.js';
import type { Session } from '../../model/session.js';
import type { Backend, ExecOptions, SessionChange, TerminalSize, TerminalStream } from '../backend.js';
import { changesBetween } from '../sessionChanges.js';
import { openConnection } from './connection.js';
import type { Connection } from './connection.js';
import { createCredentialStore } from './credentials.js';
import type { Found, Selector } from './discover.js';
import type { Kubeconfig } from './kubeconfig.js';
import { kubeconfigPaths, readKubeconfig } from './kubeconfigFiles.js';
import { listNamespace } from './namespace.js';
import { execInPod, podLog, terminalInPod } from './podExec.js';
import type { PodTarget } from './podExec.js';
import { type ClusterProblem, createTroubles } from './troubles.js';
import { watchNamespace } from './watchNamespace.js';

/** Which clusters are meant. */
export interface ClusterChoice {
	/** A kubeconfig of its own, or null for the user's. */
	readonly kubeconfig: string | null;
	/** Contexts by name; none for the current one. */
	readonly contexts: readonly string[];
	/** Namespaces that are looked at in each context; none for that of the context. */
	readonly namespaces: readonly string[];
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

/** What was found, and what could not be asked. */
export interface ClusterLook {
	readonly sessions: readonly Session[];
	/** The scopes that answered, as the sessions of each name it. */
	readonly listed: readonly string[];
	readonly problems: readonly ClusterProblem[];
}

/** The sessions of Kubernetes and OpenShift clusters. */
export interface KubernetesBackend extends Pick<Backend, 'kind' | 'exec'> {
	/** What the kubeconfig has to choose from; contacts no cluster. Fails as reading the kubeconfig does. */
	contexts(): Promise<ContextList>;
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
	/** Runs `argv` in a terminal of the session's container; fails as `exec` does. */
	terminal(
		session: Session,
		argv: readonly string[],
		size: TerminalSize,
		options?: ExecOptions,
	): Promise<TerminalStream>;
	/** The newest `tail` lines that the session's container has printed, and those that come, until the signal. */
	log(session: Session, tail: number, signal: AbortSignal): Promise<AsyncIterable<string>>;
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

	const namespacesOf = ({ context }: Connection): readonly string[] => {
		const { namespaces } = options.choice;
		return namespaces.length > 0 ? [...new Set(namespaces)] : [context.namespace ?? 'default'];
	};
	const keep = (connection: Connection, scope: string, listed: readonly Found[]): void => {
		for (const [id, known] of found) {
			if (known.found.session.scope === scope) {
				found.delete(id);
			}
		}
		for (const one of listed) {
			found.set(one.session.id, { found: one, connection });
		}
	};

	// A namespace that cannot be listed hides no other of its cluster.
	const lookAt = async (
		kubeconfig: Kubeconfig,
		context: string,
		signal: AbortSignal | undefined,
		answered: () => void,
	): Promise<ClusterLook> => {
		const connection = await connectionOf(kubeconfig, context);
		const selectors = await options.selectors();
		const looks = namespacesOf(connection).map(async (namespace): Promise<ClusterLook> => {
			try {
				const scope = `${context}/${namespace}`;
				const inside = await listNamespace(connection, namespace, selectors, signal);
				answered();
				keep(connection, scope, inside);
				return { sessions: inside.map(({ session }) => session), listed: [scope], problems: [] };
			} catch (error) {
				return unasked(context, error);
			}
		});
		return together(await Promise.all(looks));
	};

	const readConfig = async (): Promise<{ kubeconfig: Kubeconfig; contexts: readonly string[] }> => {
		const { choice, env } = options;
		const source = { env, file: choice.kubeconfig, foreign: await options.foreign() };
		const kubeconfig = await readKubeconfig(source, async (text) => loadYaml<unknown>(text));
		const current = kubeconfig.currentContext === null ? [] : [kubeconfig.currentContext];
		const named = choice.contexts.length > 0 ? [...new Set(choice.contexts)] : current;
		return { kubeconfig, contexts: choice.allContexts ? [...kubeconfig.contexts.keys()] : named };
	};

	const look: KubernetesBackend['look'] = async (signal) => {
		let config: Awaited<ReturnType<typeof readConfig>>;
		try {
			config = await readConfig();
		} catch (error) {
			return unasked(theContext(options.choice), error);
		}
		const late = new AbortController();
		const until = AbortSignal.any([late.signal, ...(signal === undefined ? [] : [signal])]);
		const waiting = new Set(config.contexts);
		const dead = timer(() => late.abort());
		const timedOut = ({ context, error }: ClusterProblem): ClusterProblem => {
			const silent = late.signal.aborted && isHomeportError(error, 'cancelled');
			return { context, error: silent ? new HomeportError('cluster-timed-out', { context }) : error };
		};
		const looks = await Promise.all(
			config.contexts.map(async (context) => {
				try {
					const { problems, ...answer } = await lookAt(config.kubeconfig, context, until, () =>
						dead.start(afterAnswerMs),
					);
					return { ...answer, problems: problems.map(timedOut) };
				} catch (error) {
					return unasked(context, timedOut({ context, error }).error);
				} finally {
					waiting.delete(context);
					if (waiting.size === 0) {
						dead.stop();
					}
				}
			}),
		);
		throwIfCancelled(signal);
		return together(looks);
	};

	const watch: KubernetesBackend['watch'] = (listener, onProblem) => {
		let disposed = false;
		let watches: Disposable[] = [];
		const known = new Map<string, ReadonlyMap<string, Session>>();
		const troubles = createTroubles(onProblem);
		const begin = async (): Promise<void> => {
			const { kubeconfig, contexts } = await readConfig();
			const selectors = await options.selectors();
			troubles.read(contexts);
			for (const context of disposed ? [] : contexts) {
				try {
					const connection = await connectionOf(kubeconfig, context);
					for (const namespace of namespacesOf(connection)) {
						const scope = `${context}/${namespace}`;
						const told = {
							sessions: (listed: readonly Found[]) => {
								keep(connection, scope, listed);
								const now = new Map(listed.map(({ session }) => [session.id, session]));
								for (const change of changesBetween(known.get(scope) ?? new Map(), now)) {
									listener(change);
								}
								known.set(scope, now);
								troubles.listed(context);
							},
							problem: (error: unknown) => troubles.tell(context, namespace, error),
						};
						watches.push(watchNamespace(connection, namespace, selectors, told));
					}
				} catch (error) {
					troubles.tell(context, '', error);
				}
			}
		};
		const restart = (): void => {
			watches.forEach((one) => one.dispose());
			watches = [];
			troubles.restart();
			begin().catch((error: unknown) => troubles.tell(theContext(options.choice), '', error));
		};
		const files = kubeconfigPaths({ env: options.env, file: options.choice.kubeconfig });
		const fileWatches = files.map((path) => watchStateFile(path, restart, 'leave'));
		restart();
		return {
			dispose: () => {
				disposed = true;
				[...watches, ...fileWatches].forEach((one) => one.dispose());
			},
		};
	};

	const reach = async (
		session: Session,
		signal: AbortSignal | undefined,
	): Promise<{ connection: Connection; target: PodTarget }> => {
		// What a watch told may lag behind; only a look decides that it is gone, or has another storage by now.
		if (found.get(session.id)?.found.session.storage !== session.storage) {
			await look(signal);
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
		return { connection: known.connection, target };
	};

	return {
		kind: 'kubernetes',
		contexts: async () => {
			const { kubeconfig, contexts } = await readConfig();
			return {
				current: kubeconfig.currentContext,
				chosen: contexts,
				known: [...kubeconfig.contexts.values()].map(({ name, cluster, namespace }) => ({ name, cluster, namespace })),
			};
		},
		look,
		watch,
		exec: async (session, argv, execOptions) => {
			const { connection, target } = await reach(session, execOptions?.signal);
			return execInPod(connection, target, argv, execOptions);
		},
		terminal: async (session, argv, size, execOptions) => {
			const { connection, target } = await reach(session, execOptions?.signal);
			return terminalInPod(connection, target, argv, size, execOptions);
		},
		log: async (session, tail, signal) => {
			const { connection, target } = await reach(session, signal);
			return podLog(connection, target, tail, signal);
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

// What is said of all that was chosen names a context only where there is one alone.
function theContext({ contexts, allContexts }: ClusterChoice): string {
	return contexts.length === 1 && !allContexts ? contexts[0]! : '';
}

function together(looks: readonly ClusterLook[]): ClusterLook {
	return {
		sessions: looks.flatMap(({ sessions }) => sessions),
		listed: looks.flatMap(({ listed }) => listed),
		problems: looks.flatMap(({ problems }) => problems),
	};
}

function unasked(context: string, error: unknown): ClusterLook {
	return { sessions: [], listed: [], problems: [{ context, error }] };
}
