import type * as vscode from 'vscode';
import { readRequest } from '../commands/syncArgument.js';
import type { SyncRequest } from '../../core/model/plan.js';

// Holds what was chosen for each session, by its id.
const requestsKey = 'homeport.requests';
// Sessions come and go; whoever was asked about longest ago is forgotten first.
const mostSessions = 200;

/** Remembers how each session was synced last, where a person chose that. */
export class SyncMemory {
	readonly #memory: vscode.Memento;

	constructor(memory: vscode.Memento) {
		this.#memory = memory;
	}

	/** What was chosen for the session, or null. */
	of(sessionId: string): SyncRequest | null {
		return readRequest(this.#all()[sessionId]);
	}

	async remember(sessionId: string, request: SyncRequest): Promise<void> {
		const others = Object.entries(this.#all()).filter(([id]) => id !== sessionId);
		const kept = [...others, [sessionId, request] as const].slice(-mostSessions);
		await this.#memory.update(requestsKey, Object.fromEntries(kept));
	}

	#all(): Readonly<Record<string, unknown>> {
		return this.#memory.get<Record<string, unknown>>(requestsKey) ?? {};
	}
}
