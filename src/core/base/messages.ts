import { clusterWords } from './clusterMessages.js';
import { HomeportError, errorText } from './errors.js';
import type { ErrorCode } from './errors.js';
import { factsOf, sentence } from './facts.js';
import type { Words } from './facts.js';
import { asWritten } from './say.js';
import type { Translate } from './say.js';
import { shellWord } from './text.js';
import type { Face } from './text.js';

/** An error in words: what happened and what was kept, and what to do next, where there is something to do. */
export interface ErrorWords {
	readonly message: string;
	readonly next: string | null;
}

const table: Record<ErrorCode, Words> = {
	usage: (facts) => ({
		message: sentence(facts.first('what', 'reason') ?? facts.say`This cannot be done as it was asked`),
		next: { cli: facts.first('next') ?? 'See `homeport --help`.', ui: null },
	}),
	'not-a-repository': (facts) =>
		facts.first('folder') === undefined
			? {
					message: facts.say`${facts.first('path', 'dir') ?? facts.say`This folder`} is not inside a git repository.`,
					next: {
						cli: 'Go to the repository that the work should come home to, or name it with `--repo DIR`.',
						ui: facts.say`Open the folder of the repository that the work should come home to.`,
					},
				}
			: {
					message: facts.say`This folder cannot be a session: ${facts.first('reason', 'folder')}. ${facts.nothingChanged}`,
					next: {
						cli: 'Name the top folder of the repository that the agent works in, or make one there with `git init`.',
						ui: facts.say`Choose the top folder of the repository that the agent works in.`,
					},
				},
	// With a reason it is git in the session, by the word of the script there; else it is git of this machine.
	'git-missing': (facts) => {
		const reason = facts.first('reason');
		return reason === undefined
			? {
					message: facts.say`git could not be started. ${facts.nothingChanged}`,
					next: facts.say`Install git 2.38 or newer and make sure that it is on the PATH.`,
				}
			: {
					message: facts.say`git cannot be used in the session: ${reason}. ${facts.nothingChanged}`,
					next: facts.say`Give the session git 2.31 or newer, such as by an image that has it.`,
				};
	},
	'git-too-old': (facts) => {
		const reason = facts.first('reason');
		return reason === undefined
			? {
					message: facts.say`git ${facts.first('version', 'found') ?? facts.say`here`} is too old: ${facts.first('needed') ?? facts.say`2.38`} or newer is needed. ${facts.nothingChanged}`,
					next: {
						cli: 'Update git, then try again. `homeport doctor` shows which git is used.',
						ui: facts.say`Update git, then try again.`,
					},
				}
			: {
					message: facts.say`git ${reason} in the session is too old: 2.31 or newer is needed there. ${facts.nothingChanged}`,
					next: facts.say`Give the session git 2.31 or newer, such as by an image that has it.`,
				};
	},
	'git-failed': (facts) => ({
		message: facts.say`git ${facts.first('command') ?? ''} failed${facts.in(' (exit code {})', 'exitCode')}${facts.in(': {}', 'stderr', 'reason')}`,
		next: facts.say`Put right what git names, then try again. What was fetched before is kept under refs/homeport.`,
	}),
	'session-unknown': (facts) => ({
		message: facts.say`There is no session ${facts.quoted('session', 'name', 'id') ?? facts.say`of that name`} for this home.${facts.in(' Known: {}.', 'candidates', 'known')}`,
		next: {
			cli: '`homeport list` shows the sessions; `homeport add NAME PATH` adds a folder as one.',
			ui: facts.say`Refresh the sessions, or add a folder as one.`,
		},
	}),
	'session-ambiguous': (facts) => ({
		message: facts.say`${facts.quoted('session', 'name') ?? facts.say`This name`} stands for more than one session${facts.in(': {}', 'candidates')}.`,
		next: facts.say`Name the one that is meant in full, as \`backend/scope/name\`.`,
	}),
	'session-exists': (facts) => ({
		message:
			facts.first('folder') === undefined
				? facts.say`There is a session ${facts.quoted('session', 'name', 'id') ?? facts.say`of that name`} already${facts.in(', for {}', 'path')}. It was left as it is.`
				: facts.say`${facts.first('folder')} is the session ${facts.quoted('session') ?? facts.say`of another name`} already${facts.in(', of the home {}', 'home')}. It was left as it is.`,
		next:
			facts.first('folder') === undefined
				? {
						cli: `Choose another name, or take the old one out with \`homeport remove ${facts.session('NAME')}\`.`,
						ui: facts.say`Choose another name.`,
					}
				: {
						cli: `Use it by that name, or take it out of its home first, with \`homeport remove ${facts.session('NAME')}\`.`,
						ui: facts.say`Use it by that name, or choose another folder.`,
					},
	}),
	'session-unreachable': (facts) => ({
		message: facts.say`The session${facts.in(' {}', 'session', 'name')} cannot be reached${facts.in(': {}', 'reason')}. What came home before is kept.`,
		next: {
			cli: `Start it or mend the way to it, then try again. \`homeport ledger ${facts.session()}\` shows what is kept.`,
			ui: facts.say`Start it or mend the way to it, then try again.`,
		},
	}),
	'session-missing': (facts) => ({
		message: facts.say`The folder or storage of the session${facts.in(' {}', 'session', 'name')} is gone${facts.in(': {}', 'path', 'reason')}. What came home before is kept.`,
		next: {
			// Nobody registered one of a cluster.
			cli: facts.session().startsWith('kubernetes/')
				? `\`homeport ledger ${facts.session()}\` shows what is kept.`
				: `\`homeport ledger ${facts.session()}\` shows what is kept; \`homeport remove ${facts.session()}\` ends the registration and keeps it.`,
			ui: null,
		},
	}),
	'session-damaged': (facts) => ({
		message: facts.say`The repository of the session${facts.in(' {}', 'session', 'name')} cannot be read${facts.in(': {}', 'reason', 'what', 'stderr')}. What came home before is kept.`,
		next: {
			cli: `Look at it with \`git fsck\` inside the session. \`homeport ledger ${facts.session()}\` shows what is kept.`,
			ui: facts.say`Look at it with \`git fsck\` inside the session.`,
		},
	}),
	'session-not-owned': (facts) => ({
		message: facts.say`The repository of the session${facts.in(' {}', 'session', 'name')} belongs to another user than the one that commands run as there, and what is written to it would lock the agent out. Nothing was changed in the session.`,
		next: facts.say`Run commands in the session as the user that the agent works as, and do it again.`,
	}),
	'session-built-on': (facts) => ({
		message: facts.say`${facts.first('ref') ?? facts.say`The branch`} of the session${facts.in(' {}', 'session')} ${facts.first('reason') ?? facts.say`has work of the agent on top of what was pushed, which is not taken from it`}. ${facts.nothingChanged}`,
		next: facts.say`Take the change back inside the session, with \`git revert\`, or let the agent do it.`,
	}),
	'push-unverified': (facts) => ({
		message: facts.say`${facts.first('ref') ?? facts.say`The branch`} was pushed to the session${facts.in(' {}', 'session')}, and it cannot be verified that it is there${facts.in(': {}', 'reason')}.`,
		next: facts.say`Look at the session with \`git status\`, then try again: it starts from what is there.`,
	}),
	'push-refused': (facts) => ({
		message: facts.say`The session${facts.in(' {}', 'session')} did not take ${facts.first('ref') ?? facts.say`the branch`}${facts.in(': {}', 'reason')}. Nothing was changed in the session.`,
		next: facts.say`Put right in the session what is named, then try again.`,
	}),
	'stream-failed': (facts) => ({
		message: facts.say`The connection to the session${facts.in(' {}', 'session', 'name')} broke before it was finished${facts.in(': {}', 'reason', 'stderr')}. What came over it was thrown away.`,
		next: facts.say`Try again; nothing is half done.`,
	}),
	'limit-exceeded': (facts) => ({
		message: facts.say`${facts.first('what') ?? facts.say`The session`} is larger than its limit${facts.in(' of {}', 'limit', 'max')}${facts.in(' ({})', 'reason')} and was stopped. ${facts.nothingChanged}`,
		next: facts.say`Make it smaller in the session, or raise the limit in the configuration.`,
	}),
	'timed-out': (facts) => ({
		message: facts.say`${facts.first('what', 'command') ?? facts.say`The session`} did not answer in time${facts.in(' ({} s)', 'seconds')} and was stopped. What came home before is kept.`,
		next: {
			cli: 'Try again; `homeport doctor` shows what answers and what does not.',
			ui: facts.say`Try again.`,
		},
	}),
	cancelled: (facts) => ({
		message: facts.say`Cancelled. Nothing is half done, and what came home before is kept.`,
		next: null,
	}),
	refused: (facts) => ({
		message: facts.say`This would change something of yours, and was refused${facts.in(': {}', 'codes', 'unaccepted', 'warnings')}. ${facts.rescued}`,
		next: {
			cli: `Read the plan with \`homeport plan ${facts.session()}\`, then accept each warning that you agree to with \`--accept CODE\`.`,
			ui: facts.say`Sync again to read the plan and accept it.`,
		},
	}),
	blocked: (facts) => ({
		message: facts.say`The session holds something that may not come home${facts.in(': {}', 'codes', 'findings', 'reason', 'stderr')}. Nothing of it was taken in, and nothing of yours was changed.`,
		next: facts.say`Remove what is named from the history of the session, then try again.`,
	}),
	incomplete: (facts) => ({
		message: facts.say`The session did not send everything that it named${facts.in(': {}', 'missing', 'reason', 'what')}. Your branches, index and files are as before.`,
		next: facts.say`Try again; if it stays so, look at the session with \`git fsck --full\`.`,
	}),
	'changed-meanwhile': (facts) => ({
		message: facts.say`${facts.first('what', 'ref', 'path') ?? facts.say`Home`} was changed by something else while the plan was being read. ${facts.rescued}`,
		next: {
			cli: 'Run the same command again; it makes a new plan.',
			ui: facts.say`Try again; that makes a new plan.`,
		},
	}),
	'commits-forgotten': (facts) => ({
		message: facts.say`${facts.first('ref') ?? facts.say`The branch`} cannot be put back: what it named was forgotten on purpose. ${facts.nothingChanged}`,
		next: null,
	}),
	'content-missing': (facts) => ({
		message: facts.say`${facts.quoted('path') ?? facts.say`This`} is not in this repository${facts.in(' (object {})', 'oid')}${facts.in(': {}', 'reason')}. ${facts.nothingChanged}`,
		next: null,
	}),
	'content-too-large': (facts) => ({
		message: facts.say`${facts.quoted('path') ?? facts.say`This`} is too large to be shown${facts.in(': {} bytes', 'bytes')}${facts.in(', more than {}', 'limit')}. ${facts.nothingChanged}`,
		next: null,
	}),
	'branch-in-use': (facts) => ({
		message: facts.say`${facts.first('ref') ?? facts.say`The branch`} is checked out${facts.in(' in {}', 'worktree')}, and cannot be moved there${facts.in(': {} would be overwritten', 'files')}. ${facts.nothingChanged}`,
		next: facts.say`Switch that working tree to another branch, or commit or stash its changes, and do it again.`,
	}),
	'identity-missing': (facts) => ({
		message: facts.say`A merge commit carries your name, and git does not know it${facts.in(': {} is not set', 'missing')}. ${facts.rescued}`,
		next: facts.say`Set it with \`git config --global user.name "Your Name"\` and \`git config --global user.email you@example.org\`, and do it again.`,
	}),
	'merge-unfinished': (facts) => ({
		message: facts.say`The merge in ${facts.first('path') ?? facts.say`its working tree`} is not settled yet${facts.in(': {}', 'reason')}${facts.in(': {}', 'files')}. ${facts.nothingChanged}`,
		next: {
			cli: 'Settle the conflicts there, `git add` what you changed, and run `homeport continue` again. `homeport undo OPERATION` drops the merge.',
			ui: facts.say`Settle the conflicts there, stage what you changed, and continue the merge again.`,
		},
	}),
	'lock-held': (facts) => ({
		message: facts.say`Another Homeport is at work on this home${facts.in(' (process {})', 'pid')}${facts.in(' on {}', 'host')}. ${facts.rescued}`,
		next: {
			cli: 'Wait for it, with `--wait SECONDS` if need be. `homeport lock status` shows who it is; `homeport lock break` ends a lock whose owner is gone.',
			ui: facts.say`Wait for it to end, then try again.`,
		},
	}),
	'lock-lost': (facts) => ({
		message: facts.say`The lock of this home was taken over while Homeport was at work. It stopped before the next change.`,
		next: {
			cli: '`homeport log` shows how far it came; the next command finishes or undoes what was begun.',
			ui: facts.say`The next sync or undo finishes or undoes what was begun.`,
		},
	}),
	'operation-unknown': (facts) => ({
		message: facts.say`There is no operation ${facts.quoted('operation', 'id') ?? facts.say`of that name`}.`,
		next: { cli: '`homeport log` lists the operations.', ui: null },
	}),
	'nothing-to-undo': (facts) => ({
		message: facts.say`There is nothing to undo.`,
		next: { cli: '`homeport log` lists the operations.', ui: null },
	}),
	'state-damaged': (facts) => ({
		message: facts.say`${facts.first('what', 'path', 'ref') ?? facts.say`State of Homeport`} is damaged${facts.in(': {}', 'reason')}. It was ${facts.in('set aside as {}', 'setAside') || facts.say`left as it is`}, and not taken for empty.`,
		next: {
			cli: '`homeport doctor` says what can be rebuilt. Commits that came home are still under refs/homeport.',
			ui: facts.say`Commits that came home are still under refs/homeport.`,
		},
	}),
	'state-unwritable': (facts) => ({
		message: facts.say`${facts.first('path', 'what', 'ref') ?? facts.say`State of Homeport`} cannot be written${facts.in(': {}', 'reason')}. The old state is still in place.`,
		next: facts.say`Make room on the disk or give write access, then try again.`,
	}),
	'confirmation-needed': (facts) => ({
		message: facts.say`This drops last copies, and needs the name of the session typed${facts.in(': {}', 'session')}. Nothing was dropped.`,
		next: {
			cli: `Without a terminal, confirm with \`--accept ${shellWord(`forget:${facts.first('session') ?? 'SESSION'}`)}\`.`,
			ui: null,
		},
	}),
	'not-supported': (facts) => ({
		message: facts.say`${facts.first('what') ?? facts.say`This`} is not supported${facts.in(' yet: {}', 'reason')}. ${facts.nothingChanged}`,
		next: { cli: facts.first('next') ?? null, ui: null },
	}),
	...clusterWords,
	internal: (facts) => ({
		message: facts.say`Something went wrong inside Homeport${facts.in(': {}', 'what', 'reason')}. What came home before is kept.`,
		next: {
			cli: '`homeport doctor` shows the state of this home; please report this with what it prints.',
			ui: facts.say`Please report this with what the log shows.`,
		},
	}),
};

/** Every error code that has words. */
export const describedErrorCodes: readonly string[] = Object.keys(table);

/**
 * The words for any error and face, on one line each and safe to show. The facts come from the error's details: `what`, `reason`,
 * `next`, `session`, `path`, `candidates` and what else a code names, and stay in the language that they were told in. Errors that are none of ours read as `internal`.
 */
export function describeError(error: unknown, face: Face, translate: Translate = asWritten): ErrorWords {
	const [code, details] =
		error instanceof HomeportError
			? ([error.code, error.details ?? {}] as const)
			: (['internal', { what: errorText(error) }] as const);
	// An error of a newer bundle may have a code that this table does not know.
	const { message, next } = (table[code] ?? table.internal)(factsOf(details, translate));
	return { message, next: next === null || typeof next === 'string' ? next : next[face] };
}
