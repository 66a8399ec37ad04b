import { resolve } from 'node:path';
import type { Command } from 'commander';
import { patchesDocument } from '../documents.js';
import type { Run } from '../run.js';
import { findSessions, ofSession } from '../select.js';
import { patchesLines } from '../show/patches.js';

interface PatchesFlags {
	readonly from?: string;
	readonly base?: string;
	readonly uncommitted?: boolean;
	readonly output?: string;
}

/** `patches`. */
export function registerPatchesCommand(program: Command, run: Run): void {
	program
		.command('patches')
		.description("the session's commits as a mailbox for `git am`")
		.argument('<session>')
		.option('--from <branch>', "the session's branch; by default the one it is on, and all of them with --output")
		.option('--base <rev>', "what the series comes onto; by default home's HEAD")
		.option('--uncommitted', 'what is not committed as the last patch')
		.option('--output <dir>', 'one new file for each branch, in this folder')
		.action((name: string, flags: PatchesFlags, command: Command) =>
			run(command, async (call) => {
				const [session] = await findSessions(call, [name]);
				const home = await call.home();
				const json = call.options.json === true;
				const request = {
					from: flags.from ?? null,
					base: flags.base ?? null,
					uncommitted: flags.uncommitted === true,
					output: flags.output === undefined ? null : resolve(call.terminal.cwd, flags.output),
					dryRun: call.options.dryRun === true,
				};
				const mails: string[] = [];
				const take = (text: string): void => (json ? void mails.push(text) : call.hand(text));
				const made = home.patches(session!, request, take, call.running);
				const result = await made.catch((error: unknown) => {
					throw ofSession(error, session!.id);
				});
				call.note(...patchesLines(result, request, call));
				if (json) {
					const handed = request.output === null && !request.dryRun;
					call.print(patchesDocument(result, handed ? mails.join('') : null), () => []);
				}
				return 0;
			}),
		);
}
