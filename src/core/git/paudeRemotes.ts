import type { Git } from './run.js';

/** A remote of home that paude made for a session in a pod. */
export interface PaudeRemote {
	/** The name of the session. */
	readonly name: string;
	/** Null where the address leaves it to what is current. */
	readonly context: string | null;
	readonly namespace: string | null;
}

/**
 * The remotes of home by the name and address that paude gives them: `paude-SESSION`, and a command that runs in the pod
 * `paude-SESSION-0`. The command itself is only read, and never run.
 */
export async function paudeRemotes(git: Git): Promise<PaudeRemote[]> {
	const args = ['config', '--local', '-z', '--get-regexp', '^remote\\.paude-.*\\.url$'];
	return (await git.list(args, { allow: [1] })).flatMap((field) => {
		const [, name, address] = /^remote\.paude-([^\n]+)\.url\n(ext::[^]*)$/.exec(field) ?? [];
		return name === undefined || address === undefined ? [] : (remoteOf(name, address) ?? []);
	});
}

function remoteOf(name: string, address: string): PaudeRemote | null {
	const words = address.slice('ext::'.length).split(/\s+/);
	if (!words.includes(`paude-${name}-0`)) {
		return null;
	}
	const valueOf = (...flags: readonly string[]): string | null => {
		for (const [index, word] of words.entries()) {
			const [flag = '', value] = word.split('=', 2);
			if (flags.includes(flag)) {
				return value ?? words[index + 1] ?? null;
			}
		}
		return null;
	};
	return { name, context: valueOf('--context'), namespace: valueOf('-n', '--namespace') };
}
