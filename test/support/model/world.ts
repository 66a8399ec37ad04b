import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Homeport, openHome } from '../../../src/core/homeport.js';
import { type Cluster, startCluster } from '../cluster/cluster.js';
import { putFile } from './files.js';

export type SessionName = 'alpha' | 'beta';
/** What kind of repository a session has; `home-worktree` is a linked worktree of home itself, `pod` a clone in a pod. */
export type PlaceKind = 'clone' | 'worktree' | 'home-worktree' | 'bare' | 'pod';

/** Where a session is, and what was seen there. */
export interface Place {
	readonly name: SessionName;
	readonly kind: PlaceKind;
	readonly id: string;
	readonly dir: string;
	readonly gitDir: string;
	readonly commonDir: string;
	/** Every commit that was ever observed here, by what told of it; emptied by a forget of this session. */
	readonly observed: Map<string, string>;
	/** The session's whole state when it was last rescued, and the ledger's newest entry then. */
	lastRescue: { readonly state: string; readonly ledger: string } | null;
	/** True once the repository was thrown away and cloned anew, until Homeport has seen it. */
	renewed: boolean;
}

/** A home, two sessions and the user's own folder, all in one temporary folder. */
export interface World {
	readonly folder: string;
	readonly home: string;
	readonly env: NodeJS.ProcessEnv;
	readonly places: Readonly<Record<SessionName, Place>>;
	/** Where the pods run, if a session is in one. */
	readonly cluster: Cluster | null;
	/** Commits of the user's branches that an operation has logged. */
	readonly userSeen: Map<string, string>;
	homeport: Homeport;
	/** Counts up; commits are dated by it. */
	tick: number;
}

export interface Ran {
	readonly code: number;
	/** Bytes as one character each. */
	readonly out: string;
	readonly err: string;
}

/** Makes a world whose sessions are of these kinds. */
export async function createWorld(kinds: Readonly<Record<SessionName, PlaceKind>>): Promise<World> {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'homeport-world-')));
	const home = join(folder, 'home');
	const user = join(folder, 'user');
	mkdirSync(user);
	writeFileSync(
		join(user, '.gitconfig'),
		'[user]\n\tname = User\n\temail = user@localhost\n[init]\n\tdefaultBranch = main\n[gc]\n\tauto = 0\n[advice]\n\tdetachedHead = false\n',
	);
	const env: NodeJS.ProcessEnv = {
		PATH: process.env['PATH'],
		TMPDIR: tmpdir(),
		HOME: user,
		XDG_CONFIG_HOME: join(user, '.config'),
		XDG_CACHE_HOME: join(user, '.cache'),
		GIT_CONFIG_NOSYSTEM: '1',
	};
	useEnvironment(env);
	const cluster = Object.values(kinds).includes('pod') ? await startCluster() : null;
	const places = {
		alpha: await place(folder, 'alpha', kinds.alpha, cluster),
		beta: await place(folder, 'beta', kinds.beta, cluster),
	};
	if (cluster !== null) {
		putFile(user, '.kube/config', cluster.kubeconfig());
	}
	const world: World = {
		folder,
		home,
		env,
		places,
		cluster,
		userSeen: new Map(),
		homeport: undefined as never,
		tick: 0,
	};
	must(git(world, folder, ['init', '-q', '-b', 'main', '--template=', 'home']));
	putFile(home, 'a.txt', 'one\ntwo\nthree\n');
	putFile(home, 'b.txt', 'b\n');
	putFile(home, 'dir/c.txt', 'c\n');
	putFile(home, 'run.sh', '#!/bin/sh\n', 0o755);
	putFile(home, '.gitignore', '*.ign\n');
	symlinkSync('a.txt', join(home, 'link'));
	must(git(world, home, ['add', '-A']));
	must(git(world, home, ['commit', '-qm', 'X']));
	for (const each of Object.values(places)) {
		layOut(world, each);
	}
	await reopen(world);
	for (const each of Object.values(places)) {
		if (each.kind !== 'home-worktree' && each.kind !== 'pod') {
			await world.homeport.add(each.name, each.dir, 'claude');
		}
	}
	return world;
}

