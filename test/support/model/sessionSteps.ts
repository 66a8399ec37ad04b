import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { StepTable } from './steps.js';
import { editFile, stageFile } from './edits.js';
import { putFile } from './files.js';
import { readRefs } from './plainRepository.js';
import { pick } from './random.js';
import { git, layOut, type Place, utf8Bytes, type World } from './world.js';

type Step = (world: World, place: Place, numbers: readonly number[]) => void;

/** What an agent does in a repository without a working tree. */
export const bareSteps: StepTable<Step> = {
	commit: { weight: 6, run: bareCommit },
	rewind: { weight: 3, run: (world, place, [a = 0]) => run(world, place, 'update-ref', 'HEAD', back(a)) },
	'move-branch': { weight: 2, run: moveBranch },
	'delete-branch': { weight: 2, run: deleteBranch },
	'create-branch': { weight: 3, run: createBranch },
	'rename-branch': { weight: 1, run: renameBranch },
	gc: { weight: 1, run: (world, place) => run(world, place, 'gc', '-q', '--prune=now') },
	renew: { weight: 1, run: renew },
};

/** What an agent does in its working tree. */
export const sessionSteps: StepTable<Step> = {
	edit: { weight: 14, run: edit },
	stage: { weight: 4, run: stage },
	commit: { weight: 12, run: commit },
	amend: {
		weight: 3,
		run: (world, place) => run(world, place, 'commit', '-qa', '--amend', '--allow-empty', '-m', 'amended'),
	},
	'reset-hard': { weight: 3, run: (world, place, [a = 0]) => run(world, place, 'reset', '-q', '--hard', back(a)) },
	'reset-soft': { weight: 2, run: (world, place, [a = 0]) => run(world, place, 'reset', '-q', '--soft', back(a)) },
	'move-branch': { weight: 2, run: moveBranch },
	'delete-branch': { weight: 3, run: deleteBranch },
	'create-branch': { weight: 3, run: createBranch },
	'rename-branch': { weight: 1, run: renameBranch },
	checkout: {
		weight: 3,
		run: (world, place, [a = 0]) => run(world, place, 'checkout', '-q', pick(branches(place), a)),
	},
	detach: { weight: 3, run: (world, place, [a = 0]) => run(world, place, 'checkout', '-q', '--detach', back(a)) },
	stash: {
		weight: 4,
		run: (world, place, [a = 0]) => run(world, place, 'stash', 'push', '-q', ...(a < 0.5 ? ['-u'] : [])),
	},
	'stash-pop': { weight: 2, run: (world, place) => run(world, place, 'stash', 'pop', '-q') },
	'stash-drop': {
		weight: 1,
		run: (world, place, [a = 0]) => run(world, place, 'stash', 'drop', '-q', `stash@{${Math.floor(a * 2)}}`),
	},
	tag: {
		weight: 1,
		run: (world, place, [a = 0]) => run(world, place, 'tag', '-f', `tag-${Math.floor(a * 3)}`, back(a)),
	},
	gc: { weight: 1, run: (world, place) => run(world, place, 'gc', '-q', '--prune=now') },
	'expire-and-gc': { weight: 2, run: expireAndGc },
	'merge-conflict': { weight: 2, run: mergeConflict },
	'rebase-conflict': { weight: 1, run: rebaseConflict },
	abandon: { weight: 1, run: (world, place) => run(world, place, 'reset', '-q', '--merge') },
	renew: { weight: 1, run: renew },
};

function run(world: World, place: Place, ...args: string[]): void {
	git(world, place.dir, args);
}

function back(number: number): string {
	return `HEAD~${Math.floor(number * 3)}`;
}

function branches(place: Place): string[] {
	const names = [...readRefs(place.commonDir).keys()].filter((ref) => ref.startsWith('refs/heads/'));
	return names.length === 0 ? ['main'] : names.map((ref) => ref.slice('refs/heads/'.length)).sort();
}

function edit(_world: World, place: Place, [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0]: readonly number[]): void {
	editFile(place.dir, a, b, c);
	if (d < 0.5) {
		editFile(place.dir, d * 2, e, f);
	}
}

