import { mkdirSync, unwatchFile, watch, watchFile } from 'node:fs';
import type { FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';
import type { Disposable } from './disposable.js';

const quietMs = 100;
const pollMs = 5000;

/**
 * Calls `onChange` soon after the file was made, replaced or removed, several changes at once counting as one. Watches
 * the folder, since a file that is replaced takes its watch with it, and looks every five seconds where folders cannot
 * be watched. Keeps no process alive. Makes the folder where it is not there, unless it is to be left.
 */
export function watchStateFile(path: string, onChange: () => void, folder: 'make' | 'leave' = 'make'): Disposable {
	let quiet: NodeJS.Timeout | undefined;
	let watcher: FSWatcher | undefined;
	const changed = (): void => {
		clearTimeout(quiet);
		quiet = setTimeout(onChange, quietMs).unref();
	};
	try {
		if (folder === 'make') {
			mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
		}
		watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
			if (name === null || name === basename(path)) {
				changed();
			}
		});
		watcher.on('error', () => watcher?.close());
	} catch {
		// The look every few seconds has to do.
	}
	watchFile(path, { interval: pollMs, persistent: false }, changed);
	return {
		dispose: () => {
			clearTimeout(quiet);
			watcher?.close();
			unwatchFile(path, changed);
		},
	};
}
