import { InvalidArgumentError } from 'commander';
import type { Command } from 'commander';
import { ledgerDocument, operationDocument, versioned } from '../documents.js';
import type { Run } from '../run.js';
import { findKept } from '../select.js';
import { ledgerLines, operationDetailLines, operationLines } from '../show/history.js';

interface LimitFlag {
	readonly limit?: number;
}

/** `ledger`, `log` and `show`: reading the two histories. */
export function registerHistoryCommands(program: Command, run: Run): void {
	program
		.command('ledger')
		.description('what was ever seen of a session, where it is, what is missing')
		.argument('<session>')
		.option('--limit <count>', 'the newest entries alone', positive)
		.action((name: string, flags: LimitFlag, command: Command) =>
			run(command, async (call) => {
				const { id } = await findKept(call, name);
				const entries = await (await call.home()).ledger(id, flags.limit);
				call.print(ledgerDocument(id, entries), () => ledgerLines(id, entries, call.style, call.terminal.width));
				return 0;
			}),
		);

	program
		.command('log')
		.description('the operations, newest first')
		.option('--limit <count>', 'the newest alone', positive)
		.action((flags: LimitFlag, command: Command) =>
			run(command, async (call) => {
				const operations = await (await call.home()).operations(flags.limit);
				call.print(versioned({ operations: operations.map(operationDocument) }), () =>
					operationLines(operations, call.style, call.terminal.width),
				);
				return 0;
			}),
		);

	program
		.command('show')
		.description('one operation')
		.argument('<operation>')
		.action((id: string, _options: object, command: Command) =>
			run(command, async (call) => {
				const operation = await (await call.home()).operation(id);
				call.print(versioned(operationDocument(operation)), () =>
					operationDetailLines(operation, call.style, call.terminal.width),
				);
				return 0;
			}),
		);
}

function positive(text: string): number {
	if (!/^[1-9][0-9]{0,8}$/.test(text)) {
		throw new InvalidArgumentError('A number from 1 on is needed.');
	}
	return Number(text);
}
