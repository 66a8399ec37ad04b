import { asWritten, sayIn } from '../base/say.js';
import type { Say, Translate } from '../base/say.js';
import { shellWord, shownText } from '../base/text.js';
import type { Face } from '../base/text.js';
import type { Finding, FindingCode } from './finding.js';
import type { Warning, WarningCode } from './warning.js';

const warningTable: Record<WarningCode, (facts: Facts) => string> = {
	'overwrites-commits': (facts) =>
		facts.say`${facts.branch()} would be set to the session's commit and no longer reach ${facts.commits('lost')} of yours${facts.unpushed()}. What it has now stays in the operation log${facts.onCli(', and `homeport undo` brings it back')}.`,
	'moves-checked-out-branch': (facts) =>
		facts.asks
			? facts.say`${facts.branch()} is checked out here; its files would be replaced by those of the session. Uncommitted changes stay as they are.`
			: facts.say`${facts.branch()} is checked out here, and its files move forward with it. Uncommitted changes stay as they are.`,
	'checked-out-elsewhere': (facts) =>
		facts.say`${facts.branch()} is checked out in ${facts.list('worktrees') || facts.say`another working tree`}; the files there would change.`,
	'dirty-in-way': (facts) =>
		facts.say`${facts.branch()} was left as it is, because moving it would overwrite ${facts.filesInWay()}${facts.besides()}. Commit or stash them to move it.`,
	'home-busy': (facts) =>
		facts.say`${facts.branch()} was left as it is, because ${facts.text('worktree') || facts.say`its working tree`} ${facts.is('second-checkout') ? facts.say`has it checked out as well` : facts.say`is in the middle of ${facts.operation()}`}${facts.besides()}. End that to move it.`,
	'protected-branch': (facts) =>
		facts.say`${facts.branch()} is protected by the configuration${facts.text('pattern') === facts.branch() ? '' : facts.say` (${facts.text('pattern')})`}, and commits of it would be dropped.`,
	'unrelated-history': (facts) =>
		facts.say`${facts.branch()} and the session's branch have no commit in common; this may be the session of another repository.`,
	'runs-code': (facts) =>
		facts.say`The working tree would receive files of the session that can run code here: ${facts.list('files')}. Read them before accepting.`,
	'home-dirty': (facts) =>
		facts.say`${facts.text('worktree') || facts.say`The working tree`} has ${facts.files('files')} that ${facts.are('files')} not committed and not in the way. ${facts.number('files') === 1 ? facts.say`It stays as it is` : facts.say`They stay as they are`}.`,
	'name-clash': (facts) =>
		facts.asks
			? facts.say`${facts.branch()} cannot stand beside another branch of home whose name is a folder of it, or differs in case or encoding alone.`
			: facts.say`${facts.text('wanted') || facts.say`The name of the branch`} cannot be used beside the branches of home: one of them is a folder of it, or differs in case or encoding alone. The work goes to ${facts.branch()}.`,
	'moved-on': (facts) =>
		facts.text('beside') === ''
			? facts.say`${facts.branch()} has ${facts.commits('ahead')} that the session has not, and all that the session has. It was left as it is.`
			: facts.say`${facts.branch()} has commits that the session has not, and was left as it is${facts.besides()}.`,
	rewound: (facts) =>
		facts.say`The session took back commits that it had on ${facts.text('branch') || facts.say`its branch`}. They are kept${facts.inLedger('lists them')}.${facts.text('beside') === '' ? '' : facts.say` ${facts.branch()} was left as it is${facts.besides()}.`}`,
	'branch-gone': (facts) =>
		facts.say`The session has no longer ${facts.list('branches')}. Nothing of it was removed at home${facts.inLedger('lists the commits')}.`,
	'epoch-changed': (facts) =>
		facts.say`The session has a new storage or a new repository since it was last seen. What it had before is kept${facts.inLedger('lists it')}.`,
	'session-dirty': (facts) =>
		facts.say`The session has ${facts.files('files')} that ${facts.are('files')} not committed. ${facts.text('captured') === 'no' ? facts.say`No branch will hold them.` : facts.say`${facts.number('files') === 1 ? facts.say`It comes` : facts.say`They come`} home as a capture, not on a branch.`}`,
	'session-busy': (facts) =>
		facts.say`The session is in the middle of ${facts.operation()}. What stands there now was taken; sync again when it is done.`,
	'not-quiet': (facts) =>
		facts.say`The session was writing while it was captured, so the capture may mix two moments. Sync again when it is quiet.`,
	'not-captured': (facts) =>
		facts.say`What the session has not committed could not all be captured, and is on its storage alone. Commit it there${facts.onCli(', or see `homeport doctor`')}.`,
	'incomplete-history': (facts) =>
		facts.say`The session has only a part of the history (${facts.list('kinds') || facts.say`shallow or partial clone`}). What it has was taken; older commits come from your origin or stay missing.`,
	'content-missing': (facts) =>
		facts.number('missing') === 1
			? facts.say`1 item of the session could not be taken, and is on its storage alone${facts.inLedger('lists what and why')}.`
			: facts.say`${facts.number('missing')} items of the session could not be taken, and are on its storage alone${facts.inLedger('lists what and why')}.`,
	'other-session-last': (facts) =>
		facts.say`The last sync of this home was of ${facts.text('last') || facts.say`another session`}. Overwriting may put aside what it brought${facts.onCli('; `homeport log` shows it')}.`,
	'merge-conflict': (facts) =>
		!facts.asks
			? facts.say`The session's ${facts.branch()} and home changed the same places: ${facts.list('files')}. It was left as it is${facts.besides()}.`
			: facts.say`The session and ${facts.branch()} changed the same places: ${facts.list('files')}. ${facts.branch()} stays as it is; accepting opens the ${facts.text('kind') || facts.say`merge`} in a working tree of its own, with the conflicts ready to be settled.`,
	'conflicts-settled': (facts) =>
		facts.say`Both sides changed ${facts.list('files')}; where they differ, the lines of ${facts.is('auto-theirs', 'side') ? facts.say`the session` : facts.say`home`} are taken. The others stay in the history of both sides.`,
	'files-conflict': (facts) =>
		facts.text('beside') === ''
			? facts.say`Both the session and your working tree changed ${facts.list('files')} in the same places. These stay as you have them; the other files of the session are applied.`
			: facts.say`The session and your working tree changed names against each other: ${facts.list('files')}. Nothing is applied${facts.besides()}.`,
	'mixes-with-changes': (facts) =>
		facts.say`The session's lines would be merged into files of yours that are not committed: ${facts.list('files')}.`,
	'markers-left': (facts) =>
		facts.say`There are conflict markers left in ${facts.list('files')}, and ${facts.branch()} would receive them.`,
	'merge-worked-on': (facts) =>
		facts.say`The open merge for ${facts.branch()} was worked on since it was opened. Dropping it puts that aside; it stays in the operation log.`,
	'built-on': (facts) =>
		facts.say`${facts.branch()} was changed after the operation${facts.number('commits') > 0 ? facts.say`, by ${facts.commits('commits')}` : ''}. Taking the operation back puts that aside; it stays in the operation log.`,
	'session-diverged': (facts) =>
		facts.say`The session has ${facts.commits('ahead')} on ${facts.branch()} that home's branch has not. It was left as it is${facts.besides()}.`,
	'session-tree-dirty': (facts) =>
		facts.say`The session's ${facts.branch()} was left as it is, because files there are not committed or in the way: ${facts.filesInWay()}${facts.besides()}.`,
	'session-tree-busy': (facts) =>
		facts.is('detached')
			? facts.say`The session is on no branch${facts.besides()}.`
			: facts.say`The session's ${facts.branch()} was left as it is, because ${facts.is('second-checkout') ? facts.say`another working tree there has it checked out` : facts.is('index-lock') ? facts.say`its index stayed locked` : facts.say`the session is in the middle of ${facts.operation()}`}${facts.besides()}.`,
	'session-filters': (facts) =>
		facts.say`The session's ${facts.branch()} was left as it is, because a filter such as Git LFS converts files of it, and only the session can run that: ${facts.filesInWay()}${facts.besides()}.`,
	'overwrites-session': (facts) =>
		facts.say`The session's ${facts.branch()} would be set to home's commit and no longer reach ${facts.commits('lost')} of the agent's: ${facts.list('commits')}. They are kept${facts.inLedger('lists them')}.`,
	'known-as-merged': (facts) => {
		const [known, commits] = [facts.number('known'), facts.number('commits')];
		const which =
			known < commits
				? facts.say`${known} of ${facts.commits('commits')}`
				: commits === 1
					? facts.say`The commit`
					: facts.say`All ${facts.commits('commits')}`;
		return facts.say`${which} of ${facts.text('branch') || facts.say`the session`} ${known === 1 ? facts.say`is` : facts.say`are`} in ${facts.text('target')} already, by content (${facts.text('how')}).`;
	},
	'origin-taken-in': (facts) =>
		facts.say`${facts.branch()} moved forward by ${facts.commits('commits')} of ${facts.text('upstream')}${facts.onCli(facts.say`; \`homeport undo ${facts.text('operation')}\` takes that back`)}.`,
	'origin-left': (facts) => facts.say`Nothing of the origin was taken in: ${originWords(facts)}`,
	'origin-pushed': (facts) => facts.say`${facts.branch()} was pushed to ${facts.text('upstream')}.`,
	'origin-not-pushed': (facts) => facts.say`Nothing was pushed to the origin: ${originWords(facts)}`,
	'no-session-branch': (facts) =>
		facts.say`The session has no branch with a commit, so there is nothing to bring to a branch of home.`,
};

const originReasons: Readonly<Record<string, (facts: Facts) => string>> = {
	'no-branch': (facts) => facts.say`no branch is checked out here. Check one out.`,
	'no-upstream': (facts) =>
		facts.say`the branch checked out here follows no branch of a remote. Give it one with \`git push -u\` or \`git branch -u\`.`,
	diverged: (facts) =>
		facts.say`${facts.branch()} and ${facts.text('upstream')} both have commits that the other has not. Merge or rebase, then push.`,
	'dirty-in-way': (facts) =>
		facts.say`moving ${facts.branch()} forward would overwrite ${facts.filesInWay()}. Commit or stash them, then sync again.`,
	'home-busy': (facts) =>
		facts.say`the working tree of ${facts.branch()} is in the middle of something. End that, then sync again.`,
	'goes-elsewhere': (facts) =>
		facts.say`\`git push\` would push ${facts.branch()} to another remote than the one it follows. Push it yourself.`,
	'has-hook': (facts) =>
		facts.say`home has a \`pre-push\` hook, which only your own \`git push\` runs. Push it yourself.`,
	'runs-on-push': (facts) =>
		facts.say`there are files that run over there once they are pushed: ${facts.list('files')}. Read them, then push yourself.`,
	unreachable: (facts) => facts.say`it cannot be reached. Try again later.`,
	'timed-out': (facts) => facts.say`it did not answer in time, or wanted a password. Try \`git fetch\` yourself.`,
	'not-allowed': (facts) =>
		facts.say`it did not let you in, or you may not write there. Look at your credentials and rights there.`,
	'moved-on': (facts) => facts.say`it has commits that you have not. Sync again, or merge them yourself.`,
	declined: (facts) =>
		facts.say`it declined the push, by a hook or because the branch is protected. Push to another branch there.`,
	gone: (facts) =>
		facts.say`it has no longer the branch that ${facts.branch()} follows. Push it yourself to make it anew.`,
	failed: (facts) => facts.say`git could not do it. Try it yourself.`,
};

