import * as vscode from 'vscode';
import { HomeportError, isHomeportError, throwIfCancelled } from '../../core/base/errors.js';
import { describeError } from '../../core/base/messages.js';
import type { Homeport } from '../../core/homeport.js';
import type { Operation, SessionList, SessionStatus } from '../../core/model/report.js';
import type { Session } from '../../core/model/session.js';
import { NoHomeError } from '../platform/home.js';
import type { NoHomeReason, WindowHome } from '../platform/home.js';
import { homeRefsState } from '../platform/homeRefs.js';

/** `unopened`: nobody asked yet. The others but `ready` each have a welcome text. */
type HomeState = 'unopened' | NoHomeReason | 'notRepository' | 'failed' | 'noSessions' | 'ready';

/** A ref of home that a sync of the session made or moved, and was not undone. */
export interface BroughtRef {
	readonly ref: string;
	/** ISO 8601. */
	readonly time: string;
}

/** A session, where its work stood when it was last looked at, null before that, and what came home of it. */
export interface SessionView {
	readonly session: Session;
	readonly status: SessionStatus | null;
	readonly brought: readonly BroughtRef[];
}

/** All that the tree and the status item show; replaced as a whole, never changed. */
export interface Snapshot {
	readonly state: HomeState;
	/** The home's folder, where one is open. */
	readonly root: string | null;
	readonly sessions: readonly SessionView[];
	/** When the sessions were looked at, in milliseconds since 1970. */
	readonly lookedAt: number | null;
	/** Why the look before this one is still shown, or why there is nothing to show. */
	readonly error: unknown;
	/** A cluster that could not be asked; its sessions are not among these. */
	readonly problem: unknown;
}

// What came home longer ago is in the log, not in the tree.
const mostOperations = 200;

type Place = 'here' | 'clusters';
const places: readonly Place[] = ['here', 'clusters'];

const unopened: Snapshot = { state: 'unopened', root: null, sessions: [], lookedAt: null, error: null, problem: null };

/**
 * Holds what is known of this window's sessions. Looks at nothing before the first `refresh`. Looks and operations of
 * this window run one at a time, so that no session is captured twice at once.
 */
export class SessionsModel implements vscode.Disposable {
	readonly #home: WindowHome;
	readonly #changed = new vscode.EventEmitter<Snapshot>();
	#snapshot = unopened;
	#running: Promise<void> | null = null;
	#again = false;
	#turns: Promise<unknown> = Promise.resolve();
	#operations = 0;
	#looking: AbortController | null = null;
	/** Homeport's refs as they were when the last look began. */
	#refsLookedAt: string | null = null;

	constructor(home: WindowHome) {
		this.#home = home;
	}

	get snapshot(): Snapshot {
		return this.#snapshot;
	}

	get onDidChange(): vscode.Event<Snapshot> {
		return this.#changed.event;
	}

	/**
	 * Looks at the sessions anew. One look runs at a time; asking meanwhile makes one more follow. Never rejects: a
	 * failure is part of the snapshot.
	 */
	refresh(): Promise<void> {
		this.#again = true;
		this.#running ??= this.#run().finally(() => {
			this.#running = null;
		});
		return this.#running;
	}

	/** Looks anew if Homeport's refs have moved since the last look began: a change of our own was seen already. */
	async refreshIfMoved(): Promise<void> {
		const { root } = this.#snapshot;
		// The end of an operation of ours looks by itself.
		if (root !== null && this.#operations === 0 && (await homeRefsState(root)) !== this.#refsLookedAt) {
			await this.refresh();
		}
	}

	/**
	 * Runs an operation when it has its turn, and looks anew when it has ended. A look that is going on gives way. Fails
	 * with `cancelled` where the signal is raised while it waits; after that the operation has to obey it.
	 */
	async operate<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
		this.#operations += 1;
		this.#looking?.abort();
		const cancelled = Promise.withResolvers<never>();
		const cancel = (): void => cancelled.reject(new HomeportError('cancelled'));
		signal.addEventListener('abort', cancel);
		const turn = this.#inTurn(() => {
			signal.removeEventListener('abort', cancel);
			throwIfCancelled(signal);
			return work();
		});
		try {
			return await Promise.race([turn, cancelled.promise]);
		} finally {
			this.#operations -= 1;
			void this.refresh();
		}
	}

	dispose(): void {
		this.#looking?.abort();
		this.#changed.dispose();
	}

	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const turn = this.#turns.then(work);
		this.#turns = turn.catch(() => undefined);
		return turn;
	}

	async #run(): Promise<void> {
		while (this.#again) {
			this.#again = false;
			const looking = new AbortController();
			this.#looking = looking;
			try {
				await this.#inTurn(() => this.#look(looking.signal));
			} catch (error) {
				// What made it give way looks anew at its end.
				if (!looking.signal.aborted) {
					this.#set({ ...this.#snapshot, ...afterFailure(this.#snapshot, error), error });
				}
			}
		}
	}

	async #look(signal: AbortSignal): Promise<void> {
		throwIfCancelled(signal);
		const homeport = await this.#home.open();
		const { root } = homeport;
		this.#refsLookedAt = await homeRefsState(root);
		const operations = await homeport.operations(mostOperations);
		throwIfCancelled(signal);
		// What was seen of another home was none of this.
		const before = root === this.#snapshot.root ? this.#snapshot : unopened;
		const { state, lookedAt } = before;
		const views = partsOf(before.sessions);
		const waiting = new Set(places);
		let { problem } = before;
		const show = (): void => {
			const sessions = places.flatMap((place) => views[place]);
			const empty = waiting.size > 0 ? state : 'noSessions';
			this.#set({ state: sessions.length > 0 ? 'ready' : empty, root, sessions, problem, error: null, lookedAt });
		};
		// A cluster that is slow to answer holds up nothing of this machine.
		const lookAt = async (place: Place): Promise<void> => {
			const { sessions, problems } = await homeport.list({ signal, only: place });
			throwIfCancelled(signal);
			problem = place === 'clusters' ? (problems[0]?.error ?? null) : problem;
			waiting.delete(place);
			const known = new Map(views[place].map((view) => [view.session.id, view.status]));
			const silent = silentViews(views[place], sessions, problems);
			views[place] = [...viewsOf(sessions, known, operations), ...silent];
			show();
			const statuses = await statusesOf(homeport, sessions, signal);
			const seen = new Map(statuses.map((status) => [status.session, status]));
			views[place] = [...viewsOf(sessions, seen, operations), ...silent];
			show();
		};
		await allOf(places.map(lookAt));
		this.#set({ ...this.#snapshot, lookedAt: Date.now() });
	}

	#set(snapshot: Snapshot): void {
		this.#snapshot = snapshot;
		this.#changed.fire(snapshot);
	}
}

