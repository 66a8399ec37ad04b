import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { settle } from './commands.js';
import { measure, type Row } from './measure.js';
import { allCorrect, load, machine, type Outcome, tables } from './report.js';
import { noChangeRow, oneCommitRow } from './rows/again.js';
import { bigBlobsRow } from './rows/bigBlobs.js';
import { captureRow } from './rows/capture.js';
import { firstSharedRow, firstSyncRow } from './rows/firstSync.js';
import { manyRefsRow } from './rows/manyRefs.js';
import { podFirstRow, podNoChangeRow, whyNoPods } from './rows/pods.js';

// Started by scripts/bench.mjs, which gives an empty folder and an environment in which nothing is the user's own.

const { values } = parseArgs({
	options: {
		folder: { type: 'string' },
		only: { type: 'string', multiple: true },
		quick: { type: 'boolean', default: false },
		runs: { type: 'string' },
	},
});
void main();

async function main(): Promise<void> {
	try {
		process.exitCode = await run(values.folder!, values.only ?? [], values.quick, Number(values.runs ?? '0'));
	} catch (error) {
		process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
		process.exitCode = 1;
	}
}

async function run(folder: string, only: readonly string[], quick: boolean, runs: number): Promise<number> {
	const rows = (quick ? quickRows() : fullRows()).filter(({ name }) => only.length === 0 || only.includes(name));
	if (rows.length === 0) {
		const names = fullRows().map(({ name }) => name);
		process.stderr.write(`There is no row of that name; there are ${names.join(', ')}\n`);
		return 2;
	}
	process.stdout.write(`${await machine()}\n`);
	const outcomes: Outcome[] = [];
	for (const row of rows) {
		process.stderr.write(`${row.title}…\n`);
		const place = join(folder, row.name);
		await mkdir(place);
		const before = load();
		const measured = await measure(runs > 0 ? { ...row, runs } : row, place, settle);
		outcomes.push({ row, measured, load: [before, load()] });
		await rm(place, { recursive: true, force: true, maxRetries: 3 });
	}
	process.stdout.write(`\n${tables(outcomes)}\n`);
	return allCorrect(outcomes) ? 0 : 1;
}

function fullRows(): Row[] {
	return [
		firstSyncRow(10_000, 5),
		firstSharedRow(10_000, 5),
		oneCommitRow(10_000, 11),
		noChangeRow(10_000, 21),
		bigBlobsRow(256, 3),
		manyRefsRow(1000, 5),
		captureRow(50_000, 11),
		...podRows(() => [podFirstRow(10_000, 5), podNoChangeRow(10_000, 21)]),
	];
}

function quickRows(): Row[] {
	return [
		firstSyncRow(1000, 3),
		firstSharedRow(1000, 3),
		oneCommitRow(1000, 5),
		noChangeRow(1000, 7),
		bigBlobsRow(8, 3),
		manyRefsRow(100, 3),
		captureRow(5000, 5),
		...podRows(() => [podFirstRow(1000, 3), podNoChangeRow(1000, 7)]),
	];
}

function podRows(rows: () => Row[]): Row[] {
	const reason = whyNoPods();
	if (reason !== undefined) {
		process.stderr.write(`no rows of pods: ${reason}\n`);
		return [];
	}
	return rows();
}