/** Opens home anew, as another process would. */
export async function reopen(world: World): Promise<void> {
	(world.homeport as Homeport | undefined)?.dispose();
	world.homeport = await openHome({ repo: world.home, env: world.env });
}

/** The product reads some of its environment from the process. */
export function useEnvironment(env: NodeJS.ProcessEnv): void {
	for (const name of Object.keys(process.env)) {
		if (/^(?:XDG_|GIT_)/.test(name)) {
			delete process.env[name];
		}
	}
	Object.assign(process.env, env);
}

export async function removeWorld(world: World): Promise<void> {
	world.homeport.dispose();
	await world.cluster?.stop();
	rmSync(world.folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Makes the repository of a session; for a renewal too, where the old one has been removed. */
export function layOut(world: World, { kind, name, dir, commonDir }: Place): void {
	const { folder, home } = world;
	if (kind === 'home-worktree') {
		must(git(world, home, ['worktree', 'add', '-q', '-b', `${name}-work`, dir]));
	} else if (kind === 'worktree') {
		const main = join(commonDir, '..');
		must(git(world, folder, ['clone', '-q', '--template=', home, main]));
		// A sync may have made home's branch of that name, and a user may have checked it out.
		if (git(world, main, ['symbolic-ref', '--short', 'HEAD']).out.trim() === `${name}-work`) {
			must(git(world, main, ['checkout', '-q', '--detach']));
		}
		must(git(world, main, ['worktree', 'add', '-q', '-B', `${name}-work`, dir]));
	} else {
		must(git(world, folder, ['clone', '-q', '--template=', ...(kind === 'bare' ? ['--bare'] : []), home, dir]));
	}
}

/**
 * Runs the user's or the agent's own git; a command that fails is no error here. Text in and out has one character for
 * each byte.
 */
export function git(
	world: World,
	dir: string,
	args: readonly string[],
	input = '',
	more: Readonly<Record<string, string>> = {},
): Ran {
	world.tick += 1;
	const date = `@${1_700_000_000 + world.tick * 60} +0000`;
	const ran = spawnSync('git', args.map(utf8Text), {
		cwd: dir,
		input: Buffer.from(input, 'latin1'),
		env: { ...world.env, GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date, GIT_EDITOR: 'true', LC_ALL: 'C', ...more },
		maxBuffer: 64 * 1024 * 1024,
	});
	return { code: ran.status ?? -1, out: ran.stdout.toString('latin1'), err: ran.stderr.toString('latin1') };
}

/** The output of a git command that must not fail. */
export function must(ran: Ran): string {
	if (ran.code !== 0) {
		throw new Error(`git failed in the model itself: ${ran.err}`);
	}
	return ran.out.trimEnd();
}

async function place(folder: string, name: SessionName, kind: PlaceKind, cluster: Cluster | null): Promise<Place> {
	const inPod = kind === 'pod' ? await cluster!.addSession({ name, uid: 0, workspace: join(folder, 'home') }) : null;
	const dir = inPod?.path('/pvc/workspace') ?? join(folder, name);
	const commons: Record<PlaceKind, string> = {
		clone: join(dir, '.git'),
		worktree: join(folder, `${name}-main/.git`),
		'home-worktree': join(folder, 'home/.git'),
		bare: dir,
		pod: join(dir, '.git'),
	};
	const commonDir = commons[kind];
	return {
		name,
		kind,
		id:
			inPod !== null
				? `kubernetes/double/agents/${name}`
				: kind === 'home-worktree'
					? `local/worktree/${name}`
					: `local/${name}`,
		dir,
		commonDir,
		gitDir: kind.endsWith('worktree') ? join(commonDir, `worktrees/${name}`) : commonDir,
		observed: new Map(),
		lastRescue: null,
		renewed: false,
	};
}

/** Text of one character for each byte, which must be UTF-8, as text. */
export function utf8Text(bytes: string): string {
	return Buffer.from(bytes, 'latin1').toString('utf8');
}

/** Text as one character for each of its bytes. */
export function utf8Bytes(text: string): string {
	return Buffer.from(text).toString('latin1');
}
