import type { Command } from 'commander';
import { shownText } from '../../core/base/text.js';
import { unaccepted } from '../../core/model/warning.js';
import type { ContinueResult } from '../../core/model/report.js';
import type { Call } from '../call.js';
import { ask } from '../decide.js';
import { continueDocument } from '../documents.js';
import type { Run } from '../run.js';
import { branchName, shortOid, warningLine } from '../show/plan.js';
import { refused } from '../show/result.js';

/** `continue`. */
export function registerContinueCommand(program: Command, run: Run): void {
	program
		.command('continue')
		.description('end a merge that was opened with conflicts: the one named, or the only one')
		.argument('[operation]')
		.action((id: string | undefined, _options: object, command: Command) =>
			run(command, async (call) => {
				const result = await continueAsking(call, id ?? null);
				call.print(continueDocument(result), () => continueLines(result, call));
				if (result.outcome === 'done') {
					return 0;
				}
				const open = unaccepted(result.warnings, new Set(call.options.accept));
				call.note(...refused(`merge for ${branchName(result.ref)}`, open));
				return 3;
			}),
		);
}

async function continueAsking(call: Call, id: string | null): Promise<ContinueResult> {
	const home = await call.home();
	const first = await home.continueMerge(id, { ...call.running, accepted: call.options.accept });
	if (first.outcome === 'done' || !call.terminal.interactive) {
		return first;
	}
	const accepted = [...call.options.accept];
	for (const warning of first.warnings.filter((one) => one.level === 'ask' && !one.accepted)) {
		call.note(`  ${warningLine(warning, call.errStyle)}`);
		if (!/^y(es)?$/i.test((await ask(call, `Accept ${warning.code}? [y/N] `)).trim())) {
			return first;
		}
		accepted.push(warning.code);
	}
	return home.continueMerge(first.continues, { ...call.running, accepted });
}

function continueLines(result: ContinueResult, call: Call): string[] {
	const moved = `${branchName(result.ref)} ${shortOid(result.from)}..${shortOid(result.to)}`;
	const operation = shownText(result.operation ?? '');
	return [
		`${moved}: ${result.outcome === 'done' ? call.style('good', 'merged') : call.style('careful', 'not merged')}`,
		...result.warnings.map((warning) => `  ${warningLine(warning, call.style)}`),
		...(result.operation === null ? [] : [`  operation ${operation}; \`homeport undo ${operation}\` takes it back`]),
	];
}
