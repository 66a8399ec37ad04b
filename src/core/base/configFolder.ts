import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The folder of the user's configuration: `XDG_CONFIG_HOME`, else `~/.config`. */
export function configFolder(env: NodeJS.ProcessEnv): string {
	const configured = env['XDG_CONFIG_HOME'] ?? '';
	// The XDG base directory specification: a relative path is to be ignored.
	return isAbsolute(configured) ? configured : join(env['HOME'] || homedir(), '.config');
}
