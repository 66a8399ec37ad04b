import { type Clock, systemClock } from './base/clock.js';
import type { Disposable } from './base/disposable.js';
import { HomeportError } from './base/errors.js';
import { asWritten } from './base/say.js';
import type { Translate } from './base/say.js';
import type { Face } from './base/text.js';
import { type Logger, silentLogger } from './base/logger.js';
import { createLocalBackend } from './backends/local/localBackend.js';
import type { ClusterChoice } from './backends/kubernetes/kubernetesBackend.js';
import { attach } from './attach.js';
import type { TerminalSize, TerminalStream } from './backends/backend.js';
import { type Config, loadConfig, podSelectorsOf } from './config/config.js';
import { createContents, type Contents } from './contents.js';
import { openSyncFolder, syncFolderPath } from './coordination/syncFolder.js';
import { breakLock, lockStatus, lockWasLeft } from './coordination/syncLock.js';
import { examine } from './doctor.js';
import { statusOf } from './durability/status.js';
import { gitAt, openHomeRepository } from './git/home.js';
import { readTarget } from './git/session/push/target.js';
import { serveFetch } from './git/session/serve.js';
import type { Wire } from './git/session/serve.js';
import { sweepLeftovers } from './git/sweep.js';
import type { Overlap } from './model/overlap.js';
import type { PatchRequest, PatchResult } from './model/patches.js';
import type { Plan, SyncRequest } from './model/plan.js';
import type { ChangeDetails } from './model/planDetails.js';
import type { MergeConflict } from './model/merge.js';
import type {
	BranchChoices,
	Check,
	ContextList,
	ContinueResult,
	Decide,
	ForgetPlan,
	ForgetScope,
	LedgerEntry,
	LockStatus,
	Operation,
	Progress,
	SessionList,
	SessionStatus,
	SyncResult,
	UndoResult,
} from './model/report.js';
import type { Session } from './model/session.js';
import { listOperations } from './operations/log.js';
import { listConflicts, type Settled, settleConflicts } from './operations/mergeConflicts.js';
import { continueMerge } from './operations/openMerges.js';
import { operationNamed } from './operations/undo.js';
import { undoOperation } from './operations/undoOperation.js';
import { execOf, type SyncContext } from './sync/context.js';
import { planSync, rescueOnly, syncSession } from './sync/engine.js';
import { placeOf } from './sync/look.js';
import { planOutward, syncOutward } from './sync/outward.js';
import { forgetSession, planForget } from './sync/forget.js';
import { readLedger } from './sync/ledger.js';
import { readPlanDetails } from './sync/planDetails.js';
import { readHomeState } from './sync/homeState.js';
import { headsPrefix, homeBranchName } from './sync/naming.js';
import { findOverlap } from './sync/overlap.js';
import { makePatches } from './sync/patches.js';
import { syncWithOrigin } from './sync/withOrigin.js';
import { createSessions } from './sessions.js';
import type { ListOptions } from './sessions.js';
import { refuseListedSession } from './sync/worktreeSessions.js';

/** What the faces hand to the core. */
export interface HomeportOptions {
	/** A folder inside home. */
	readonly repo: string;
	readonly logger?: Logger;
	readonly clock?: Clock;
	/** The environment that settings and folders are taken from; the process's own by default. */
	readonly env?: NodeJS.ProcessEnv;
	/** Which clusters are looked at; those of the current context of the user's kubeconfig by default. */
	readonly clusters?: ClusterChoice;
	/**
	 * Pods that are sessions, in the form of `homeport.kubernetes.selectors` in `sync-config.json`, beside those that it
	 * names. Where it is of another form, looking at clusters fails with `usage`.
	 */
	readonly podSelectors?: unknown;
	/** Seconds to wait for the sync lock; 5 by default. */
	readonly lockWaitSeconds?: number;
	/** The language of what `status` and `doctor` say; English by default. */
	readonly translate?: Translate;
}

