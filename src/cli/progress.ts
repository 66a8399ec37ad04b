import { asWritten } from '../core/base/say.js';
import { shownText } from '../core/base/text.js';
import { progressText } from '../core/model/progressWords.js';
import type { Progress } from '../core/model/report.js';
import { fitted } from './table.js';
import type { Terminal } from './terminal.js';

/** One line on stderr that is written over as the work goes on. */
export interface ProgressLine {
	show(progress: Progress): void;
	/** Takes the line away, so that other text can follow. */
	clear(): void;
}

/** The progress line of a terminal; on a terminal that cannot erase a line, none. */
export function progressLine(terminal: Terminal): ProgressLine {
	const able = terminal.stderrIsTerminal && terminal.env['TERM'] !== 'dumb';
	let shown = false;
	return {
		show: (progress) => {
			if (able) {
				const line = shownText(`${progress.session}: ${progressText(progress, asWritten)}`);
				terminal.err(`\r\u001b[K${fitted(line, (terminal.width ?? 80) - 1)}`);
				shown = true;
			}
		},
		clear: () => {
			if (shown) {
				terminal.err('\r\u001b[K');
				shown = false;
			}
		},
	};
}
