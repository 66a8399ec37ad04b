import { HomeportError } from '../base/errors.js';
import type { Git } from './run.js';

/** Who a merge commit is by. */
export interface Identity {
	/** Variables that make git write it. */
	readonly env: Readonly<Record<string, string>>;
	/** `Name <email> seconds zone`, as the header of a commit has it. */
	readonly committer: string;
	/** Arguments of `git commit-tree` that sign. */
	readonly sign: readonly string[];
}

const ownName = 'Homeport';
const ownEmail = 'homeport@localhost';

/** An identity for commits that nobody will see, at `time` (milliseconds since 1970). */
export function throwAwayIdentity(time: number): Identity {
	return { env: {}, committer: stamp(ownName, ownEmail, time), sign: [] };
}

/**
 * The user's own identity and signing, as their configuration has it; git's guesses from the machine's name do not count.
 * Fails with `identity-missing`.
 */
export async function userIdentity(git: Git, time: number): Promise<Identity> {
	const [name, email, sign] = await Promise.all([
		configured(git, 'user.name'),
		configured(git, 'user.email'),
		configured(git, 'commit.gpgSign'),
	]);
	if (name === null || email === null) {
		throw new HomeportError('identity-missing', { missing: name === null ? 'user.name' : 'user.email' });
	}
	const date = `@${Math.floor(time / 1000)} ${zoneOf(time)}`;
	const signing = sign !== null && /^(?:true|yes|on|1)$/i.test(sign);
	return {
		env: {
			GIT_AUTHOR_NAME: name,
			GIT_AUTHOR_EMAIL: email,
			GIT_AUTHOR_DATE: date,
			GIT_COMMITTER_NAME: name,
			GIT_COMMITTER_EMAIL: email,
			GIT_COMMITTER_DATE: date,
			...(signing ? agentVariables() : {}),
		},
		committer: stamp(name, email, time),
		sign: signing ? ['-S'] : [],
	};
}

// The newest value of the user's own files: what Homeport sets for a call does not count.
async function configured(git: Git, key: string): Promise<string | null> {
	const listed = await git.list(['config', '-z', '--show-scope', '--get-all', key], { allow: [1] });
	let found: string | null = null;
	for (let index = 0; index + 1 < listed.length; index += 2) {
		if (listed[index] !== 'command') {
			found = listed[index + 1]!;
		}
	}
	return found === null || found.trim() === '' ? null : found.trim();
}

// What a signing program needs to reach its agent.
function agentVariables(): Record<string, string> {
	const names = ['GNUPGHOME', 'GPG_AGENT_INFO', 'GPG_TTY', 'SSH_AUTH_SOCK', 'DBUS_SESSION_BUS_ADDRESS', 'DISPLAY'];
	return Object.fromEntries(
		names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
	);
}

function stamp(name: string, email: string, time: number): string {
	const clean = (text: string): string => text.replace(/[<>\n]/g, '').trim();
	return `${clean(name)} <${clean(email)}> ${Math.floor(time / 1000)} ${zoneOf(time)}`;
}

function zoneOf(time: number): string {
	const minutes = -new Date(time).getTimezoneOffset();
	const sign = minutes < 0 ? '-' : '+';
	const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
	return `${sign}${String(hours).padStart(2, '0')}${String(rest).padStart(2, '0')}`;
}
