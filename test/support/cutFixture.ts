import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { isHomeportError } from '../../src/core/base/errors.js';
import { describeError } from '../../src/core/base/messages.js';
import { observedOids } from '../../src/core/model/observation.js';
import type { SyncResult } from '../../src/core/model/report.js';
import type { PodHandle } from './cluster/podHandle.js';
import { type ClusterFixture, clusterFixture } from './clusterFixture.js';
import { listing } from './model/files.js';

const run = promisify(execFile);

/** A home and a session in a pod, both of which can be put back to how they were saved. */
export interface CutFixture extends ClusterFixture {
	readonly pod: PodHandle;
	readonly id: string;
	/** The session's repository on this machine. */
	readonly workspace: string;
	/** Keeps home and the session's repository as they are now. */
	readonly save: () => Promise<void>;
	/** Puts home back, and the session's repository too where that is wanted. */
	readonly restore: (sessionToo?: boolean) => Promise<void>;
	/** Resolves once nothing of ours, and no git, runs in the pod. */
	readonly atRest: () => Promise<void>;
	/** Numbers for `homeport.limits` of home's configuration; none takes them away. */
	readonly limit: (limits: Readonly<Record<string, number>> | null) => Promise<void>;
	/** The user's refs, HEAD and files; nothing of ours. */
	readonly standing: () => Promise<string>;
	/** The session's repository to the byte, its working tree with it. */
	readonly sessionState: () => Map<string, string>;
	/** Fails unless home is whole, and holds all that the ledger names; how many entries that has. */
	readonly requireWhole: (what: string) => Promise<number>;
}

/** Makes the fixture, with the session `alpha`. */
export async function cutFixture(): Promise<CutFixture> {
	const fixture = await clusterFixture();
	const { home, folder, git, homeport } = fixture;
	const pod = await fixture.addPod('alpha');
	const workspace = pod.path('/pvc/workspace');
	const id = 'kubernetes/double/agents/alpha';
	const saved = join(folder, 'saved');
	const savedSession = join(folder, 'savedSession');
	const put = async (from: string, to: string): Promise<void> => {
		await rm(to, { recursive: true, force: true, maxRetries: 5 });
		await run('cp', ['-a', from, to]);
	};
	return {
		...fixture,
		pod,
		id,
		workspace,
		save: async () => {
			await put(home, saved);
			await put(workspace, savedSession);
		},
		restore: async (sessionToo = false) => {
			await put(saved, home);
			await (sessionToo ? put(savedSession, workspace) : undefined);
		},
		atRest: async () => {
			const list = "cat /proc/[0-9]*/cmdline | tr '\\0' ' '";
			while (/homeport|git|dd bs/.test((await pod.run(['sh', '-c', list])).stdout)) {
				await turn();
			}
		},
		limit: async (limits) => {
			const path = join(home, '.claude/sync/sync-config.json');
			await mkdir(join(home, '.claude/sync'), { recursive: true });
			await (limits === null ? rm(path, { force: true }) : writeFile(path, JSON.stringify({ homeport: { limits } })));
		},
		standing: async () =>
			[
				await git(home, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags', 'refs/remotes'),
				await git(home, 'symbolic-ref', 'HEAD'),
				await git(home, 'status', '--porcelain'),
			].join('\n'),
		sessionState: () => listing(workspace),
		requireWhole: async (what) => {
			await git(home, 'fsck', '--full', '--strict', '--no-dangling').catch((error: unknown) => {
				throw new Error(`${what}: home is damaged`, { cause: error });
			});
			const entries = await homeport.ledger(id);
			const named = entries.flatMap((entry) => observedOids(entry));
			await git(home, 'rev-list', '--objects', '--quiet', ...named, '--').catch((error: unknown) => {
				throw new Error(`${what}: the ledger names what is not there`, { cause: error });
			});
			return entries.length;
		},
	};
}

/** How a sync came out: its outcome, or the code that it failed with. An error that has no words of its own fails. */
export async function cameOf(sync: Promise<SyncResult>, what: string): Promise<string> {
	const error = await sync.then(
		(result) => result.error ?? result.outcome,
		(thrown: unknown) => thrown,
	);
	if (typeof error === 'string') {
		return error;
	}
	assert.ok(isHomeportError(error) && error.code !== 'internal', `${what}: ${String(error)}`);
	assert.doesNotMatch(describeError(error, 'cli').message, /undefined|\[object|null/, what);
	return error.code;
}
