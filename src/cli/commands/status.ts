import type { Command } from 'commander';
import { statusDocument, versioned } from '../documents.js';
import type { Run } from '../run.js';
import { findSessions, noteProblems } from '../select.js';
import { statusLines } from '../show/status.js';

/** `status`. */
export function registerStatusCommand(program: Command, run: Run): void {
	program
		.command('status')
		.description('where the work stands, of all sessions of this home or of those named')
		.argument('[session...]')
		.action((names: string[], _options: object, command: Command) =>
			run(command, async (call) => {
				const home = await call.home();
				const list = names.length === 0 ? await home.list({ signal: call.signal }) : null;
				const sessions = list?.sessions ?? (await findSessions(call, names));
				const statuses = await home.status(sessions, call.running);
				call.print(versioned({ sessions: statuses.map(statusDocument) }), () =>
					statusLines(statuses, call.style, call.terminal.width),
				);
				return noteProblems(call, list?.problems ?? []);
			}),
		);
}
