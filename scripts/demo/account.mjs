import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Keeps account of what the sessions ever had, and counts what of it is at home: with plain git, and none of Homeport's
 * own code.
 */
export function createAccount(place) {
	const commits = { alpha: new Set(), beta: new Set() };
	const files = new Map();
	let yours = null;

	return {
		/** Notes every commit that a session names now, its reflogs included, and every uncommitted file with its bytes. */
		async seen() {
			for (const [name, folder] of Object.entries(place.sessions)) {
				const listed = await place.git(folder, ['rev-list', '--all', '--reflog', 'HEAD']);
				lines(listed).forEach((oid) => commits[name].add(oid));
				const dirty = await place.git(folder, ['ls-files', '-z', '--modified', '--others', '--exclude-standard']);
				for (const path of dirty.toString('utf8').split('\0').filter(Boolean)) {
					const bytes = await readFile(join(folder, path));
					files.set(`${name} ${path} ${bytes.toString('hex')}`, { session: name, path, bytes });
				}
			}
			yours ??= await stateOfHome();
		},
		/** What was seen, what of it a ref of home reaches, and whether the user's own work is as it was. */
		async count() {
			const home = lines(await place.git(place.home, ['rev-list', '--all']));
			const reachable = new Set(home);
			const share = (oids) => ({ seen: oids.size, atHome: [...oids].filter((oid) => reachable.has(oid)).length });
			const found = await Promise.all([...files.values()].map((file) => isAtHome(file, home)));
			return {
				sessions: Object.entries(commits).map(([name, oids]) => ({ name, ...share(oids) })),
				commits: share(new Set(Object.values(commits).flatMap((oids) => [...oids]))),
				files: { seen: files.size, atHome: found.filter(Boolean).length },
				untouched: (await stateOfHome()) === yours,
			};
		},
	};

	async function isAtHome({ path, bytes }, home) {
		for (const commit of home) {
			const listed = (await place.git(place.home, ['ls-tree', '-z', commit, '--', path])).toString('utf8');
			const [, oid] = / blob ([0-9a-f]+)\t/.exec(listed) ?? [];
			if (oid !== undefined && (await place.git(place.home, ['cat-file', 'blob', oid])).equals(bytes)) {
				return true;
			}
		}
		return false;
	}

	// The user's own: HEAD, main, index, and the uncommitted files with their bytes.
	async function stateOfHome() {
		const asked = [
			['symbolic-ref', 'HEAD'],
			['rev-parse', 'main'],
			['ls-files', '--stage'],
			['status', '--porcelain'],
			['diff', '--binary'],
		];
		const answers = await Promise.all(asked.map((args) => place.git(place.home, args)));
		return answers.map((answer) => answer.toString('hex')).join(' ');
	}
}

function lines(bytes) {
	return bytes.toString('utf8').split('\n').filter(Boolean);
}
