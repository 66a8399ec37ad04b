import { createInterface } from 'node:readline/promises';

/** What the command line reads and writes. */
export interface Terminal {
	readonly env: NodeJS.ProcessEnv;
	readonly cwd: string;
	/** Stdin and stderr are terminals: a question can be asked. */
	readonly interactive: boolean;
	readonly stdoutIsTerminal: boolean;
	readonly stderrIsTerminal: boolean;
	/** Columns of the terminal behind stdout; undefined where there is none. */
	readonly width: number | undefined;
	/** Writes to stdout. */
	out(text: string): void;
	/** Writes to stderr. */
	err(text: string): void;
	/** Asks on stderr and reads a line; null when there is none: end of input, or the signal was raised. */
	ask(question: string, signal: AbortSignal): Promise<string | null>;
}

/** The terminal of this process; `interrupt` is called when the user presses Ctrl-C at a question. */
export function processTerminal(interrupt: () => void): Terminal {
	const { stdin, stdout, stderr } = process;
	return {
		env: process.env,
		cwd: process.cwd(),
		interactive: stdin.isTTY && stderr.isTTY,
		stdoutIsTerminal: stdout.isTTY,
		stderrIsTerminal: stderr.isTTY,
		// A pseudo-terminal that was never given a size says 0.
		width: stdout.isTTY && stdout.columns > 0 ? stdout.columns : undefined,
		out: (text) => void stdout.write(text),
		err: (text) => void stderr.write(text),
		ask: (question, signal) => askLine(question, signal, interrupt),
	};
}

async function askLine(question: string, signal: AbortSignal, interrupt: () => void): Promise<string | null> {
	const lines = createInterface({ input: process.stdin, output: process.stderr });
	// While readline holds the terminal, Ctrl-C is a key and no signal.
	lines.on('SIGINT', interrupt);
	try {
		return await new Promise<string | null>((resolve) => {
			lines.once('close', () => resolve(null));
			lines.question(question, { signal }).then(resolve, () => resolve(null));
		});
	} finally {
		lines.close();
	}
}
