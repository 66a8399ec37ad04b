import type { Command } from 'commander';
import { versioned } from '../documents.js';
import type { Run } from '../run.js';
import { findKept } from '../select.js';
import { overlapLines, unseenLines } from '../show/overlap.js';

/** `overlap`. */
export function registerOverlapCommand(program: Command, run: Run): void {
	program
		.command('overlap')
		.description("which sessions' work conflicts with which, and with your branch; looks at no session")
		.argument('[session...]')
		.action((names: string[], _options: object, command: Command) =>
			run(command, async (call) => {
				const home = await call.home();
				const sessions =
					names.length === 0
						? (await home.list({ signal: call.signal })).sessions
						: await Promise.all(names.map((name) => findKept(call, name)));
				const ids = [...new Set(sessions.map(({ id }) => id))];
				const overlap = await home.overlap(ids, call.running);
				call.print(versioned({ ...overlap }), () => overlapLines(overlap, call));
				call.note(...unseenLines(overlap));
				return 0;
			}),
		);
}
