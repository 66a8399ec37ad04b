import { join } from 'node:path';
import type { StepTable } from './steps.js';
import { editFile, stageFile } from './edits.js';
import { putFile } from './files.js';
import { readRefs } from './plainRepository.js';
import { pick } from './random.js';
import { git, type World } from './world.js';

type Step = (world: World, numbers: readonly number[]) => void;

/** What the user does at home. */
export const homeSteps: StepTable<Step> = {
	commit: { weight: 5, run: commit },
	edit: { weight: 5, run: (world, [a = 0, b = 0, c = 0]) => editFile(world.home, a, b, c) },
	stage: { weight: 3, run: stage },
	checkout: { weight: 4, run: (world, [a = 0]) => run(world, 'checkout', '-q', pick(branches(world), a)) },
	'create-branch': { weight: 3, run: createBranch },
	'delete-branch': { weight: 3, run: (world, [a = 0]) => run(world, 'branch', '-D', pick(branches(world), a)) },
	'reset-hard': { weight: 1, run: (world) => run(world, 'reset', '-q', '--hard', 'HEAD~1') },
	stash: { weight: 1, run: (world) => run(world, 'stash', 'push', '-q', '-u') },
	'stash-pop': { weight: 1, run: (world) => run(world, 'stash', 'pop', '-q') },
	'merge-session': { weight: 2, run: (world, [a = 0]) => run(world, 'merge', '-q', pick(branches(world), a)) },
	worktree: { weight: 1, run: worktree },
	tag: { weight: 1, run: (world) => run(world, 'tag', '-f', '-m', 'text', 'user-tag') },
	gc: { weight: 2, run: (world) => run(world, 'gc', '-q', '--prune=now') },
	'expire-and-gc': { weight: 2, run: expireAndGc },
};

/** Reflogs go, and then whatever nothing names. */
export function expireAndGc(world: World): void {
	run(world, 'reflog', 'expire', '--expire=now', '--expire-unreachable=now', '--all');
	run(world, 'gc', '-q', '--prune=now');
}

function run(world: World, ...args: string[]): void {
	git(world, world.home, args);
}

function branches(world: World): string[] {
	const names = [...readRefs(join(world.home, '.git')).keys()].filter((ref) => ref.startsWith('refs/heads/'));
	return names.map((ref) => ref.slice('refs/heads/'.length)).sort();
}

function commit(world: World, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): void {
	if (d < 0.5) {
		editFile(world.home, a, b, c);
	} else {
		putFile(world.home, 'home.txt', `${world.tick}\n`);
	}
	run(world, 'add', '-A');
	run(world, 'commit', '-q', '--allow-empty', '-m', `user ${world.tick}`);
}

function stage(world: World, [a = 0, b = 0, c = 0, d = 0]: readonly number[]): void {
	editFile(world.home, c, b, d);
	stageFile(world, world.home, a, b);
}

// Names that those of sessions clash with: as a folder, below, beside, or by their case.
function createBranch(world: World, [a = 0, b = 0]: readonly number[]): void {
	const names = [
		'claude',
		'claude/alpha',
		'claude/alpha/x',
		'claude/alpha-2',
		'claude/alpha-side',
		'claude/Beta',
		'claude/beta-main',
	];
	run(world, 'branch', pick(names, a), b < 0.5 ? 'HEAD' : 'HEAD~1');
}

function worktree(world: World, [a = 0]: readonly number[]): void {
	run(world, 'worktree', 'add', '-q', join(world.folder, 'wt'), pick(branches(world), a));
}
