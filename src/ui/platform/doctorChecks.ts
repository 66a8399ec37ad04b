import * as vscode from 'vscode';
import { isHomeportError } from '../../core/base/errors.js';
import type { Check, Remedy } from '../../core/model/report.js';
import { noHomeWords } from '../commands/registry.js';
import type { Snapshot } from '../tree/snapshot.js';
import type { About } from './about.js';
import { NoHomeError } from './home.js';
import type { WindowHome } from './home.js';
import { isAddedToPath } from './terminalPath.js';
import { errorWords } from './coreWords.js';

/** What can be done from the window. */
export type WindowRemedy =
	| Remedy
	| { readonly kind: 'manage-trust' | 'choose-home' | 'open-folder' | 'open-settings' | 'install-git' };

/** One thing that was looked at, in the words of the window. */
export interface WindowCheck extends Omit<Check, 'remedy'> {
	readonly remedy: WindowRemedy | null;
}

/** Everything that was looked at. */
export interface Examination {
	readonly ofWindow: readonly WindowCheck[];
	readonly ofHome: readonly WindowCheck[];
}

/** Looks at what only VS Code knows, and at what the core knows of home. Never fails; contacts no cluster. */
export async function examineWindow(
	home: Pick<WindowHome, 'open'>,
	{ problems }: Pick<Snapshot, 'problems'>,
	about: About,
	signal: AbortSignal,
): Promise<Examination> {
	const ofHome = await checksOfHome(home, signal);
	const toldAlready = (check: WindowCheck): boolean =>
		!check.ok && ofHome.some(({ detail }) => detail === check.detail);
	const ofWindow = [versions(about), host(), trust(), folders(), ...clusters(problems), terminal()];
	return { ofWindow: ofWindow.filter((check) => !toldAlready(check)), ofHome };
}

async function checksOfHome(home: Pick<WindowHome, 'open'>, signal: AbortSignal): Promise<WindowCheck[]> {
	const name = vscode.l10n.t('Home');
	try {
		const checks = await (await home.open()).doctor({ face: 'ui', signal });
		return checks.map((check) => ({ ...check, name: asTitle(check.name), remedy: check.remedy ?? null }));
	} catch (error) {
		if (error instanceof NoHomeError) {
			const detail = noHomeWords[error.reason]();
			const remedies = { noFolder: 'open-folder', untrusted: 'manage-trust', unchosen: 'choose-home' } as const;
			return [{ name, ok: false, detail, fix: null, remedy: { kind: remedies[error.reason] } }];
		}
		const { message, next } = errorWords(error);
		return [{ name, ok: false, detail: message, fix: next, remedy: remedyOf(error) }];
	}
}

function remedyOf(error: unknown): WindowRemedy | null {
	if (isHomeportError(error, 'git-missing') || isHomeportError(error, 'git-too-old')) {
		return { kind: 'install-git' };
	}
	return isHomeportError(error, 'not-a-repository') ? { kind: 'open-folder' } : null;
}

function good(name: string, detail: string): WindowCheck {
	return { name, ok: true, detail, fix: null, remedy: null };
}

function versions({ version }: About): WindowCheck {
	const detail = vscode.l10n.t('Homeport {0} in {1} {2}', version, vscode.env.appName, vscode.version);
	return good(vscode.l10n.t('Versions'), detail);
}

function host(): WindowCheck {
	const where =
		vscode.env.remoteName === undefined
			? vscode.l10n.t('on this machine')
			: vscode.l10n.t('on the remote machine ({0})', vscode.env.remoteName);
	const detail = vscode.l10n.t('runs {0}, on Node {1}, {2}', where, process.versions.node, process.platform);
	return good(vscode.l10n.t('Extension host'), detail);
}

function trust(): WindowCheck {
	const name = vscode.l10n.t('Workspace trust');
	return vscode.workspace.isTrusted
		? good(name, vscode.l10n.t('the folder is trusted'))
		: {
				name,
				ok: false,
				detail: vscode.l10n.t('The folder is not trusted: nothing is run and nothing is listed.'),
				fix: vscode.l10n.t('Trust it if you know where it comes from: a repository can make git run programs.'),
				remedy: { kind: 'manage-trust' },
			};
}

function folders(): WindowCheck {
	const name = vscode.l10n.t('Folders');
	const all = vscode.workspace.workspaceFolders ?? [];
	const virtual = all.filter(({ uri }) => uri.scheme !== 'file');
	if (all.length > 0 && virtual.length === 0) {
		return good(name, vscode.l10n.t('{0} open, on a disk', all.length));
	}
	return all.length === 0
		? {
				name,
				ok: false,
				detail: vscode.l10n.t('No folder is open.'),
				fix: null,
				remedy: { kind: 'open-folder' },
			}
		: {
				name,
				ok: virtual.length < all.length,
				detail: vscode.l10n.t(
					'{0} of {1} are virtual: only a folder on a disk can be home.',
					virtual.length,
					all.length,
				),
				fix: null,
				remedy: virtual.length < all.length ? null : { kind: 'open-folder' },
			};
}

function clusters(problems: readonly unknown[]): WindowCheck[] {
	const name = vscode.l10n.t('Clusters');
	if (problems.length === 0) {
		return [good(name, vscode.l10n.t('no problem at the last look'))];
	}
	return problems.map((problem) => {
		const { message, next } = errorWords(problem);
		return { name, ok: false, detail: message, fix: next, remedy: { kind: 'open-settings' } };
	});
}

function terminal(): WindowCheck {
	const detail = isAddedToPath()
		? vscode.l10n.t('knows the command homeport')
		: vscode.l10n.t('does not know the command homeport: the setting homeport.terminal.addToPath is off');
	return good(vscode.l10n.t('Integrated terminal'), detail);
}

function asTitle(name: string): string {
	return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}
