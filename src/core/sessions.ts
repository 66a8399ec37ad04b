import { access } from 'node:fs/promises';
import type { Backend } from './backends/backend.js';
import { kubeconfigPaths } from './backends/kubernetes/kubeconfigFiles.js';
import type {
	ClusterChoice,
	ClusterLook,
	KubernetesBackend,
	KubernetesOptions,
} from './backends/kubernetes/kubernetesBackend.js';
import type { LocalBackend } from './backends/local/localBackend.js';
import type { Disposable } from './base/disposable.js';
import { errorText, HomeportError, throwIfCancelled } from './base/errors.js';
import { watchStateFile } from './base/watchFile.js';
import type { HomeRepository } from './git/home.js';
import type { ContextList, SessionList } from './model/report.js';
import type { Session } from './model/session.js';
import { withPaudeHomes } from './paudeHomes.js';
import { rememberedSessions } from './rememberedSessions.js';
import { lastSeen, ledgerSessions } from './sync/ledger.js';
import { worktreeSessions } from './sync/worktreeSessions.js';

/** What is listed. */
export interface ListOptions {
	/** Those of other homes too. */
	readonly anyHome?: boolean;
	/** Those of this machine, or of clusters, alone. */
	readonly only?: 'here' | 'clusters';
	readonly signal?: AbortSignal | undefined;
}

/** The sessions of one home, wherever they live. */
export interface Sessions {
	/** With those of clusters that home remembers and that are not listed any more, or cannot be asked about. */
	list(options: ListOptions): Promise<SessionList>;
	/**
	 * The session of that name or id. A cluster is asked only where no session of this machine has the name, or where home
	 * has work of a session of that name on a cluster. Fails with `session-unknown` or `session-ambiguous`, and as the
	 * cluster does where the session could only be there.
	 */
	find(nameOrId: string, signal?: AbortSignal): Promise<Session>;
	/** The session of this home with that id, or null. */
	byId(id: string): Promise<Session | null>;
	/** Of this machine: those registered for this home, and its worktrees. */
	onThisMachine(signal?: AbortSignal): Promise<Session[]>;
	/**
	 * Calls `onChange` after sessions have appeared, changed or gone, here or on a cluster, until it is disposed. Problems of
	 * a cluster are told by the next `list`.
	 */
	watch(onChange: () => void): Disposable;
	/** The contexts of the kubeconfig; contacts no cluster. Fails as reading the kubeconfig does. */
	contexts(): Promise<ContextList>;
	backendOf(session: Session): Pick<Backend, 'exec'>;
	/** Of the session's cluster; fails with `not-supported` for a session that is in none. */
	clusterOf(session: Session): Promise<Pick<KubernetesBackend, 'terminal' | 'log'>>;
	/** Ends the connections to clusters. */
	dispose(): void;
}

export interface SessionsOptions {
	readonly home: HomeRepository;
	readonly local: LocalBackend;
	readonly clusters: KubernetesOptions;
}

const none: ClusterLook = { sessions: [], listed: [], problems: [] };

