import { resolve } from 'node:path';
import type { Command } from 'commander';
import { HomeportError } from '../../core/base/errors.js';
import { count, shownText } from '../../core/base/text.js';
import type { Call } from '../call.js';
import type { ListedSession } from '../documents.js';
import { problemDocument, sessionDocument, versioned } from '../documents.js';
import type { Run } from '../run.js';
import { noteProblems } from '../select.js';
import { table } from '../table.js';

/** `list`, `add` and `remove`. */
export function registerSessionCommands(program: Command, run: Run): void {
	program
		.command('list')
		.description('sessions of this home')
		.option('--all-contexts', 'those of every context, not of the current one alone')
		.option('--any-home', 'those of other homes too')
		.action((options: { readonly anyHome?: boolean }, command: Command) =>
			run(command, async (call) => {
				const home = await call.home();
				const list = await home.list({ signal: call.signal, anyHome: options.anyHome === true });
				const code = noteProblems(call, list.problems);
				const problems = list.problems.map(problemDocument);
				const sessions = list.sessions.map(sessionDocument);
				call.print(versioned({ sessions, elsewhere: list.elsewhere, problems }), () => [
					...listLines(call, list.sessions),
					...(list.elsewhere === 0
						? []
						: [`${count(list.elsewhere, 'session')} of other homes; --any-home shows them`]),
				]);
				return code;
			}),
		);

	program
		.command('add')
		.description('register a folder as a session of this home')
		.argument('<name>')
		.argument('<path>', 'the folder that the agent works in')
		.option('--agent <agent>', 'the agent at work there', 'claude')
		.action((name: string, path: string, options: { readonly agent: string }, command: Command) =>
			run(command, async (call) => {
				if (call.options.dryRun === true) {
					throw new HomeportError('usage', { what: '`add` has no dry run' });
				}
				const home = await call.home();
				const session = await home.add(name, resolve(call.terminal.cwd, path), options.agent);
				call.print(versioned({ session: sessionDocument(session) }), () => [
					`added ${shownText(session.id)}: ${shownText(session.workspace)}`,
				]);
				return 0;
			}),
		);

	program
		.command('remove')
		.description('end the registration of a session; its ledger and its folder stay')
		.argument('<session>')
		.action((name: string, _options: object, command: Command) =>
			run(command, async (call) => {
				const home = await call.home();
				const dryRun = call.options.dryRun === true;
				const session = await home.remove(name, { dryRun });
				call.print(versioned({ session: sessionDocument(session), ...(dryRun ? { dryRun } : {}) }), () => [
					`${dryRun ? 'would remove' : 'removed'} ${shownText(session.id)}; its ledger and its folder stay`,
				]);
				return 0;
			}),
		);
}

function listLines(call: Call, sessions: readonly ListedSession[]): string[] {
	if (sessions.length === 0) {
		return ['no sessions; `homeport add NAME PATH` adds a folder as one'];
	}
	return table(
		['session', 'agent', 'state', 'branch', 'folder'],
		sessions.map((session) => [
			session.id,
			session.agent,
			session.reason === null ? session.state : `${session.state} (${session.reason})`,
			session.branch ?? '',
			session.workspace,
		]),
		call.style,
		call.terminal.width,
	);
}
