import { strict as assert } from 'node:assert';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { openHomeRepository } from '../../src/core/git/home.js';
import { userIdentity } from '../../src/core/git/identity.js';
import { integrate, type Integration, withScratch, withScratchObjects } from '../../src/core/git/integrate.js';
import { mergeFiles } from '../../src/core/git/mergeFiles.js';
import { seededRandom } from '../support/model/random.js';

const histories = process.env['HOMEPORT_LONG'] === '1' ? 1000 : 20;

/** Two branches that changed the same few files at random, in a repository of their own. */
interface History {
	readonly folder: string;
	readonly git: (...args: readonly string[]) => string;
	readonly dispose: () => void;
}

describe('merges and rebases', function () {
	this.timeout(0);
	const env: NodeJS.ProcessEnv = {
		PATH: process.env['PATH'],
		HOME: '/nonexistent',
		GIT_CONFIG_NOSYSTEM: '1',
		GIT_EDITOR: 'true',
		LC_ALL: 'C',
	};

	function makeHistory(seed: number): History {
		const next = seededRandom(seed);
		const pick = (count: number): number => Math.floor(next() * count);
		const folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeport-merge-')));
		const git = (...args: readonly string[]): string =>
			execFileSync('git', [...args], {
				cwd: folder,
				env,
				encoding: 'utf8',
				stdio: ['ignore', 'pipe', 'pipe'],
			}).trimEnd();
		git('init', '-q', '-b', 'main');
		git('config', 'user.name', 'User');
		git('config', 'user.email', 'user@localhost');
		git('config', 'advice.detachedHead', 'false');
		const names = ['a.txt', 'b.txt', 'dir/c.txt', 'dir/d.txt', 'e f.txt'];
		const files = new Map(
			names.map((name, index) => [name, Array.from({ length: 12 }, (_, row) => `${index} ${row}`)]),
		);
		const write = (name: string, lines: readonly string[], end = '\n'): void => {
			mkdirSync(dirname(join(folder, name)), { recursive: true });
			writeFileSync(join(folder, name), lines.join('\n') + end);
		};
		for (const [name, lines] of files) {
			write(name, lines);
		}
		git('add', '-A');
		git('commit', '-qm', 'base');
		git('branch', 'theirs');
		for (const branch of ['main', 'theirs']) {
			git('checkout', '-q', branch);
			const own = new Map([...files].map(([name, lines]) => [name, [...lines]]));
			for (let commit = 0, commits = 1 + pick(3); commit < commits; commit += 1) {
				for (let edit = 0, edits = 1 + pick(3); edit < edits; edit += 1) {
					const present = [...own.keys()];
					const name = present[pick(present.length)]!;
					const lines = own.get(name)!;
					const kind = pick(12);
					if (kind < 7) {
						lines[pick(lines.length)] = `${branch} ${pick(3)}`;
						write(name, lines, pick(6) === 0 ? '' : '\n');
					} else if (kind === 7) {
						lines.splice(pick(lines.length), pick(3), `${branch} new`);
						write(name, lines);
					} else if (kind === 8 && present.length > 1) {
						rmSync(join(folder, name));
						own.delete(name);
					} else if (kind === 9) {
						const to = `moved-${pick(3)}.txt`;
						if (!own.has(to)) {
							renameSync(join(folder, name), join(folder, to));
							own.set(to, lines);
							own.delete(name);
						}
					} else if (kind === 10) {
						chmodSync(join(folder, name), 0o755);
					} else {
						const added = `new-${pick(2)}.txt`;
						own.set(added, [`${branch} ${pick(2)}`]);
						write(added, own.get(added)!);
					}
				}
				git('add', '-A');
				git('commit', '-q', '--allow-empty', '-m', `${branch} ${commit}`);
			}
		}
		git('checkout', '-q', 'main');
		return { folder, git, dispose: () => rmSync(folder, { recursive: true, force: true }) };
	}

	/** What git itself makes of it in a copy: the tree, or the files in conflict. */
	function byGit(history: History, ...args: readonly string[]): string {
		const copy = `${history.folder}-copy`;
		cpSync(history.folder, copy, { recursive: true });
		const options = { cwd: copy, env, encoding: 'utf8' } as const;
		try {
			const ran = spawnSync('git', [...args], options);
			if (ran.status === 0) {
				return execFileSync('git', ['rev-parse', 'HEAD^{tree}'], options).trim();
			}
			const listed = execFileSync('git', ['ls-files', '-u', '-z'], options);
			const paths = listed
				.split('\0')
				.filter((line) => line !== '')
				.map((line) => line.slice(line.indexOf('\t') + 1));
			return `conflicts in ${[...new Set(paths)].sort().join(', ')}`;
		} finally {
			rmSync(copy, { recursive: true, force: true });
		}
	}

	async function byHomeport(history: History, part: Pick<Integration, 'kind' | 'onConflict'>): Promise<string> {
		const home = await openHomeRepository(history.folder);
		const [onto, source] = [history.git('rev-parse', 'main'), history.git('rev-parse', 'theirs')];
		return withScratchObjects(home, async (git, folder) => {
			const made = await integrate(git, folder, { ...part, onto, source, message: 'm' }, await userIdentity(git, 0));
			if (made === null || 'conflicts' in made) {
				return `conflicts in ${(made?.conflicts ?? [])
					.map(({ path }) => path)
					.sort()
					.join(', ')}`;
			}
			return git.text(['rev-parse', `${made.commit}^{tree}`]);
		});
	}

	/** The working tree that the files of `theirs` make of that of `main`, which is clean. */
	async function filesByHomeport(history: History): Promise<string> {
		const home = await openHomeRepository(history.folder);
		const [head, source] = [history.git('rev-parse', 'main'), history.git('rev-parse', 'theirs')];
		return withScratch(home, async (folder) => {
			const made = await mergeFiles(home, home.root, { head, source }, folder);
			const conflicts = (made?.conflicts ?? []).map(({ path }) => path);
			return made === null || conflicts.length > 0 ? `conflicts in ${conflicts.sort().join(', ')}` : String(made.to);
		});
	}

	it(`come out as git's own over ${histories} random histories`, async () => {
		const counts = { merges: 0, rebases: 0, conflicts: 0, settled: 0 };
		const differing: string[] = [];
		const compare = (seed: number, what: string, ours: string, gits: string): void => {
			if (ours !== gits) {
				differing.push(`seed ${seed}, ${what}: ${ours}, git: ${gits}`);
			}
		};
		for (let seed = 1; seed <= histories; seed += 1) {
			const history = makeHistory(seed);
			try {
				const merged = byGit(history, 'merge', '-q', '--no-ff', '-m', 'm', 'theirs');
				compare(seed, 'merge', await byHomeport(history, { kind: 'merge', onConflict: 'manual' }), merged);
				compare(seed, 'files', await filesByHomeport(history), merged);
				counts.merges += merged.startsWith('conflicts') ? 0 : 1;
				counts.conflicts += merged.startsWith('conflicts') ? 1 : 0;
				const rebased = byGit(history, 'rebase', '-q', 'main', 'theirs');
				compare(seed, 'rebase', await byHomeport(history, { kind: 'rebase', onConflict: 'manual' }), rebased);
				counts.rebases += rebased.startsWith('conflicts') ? 0 : 1;
				for (const side of ['ours', 'theirs'] as const) {
					const settled = byGit(history, 'merge', '-q', '-X', side, '-m', 'm', 'theirs');
					// Where git leaves whole files in conflict, we take one of the two.
					if (!settled.startsWith('conflicts')) {
						counts.settled += merged.startsWith('conflicts') ? 1 : 0;
						compare(seed, side, await byHomeport(history, { kind: 'merge', onConflict: `auto-${side}` }), settled);
					}
				}
			} finally {
				history.dispose();
			}
		}
		assert.deepStrictEqual(differing, []);
		assert.ok(
			Object.values(counts).every((count) => count >= histories / 10),
			JSON.stringify(counts),
		);
	});
});
