import * as vscode from 'vscode';
import { HomeportError, throwIfCancelled } from '../../core/base/errors.js';
import type { Homeport } from '../../core/homeport.js';
import { coalesced } from '../platform/coalesced.js';
import type { WindowHome } from '../platform/home.js';
import { homeRefsState } from '../platform/homeRefs.js';
import { isOutdated, silentViews, viewAfter, viewOf } from './sessionViews.js';
import type { Looked } from './sessionViews.js';
import { afterFailure, mayPass, unopened } from './snapshot.js';
import type { SessionView, Snapshot } from './snapshot.js';

// What came home longer ago is in the log, not in the tree.
const mostOperations = 200;
// Looks at sessions that go on at once, on this machine and on clusters.
const mostLooks = 4;
// Looks end one by one; what they told is shown together.
const showMs = 250;
// A session of a cluster that nothing is known to have happened to is not looked at again before.
const lookAgainMs = 60_000;

type Place = 'here' | 'clusters';
const places: readonly Place[] = ['here', 'clusters'];

/** `news`: on clusters, no session again that was looked at a moment ago and is as it was. */
type Scope = 'looks' | 'news' | 'all';

/**
 * Holds what is known of this window's sessions. Looks at nothing before the first `refresh`, and at no session of a
 * cluster that was not opened. Looks and operations of this window run one at a time, so that no session is captured
 * twice at once.
 */
export class SessionsModel implements vscode.Disposable {
	readonly #home: WindowHome;
	readonly #changed = new vscode.EventEmitter<Snapshot>();
	readonly #show = coalesced(showMs, () => this.#changed.fire(this.#snapshot));
	#snapshot = unopened;
	#running: Promise<void> | null = null;
	#wanted: Scope | null = null;
	#turns: Promise<unknown> = Promise.resolve();
	#operations = 0;
	#looking: AbortController | null = null;
	/** Homeport's refs as they were when the last look began. */
	#refsLookedAt: string | null = null;
	#looked = new Map<string, Looked>();
	/** A session of a cluster that was looked at before then is looked at again. */
	#dueBefore = 0;
	#opened: ReadonlySet<string> = new Set();

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
	 * Lists the sessions anew, and looks at those of this machine and at those that are opened. One look runs at a time;
	 * asking meanwhile makes one more follow. Never rejects: a failure is part of the snapshot.
	 */
	refresh(): Promise<void> {
		this.#dueBefore = Date.now();
		return this.#want('all');
	}

	/** As `refresh`, but sessions of clusters are left out that were looked at a moment ago and are as they were. */
	refreshNews(): Promise<void> {
		this.#dueBefore = Math.max(this.#dueBefore, Date.now() - lookAgainMs);
		return this.#want('news');
	}

	/** Looks anew if Homeport's refs have moved since the last look began: a change of our own was seen already. */
	async refreshIfMoved(): Promise<void> {
		const { root } = this.#snapshot;
		// The end of an operation of ours looks by itself.
		if (root !== null && this.#operations === 0 && (await homeRefsState(root)) !== this.#refsLookedAt) {
			await this.refreshNews();
		}
	}

