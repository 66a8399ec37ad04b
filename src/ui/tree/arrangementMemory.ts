import * as vscode from 'vscode';
import { groupings, orders } from './arrangement.js';
import type { ArrangementOptions } from './arrangement.js';

const key = 'homeport.arrangement';
const usual: ArrangementOptions = { grouping: 'place', order: 'name', filter: '' };

/** How this workspace wants its sessions laid out. */
export class ArrangementMemory implements vscode.Disposable {
	readonly #memory: vscode.Memento;
	readonly #changed = new vscode.EventEmitter<void>();
	#options: ArrangementOptions;

	constructor(memory: vscode.Memento) {
		this.#memory = memory;
		this.#options = { ...usual, ...readable(memory.get(key)) };
	}

	get options(): ArrangementOptions {
		return this.#options;
	}

	get onDidChange(): vscode.Event<void> {
		return this.#changed.event;
	}

	/** Takes these for now, and for when the workspace is opened again. */
	async change(options: Partial<ArrangementOptions>): Promise<void> {
		this.#options = { ...this.#options, ...options };
		this.#changed.fire();
		await this.#memory.update(key, this.#options);
	}

	dispose(): void {
		this.#changed.dispose();
	}
}

// Written by another version, it may be anything.
function readable(stored: unknown): Partial<ArrangementOptions> {
	const { grouping, order, filter } = (stored ?? {}) as Record<string, unknown>;
	const known = {
		grouping: groupings.find((one) => one === grouping),
		order: orders.find((one) => one === order),
		filter: typeof filter === 'string' ? filter : undefined,
	};
	return Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined));
}
