import { openHome } from '../core/homeport.js';
import { version } from '../../package.json';
import { runCli } from './program.js';
import { processTerminal } from './terminal.js';

const interruption = new AbortController();

/** The first interruption ends the command at its next safe point, the second ends the process at once. */
function interrupt(): void {
	if (interruption.signal.aborted) {
		process.exit(130);
	}
	interruption.abort();
	process.stderr.write('\nEnding at the next safe point; interrupt again to end at once.\n');
}

// A reader that has gone, such as `head`, ends the output and is no failure.
function onOutputError(error: NodeJS.ErrnoException): void {
	if (error.code !== 'EPIPE') {
		throw error;
	}
}

async function main(): Promise<void> {
	// For this process alone, where it is VS Code's own program; what is started from here is none.
	delete process.env['ELECTRON_RUN_AS_NODE'];
	process.on('SIGINT', interrupt);
	process.on('SIGTERM', interrupt);
	process.stdout.on('error', onOutputError);
	process.stderr.on('error', onOutputError);
	process.exitCode = await runCli(process.argv.slice(2), {
		terminal: processTerminal(interrupt),
		openHome,
		signal: interruption.signal,
		version,
	});
}

void main();