async function statusesOf(
	homeport: Homeport,
	sessions: readonly Session[],
	signal: AbortSignal,
): Promise<SessionStatus[]> {
	return (await allOf(sessions.map((session) => homeport.status([session], { signal })))).flat();
}

// Ends only when every session was let go of, also when the look is given up.
async function allOf<T>(looks: readonly Promise<T>[]): Promise<T[]> {
	return (await Promise.allSettled(looks)).map((look) => {
		if (look.status === 'rejected') {
			throw look.reason;
		}
		return look.value;
	});
}

function partsOf(views: readonly SessionView[]): Record<Place, readonly SessionView[]> {
	const isThere = ({ session }: SessionView): boolean => session.backend === 'kubernetes';
	return { here: views.filter((view) => !isThere(view)), clusters: views.filter(isThere) };
}

function viewsOf(
	sessions: readonly Session[],
	statuses: ReadonlyMap<string, SessionStatus | null>,
	operations: readonly Operation[],
): SessionView[] {
	return sessions.map((session) => ({
		session,
		status: statuses.get(session.id) ?? null,
		brought: broughtRefs(session.id, operations),
	}));
}

// What was seen of a cluster that cannot be asked now, and never came home: who put it out of sight would say it is gone.
function silentViews(
	before: readonly SessionView[],
	listed: readonly Session[],
	problems: SessionList['problems'],
): SessionView[] {
	const there = new Set(listed.map(({ id }) => id));
	return before.flatMap(({ session, status, brought }) => {
		const problem = problems.find(({ context }) => context === '' || session.scope.startsWith(`${context}/`));
		if (problem === undefined || there.has(session.id)) {
			return [];
		}
		const reason = describeError(problem.error, 'ui').message;
		const unknown = status === null ? null : { ...status, unknown: status.unknown ?? { reason, since: null } };
		return [{ session: { ...session, state: 'unreachable' as const, reason }, status: unknown, brought }];
	});
}

function broughtRefs(sessionId: string, operations: readonly Operation[]): BroughtRef[] {
	const brought = new Map<string, BroughtRef>();
	for (const operation of operations) {
		const stands = operation.kind === 'sync' && operation.state === 'done' && !operation.undone;
		for (const { ref, to } of stands && operation.session === sessionId ? operation.refs : []) {
			if (to !== null && !brought.has(ref)) {
				brought.set(ref, { ref, time: operation.time });
			}
		}
	}
	return [...brought.values()];
}

/** A home that is gone takes its sessions with it; another failure leaves what was known, marked by its error. */
function afterFailure(before: Snapshot, error: unknown): Pick<Snapshot, 'state' | 'root' | 'sessions' | 'problem'> {
	const gone = { root: null, sessions: [], problem: null };
	if (error instanceof NoHomeError) {
		return { state: error.reason, ...gone };
	}
	if (isHomeportError(error, 'not-a-repository')) {
		return { state: 'notRepository', ...gone };
	}
	return {
		state: before.sessions.length === 0 ? 'failed' : 'ready',
		root: before.root,
		sessions: before.sessions,
		problem: before.problem,
	};
}
