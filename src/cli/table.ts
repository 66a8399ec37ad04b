import { shownText } from '../core/base/text.js';
import type { Style, Tone } from './style.js';

/** A cell: plain text, or text with a tone. Both are made safe to show. */
export type Cell = string | { readonly text: string; readonly tone: Tone };

const gap = '  ';
const narrowest = 6;
const wideCharacter =
	/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const noWidth = /\p{Mn}|\p{Me}|\p{Cf}/u;

/** The columns that a text takes on a terminal: two for East Asian and emoji, none for combining marks. */
export function displayWidth(text: string): number {
	let width = 0;
	for (const character of text) {
		width += noWidth.test(character) ? 0 : wideCharacter.test(character) ? 2 : 1;
	}
	return width;
}

/** Cuts a text to the given columns; what was cut ends in an ellipsis. */
export function fitted(text: string, width: number): string {
	if (displayWidth(text) <= width) {
		return text;
	}
	let kept = '';
	let used = 0;
	for (const character of text) {
		const next = displayWidth(character);
		if (used + next > width - 1) {
			break;
		}
		kept += character;
		used += next;
	}
	return `${kept}…`;
}

/**
 * The lines of a table under a heading; columns that hold no text are left out. Where `width` columns are too few, the
 * widest columns are cut first; without `width` nothing is cut.
 */
export function table(
	headings: readonly string[],
	rows: readonly (readonly Cell[])[],
	style: Style,
	width?: number,
): string[] {
	const columns = headings
		.map((heading, index) => ({ heading, cells: rows.map((row) => safeCell(row[index] ?? '')) }))
		.filter((column) => column.cells.some((cell) => cell.text !== ''));
	const widths = columns.map(({ heading, cells }) =>
		Math.max(...[heading, ...cells.map((cell) => cell.text)].map(displayWidth)),
	);
	shrink(widths, width === undefined ? Infinity : width - gap.length * (columns.length - 1));
	const line = (cells: readonly SafeCell[]): string =>
		cells
			.map(({ text, tone }, index) => {
				const shown = fitted(text, widths[index]!);
				const padding = ' '.repeat(widths[index]! - displayWidth(shown));
				return (tone === null || shown === '' ? shown : style(tone, shown)) + padding;
			})
			.join(gap)
			.trimEnd();
	return columns.length === 0
		? []
		: [
				line(columns.map(({ heading }) => ({ text: heading, tone: 'heading' }))),
				...rows.map((_, row) => line(columns.map((column) => column.cells[row]!))),
			];
}

function shrink(widths: number[], available: number): void {
	let excess = widths.reduce((sum, width) => sum + width, 0) - available;
	while (excess > 0) {
		const widest = Math.max(...widths);
		if (widest <= narrowest) {
			return;
		}
		widths[widths.indexOf(widest)] = widest - 1;
		excess -= 1;
	}
}

interface SafeCell {
	readonly text: string;
	readonly tone: Tone | null;
}

function safeCell(cell: Cell): SafeCell {
	return typeof cell === 'string'
		? { text: shownText(cell), tone: null }
		: { text: shownText(cell.text), tone: cell.tone };
}