/** Asks nobody yet. */
export function createSessions({ home, local, clusters }: SessionsOptions): Sessions {
	const identity = home.mainWorktree ?? home.root;
	let kubernetes: Promise<KubernetesBackend> | null = null;
	let loaded: KubernetesBackend | null = null;

	const kubernetesBackend = async (): Promise<KubernetesBackend> => {
		// The library is large, and most homes have no cluster.
		kubernetes ??= import('./backends/kubernetes/kubernetesBackend.js').then(
			(module) => (loaded = module.createKubernetesBackend(clusters)),
		);
		return kubernetes;
	};
	const lookAtClusters = async (signal: AbortSignal | undefined): Promise<ClusterLook> => {
		if (!(await hasClusters(clusters))) {
			return none;
		}
		const look = await (await kubernetesBackend()).look(signal);
		const here = { identity, git: home.git };
		return { ...look, sessions: await withPaudeHomes(look.sessions, here, clusters.env, clusters.logger) };
	};
	const onThisMachine = async (signal?: AbortSignal): Promise<Session[]> => [
		...(await local.list(signal)),
		...(await worktreeSessions(home)),
	];
	const isOurs = (session: Session): boolean => session.home === identity;
	// A session that does not say whose it is, and one that work came home from before.
	const mayBeOurs = async (sessions: readonly Session[]): Promise<Session[]> => {
		const known = sessions.some(({ home: of }) => of !== null && of !== identity)
			? new Set(await ledgerSessions(home.git))
			: new Set<string>();
		return sessions.filter((session) => session.home === null || isOurs(session) || known.has(session.id));
	};
	const matching = (sessions: readonly Session[], nameOrId: string): Session[] => {
		const exact = sessions.filter((session) => session.id === nameOrId);
		return exact.length > 0 ? exact : sessions.filter((session) => session.name === nameOrId);
	};

	const find: Sessions['find'] = async (nameOrId, signal) => {
		const here = (await onThisMachine(signal)).filter(isOurs);
		const named = matching(here, nameOrId);
		const ledgers = named.length === 0 ? [] : await ledgerSessions(home.git);
		const alsoThere = ledgers.some((id) => id.startsWith('kubernetes/') && id.endsWith(`/${nameOrId}`));
		if (named.length === 1 && !alsoThere) {
			return named[0]!;
		}
		const look = await lookAtClusters(signal);
		const there = await mayBeOurs(look.sessions);
		const all = [...named, ...matching(there, nameOrId)];
		if (all.length > 1) {
			throw new HomeportError('session-ambiguous', { name: nameOrId, candidates: all.map((one) => one.id) });
		}
		if (all[0] !== undefined) {
			return all[0];
		}
		const [problem] = look.problems;
		if (problem !== undefined) {
			throw problem.error;
		}
		throw new HomeportError('session-unknown', { name: nameOrId, known: [...here, ...there].map((one) => one.id) });
	};

	return {
		find,
		onThisMachine,
		list: async ({ anyHome, only, signal }) => {
			const [here, look] = await Promise.all([
				only === 'clusters' ? [] : onThisMachine(signal),
				only === 'here' ? none : lookAtClusters(signal),
			]);
			throwIfCancelled(signal);
			const ours = [...here.filter(isOurs), ...(await mayBeOurs(look.sessions))];
			const shown = anyHome === true ? [...here, ...look.sessions] : ours;
			// At once for all of them: a git for each would take seconds where there are many.
			const seen = await lastSeen(home.git);
			const remembered = rememberedSessions([...seen.keys()], look, identity);
			return {
				sessions: [...shown, ...remembered].map((session) => ({
					...session,
					...(seen.get(session.id) ?? { branch: null, seen: null }),
				})),
				elsewhere: here.length + look.sessions.length - shown.length,
				listed: look.listed,
				problems: look.problems,
			};
		},
		byId: async (id) => {
			const here = (await onThisMachine()).find((session) => session.id === id && isOurs(session));
			if (here !== undefined || !id.startsWith('kubernetes/')) {
				return here ?? null;
			}
			const look = await lookAtClusters(undefined);
			return look.sessions.find((session) => session.id === id) ?? null;
		},
		watch: (onChange) => {
			let disposed = false;
			const watches: Disposable[] = [local.watch(onChange)];
			let following = false;
			const follow = async (): Promise<void> => {
				if (!following && (await hasClusters(clusters))) {
					const backend = await kubernetesBackend();
					if (!disposed && !following) {
						following = true;
						watches.push(backend.watch(onChange, onChange));
					}
				}
			};
			const begin = (): void => {
				follow().catch((error: unknown) =>
					clusters.logger.log('warn', `clusters are not watched: ${errorText(error)}`),
				);
			};
			const appeared = (): void => {
				if (!following) {
					begin();
					onChange();
				}
			};
			const { choice, env } = clusters;
			for (const path of kubeconfigPaths({ env, file: choice.kubeconfig })) {
				watches.push(watchStateFile(path, appeared, 'leave'));
			}
			begin();
			return {
				dispose: () => {
					disposed = true;
					watches.forEach((one) => one.dispose());
				},
			};
		},
		contexts: async () =>
			(await hasClusters(clusters)) ? (await kubernetesBackend()).contexts() : { current: null, chosen: [], known: [] },
		backendOf: (session) =>
			session.backend === 'kubernetes'
				? {
						exec: async (...call) => {
							refuseRemembered(session);
							return (await kubernetesBackend()).exec(...call);
						},
					}
				: local,
		clusterOf: async (session) => {
			if (session.backend !== 'kubernetes') {
				throw new HomeportError('not-supported', { what: 'a terminal or a log of a session that is in no pod' });
			}
			refuseRemembered(session);
			return kubernetesBackend();
		},
		dispose: () => loaded?.dispose(),
	};
}

// Without a kubeconfig and without being asked for a cluster there is none.
async function hasClusters({
	choice,
	env,
}: Pick<KubernetesOptions, 'env'> & { choice: ClusterChoice }): Promise<boolean> {
	if (choice.kubeconfig !== null || choice.contexts.length > 0 || choice.allContexts) {
		return true;
	}
	const there = await Promise.all(
		kubeconfigPaths({ env, file: null }).map((path) =>
			access(path).then(
				() => true,
				() => false,
			),
		),
	);
	return there.includes(true);
}

// The cluster was asked for it already, and gave no pod to run anything in.
function refuseRemembered({ id, state, reason }: Session): void {
	if (state === 'missing' || state === 'unreachable') {
		throw new HomeportError(`session-${state}`, { session: id, reason });
	}
}
