import { Option } from 'commander';
import type { Command } from 'commander';
import { HomeportError, isHomeportError } from '../../core/base/errors.js';
import type { Homeport } from '../../core/homeport.js';
import type { OnConflict } from '../../core/model/merge.js';
import type { Direction, Strategy, SyncRequest } from '../../core/model/plan.js';
import type { SyncResult } from '../../core/model/report.js';
import type { Session } from '../../core/model/session.js';
import { failedResult } from '../../core/model/syncSeveral.js';
import type { Call } from '../call.js';
import { decideFor } from '../decide.js';
import { plannedOutcome, planDocument, syncDocument } from '../documents.js';
import { combinedExitCode, exitCodeOfResult } from '../exitCodes.js';
import type { ExitCode } from '../exitCodes.js';
import type { Run } from '../run.js';
import { ofSession, selectSessions } from '../select.js';
import { planOutcomeLines, refusalLines, rescueLines, resultLines } from '../show/result.js';
import { syncSessionsTogether } from '../syncSeveral.js';

interface SyncFlags {
	readonly all?: boolean;
	readonly direction?: Direction;
	readonly strategy: Strategy;
	readonly branch?: string;
	readonly from?: string;
	readonly onConflict?: OnConflict;
	readonly rebase?: boolean;
	readonly origin?: boolean;
}

/** `plan`, `sync`, `pull`, `push` and `rescue`. */
export function registerSyncCommands(program: Command, run: Run): void {
	const sync = program
		.command('sync')
		.description("bring the sessions' work home, or home's work into them")
		.argument('[session...]')
		.option('--all', 'the running sessions of this home')
		.addOption(
			new Option('--direction <direction>', 'where work goes').choices(['home', 'session', 'both']).default('home'),
		)
		.action((names: string[], flags: SyncFlags, command: Command) =>
			run(command, (call) => syncSessions(call, names, flags)),
		);
	const pull = program
		.command('pull')
		.description('`sync --direction home`')
		.argument('<session>')
		.action((name: string, flags: SyncFlags, command: Command) =>
			run(command, (call) => syncSessions(call, [name], flags)),
		);
	const push = program
		.command('push')
		.description('`sync --direction session`: bring a branch of home into the session')
		.argument('<session>')
		.action((name: string, flags: SyncFlags, command: Command) =>
			run(command, (call) => syncSessions(call, [name], { ...flags, direction: 'session' })),
		);
	const plan = program
		.command('plan')
		.description(
			'what a sync would do, for reading; fetches, keeps the work under refs/homeport, changes nothing of yours',
		)
		.argument('<session>')
		.action((name: string, flags: SyncFlags, command: Command) =>
			run(command, (call) => planSessions(call, [name], requestOf(flags), false)),
		);
	plan.addOption(
		new Option('--direction <direction>', 'where work would go').choices(['home', 'session', 'both']).default('home'),
	);
	for (const command of [sync, pull, push, plan]) {
		addSyncOptions(command);
	}

	program
		.command('rescue')
		.description('bring everything of the sessions to safety in home; touches no branch')
		.argument('[session...]')
		.option('--all', 'the running sessions of this home')
		.action((names: string[], flags: { readonly all?: boolean }, command: Command) =>
			run(command, async (call) => {
				const all = flags.all === true;
				const { sessions, code } = await selectSessions(call, names, all);
				return combinedExitCode([code, await each(call, sessions, all || names.length > 1, rescueOne)]);
			}),
		);
}

function addSyncOptions(command: Command): void {
	command
		.addOption(
			new Option('--strategy <strategy>', 'how branches become those of the other side')
				.choices(['branch', 'merge', 'overwrite', 'exclude'])
				.default('branch'),
		)
		.option('--branch <name>', 'the home branch; by default of a push the one that is checked out')
		.option('--from <branch>', "the session's branch; by default of a push the one that it is on")
		.addOption(
			new Option('--on-conflict <way>', 'what a merge does with conflicts').choices([
				'manual',
				'auto-ours',
				'auto-theirs',
			]),
		)
		.option('--rebase', "for merge: put the session's commits on top of the branch instead")
		.addOption(
			new Option('--reason <reason>', 'why it is run').choices(['startup', 'scheduled', 'threshold', 'manual', 'exit']),
		)
		.option('--origin', 'take in what the branch checked out here follows first, and push that branch afterwards');
}

