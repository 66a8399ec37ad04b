import { searchPathOutside } from '../../base/searchPath.js';

const kept = ['HOME', 'USER', 'LANG', 'TMPDIR'] as const;

/**
 * The environment of a command in a session's folder: of `ambient` only `PATH`, `HOME`, `USER`, `LANG` and `TMPDIR`, and
 * on top of them `added`. From `PATH` go the entries where a program of the session would be found: relative ones, and
 * those inside one of the sessions' folders.
 */
export function sessionEnvironment(
	ambient: NodeJS.ProcessEnv,
	folders: readonly string[],
	added: Readonly<Record<string, string>> = {},
): Record<string, string> {
	const env: Record<string, string> = { PATH: searchPathOutside(folders, ambient['PATH'] ?? '') };
	for (const name of kept) {
		const value = ambient[name];
		if (value !== undefined) {
			env[name] = value;
		}
	}
	return { ...env, ...added };
}