export interface CallOptions {
	readonly signal?: AbortSignal;
	readonly onProgress?: (progress: Progress) => void;
}

/** One home, and all that can be done for it. Every method may fail with a `HomeportError`. */
export interface Homeport {
	/** The top folder of the working tree that home was opened in. */
	readonly root: string;
	/** What home has of commits, for reading; contacts no session. */
	readonly contents: Contents;
	list(options?: ListOptions): Promise<SessionList>;
	/** Calls back after sessions have appeared, changed or gone; asks the clusters that `list` asks, until it is disposed. */
	watch(onChange: () => void): Disposable;
	/** The session of that name or id; fails with `session-unknown` or `session-ambiguous`. */
	find(nameOrId: string, options?: CallOptions): Promise<Session>;
	add(name: string, path: string, agent: string): Promise<Session>;
	/** Ends the registration; ledger and folder stay. Fails with `usage` for a worktree, which is not registered. */
	remove(nameOrId: string, options?: { readonly dryRun?: boolean }): Promise<Session>;
	status(sessions: readonly Session[], options?: CallOptions): Promise<SessionStatus[]>;
	/** Brings the session's objects home and says what a sync would do; changes nothing of the user's. */
	plan(session: Session, request: SyncRequest, options?: CallOptions): Promise<Plan>;
	/** Home's branches, and the name that one of the session's would get here; null is its HEAD. Contacts no session. */
	branchChoices(session: Session, branch: string | null): Promise<BranchChoices>;
	/** The commits and files of the plan's changes, for reading; contacts no session. */
	planDetails(plan: Plan, options?: CallOptions): Promise<ChangeDetails[]>;
	sync(session: Session, request: SyncRequest, decide: Decide, options?: CallOptions): Promise<SyncResult>;
	/** Adopts everything of the session, and touches no branch. */
	rescue(session: Session, options?: CallOptions): Promise<SyncResult>;
	/** Rescues the session, and makes mail for `git am` of its commits; without an output folder `take` gets the mails. */
	patches(
		session: Session,
		request: PatchRequest,
		take: (text: string) => void,
		options?: CallOptions,
	): Promise<PatchResult>;
	/**
	 * Serves the session's branches and HEAD to a git that fetches, in git's own protocol. Brings nothing home by itself.
	 * Fails with the codes of an observation, and as the way to the session fails.
	 */
	serve(session: Session, wire: Wire, options?: CallOptions): Promise<void>;
	/** A terminal in the session's pod: the agent's, else a shell. Fails with `not-supported` for one that is in no pod. */
	attach(session: Session, size: TerminalSize, options?: CallOptions): Promise<TerminalStream>;
	/** The newest `tail` lines that the session's container has printed, and those that come; fails as `attach`. */
	log(session: Session, tail: number, signal: AbortSignal): Promise<AsyncIterable<string>>;
	/** Compares what the ledgers of these sessions hold with each other and with home's HEAD; contacts no session. */
	overlap(sessionIds: readonly string[], options?: CallOptions): Promise<Overlap>;
	/** Newest first; at most `limit` entries. */
	ledger(sessionId: string, limit?: number): Promise<LedgerEntry[]>;
	/** Newest first. */
	operations(limit?: number): Promise<Operation[]>;
	operation(id: string): Promise<Operation>;
	/** Takes back the operation named, or the newest that is neither undone nor an undo. */
	undo(
		id: string | null,
		options: { readonly accepted: readonly string[]; readonly dryRun?: boolean } & CallOptions,
	): Promise<UndoResult>;
	/** Ends a merge that was opened with conflicts; null where there is one alone. */
	continueMerge(
		id: string | null,
		options: { readonly accepted: readonly string[] } & CallOptions,
	): Promise<ContinueResult>;
	/** What is not settled yet in a merge that was opened with conflicts; `id` null where there is one alone. */
	conflicts(id: string | null): Promise<MergeConflict[]>;
	/** Takes files of that merge for settled, as they stand in its working tree, or deletes them there. */
	settleConflicts(id: string | null, paths: readonly string[], settled: Settled, options?: CallOptions): Promise<void>;
	/** What forgetting would drop. `path` and `before` narrow it to entries that hold the path, or are older. */
	forgetPlan(sessionId: string, scope: ForgetScope, options?: CallOptions): Promise<ForgetPlan>;
	/** Rewrites the ledger; `confirmation` is the session's name, typed by the user. */
	forget(sessionId: string, scope: ForgetScope, confirmation: string): Promise<ForgetPlan>;
	lockStatus(): Promise<LockStatus>;
	/** Breaks a lock whose owner is gone; fails with `lock-held` while it lives. */
	breakLock(): Promise<LockStatus>;
	/** Looks at everything that a sync relies on, in the words of a face; contacts no cluster. */
	doctor(options?: CallOptions & { readonly face?: Face }): Promise<Check[]>;
	/** The contexts of the user's kubeconfig; contacts no cluster. Fails with `kubeconfig-damaged` or `kubeconfig-foreign`. */
	contexts(): Promise<ContextList>;
	/** Ends the connections to clusters; what is called later opens them anew. */
	dispose(): void;
}

