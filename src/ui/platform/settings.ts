import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { HomeportOptions } from '../../core/homeport.js';

/** Settings that say where sessions are looked for; when one changes, home is opened anew. */
const homeSettings = ['homeport.kubernetes', 'homeport.kubeconfig'];

/** True where the change is one of where sessions are looked for. */
export function affectsHome(event: vscode.ConfigurationChangeEvent): boolean {
	return homeSettings.some((section) => event.affectsConfiguration(section));
}

/** Where sessions are looked for, as the settings say; what is of another type than it should be counts as not set. */
export function homeSettingsNow(): Pick<HomeportOptions, 'clusters' | 'podSelectors'> {
	const settings = vscode.workspace.getConfiguration('homeport');
	const kubeconfig = settings.get<unknown>('kubeconfig');
	return {
		clusters: {
			kubeconfig: typeof kubeconfig === 'string' && kubeconfig.trim() !== '' ? inHomeFolder(kubeconfig.trim()) : null,
			contexts: texts(settings.get('kubernetes.contexts')),
			namespaces: texts(settings.get('kubernetes.namespaces')),
			allContexts: false,
		},
		podSelectors: settings.get('kubernetes.selectors') ?? [],
	};
}

/** Writes the contexts that are looked at: into the workspace's settings where they have them already, else the user's. */
export async function setContexts(contexts: readonly string[]): Promise<void> {
	const settings = vscode.workspace.getConfiguration('homeport');
	const ofWorkspace = settings.inspect('kubernetes.contexts')?.workspaceValue !== undefined;
	const target = ofWorkspace ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
	const value = contexts.length === 0 && !ofWorkspace ? undefined : contexts;
	await settings.update('kubernetes.contexts', value, target);
}

/** Minutes that work may be nowhere else before the status item warns; 0: never. */
export function warnAfterMinutes(): number {
	const minutes = vscode.workspace.getConfiguration('homeport').get<unknown>('status.warnAfterMinutes');
	return typeof minutes === 'number' && minutes >= 0 ? minutes : 60;
}

function texts(value: unknown): string[] {
	return Array.isArray(value) ? value.filter((one) => typeof one === 'string' && one !== '') : [];
}

function inHomeFolder(path: string): string {
	return /^~[/\\]/.test(path) ? join(homedir(), path.slice(2)) : path;
}
