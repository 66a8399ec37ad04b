import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { errorText } from '../../core/base/errors.js';
import type { OverlapPair } from '../../core/model/overlap.js';
import type { WindowHome } from '../platform/home.js';
import { homeRefsState } from '../platform/homeRefs.js';
import type { Log } from '../platform/log.js';
import type { SessionsModel } from './sessionsModel.js';

// Every two are compared; those that were seen last tell most.
const mostSessions = 30;
const mostMs = 20_000;
const settleMs = 1000;

const none: readonly OverlapPair[] = [];

/**
 * Knows whose work gets in the way of whose, by what home has of it. Compares anew after a look, where a ledger or home
 * itself has moved, in the background; what it has no time for comes with a later look.
 */
export class OverlapRadar implements vscode.Disposable {
	readonly #model: SessionsModel;
	readonly #home: WindowHome;
	readonly #log: Log;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #listener: vscode.Disposable;
	readonly #stop = new AbortController();
	#timer: NodeJS.Timeout | undefined;
	#lookedAt: number | null = null;
	#state = '';
	#running = false;
	#pairs: ReadonlyMap<string, readonly OverlapPair[]> = new Map();

	constructor(model: SessionsModel, home: WindowHome, log: Log) {
		this.#model = model;
		this.#home = home;
		this.#log = log;
		this.#listener = model.onDidChange(({ lookedAt }) => {
			if (lookedAt !== this.#lookedAt) {
				this.#lookedAt = lookedAt;
				clearTimeout(this.#timer);
				this.#timer = setTimeout(() => void this.#run(), settleMs);
			}
		});
	}

	get onDidChange(): vscode.Event<void> {
		return this.#changed.event;
	}

	/** All pairs that a session is a side of; the same array as long as nothing of it has changed. */
	pairsOf(sessionId: string): readonly OverlapPair[] {
		return this.#pairs.get(sessionId) ?? none;
	}

	dispose(): void {
		clearTimeout(this.#timer);
		this.#stop.abort();
		this.#listener.dispose();
		this.#changed.dispose();
	}

	async #run(): Promise<void> {
		if (this.#running) {
			return;
		}
		this.#running = true;
		try {
			await this.#compare();
		} catch (error) {
			if (!this.#stop.signal.aborted) {
				this.#log.info(`sessions were not compared: ${errorText(error)}`);
			}
		} finally {
			this.#running = false;
		}
	}

	async #compare(): Promise<void> {
		const { root, sessions } = this.#model.snapshot;
		if (root === null) {
			return;
		}
		const homeport = await this.#home.open();
		const ids = sessions
			.filter(({ last }) => last.seen !== null)
			.toSorted((a, b) => (a.last.seen! < b.last.seen! ? 1 : -1))
			.slice(0, mostSessions)
			.map(({ session }) => session.id);
		const state = [root, await homeport.contents.head(), await homeRefsState(root), ...ids].join('\n');
		if (state === this.#state) {
			return;
		}
		const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(mostMs)]);
		const { pairs } = await homeport.overlap(ids, { signal });
		this.#state = state;
		const before = this.#pairs;
		this.#pairs = new Map(
			ids.map((id) => {
				const now = pairs.filter(({ a, b }) => a === id || b === id);
				const known = before.get(id);
				return [id, known !== undefined && isDeepStrictEqual(known, now) ? known : now];
			}),
		);
		this.#changed.fire();
	}
}
