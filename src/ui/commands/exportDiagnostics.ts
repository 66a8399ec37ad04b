import { homedir, release } from 'node:os';
import * as vscode from 'vscode';
import { redact } from '../../core/base/redact.js';
import type { Operation } from '../../core/model/report.js';
import { examineWindow } from '../platform/doctorChecks.js';
import type { WindowCheck } from '../platform/doctorChecks.js';
import { stateOf } from '../tree/standing.js';
import type { CommandContext } from './context.js';

const mostOperations = 20;

/**
 * Puts what helps to find out what is wrong into a new document, without secrets, for the user to read, save and give
 * away or not. Nothing is sent anywhere; no kubeconfig and no environment variable is in it.
 */
export async function exportDiagnostics(context: CommandContext): Promise<void> {
	const { home, model, about, ports } = context;
	const title = vscode.l10n.t('Collecting diagnostics');
	const content = await ports.prompter.progress(title, async ({ signal }) => {
		const { ofWindow, ofHome } = await examineWindow(home, model.snapshot, about, signal);
		const operations = await operationsOf(context);
		return [
			'# Homeport diagnostics',
			'',
			vscode.l10n.t(
				'Secrets were taken out as far as they can be told. Read this before you give it away: it names folders, sessions, contexts and operations.',
			),
			...section('Versions', [
				`Homeport ${about.version}`,
				`${vscode.env.appName} ${vscode.version}, ${vscode.env.remoteName ?? 'local'}, ${uiKind()}`,
				`Node ${process.versions.node}, ${process.platform} ${process.arch} ${release()}`,
			]),
			...section('Settings', settingsLines(about.settings)),
			...section('Checks', [...ofWindow, ...ofHome].map(checkLine)),
			...section(
				'Sessions',
				model.snapshot.sessions.map(({ session, status }) =>
					[session.id, stateOf({ session, status }), session.reason ?? '', status?.unknown?.reason ?? '']
						.filter(Boolean)
						.join(' · '),
				),
			),
			...section('Operations', operations.map(operationLine)),
			'',
			'## Log',
			'',
			'```text',
			...ports.log.lastLines().map((line) => line.replaceAll('```', "'''")),
			'```',
			'',
		].join('\n');
	});
	const document = await vscode.workspace.openTextDocument({
		language: 'markdown',
		content: redact(content, [homedir(), process.env['HOME'] ?? '']),
	});
	await vscode.window.showTextDocument(document);
}

async function operationsOf({ home }: CommandContext): Promise<readonly Operation[]> {
	try {
		return await (await home.open()).operations(mostOperations);
	} catch {
		// The checks say why.
		return [];
	}
}

function section(title: string, lines: readonly string[]): string[] {
	const shown = lines.length === 0 ? ['none'] : lines;
	return ['', `## ${title}`, '', ...shown.map((line) => `- ${line.replaceAll('\n', ' ')}`)];
}

function uiKind(): string {
	return vscode.env.uiKind === vscode.UIKind.Web ? 'web' : 'desktop';
}

function settingsLines(names: readonly string[]): string[] {
	const settings = vscode.workspace.getConfiguration();
	return names.flatMap((name) => {
		const value = settings.get<unknown>(name);
		const isDefault = JSON.stringify(value) === JSON.stringify(settings.inspect(name)?.defaultValue);
		return isDefault ? [] : [`${name}: ${JSON.stringify(value)}`];
	});
}

function checkLine({ ok, name, detail }: WindowCheck): string {
	return `${ok ? 'ok' : 'BAD'} ${name}: ${detail}`;
}

function operationLine({ time, kind, state, undone, session, refs }: Operation): string {
	return `${time} ${kind} ${state}${undone ? ', undone' : ''}, ${session ?? 'no session'}, ${refs.length} refs`;
}
