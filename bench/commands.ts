import { spawn } from 'node:child_process';

interface CommandOptions {
	readonly cwd?: string;
	readonly env?: Readonly<Record<string, string>>;
	readonly input?: string;
}

/** Runs a program as a user would, and returns what it printed without the last newline. Fails when the program does. */
export async function command(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const child = spawn(argv[0]!, argv.slice(1), {
		cwd: options.cwd,
		env: { ...process.env, ...options.env },
		stdio: 'pipe',
	});
	const chunks: Buffer[] = [];
	let stderr = '';
	child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
	child.stderr.on('data', (chunk: Buffer) => (stderr = (stderr + chunk.toString('latin1')).slice(-4000)));
	child.on('error', reject);
	child.on('close', (code) => {
		if (code === 0) {
			resolve(Buffer.concat(chunks).toString('latin1').replace(/\n$/, ''));
		} else {
			reject(new Error(`${argv.slice(0, 12).join(' ')} ended with ${code}: ${stderr.trim()}`));
		}
	});
	child.stdin.on('error', () => undefined);
	child.stdin.end(options.input ?? '');
	return promise;
}

/** Runs git in a folder. */
export async function git(dir: string, ...args: readonly string[]): Promise<string> {
	return command(['git', '-C', dir, ...args]);
}

/** True when the program ends with 0. */
export async function succeeds(argv: readonly string[], options: CommandOptions = {}): Promise<boolean> {
	return command(argv, options).then(
		() => true,
		() => false,
	);
}

/** Waits until everything that was written is on the disk. */
export async function settle(): Promise<void> {
	await command(['sync']);
}
