import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Edit } from '../mutants.js';
import type { Sequence } from './commands.js';

const entry = 'test/support/model/worker.ts';
// Inside the repository, where the packages that are not bundled are found.
const folder = resolve('.cache/property', String(process.pid));

/** What a worker told: the sequences that it ran, and the failures, each as found and as shrunk. */
export interface WorkerResult {
	readonly ran: number;
	readonly failures: readonly { readonly failure: string; readonly shrunk: string }[];
}

/** Bundles the worker with these bugs in the product; fails where an edit does not find its place exactly once. */
export async function bundleWorker(name: string, edits: readonly Edit[] = []): Promise<string> {
	mkdirSync(folder, { recursive: true });
	const outfile = join(folder, `${name}.cjs`);
	const applied = new Set<Edit>();
	await build({
		entryPoints: [entry],
		outfile,
		bundle: true,
		platform: 'node',
		target: 'node22.19',
		format: 'cjs',
		packages: 'external',
		loader: { '.sh': 'text' },
		sourcemap: 'inline',
		logLevel: 'silent',
		plugins: [mutation(edits, applied)],
	});
	const idle = edits.filter((edit) => !applied.has(edit));
	if (idle.length > 0) {
		throw new Error(`${name}: ${idle.map((edit) => edit.file).join(', ')} is not part of the worker`);
	}
	return outfile;
}

/** Removes what {@link bundleWorker} wrote. */
export function removeWorkers(): void {
	rmSync(folder, { recursive: true, force: true });
}

function mutation(edits: readonly Edit[], applied: Set<Edit>): Plugin {
	return {
		name: 'mutation',
		setup: (onBuild) => {
			onBuild.onLoad({ filter: /[\\/]src[\\/]core[\\/].*\.(?:ts|sh)$/ }, ({ path }) => {
				const here = edits.filter((edit) => resolve(edit.file) === path);
				if (here.length === 0) {
					return undefined;
				}
				let contents = readFileSync(path, 'utf8');
				for (const edit of here) {
					const pieces = contents.split(edit.find);
					if (pieces.length !== 2) {
						throw new Error(`${edit.file} holds ${pieces.length - 1} times: ${edit.find}`);
					}
					contents = pieces.join(edit.replace);
					applied.add(edit);
				}
				return { contents, loader: path.endsWith('.sh') ? 'text' : 'ts' };
			});
		},
	};
}

/** Runs `count` seeds from `first`, every `step`th, in a process of its own. */
export function runSeeds(
	worker: string,
	where: 'here' | 'pods',
	first: number,
	count: number,
	step: number,
): Promise<WorkerResult> {
	return run(worker, [where === 'here' ? 'seeds' : 'pods', String(first), String(count), String(step)]);
}

/** Runs these sequences until one fails. */
export async function runGivenSequences(
	worker: string,
	sequences: readonly Sequence[],
): Promise<{ failure: string | null }> {
	const { failures } = await run(worker, ['sequences', JSON.stringify(sequences)]);
	return { failure: failures[0]?.failure ?? null };
}

async function run(worker: string, args: readonly string[]): Promise<WorkerResult> {
	const child = spawn(process.execPath, ['--enable-source-maps', worker, ...args], {
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	let out = '';
	let err = '';
	child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
	child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text));
	const code = await new Promise((end) => child.once('close', (exitCode) => end(exitCode)));
	const lines = out.split('\n').filter((line) => line !== '');
	const told = lines.map((line) => JSON.parse(line) as { ran?: number; failure?: string; shrunk?: string });
	const failures = told.flatMap(({ failure, shrunk = '' }) => (failure === undefined ? [] : [{ failure, shrunk }]));
	const ran = told.find((line) => line.ran !== undefined)?.ran;
	if (code !== 0 || (ran === undefined && failures.length === 0)) {
		throw new Error(`a worker ended with ${String(code)}: ${err}`);
	}
	return { ran: ran ?? 0, failures };
}