function requestOf(flags: SyncFlags): SyncRequest {
	const direction = flags.direction ?? 'home';
	if (flags.strategy !== 'merge' && (flags.rebase === true || flags.onConflict !== undefined)) {
		const flag = flags.rebase === true ? '--rebase' : '--on-conflict';
		throw new HomeportError('usage', { what: `\`${flag}\` belongs to \`--strategy merge\`` });
	}
	return {
		strategy: flags.strategy,
		direction,
		branch: flags.branch ?? null,
		from: flags.from ?? null,
		...(flags.onConflict === undefined ? {} : { onConflict: flags.onConflict }),
		...(flags.rebase === true ? { rebase: true } : {}),
		...(flags.origin === true ? { origin: true } : {}),
	};
}

async function syncSessions(call: Call, names: readonly string[], flags: SyncFlags): Promise<ExitCode> {
	const request = requestOf(flags);
	const all = flags.all === true;
	const several = all || names.length > 1;
	if (call.options.dryRun === true) {
		return planSessions(call, names, request, all);
	}
	const { sessions, code } = await selectSessions(call, names, all);
	if (several) {
		const results = await syncSessionsTogether(call, sessions, request);
		const finished = finish(
			call,
			results.map((result) => ({ result, lines: () => resultLines(result, call) })),
			true,
		);
		return combinedExitCode([code, finished]);
	}
	const decision = decideFor(call);
	return each(call, sessions, false, async (home, session) => {
		const result = await home.sync(session, request, decision, call.running);
		return { result, lines: () => resultLines(result, call) };
	});
}

async function planSessions(
	call: Call,
	names: readonly string[],
	request: SyncRequest,
	all: boolean,
): Promise<ExitCode> {
	const several = all || names.length > 1;
	const accepted = call.options.accept;
	const documents: object[] = [];
	const lines: string[] = [];
	const failures: string[] = [];
	const { sessions, code: selected } = await selectSessions(call, names, all);
	const codes: ExitCode[] = [selected];
	for (const session of sessions) {
		if (call.signal.aborted) {
			break;
		}
		try {
			const plan = await (await call.home()).plan(session, request, call.running);
			documents.push(planDocument(plan, accepted));
			lines.push(...planOutcomeLines(plan, plannedOutcome(plan, accepted), accepted, call));
			codes.push(0);
		} catch (error) {
			// What blocks a plan is its answer, and no failure to make one.
			if (!several && !isHomeportError(error, 'blocked')) {
				throw ofSession(error, session.id);
			}
			const result = failedResult(session, error);
			documents.push(syncDocument(result));
			lines.push(...resultLines(result, call));
			failures.push(...refusalLines(result, call));
			codes.push(exitCodeOfResult(result));
		}
	}
	printAll(call, documents, several, () => lines);
	call.note(...failures);
	return combinedExitCode(codes);
}

interface Ended {
	readonly result: SyncResult;
	readonly lines: () => readonly string[];
}

async function rescueOne(home: Homeport, session: Session, call: Call): Promise<Ended> {
	const result = await home.rescue(session, call.running);
	const [newest] = result.error === null ? await home.ledger(session.id, 1) : [];
	return { result, lines: () => rescueLines(result, newest, call) };
}

/**
 * Works through the sessions one by one; one that fails stops no other, an interruption ends after the one at work. The
 * error of a single session is the error of the command.
 */
async function each(
	call: Call,
	sessions: readonly Session[],
	several: boolean,
	one: (home: Homeport, session: Session, call: Call) => Promise<Ended>,
): Promise<ExitCode> {
	const ended: Ended[] = [];
	for (const session of sessions) {
		if (call.signal.aborted) {
			break;
		}
		try {
			ended.push(await one(await call.home(), session, call));
		} catch (error) {
			if (!several) {
				throw ofSession(error, session.id);
			}
			const result = failedResult(session, error);
			ended.push({ result, lines: () => resultLines(result, call) });
		}
	}
	return finish(call, ended, several);
}

function finish(call: Call, ended: readonly Ended[], several: boolean): ExitCode {
	const results = ended.map(({ result }) => result);
	const documents = results.map(syncDocument);
	printAll(call, documents, several, () => ended.flatMap(({ lines }) => lines()));
	call.note(...results.flatMap((result) => refusalLines(result, call)));
	return combinedExitCode(results.map(exitCodeOfResult));
}

/** Prints an array for several sessions, else the one document; an interruption before it is an error. */
function printAll(call: Call, documents: readonly object[], several: boolean, lines: () => readonly string[]): void {
	if (!several && documents.length === 0) {
		throw new HomeportError('cancelled');
	}
	call.print(several ? documents : documents[0], lines);
}