	/** Says which sessions of clusters a person has opened; those that are new are looked at. */
	setOpened(sessionIds: ReadonlySet<string>): void {
		const before = this.#opened;
		this.#opened = sessionIds;
		if ([...sessionIds].some((id) => !before.has(id)) && this.#nextDue() !== null) {
			void this.#want('looks');
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
		this.#show.dispose();
		this.#changed.dispose();
	}

	#want(scope: Scope): Promise<void> {
		this.#wanted = this.#wanted === 'all' || this.#wanted === 'news' ? this.#wanted : scope;
		this.#running ??= this.#run().finally(() => {
			this.#running = null;
		});
		return this.#running;
	}

	#inTurn<T>(work: () => Promise<T>): Promise<T> {
		const turn = this.#turns.then(work);
		this.#turns = turn.catch(() => undefined);
		return turn;
	}

	async #run(): Promise<void> {
		for (let scope = this.#wanted; scope !== null; scope = this.#wanted) {
			this.#wanted = null;
			const looking = new AbortController();
			this.#looking = looking;
			const { signal } = looking;
			try {
				await this.#inTurn(() => (scope === 'looks' ? this.#lookAtOpened(signal) : this.#look(signal)));
			} catch (error) {
				// What made it give way looks anew at its end.
				if (!looking.signal.aborted) {
					this.#set(afterFailure(this.#snapshot, error));
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
		if (root !== this.#snapshot.root) {
			// What was seen of another home was none of this.
			this.#snapshot = { ...unopened, root };
			this.#looked = new Map();
		}
		const waiting = new Set(places);
		let unfinished = places.length;
		// A cluster that is slow to answer holds up nothing of this machine.
		const lookAt = async (place: Place): Promise<void> => {
			const { sessions, problems, listed } = await homeport.list({ signal, only: place });
			throwIfCancelled(signal);
			waiting.delete(place);
			const before = partsOf(this.#snapshot.sessions);
			const known = new Map(before[place].map((view) => [view.session.id, view]));
			const views = sessions.map((one) =>
				viewOf(one, this.#looked.get(one.id) ?? null, operations, known.get(one.id) ?? null),
			);
			const silent = silentViews(before[place], { sessions, problems, listed });
			const parts = { ...before, [place]: [...views, ...silent] };
			const all = places.flatMap((one) => parts[one]);
			const errors = problems.map(({ error }) => error);
			const sorted = [...errors.filter(mayPass), ...errors.filter((error) => !mayPass(error))];
			const there = place === 'clusters' ? { listed, problems: sorted } : {};
			if (place === 'clusters' && errors.length < this.#snapshot.problems.length) {
				// What a look told while the cluster was away is no news of its sessions.
				this.#dueBefore = Date.now();
			}
			const empty = waiting.size > 0 ? this.#snapshot.state : 'noSessions';
			const state = all.length > 0 ? 'ready' : empty;
			this.#set({ ...this.#snapshot, ...there, state, sessions: all, error: null });
			if (place === 'here') {
				const left = [...views];
				await atOnce(
					() => left.shift() ?? null,
					(view) => this.#lookAt(homeport, view, signal),
				);
			}
			unfinished -= 1;
			if (unfinished === 0) {
				this.#set({ ...this.#snapshot, lookedAt: Date.now() });
			}
			if (place === 'clusters') {
				await this.#lookAtDue(homeport, signal);
			}
		};
		await allOf(places.map(lookAt));
		this.#show.flush();
	}

	async #lookAtOpened(signal: AbortSignal): Promise<void> {
		await this.#lookAtDue(await this.#home.open(), signal);
		this.#show.flush();
	}

	async #lookAtDue(homeport: Homeport, signal: AbortSignal): Promise<void> {
		const begun = new Set<string>();
		// Whoever asks for all anew does not wait for the last of a thousand: those that are left are looked at then.
		const next = (): SessionView | null =>
			this.#wanted === null || this.#wanted === 'looks' ? this.#nextDue(begun) : null;
		await atOnce(next, (view) => {
			begun.add(view.session.id);
			return this.#lookAt(homeport, view, signal);
		});
	}

	async #lookAt(homeport: Homeport, view: SessionView, signal: AbortSignal): Promise<void> {
		throwIfCancelled(signal);
		const at = Date.now();
		const [status] = await homeport.status([view.session], { signal });
		const { id } = view.session;
		const looked = { session: view.session, seen: view.last.seen, status: status!, at };
		this.#looked.set(id, looked);
		const sessions = this.#snapshot.sessions.map((one) => (one.session.id === id ? viewAfter(one, looked) : one));
		this.#snapshot = { ...this.#snapshot, sessions };
		this.#show.run();
	}

	/** The opened session of a cluster that waits for a look for the longest time. */
	#nextDue(begun: ReadonlySet<string> = new Set()): SessionView | null {
		let next: SessionView | null = null;
		let oldest = Infinity;
		for (const view of this.#snapshot.sessions) {
			const { id, backend, state } = view.session;
			// Without a pod it tells what home has of it, and nothing where that is nothing.
			const tells = backend === 'kubernetes' && (state === 'running' || view.last.seen !== null);
			if (!tells || !this.#opened.has(id) || begun.has(id)) {
				continue;
			}
			const looked = this.#looked.get(id);
			const at = looked?.at ?? 0;
			if (at < oldest && (looked === undefined || at < this.#dueBefore || isOutdated(looked, view))) {
				[next, oldest] = [view, at];
			}
		}
		return next;
	}

	#set(snapshot: Snapshot): void {
		this.#snapshot = snapshot;
		this.#show.flush();
	}
}

/** Works on what `next` gives, a few at once, until it gives no more; ends only when all have ended. */
async function atOnce<T>(next: () => T | null, work: (item: T) => Promise<void>): Promise<void> {
	const worker = async (): Promise<void> => {
		for (let item = next(); item !== null; item = next()) {
			await work(item);
		}
	};
	await allOf(Array.from({ length: mostLooks }, worker));
}

// Ends only when every session was let go of, also when the look is given up.
async function allOf(looks: readonly Promise<void>[]): Promise<void> {
	for (const look of await Promise.allSettled(looks)) {
		if (look.status === 'rejected') {
			throw look.reason;
		}
	}
}

function partsOf(views: readonly SessionView[]): Record<Place, readonly SessionView[]> {
	const isThere = ({ session }: SessionView): boolean => session.backend === 'kubernetes';
	return { here: views.filter((view) => !isThere(view)), clusters: views.filter(isThere) };
}