function originWords(facts: Facts): string {
	const said = facts.text('said');
	const words = (originReasons[facts.text('reason')] ?? originReasons['failed']!)(facts);
	return said === '' ? words : facts.say`${words} git says: ${said}`;
}

const findingTable: Record<FindingCode, string> = {
	fsck: 'git finds this object malformed',
	'dot-git-entry':
		'a path that a file system may take for .git, which would let the session write into a repository of yours',
	'unsafe-path': 'a path that leads out of the working tree or cannot be written as it is named',
	'path-too-long': 'a path that is longer than file systems can hold',
	'path-too-deep': 'folders within folders beyond any use',
	'tree-too-large': 'a folder with more entries than one is allowed to have',
	'blob-too-large': 'a file that is larger than the limit',
	'too-many-objects': 'more objects than one fetch is allowed to bring',
	'too-many-files': 'a commit that would fill a working tree with more files than one is allowed to have',
	'inspection-incomplete': 'not everything that came could be looked at',
	'gitmodules-unsafe': 'a submodule whose address, path or name could run a command',
	'gitmodules-symlink': '.gitmodules is a symbolic link',
	'embedded-repository': 'a repository inside the tree, whose own configuration git would follow in that folder',
	'case-clash': 'names that differ in case or encoding alone; some file systems keep only one of them',
	'symlink-outside': 'a symbolic link that leads out of the working tree',
	'windows-name': 'a name that Windows cannot hold or reads as a device',
	'attributes-driver':
		'attributes that name a filter, merge or diff program; git runs it where your configuration defines it',
	'lfs-config': 'a Git LFS configuration that may send your files or credentials to another server',
	'runs-on-open': 'a file that an editor or shell may run or obey when the folder is opened',
	'runs-on-checkout': 'a hook that git may run after a checkout',
	'runs-on-install': 'a file whose commands run when packages are installed or the project is built',
	'runs-on-push': 'a file whose commands run elsewhere, with rights of yours, once it is pushed',
	'object-missing': 'an object that the session names and did not send',
};

