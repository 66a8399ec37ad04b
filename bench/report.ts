import { availableParallelism, loadavg, totalmem } from 'node:os';
import { command } from './commands.js';
import { type Measured, median, type Row } from './measure.js';

/** What was measured for one row. */
export interface Outcome {
	readonly row: Row;
	readonly measured: readonly Measured[];
	/** Load averages of one minute, before and after. */
	readonly load: readonly [number, number];
}

/** The machine in general terms, one line. */
export async function machine(): Promise<string> {
	const memory = Math.round(totalmem() / 1024 ** 3);
	const gitVersion = (await command(['git', '--version'])).replace('git version ', '');
	const tarVersion = (await command(['tar', '--version'])).split('\n', 1)[0]!;
	return `${availableParallelism()} cores, ${memory} GiB, ${process.platform}; git ${gitVersion}, node ${process.versions.node}, ${tarVersion}`;
}

/** True where every run of every contender was right. */
export function allCorrect(outcomes: readonly Outcome[]): boolean {
	return outcomes.every(({ measured }) => measured.every(({ wrong }) => wrong.length === 0));
}

/** The tables, as Markdown. Milliseconds. */
export function tables(outcomes: readonly Outcome[]): string {
	const results = outcomes.flatMap(({ row, measured, load }) => {
		const [ours, ...peers] = measured as [Measured, ...Measured[]];
		const limit = row.aim?.limit((name) => median(peers.find((peer) => peer.name === name)!.times)) ?? null;
		const time = median(ours.times);
		const counted = row.aim?.phases?.reduce((sum, phase) => sum + (ours.phases.get(phase) ?? 0), 0) ?? time;
		const verdict = limit === null ? '' : counted <= limit ? 'yes' : 'no';
		const aim = row.aim === null ? 'none' : limit === null ? row.aim.text : `${row.aim.text} = ${ms(limit)}`;
		return measured.map((one, index) => [
			index === 0 ? `**${row.title}** (\`${row.name}\`)` : '',
			one.name,
			String(one.times.length),
			ms(median(one.times)),
			ms(Math.min(...one.times)),
			ms(Math.max(...one.times)),
			index === 0 ? '' : (time / median(one.times)).toFixed(2),
			index === 0 ? aim : '',
			index === 0 ? verdict : '',
			one.wrong.length === 0 ? 'yes' : `NO: ${one.wrong.join('; ')}`,
			index === 0 ? load.map((each) => each.toFixed(1)).join(' → ') : '',
		]);
	});
	const heads = ['row', 'who', 'runs', 'median', 'min', 'max', 'ours ÷ it', 'aim', 'met', 'correct', 'load'];
	const split = outcomes.filter(({ measured }) => measured[0]!.phases.size > 0);
	const phases = [...new Set(split.flatMap(({ measured }) => [...measured[0]!.phases.keys()]))];
	const shares = split.map(({ row, measured }) => [
		row.name,
		...phases.map((phase) => ms(measured[0]!.phases.get(phase) ?? null)),
	]);
	const first = table(heads, results);
	return shares.length === 0 ? first : `${first}\n\n${table(['row', ...phases], shares)}`;
}

/** Load average of one minute. */
export function load(): number {
	return loadavg()[0] ?? 0;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
	const widths = heads.map((head, index) => Math.max(head.length, ...rows.map((row) => row[index]!.length)));
	const line = (cells: readonly string[]): string =>
		`| ${cells.map((cell, index) => cell.padEnd(widths[index]!)).join(' | ')} |`;
	return [line(heads), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

function ms(time: number | null): string {
	return time === null ? '–' : time < 10 ? time.toFixed(1) : String(Math.round(time));
}
