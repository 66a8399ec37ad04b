import { realpathSync } from 'node:fs';
import { delimiter, isAbsolute, relative } from 'node:path';

const plainPath = '/usr/local/bin:/usr/bin:/bin';

/**
 * The entries of a `PATH` in which no program of a session is found: absolute ones, outside all of the folders, links
 * resolved. An empty result is the system's own folders, since an empty `PATH` is searched as the current folder.
 */
export function searchPathOutside(folders: readonly string[], path: string): string {
	const outside = (entry: string): boolean => {
		if (!isAbsolute(entry)) {
			return false;
		}
		const real = realOf(entry);
		return folders.every((folder) => !isInside(folder, real) && !isInside(folder, entry));
	};
	return path.split(delimiter).filter(outside).join(delimiter) || plainPath;
}

/** True where an absolute path is the folder itself, or below it. */
export function isInside(folder: string, path: string): boolean {
	return !/^\.\.(\/|$)/.test(relative(folder, path));
}

function realOf(path: string): string {
	try {
		return realpathSync(path);
	} catch {
		return path;
	}
}
