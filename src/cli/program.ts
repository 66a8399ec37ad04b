import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { HomeportError, isHomeportError } from '../core/base/errors.js';
import { describeError } from '../core/base/messages.js';
import { collectCodes, requireKnownCodes } from './accept.js';
import { createCall } from './call.js';
import type { GlobalOptions, OpenHome } from './call.js';
import { registerAboutCommands } from './commands/about.js';
import { registerContinueCommand } from './commands/continue.js';
import { registerForgetCommand } from './commands/forget.js';
import { registerHistoryCommands } from './commands/history.js';
import { registerLockCommands } from './commands/lock.js';
import { registerOverlapCommand } from './commands/overlap.js';
import { registerPatchesCommand } from './commands/patches.js';
import { registerSessionCommands } from './commands/sessions.js';
import { registerStatusCommand } from './commands/status.js';
import { registerSyncCommands } from './commands/sync.js';
import { registerUndoCommand } from './commands/undo.js';
import { errorDocument } from './documents.js';
import { exitCodeOfError } from './exitCodes.js';
import type { ExitCode } from './exitCodes.js';
import { jsonText } from './safe.js';
import type { Run } from './run.js';
import { createStyle, wantsColor } from './style.js';
import type { Terminal } from './terminal.js';

/** What the command line is run with. */
export interface Face {
	readonly terminal: Terminal;
	readonly openHome: OpenHome;
	/** Raised by the first interruption: the command ends at the next safe point. */
	readonly signal: AbortSignal;
	readonly version: string;
}

/** Runs one command to its end, with all its output, and returns the exit code; never fails. */
export async function runCli(argv: readonly string[], face: Face): Promise<ExitCode> {
	let code: ExitCode = 0;
	const program = createProgram(face, async (command, body) => {
		const options = command.optsWithGlobals<GlobalOptions>();
		requireKnownCodes(command.name(), options.accept);
		code = await body(createCall(options, face.terminal, face.signal, face.openHome));
	});
	try {
		await program.parseAsync(argv, { from: 'user' });
	} catch (error) {
		if (error instanceof CommanderError && error.exitCode === 0) {
			return 0;
		}
		const failure = error instanceof CommanderError ? usageError(error) : error;
		// Options may be what could not be read, so the arguments themselves tell whether JSON was asked for.
		report(failure, face.terminal, options(argv).includes('--json'), program.opts<GlobalOptions>().color);
		code = exitCodeOfError(failure);
	}
	return face.signal.aborted ? 130 : code;
}

function createProgram(face: Face, run: Run): Command {
	const { terminal } = face;
	const program = new Command('homeport')
		.description("Brings the work of coding agents home, without one overwriting another's.")
		.version(face.version, '--version')
		.option('--json', 'one JSON document on stdout')
		.option('--repo <dir>', 'home; by default the repository around the current folder')
		.option('--kubeconfig <file>', 'the clusters that are known')
		.option('--context <name>', 'the context of the cluster')
		.option('--namespace <name>', 'the namespace in the cluster')
		.addOption(
			new Option('--accept <code>', 'accept a warning by its code; repeatable, or separated by commas')
				.argParser(collectCodes)
				.default([], 'none'),
		)
		.option(
			'--dry-run',
			'show what would be done, and change nothing of yours; work is still fetched and kept under refs/homeport',
		)
		.option('--wait <seconds>', 'how long to wait for the lock', seconds, 5)
		.option('--color', 'colours, whatever reads the output')
		.option('--no-color', 'no colours')
		.option('--verbose', 'the whole log on stderr')
		.configureHelp({ showGlobalOptions: true })
		.configureOutput({
			writeOut: (text) => terminal.out(text),
			writeErr: (text) => terminal.err(text),
			// Reported once the command has ended, in the form that was asked for.
			outputError: () => undefined,
			getOutHelpWidth: () => terminal.width ?? 80,
			getErrHelpWidth: () => terminal.width ?? 80,
			getOutHasColors: () => wantsColor(undefined, terminal.env, terminal.stdoutIsTerminal),
			getErrHasColors: () => wantsColor(undefined, terminal.env, terminal.stderrIsTerminal),
		})
		.exitOverride();
	registerSessionCommands(program, run);
	registerStatusCommand(program, run);
	registerSyncCommands(program, run);
	registerOverlapCommand(program, run);
	registerPatchesCommand(program, run);
	registerHistoryCommands(program, run);
	registerContinueCommand(program, run);
	registerUndoCommand(program, run);
	registerForgetCommand(program, run);
	registerLockCommands(program, run);
	registerAboutCommands(program, run, face.version);
	return program;
}

function report(error: unknown, terminal: Terminal, json: boolean, color: boolean | undefined): void {
	const { message, next } = describeError(error, 'cli');
	const style = createStyle(wantsColor(color, terminal.env, terminal.stderrIsTerminal));
	if (json) {
		terminal.out(`${jsonText(errorDocument(error))}\n`);
	}
	terminal.err(`${style('bad', 'homeport:')} ${message}\n${next === null ? '' : `${next}\n`}`);
	if (!isHomeportError(error) && error instanceof Error && terminal.env['HOMEPORT_DEBUG']) {
		terminal.err(`${error.stack ?? ''}\n`);
	}
}

function usageError(error: CommanderError): HomeportError {
	const what =
		error.code === 'commander.help'
			? 'A command is needed'
			: error.message.replace(/^error: /, '').replaceAll('\n', ' ');
	return new HomeportError('usage', { what, reason: error.code }, error);
}

function options(argv: readonly string[]): readonly string[] {
	const end = argv.indexOf('--');
	return end === -1 ? argv : argv.slice(0, end);
}

function seconds(text: string): number {
	if (!/^[0-9]{1,6}(\.[0-9]+)?$/.test(text)) {
		throw new InvalidArgumentError('A number of seconds is needed.');
	}
	return Number(text);
}
