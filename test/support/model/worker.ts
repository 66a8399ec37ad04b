import { makeSequence, type Sequence } from './commands.js';
import { runDoomedOperation } from './doomed.js';
import type { DoomedOperation } from './kill.js';
import { describeFailure, runSequence, shrink } from './sequence.js';

const shrinkMs = 60_000;
const mostFailures = 5;

/*
 * One worker of the property. `seeds FIRST COUNT STEP` runs sequences, `pods …` the same in pods, and prints a line of JSON for each that
 * fails, then one with the count; `sequences JSON` runs the ones given until one fails; `doomed JSON` is killed.
 */
async function runSeeds(where: 'here' | 'pods', [first = 0, count = 0, step = 1]: readonly number[]): Promise<void> {
	let failures = 0;
	let index = 0;
	for (; index < count && failures < mostFailures; index += 1) {
		const failure = await runSequence(makeSequence(first + index * step, 12, where));
		if (failure !== null) {
			failures += 1;
			print({ failure: describeFailure(failure), shrunk: describeFailure(await shrink(failure, shrinkMs)) });
		}
		if ((index + 1) % 100 === 0) {
			print({ progress: index + 1 });
		}
	}
	print({ ran: index, failures });
}

async function runGiven(sequences: readonly Sequence[]): Promise<void> {
	for (const sequence of sequences) {
		const failure = await runSequence(sequence);
		if (failure !== null) {
			print({ failure: describeFailure(failure) });
			return;
		}
	}
	print({ ran: sequences.length, failures: 0 });
}

function print(line: object): void {
	process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function main([mode = '', ...rest]: readonly string[]): Promise<void> {
	if (mode === 'doomed') {
		await runDoomedOperation(JSON.parse(rest[0] ?? '') as DoomedOperation);
	} else if (mode === 'sequences') {
		await runGiven(JSON.parse(rest[0] ?? '') as Sequence[]);
	} else {
		await runSeeds(mode === 'pods' ? 'pods' : 'here', rest.map(Number));
	}
}

main(process.argv.slice(2)).catch((error: unknown) => {
	process.stderr.write(`${String(error instanceof Error ? error.stack : error)}\n`);
	process.exitCode = 1;
});
