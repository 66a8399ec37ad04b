import * as vscode from 'vscode';
import { isHomeportError } from '../../core/base/errors.js';
import type { Logger } from '../../core/base/logger.js';
import type { Homeport } from '../../core/homeport.js';
import { translate } from './coreWords.js';
import type { Core } from './core.js';
import { affectsHome, homeSettingsNow } from './settings.js';
import { watchHomeRefs } from './homeRefs.js';

/** Why there is no home to work on; each has a welcome text of its own. `unchosen`: there are several. */
export type NoHomeReason = 'noFolder' | 'untrusted' | 'unchosen';

/** Thrown where a home is needed and this window has none that may be opened. */
export class NoHomeError extends Error {
	override readonly name = 'NoHomeError';
	readonly reason: NoHomeReason;

	constructor(reason: NoHomeReason) {
		super(reason);
		this.reason = reason;
	}
}

// Holds the folder of the home that was chosen.
const chosenKey = 'homeport.home';

/** The home of this window: the repository of its folders, or the one that was chosen among them. */
export class WindowHome implements vscode.Disposable {
	readonly #load: () => Core;
	readonly #logger: Logger;
	readonly #memory: vscode.Memento;
	readonly #changed = new vscode.EventEmitter<void>();
	readonly #moved = new vscode.EventEmitter<void>();
	readonly #subscriptions: vscode.Disposable;
	#opened: Promise<Homeport> | null = null;
	#watcher: vscode.Disposable | null = null;

	constructor(load: () => Core, logger: Logger, memory: vscode.Memento) {
		this.#load = load;
		this.#logger = logger;
		this.#memory = memory;
		this.#subscriptions = vscode.Disposable.from(
			this.#changed,
			this.#moved,
			vscode.workspace.onDidChangeWorkspaceFolders(() => this.#forget()),
			vscode.workspace.onDidGrantWorkspaceTrust(() => this.#forget()),
			vscode.workspace.onDidChangeConfiguration((event) => {
				if (affectsHome(event)) {
					this.#forget();
				}
			}),
		);
	}

	/** Fires when the next `open` may give another home. */
	get onDidChange(): vscode.Event<void> {
		return this.#changed.event;
	}

	/** Fires when ledgers or the operation log of the home that is open may have been written, by whomever. */
	get onDidMove(): vscode.Event<void> {
		return this.#moved.event;
	}

	/**
	 * Opens the home, loading the core when it is first needed. Fails with `NoHomeError`, or as `candidates` does; a
	 * failure is tried anew by the next call.
	 */
	open(): Promise<Homeport> {
		if (this.#opened === null) {
			this.#opened = this.#openOnly();
			void this.#follow(this.#opened);
		}
		return this.#opened;
	}

	/**
	 * The repositories of the workspace folders, at least one. Fails with `NoHomeError`, or with the `HomeportError` of a
	 * folder where none of them could be opened.
	 */
	async candidates(): Promise<readonly Homeport[]> {
		const folders = (vscode.workspace.workspaceFolders ?? []).filter((folder) => folder.uri.scheme === 'file');
		if (folders.length === 0) {
			throw new NoHomeError('noFolder');
		}
		if (!vscode.workspace.isTrusted) {
			throw new NoHomeError('untrusted');
		}
		const homes = new Map<string, Homeport>();
		const failures: unknown[] = [];
		for (const folder of folders) {
			try {
				const home = await this.#load().openHome({
					...homeSettingsNow(),
					repo: folder.uri.fsPath,
					logger: this.#logger,
					translate,
				});
				homes.set(home.root, home);
			} catch (error) {
				failures.push(error);
			}
		}
		if (homes.size === 0) {
			throw failures.find((error) => !isHomeportError(error, 'not-a-repository')) ?? failures[0];
		}
		return [...homes.values()];
	}

	/** Makes this candidate the home, and remembers it for this workspace. */
	async choose(home: Homeport): Promise<void> {
		await this.#memory.update(chosenKey, home.root);
		this.#forget();
	}

	dispose(): void {
		this.#close();
		this.#subscriptions.dispose();
	}

	#forget(): void {
		this.#close();
		this.#changed.fire();
	}

	#close(): void {
		void this.#opened?.then(
			(home) => home.dispose(),
			() => undefined,
		);
		this.#opened = null;
		this.#watcher?.dispose();
		this.#watcher = null;
	}

	/** Follows the home that comes of an opening, or lets the next call try anew; another may be wanted by then. */
	async #follow(opening: Promise<Homeport>): Promise<void> {
		const root = await opening.then(
			(home) => home.root,
			() => null,
		);
		if (this.#opened !== opening) {
			return;
		}
		if (root === null) {
			this.#opened = null;
		} else {
			this.#watcher = watchHomeRefs(root, () => this.#moved.fire());
		}
	}

	async #openOnly(): Promise<Homeport> {
		const homes = await this.candidates();
		const chosen = homes.length === 1 ? homes[0] : homes.find(({ root }) => root === this.#memory.get(chosenKey));
		if (chosen === undefined) {
			throw new NoHomeError('unchosen');
		}
		return chosen;
	}
}
