import { readFileSync, writeFileSync } from 'node:fs';

const page = 'docs/reliability.md';
const figures = /(<!-- figures -->\n\n.*\n.*\n)([^]*?)(\n<!-- \/figures -->)/;

/** What a long run was, how often it was done, and how it ended. */
export interface LongRun {
	/** In Markdown; a later run of the same takes its row. */
	readonly what: string;
	readonly amount: number;
	readonly result: string;
}

/** How the tests of a describe block have ended, for its `after`. */
export function endOf(block: Mocha.Context, passed: string): string {
	const failed = (block.test?.parent?.tests ?? []).filter((test) => test.state === 'failed').length;
	return failed === 0 ? passed : `${failed} tests failed`;
}

/** Puts a long run with today's date into the table of `docs/reliability.md`. */
export function recordLongRun({ what, amount, result }: LongRun): void {
	const date = new Date().toISOString().slice(0, 10);
	const row = `| ${what} | ${amount.toLocaleString('en')} | ${result} | ${date} |`;
	const text = readFileSync(page, 'utf8');
	const whole = text.replace(figures, (_all, head: string, rows: string, end: string) => {
		const lines = rows.split('\n').filter((line) => line !== '');
		const place = lines.findIndex((line) => line.startsWith(`| ${what} |`));
		return `${head}${(place === -1 ? [...lines, row] : lines.with(place, row)).join('\n')}\n${end}`;
	});
	if (whole === text && !text.includes(row)) {
		throw new Error(`${page} has no table of figures`);
	}
	writeFileSync(page, whole);
}
