import type { Command } from 'commander';
import { isHomeportError } from '../../core/base/errors.js';
import type { UndoResult } from '../../core/model/report.js';
import { unaccepted } from '../../core/model/warning.js';
import type { Call } from '../call.js';
import { decide } from '../decide.js';
import { undoDocument } from '../documents.js';
import type { Run } from '../run.js';
import { refused, undoLines, undoSubject } from '../show/result.js';

/** `undo`. */
export function registerUndoCommand(program: Command, run: Run): void {
	program
		.command('undo')
		.description('put back what an operation changed: the one named, or the newest that stands')
		.argument('[operation]')
		.action((id: string | undefined, _options: object, command: Command) =>
			run(command, async (call) => {
				const result = await undo(call, id ?? null);
				if (result === null) {
					call.print(undoDocument(null), () => ['nothing to undo']);
					return 0;
				}
				call.print(undoDocument(result), () => undoLines(result, call));
				if (result.outcome !== 'refused') {
					return 0;
				}
				const open = unaccepted(result.warnings, new Set(call.options.accept));
				call.note(...refused(`${result.kind} of ${undoSubject(result)}`, open));
				return 3;
			}),
		);
}

async function undo(call: Call, id: string | null): Promise<UndoResult | null> {
	const home = await call.home();
	let accepted = call.options.accept;
	try {
		for (;;) {
			const result = await home.undo(id, { ...call.running, accepted, dryRun: call.options.dryRun === true });
			if (result.outcome !== 'refused') {
				return result;
			}
			const title = `${result.kind} of ${undoSubject(result)}:`;
			const decision = await decide(call, title, result, accepted);
			// Without a code that could still be accepted, asking again would only repeat the refusal.
			if (!decision.proceed || decision.accepted.length === accepted.length) {
				return result;
			}
			accepted = decision.accepted;
		}
	} catch (error) {
		if (isHomeportError(error, 'nothing-to-undo')) {
			return null;
		}
		throw error;
	}
}
