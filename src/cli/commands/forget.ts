import { InvalidArgumentError, Option } from 'commander';
import type { Command } from 'commander';
import { HomeportError } from '../../core/base/errors.js';
import { count, shownText } from '../../core/base/text.js';
import type { ForgetPlan, ForgetScope } from '../../core/model/report.js';
import type { Call } from '../call.js';
import { ask } from '../decide.js';
import { versioned } from '../documents.js';
import type { Run } from '../run.js';
import { knownLines } from '../show/status.js';
import { findKept } from '../select.js';
import type { KnownSession } from '../select.js';
import { shortOid } from '../show/plan.js';

/** `forget`: the one command that rewrites a ledger, and asks for the session's name typed. */
export function registerForgetCommand(program: Command, run: Run): void {
	program
		.command('forget')
		.description('drop what the ledger of a session holds, last copies included')
		.argument('<session>')
		.addOption(new Option('--path <path>', 'the entries that hold this path').conflicts('before'))
		.addOption(new Option('--before <date>', 'the entries older than this').argParser(isoTime))
		.action((name: string, scope: ForgetScope, command: Command) =>
			run(command, async (call) => {
				const home = await call.home();
				const session = await findKept(call, name);
				const plan = await home.forgetPlan(session.id, scope, call.running);
				if (call.options.dryRun === true) {
					call.print(forgetDocument(plan, true), () => forgetLines(plan, 'would drop'));
					return 0;
				}
				const confirmation = await confirm(call, session, name, plan);
				const done = await home.forget(session.id, scope, confirmation);
				call.print(forgetDocument(done, false), () => forgetLines(done, 'dropped'));
				return 0;
			}),
		);
}

function forgetDocument(plan: ForgetPlan, dryRun: boolean): object {
	const { session, entries, lastCopies } = plan;
	return versioned({
		session,
		entries,
		lastCopies: lastCopies.map(({ oid, subject }) => ({ oid, subject: shownText(subject) })),
		...(plan.known === undefined ? {} : { known: plan.known }),
		...(dryRun ? { dryRun } : {}),
	});
}

function forgetLines(plan: ForgetPlan, verb: string): string[] {
	return [
		`${verb} ${count(plan.entries, 'entry', 'entries')} of the ledger of ${shownText(plan.session)}, and with them ${count(plan.lastCopies.length, 'last copy', 'last copies')}`,
		...plan.lastCopies.map(({ oid, subject }) => `  ${shortOid(oid)} ${shownText(subject)}`),
		...(plan.known ?? []).flatMap(knownLines),
	];
}

/** The session's name as the user confirmed it, typed or by `--accept`; fails with `confirmation-needed`. */
async function confirm(call: Call, session: KnownSession, given: string, plan: ForgetPlan): Promise<string> {
	const names = [session.name, session.id, given];
	if (names.some((name) => call.options.accept.includes(`forget:${name}`))) {
		return session.name;
	}
	call.note(...forgetLines(plan, 'this drops'));
	if (call.terminal.interactive) {
		const typed = await ask(call, `Type the name of the session, ${shownText(session.name)}, to go on: `);
		if (typed.trim() === session.name) {
			return session.name;
		}
	}
	throw new HomeportError('confirmation-needed', {
		session: session.name,
		accept: [`forget:${session.name}`],
		entries: plan.entries,
		lastCopies: plan.lastCopies.length,
	});
}

function isoTime(text: string): string {
	const time = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/.test(text)
		? new Date(text)
		: new Date(NaN);
	if (Number.isNaN(time.getTime())) {
		throw new InvalidArgumentError('A date is needed, such as 2026-11-20 or 2026-11-20T10:00:00Z.');
	}
	return time.toISOString();
}
