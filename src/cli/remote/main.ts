import { openHome } from '../../core/homeport.js';
import { runRemote } from './serve.js';

const interruption = new AbortController();

/** The first interruption ends what runs in the session, the second ends the process at once. */
function interrupt(): void {
	if (interruption.signal.aborted) {
		process.exit(130);
	}
	interruption.abort();
}

async function main(): Promise<void> {
	// For this process alone, where it is VS Code's own program; what is started from here is none.
	delete process.env['ELECTRON_RUN_AS_NODE'];
	process.on('SIGINT', interrupt);
	process.on('SIGTERM', interrupt);
	// git may go at any time, and says why itself.
	process.stdout.on('error', () => undefined);
	process.stderr.on('error', () => undefined);
	process.exitCode = await runRemote(process.argv.slice(2), {
		input: process.stdin,
		output: process.stdout,
		err: (text) => void process.stderr.write(text),
		env: process.env,
		cwd: process.cwd(),
		openHome,
		signal: interruption.signal,
	});
	process.stdin.destroy();
}

void main();