/** Every warning code that has words. */
export const describedWarningCodes: readonly string[] = Object.keys(warningTable);

/** Every finding code that has words. */
export const describedFindingCodes: readonly string[] = Object.keys(findingTable);

/**
 * A warning in plain words for a face, on one line and safe to show. Commands are named on the command line alone; how
 * to accept the warning is for the face to say.
 */
export function warningText(warning: Warning, face: Face, translate: Translate = asWritten): string {
	return warningTable[warning.code](factsOf(warning, face, sayIn(translate)));
}

/** A finding in plain words without its path, on one line and safe to show. */
export function findingText(finding: Finding, translate: Translate = asWritten): string {
	const detail = shownText(finding.detail.trim());
	return translate(findingTable[finding.code]) + (detail === '' ? '' : ` (${detail})`);
}

interface Facts {
	/** A sentence, or a part of one, in the reader's language. */
	readonly say: Say;
	readonly asks: boolean;
	/** The detail as text, or nothing. */
	text(key: string): string;
	number(key: string): number;
	/** A few of the texts, and how many there are beyond. */
	list(key: string): string;
	/** `3 commits`, or `commits` where the number is not known. */
	commits(key: string): string;
	files(key: string): string;
	are(key: string): string;
	branch(): string;
	/** Words that name a command, for the command line alone. */
	onCli(words: string): string;
	/** What the command that shows the session's ledger does, for the command line alone. */
	inLedger(does: string): string;
	unpushed(): string;
	besides(): string;
	operation(): string;
	/** True when a detail, the operation by default, is this one. */
	is(value: string, key?: string): boolean;
	filesInWay(): string;
}

