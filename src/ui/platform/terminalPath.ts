import { delimiter, join } from 'node:path';
import * as vscode from 'vscode';
import { errorText } from '../../core/base/errors.js';
import type { Log } from './log.js';
import { writeLaunchers } from './launchers.js';

const setting = 'homeport.terminal.addToPath';

/** True where terminals are to know the command `homeport`. */
export function isAddedToPath(): boolean {
	return vscode.workspace.getConfiguration().get<boolean>(setting) === true;
}

/**
 * Puts the command `homeport`, and with it the remotes `homeport::SESSION` of git, on the PATH of the integrated
 * terminal. Writes nothing before `used` is called or a terminal is opened: most windows need neither.
 */
export class TerminalPath implements vscode.Disposable {
	readonly #context: Pick<
		vscode.ExtensionContext,
		'environmentVariableCollection' | 'extensionPath' | 'globalStorageUri'
	>;
	readonly #log: Log;
	readonly #subscriptions: vscode.Disposable;
	#used = false;

	constructor(
		context: Pick<vscode.ExtensionContext, 'environmentVariableCollection' | 'extensionPath' | 'globalStorageUri'>,
		log: Log,
	) {
		this.#context = context;
		this.#log = log;
		this.#subscriptions = vscode.Disposable.from(
			vscode.window.onDidOpenTerminal(() => void this.used()),
			vscode.workspace.onDidChangeConfiguration((event) => {
				if (event.affectsConfiguration(setting)) {
					this.#used = false;
					void this.used();
				}
			}),
		);
	}

	/** To be called when Homeport is used; settles when terminals that open from now on know the command. Never rejects. */
	async used(): Promise<void> {
		if (this.#used) {
			return;
		}
		this.#used = true;
		const { environmentVariableCollection: variables, extensionPath, globalStorageUri } = this.#context;
		if (!isAddedToPath()) {
			variables.clear();
			return;
		}
		try {
			const folder = join(globalStorageUri.fsPath, 'bin');
			const node = { path: process.execPath, isElectron: process.versions['electron'] !== undefined };
			await writeLaunchers(folder, join(extensionPath, 'dist'), node);
			variables.description = vscode.l10n.t('The command `homeport` and remotes of git like `homeport::SESSION`');
			variables.prepend('PATH', folder + delimiter);
		} catch (error) {
			this.#log.error('the terminal does not know homeport:', errorText(error));
		}
	}

	dispose(): void {
		this.#subscriptions.dispose();
	}
}