function stage(world: World, place: Place, [a = 0, b = 0, c = 0, d = 0, e = 0]: readonly number[]): void {
	editFile(place.dir, c, b, d);
	stageFile(world, place.dir, a, b);
	if (e < 0.5) {
		editFile(place.dir, d, b, e);
	}
}

function commit(world: World, place: Place, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): void {
	editFile(place.dir, a, b, c);
	putFile(place.dir, `work-of-${place.name}.txt`, `${world.tick}\n`);
	run(world, place, 'add', ...(d < 0.7 ? ['-A'] : ['-u']));
	run(world, place, 'commit', '-q', '--allow-empty', '-m', `${place.name} ${world.tick}`);
}

function bareCommit(world: World, place: Place): void {
	const made = git(world, place.dir, ['commit-tree', 'HEAD^{tree}', '-p', 'HEAD', '-m', `bare ${world.tick}`]);
	if (made.code === 0) {
		run(world, place, 'update-ref', 'HEAD', made.out.trim());
	}
}

function moveBranch(world: World, place: Place, [a = 0, b = 0]: readonly number[]): void {
	run(world, place, 'branch', '-f', pick(branches(place), a), back(b));
}

function deleteBranch(world: World, place: Place, [a = 0]: readonly number[]): void {
	run(world, place, 'branch', '-D', pick(branches(place), a));
}

function createBranch(world: World, place: Place, [a = 0, b = 0]: readonly number[]): void {
	const name = pick(['side', 'feature/one', 'feature', 'side-2', 'Main', utf8Bytes('ünï'), 'a-b'], a);
	const args = place.kind === 'bare' || b < 0.5 ? ['branch', name] : ['checkout', '-q', '-b', name];
	run(world, place, ...args, back(b));
}

function renameBranch(world: World, place: Place, [a = 0, b = 0]: readonly number[]): void {
	run(world, place, 'branch', '-M', pick(branches(place), a), pick(['renamed', 'feature', 'side/renamed'], b));
}

function expireAndGc(world: World, place: Place): void {
	if (place.kind !== 'home-worktree') {
		run(world, place, 'reflog', 'expire', '--expire=now', '--expire-unreachable=now', '--all');
	}
	run(world, place, 'gc', '-q', '--prune=now');
}

function mergeConflict(world: World, place: Place, numbers: readonly number[]): void {
	conflict(world, place, numbers, ['merge', '-q', 'their-side']);
}

function rebaseConflict(world: World, place: Place, numbers: readonly number[]): void {
	conflict(world, place, numbers, ['rebase', '-q', 'their-side']);
}

// Two commits over one line, and the command that cannot bring them together.
function conflict(world: World, place: Place, [a = 0, b = 0]: readonly number[], command: string[]): void {
	if (git(world, place.dir, ['stash', 'push', '-q', '-u']).code !== 0) {
		return;
	}
	run(world, place, 'branch', '-f', 'their-side', 'HEAD');
	putFile(place.dir, 'a.txt', `ours ${a} ${world.tick}\n`);
	run(world, place, 'add', '-A');
	run(world, place, 'commit', '-qm', 'ours');
	const tree = git(world, place.dir, ['rev-parse', 'HEAD~1^{tree}']).out.trim();
	const blob = git(world, place.dir, ['hash-object', '-w', '--stdin'], `theirs ${b} ${world.tick}\n`).out.trim();
	const listed = git(world, place.dir, ['ls-tree', tree]).out.replace(
		/^\d+ \w+ [0-9a-f]+\ta\.txt$/m,
		`100644 blob ${blob}\ta.txt`,
	);
	const theirs = git(world, place.dir, ['mktree'], listed).out.trim();
	const made = git(world, place.dir, ['commit-tree', theirs, '-p', 'HEAD~1', '-m', 'theirs']).out.trim();
	run(world, place, 'update-ref', 'refs/heads/their-side', made);
	run(world, place, ...command);
}

// The storage is new, as after a pod whose volume went: nothing there was deleted by the agent.
function renew(world: World, place: Place): void {
	if (place.kind === 'home-worktree') {
		return;
	}
	const main = join(place.commonDir, '..');
	for (const folder of place.kind === 'worktree' ? [place.dir, main] : [place.dir]) {
		if (existsSync(folder)) {
			rmSync(folder, { recursive: true, force: true });
		}
	}
	layOut(world, place);
	place.renewed = true;
}
