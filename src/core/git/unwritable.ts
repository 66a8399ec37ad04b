import { HomeportError } from '../base/errors.js';

const reasons: ReadonlyMap<unknown, string> = new Map([
	['ENOSPC', 'no space is left on the disk'],
	['EDQUOT', 'the disk quota is used up'],
	['EROFS', 'the file system is read-only'],
	['EACCES', 'there is no permission to write'],
	['EPERM', 'the operation is not permitted'],
	['EIO', 'the disk reports an error'],
]);

const spoken =
	/No space left on device|Out of diskspace|failed to write|write error|Disk quota exceeded|Read-only file system|Permission denied|unable to (?:create|write)|insufficient permission/i;

/** Turns an error that says home's disk cannot be written to into `state-unwritable`; every other error stays. */
export function unwritableOr(error: unknown, path: string): unknown {
	const code = error instanceof Error && 'code' in error ? error.code : undefined;
	const reason = reasons.get(code);
	if (reason !== undefined) {
		const where = error instanceof Error && 'path' in error ? error.path : path;
		return new HomeportError('state-unwritable', { path: where, reason }, error);
	}
	if (error instanceof HomeportError && error.code === 'git-failed') {
		const words = spoken.exec(String(error.details['stderr']))?.[0];
		if (words !== undefined) {
			return new HomeportError('state-unwritable', { path, reason: String(error.details['stderr']) }, error);
		}
	}
	return error;
}

/** git's words about a disk that cannot be written to, or null where its error was another. */
export function unwritableWords(stderr: string): string | null {
	return spoken.exec(stderr)?.[0] ?? null;
}