const defaultLockWaitSeconds = 5;

/** Opens the home around a folder. Fails with `not-a-repository`, `git-missing`, `git-too-old` or `state-damaged`. */
export async function openHome(options: HomeportOptions): Promise<Homeport> {
	const clock = options.clock ?? systemClock;
	const logger = options.logger ?? silentLogger;
	const env = options.env ?? process.env;
	const translate = options.translate ?? asWritten;
	const backend = createLocalBackend({ env, clock, logger });
	const home = await openHomeRepository(options.repo, await backend.folders());
	const top = home.mainWorktree ?? home.commonDir;
	const folder = (): Promise<string> => openSyncFolder(top);

	const identity = home.mainWorktree ?? home.root;
	const configOf = async (): Promise<Config> => loadConfig(await syncFolderPath(top));
	const sessions = createSessions({
		home,
		local: backend,
		clusters: {
			choice: options.clusters ?? { kubeconfig: null, contexts: [], namespaces: [], allContexts: false },
			env,
			clock,
			logger,
			foreign: async () => [home.root, identity, ...(await backend.folders())],
			selectors: async () => [...podSelectorsOf(options.podSelectors ?? []), ...(await configOf()).podSelectors],
		},
	});
	const createContext = async (): Promise<SyncContext> => {
		await sweepLeftovers(home);
		// Sessions may have been added since home was opened.
		const sessionFolders = await backend.folders();
		const current = { ...home, sessionFolders, git: gitAt({ root: home.root, sessionFolders }, home.root) };
		const config = await configOf();
		const context: SyncContext = {
			home: current,
			syncFolder: folder,
			config: { ...config, limits: { ...config.limits, ignoreCase: home.ignoreCase } },
			clock,
			logger,
			env,
			lockWaitSeconds: options.lockWaitSeconds ?? defaultLockWaitSeconds,
			lockLeft: async () => lockWasLeft(await syncFolderPath(top), clock),
			backendOf: (session) => sessions.backendOf(session),
			sessionById: (id) => sessions.byId(id),
			askSession: async (id, { ref, to }) => {
				const session = await sessions.byId(id);
				if (session === null) {
					throw new HomeportError('session-unknown', { session: id });
				}
				const place = await placeOf(context, session);
				return (await readTarget(execOf(context, session), place, { ref, sent: to }, { timeoutMs: 20_000 })).oid;
			},
			activeSessions: async () =>
				(await sessions.onThisMachine()).filter((session) => session.home === identity).map((session) => session.name),
		};
		return context;
	};

	return {
		root: home.root,
		contents: createContents(home.git),
		list: (call) => sessions.list(call ?? {}),
		watch: (onChange) => sessions.watch(onChange),
		find: (nameOrId, call) => sessions.find(nameOrId, call?.signal),
		add: (name, path, agent) => backend.add({ name, path, agent, home: identity }),
		remove: async (nameOrId, call) => {
			const session = await sessions.find(nameOrId);
			refuseListedSession(session);
			return call?.dryRun === true ? session : backend.remove(session.name);
		},
		status: async (asked, call) => {
			const context = await createContext();
			return Promise.all(asked.map((session) => statusOf(context, session, translate, call ?? {})));
		},
		plan: async (session, request, call) => {
			const make = request.direction === 'home' ? planSync : planOutward;
			return (await make(await createContext(), session, request, call)).plan;
		},
		branchChoices: async (session, branch) => {
			const [{ branches, worktrees }, config] = await Promise.all([readHomeState(home), configOf()]);
			const template = branch === null ? config.headTemplate : config.otherTemplate;
			const here = worktrees.find(({ path }) => path === home.root)?.branch ?? null;
			return {
				home: [...branches.keys()].map(shortBranch),
				checkedOut: here === null ? null : shortBranch(here),
				suggested: homeBranchName(template, session, branch),
			};
		},
		planDetails: (plan, call) => readPlanDetails(home.git, plan, call?.signal),
		sync: async (session, request, decide, call) => {
			const context = await createContext();
			const one = request.direction === 'home' ? syncSession : syncOutward;
			const sync = (): Promise<SyncResult> => one(context, session, request, decide, call);
			return request.origin === true ? syncWithOrigin(context, request, call ?? {}, sync) : sync();
		},
		rescue: async (session, call) => rescueOnly(await createContext(), session, call),
		patches: async (session, request, take, call) => makePatches(await createContext(), session, request, take, call),
		serve: async (session, wire, call) => {
			const context = await createContext();
			const { fetchSeconds, packBytes } = context.config.limits;
			const options = {
				oneBranch: session.worktreeOfHome,
				compression: session.backend === 'local' ? 0 : 1,
				// No limit of silence: git may be long at work of its own between two requests.
				timeoutMs: fetchSeconds * 1000,
				maxBytes: packBytes,
				...(call?.signal === undefined ? {} : { signal: call.signal }),
			};
			await serveFetch(execOf(context, session), await placeOf(context, session), options, wire);
		},
		attach: async (session, size, call) => attach(sessions, session, size, call?.signal),
		log: async (session, tail, signal) => (await sessions.clusterOf(session)).log(session, tail, signal),
		overlap: async (sessionIds, call) => findOverlap(await createContext(), sessionIds, call),
		ledger: (sessionId, limit) => readLedger(home.git, sessionId, limit),
		operations: (limit) => listOperations(home.git, limit),
		operation: async (id) => operationNamed(await listOperations(home.git), id),
		undo: async (id, call) => undoOperation(await createContext(), id, call),
		conflicts: async (id) => listConflicts(await createContext(), id),
		settleConflicts: async (id, paths, settled, call = {}) =>
			settleConflicts(await createContext(), id, paths, settled, call),
		continueMerge: async (id, call) => continueMerge(await createContext(), id, call),
		forgetPlan: (sessionId, scope, call) => planForget(home, sessionId, scope, call ?? {}),
		forget: async (sessionId, scope, confirmation) =>
			forgetSession(await createContext(), sessionId, scope, confirmation),
		lockStatus: async () => lockStatus(await syncFolderPath(top), clock),
		breakLock: async () => breakLock(await folder(), clock),
		doctor: async (call) =>
			examine({
				home,
				env,
				clock,
				folder,
				face: call?.face ?? 'cli',
				translate,
				sessions: (await sessions.onThisMachine(call?.signal)).filter(({ home: of }) => of === identity),
				contexts: () => sessions.contexts(),
			}),
		contexts: () => sessions.contexts(),
		dispose: () => sessions.dispose(),
	};
}

function shortBranch(ref: string): string {
	return ref.startsWith(headsPrefix) ? ref.slice(headsPrefix.length) : ref;
}
