import { command, git, succeeds } from './commands.js';

/**
 * Null where `repository` has, under `prefix`, each branch of the session with the same commit and tree, and every
 * object that they need; else what is wrong. Asks git alone, nothing of ours. `thorough` also hashes every object anew.
 */
export async function branchesArrived(
	session: string,
	repository: string,
	prefix: string,
	thorough: boolean,
): Promise<string | null> {
	const wanted = await tips(session, 'refs/heads/');
	const have = await tips(repository, prefix);
	for (const [name, tip] of wanted) {
		if (have.get(name) !== tip) {
			return `${name} is ${have.get(name) ?? 'missing'} instead of ${tip}`;
		}
	}
	const input = [...wanted.values()].map((tip) => `${tip.split(' ')[0]}\n`).join('');
	if (!(await succeeds(['git', '-C', repository, 'rev-list', '--objects', '--quiet', '--stdin'], { input }))) {
		return 'objects are missing';
	}
	if (thorough && !(await succeeds(['git', '-C', repository, 'fsck', '--full', '--no-dangling', '--no-progress']))) {
		return 'git fsck finds damage';
	}
	return null;
}

/** The commits that the branches under a prefix name. */
export async function tipOids(repository: string, prefix: string): Promise<Set<string>> {
	return new Set([...(await tips(repository, prefix)).values()].map((tip) => tip.split(' ')[0]!));
}

/** Null where both folders hold the same; else what is wrong. */
export async function foldersEqual(one: string, other: string): Promise<string | null> {
	return (await succeeds(['diff', '-rq', '--no-dereference', one, other])) ? null : 'the folders differ';
}

/** The tree that the working tree of a repository would be as a commit, computed by git alone, in a folder aside. */
export async function workingTree(repository: string, aside: string): Promise<string> {
	const objects = await git(repository, 'rev-parse', '--path-format=absolute', '--git-path', 'objects');
	const env = {
		GIT_INDEX_FILE: `${aside}/index`,
		GIT_OBJECT_DIRECTORY: `${aside}/objects`,
		GIT_ALTERNATE_OBJECT_DIRECTORIES: objects,
	};
	const inIt = (...args: string[]): Promise<string> => command(['git', ...args], { cwd: repository, env });
	await command(['mkdir', '-p', `${aside}/objects`]);
	await inIt('read-tree', 'HEAD');
	await inIt('add', '-A');
	return inIt('write-tree');
}

async function tips(repository: string, prefix: string): Promise<Map<string, string>> {
	const listed = await git(repository, 'for-each-ref', '--format=%(refname) %(objectname) %(tree)', prefix);
	return new Map(
		listed
			.split('\n')
			.filter((line) => line !== '' && !line.startsWith(`${prefix}HEAD `))
			.map((line) => [line.slice(prefix.length, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)]),
	);
}
