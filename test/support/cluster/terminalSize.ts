import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** Sets the size of the terminal that a process has made for a command below it; the command is told by its kernel. */
export function resize(pid: number | undefined, { Width, Height }: { Width: number; Height: number }): void {
	void resizeOnce(pid ?? 0, Width, Height);
}

async function resizeOnce(pid: number, columns: number, rows: number): Promise<void> {
	// It comes before the terminal does.
	for (let tries = 0; tries < 100; tries += 1) {
		const terminal = terminalBelow(pid);
		if (terminal !== null) {
			const size = ['-F', terminal, 'cols', String(columns), 'rows', String(rows)];
			await promisify(execFile)('stty', size).catch(() => undefined);
			return;
		}
		await sleep(20);
	}
}

function terminalBelow(pid: number): string | null {
	try {
		for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean)) {
			const [, , , , terminal] = readFileSync(`/proc/${child}/stat`, 'utf8')
				.replace(/^.*\) /, '')
				.split(' ');
			// The number of a device: major 136 is /dev/pts.
			const device = Number(terminal);
			if (device >> 8 === 136) {
				return `/proc/${child}/root/dev/pts/${device & 0xff}`;
			}
			const below = terminalBelow(Number(child));
			if (below !== null) {
				return below;
			}
		}
	} catch {
		// It has ended.
	}
	return null;
}