const mostShown = 5;

function factsOf({ level, details }: Warning, face: Face, say: Say): Facts {
	const text = (key: string): string => {
		const detail = details[key];
		return typeof detail === 'string' || typeof detail === 'number' ? shownText(String(detail)) : '';
	};
	const number = (key: string): number => {
		const detail = details[key];
		return typeof detail === 'number' ? detail : 0;
	};
	const listOf = (key: string): readonly string[] => {
		const detail = details[key];
		return Array.isArray(detail) ? (detail as readonly string[]) : [];
	};
	const list = (key: string): string => {
		const texts = listOf(key);
		const rest = texts.length > mostShown ? say` and ${texts.length - mostShown} more` : '';
		return (
			texts
				.slice(0, mostShown)
				.map((item) => shownText(item))
				.join(', ') + rest
		);
	};
	const onCli = (words: string): string => (face === 'cli' ? words : '');
	const branch = (key: string): string => text(key).replace(/^refs\/(?:heads|remotes)\//, '');
	const commits = (amount: number): string => (amount === 1 ? say`1 commit` : say`${amount} commits`);
	return {
		say,
		asks: level === 'ask',
		text: branch,
		number,
		list,
		commits: (key) => (typeof details[key] === 'number' ? commits(number(key)) : say`commits`),
		files: (key) => (number(key) === 1 ? say`1 file` : say`${number(key)} files`),
		are: (key) => (number(key) === 1 ? say`is` : say`are`),
		branch: () => branch('ref') || say`The branch`,
		onCli,
		inLedger: (does) => onCli(`; \`homeport ledger ${shellWord(text('session') || 'SESSION')}\` ${does}`),
		unpushed: () => {
			const amount = number('unpushed');
			if (amount === 0) {
				return '';
			}
			return amount === number('lost')
				? say`, pushed nowhere`
				: say`, ${amount} of which ${amount === 1 ? say`is` : say`are`} pushed nowhere`;
		},
		besides: () => (text('beside') === '' ? '' : say`; the work goes to ${branch('beside')}`),
		operation: () => {
			const name = text('operation');
			return name === '' || name === 'unknown' ? say`something` : say`${name === 'am' ? say`an` : say`a`} ${name}`;
		},
		is: (value, key = 'operation') => text(key) === value,
		filesInWay: () => (listOf('files').length === 0 ? say`files that could not be told` : list('files')),
	};
}
