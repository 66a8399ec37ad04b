import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file system of its own, of a few megabytes. */
export interface SmallDisk {
	readonly path: string;
	/** Takes all room but so many bytes. */
	fill(leave: number): void;
	/** Gives the room back that {@link fill} took. */
	free(): void;
	writable(writable: boolean): void;
	dispose(): void;
}

/** Mounts a small disk in the folder, which it makes; null where this user may not mount. */
export function mountSmallDisk(path: string, megabytes: number): SmallDisk | null {
	mkdirSync(path, { recursive: true });
	const run = (program: string, ...args: readonly string[]): void => {
		execFileSync(program, [...args], { stdio: ['ignore', 'ignore', 'ignore'] });
	};
	try {
		run('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m`, 'homeport-test', path);
	} catch {
		return null;
	}
	const filler = join(path, 'filler');
	return {
		path,
		fill: (leave) => {
			const { bavail, bsize } = statfsSync(path);
			const file = openSync(filler, 'a');
			for (let blocks = bavail - Math.floor(leave / bsize); blocks > 0; blocks -= 1) {
				writeSync(file, Buffer.alloc(bsize, 1));
			}
			closeSync(file);
		},
		free: () => rmSync(filler, { force: true }),
		writable: (writable) => run('mount', '-o', `remount,${writable ? 'rw' : 'ro'}`, path),
		dispose: () => run('umount', '-l', path),
	};
}
