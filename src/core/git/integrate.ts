import { randomBytes, randomInt } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, HomeportError } from '../base/errors.js';
import type { Conflict, OnConflict } from '../model/merge.js';
import type { Oid } from '../model/observation.js';
import { readable } from './bytePath.js';
import type { HomeRepository } from './home.js';
import type { Identity } from './identity.js';
import { conflictsOf, type MergedTree, mergeTrees } from './mergedTree.js';
import { settleConflicts } from './resolveConflicts.js';
import type { Git } from './run.js';
import { treeGit } from './worktree.js';

/** Work to bring onto a commit of home. */
export interface Integration {
	readonly kind: 'merge' | 'rebase';
	readonly onto: Oid;
	readonly source: Oid;
	readonly onConflict: OnConflict;
	/** Of the merge commit; a rebased commit keeps its own. */
	readonly message: string;
}

/** What came of it: the commit that holds both, or what is in the way. Null where they have no commit in common. */
export type Integrated =
	| { readonly commit: Oid; readonly tree: Oid; readonly gained: number; readonly settled: readonly string[] }
	| { readonly conflicts: readonly Conflict[] };

/** Runs `work` with a folder on home's file system that is thrown away afterwards. */
export async function withScratch<T>(home: HomeRepository, work: (folder: string) => Promise<T>): Promise<T> {
	// Among the quarantines, where a later start sweeps what a killed process left.
	const folder = join(home.commonDir, 'homeport/quarantine', `${process.pid}-${randomBytes(6).toString('hex')}`);
	await mkdir(join(folder, 'objects'), { recursive: true, mode: 0o700 }).catch((error: unknown) => {
		throw new HomeportError('state-unwritable', { path: folder, reason: errorText(error) }, error);
	});
	try {
		return await work(folder);
	} finally {
		await rm(folder, { recursive: true, force: true });
	}
}

/** Variables under which git has all that home has, and puts new objects into a scratch folder. */
export function scratchObjects(home: HomeRepository, folder: string): Record<string, string> {
	return {
		GIT_OBJECT_DIRECTORY: join(folder, 'objects'),
		GIT_ALTERNATE_OBJECT_DIRECTORIES: join(home.commonDir, 'objects'),
	};
}

/** Runs `work` with a git whose new objects go to a folder that is thrown away, and which has all that home has. */
export async function withScratchObjects<T>(
	home: HomeRepository,
	work: (git: Git, folder: string) => Promise<T>,
): Promise<T> {
	return withScratch(home, async (folder) => {
		const git = await treeGit(home, home.root);
		return work(git.with({ env: scratchObjects(home, folder), config: [['core.fsync', 'none']] }), folder);
	});
}

/**
 * Merges or rebases, writing objects alone: no ref, index or file is touched. `folder` is for what is thrown away. The
 * result is what `git merge` or `git rebase` make of the same commits (merges left out, what is upstream already and
 * what becomes empty dropped).
 */
export async function integrate(
	git: Git,
	folder: string,
	integration: Integration,
	identity: Identity,
): Promise<Integrated | null> {
	return integration.kind === 'merge'
		? makeMerge(git, folder, integration, identity)
		: makeRebase(git, folder, integration, identity);
}

async function makeMerge(
	git: Git,
	folder: string,
	{ onto, source, onConflict, message }: Integration,
	identity: Identity,
): Promise<Integrated | null> {
	const merged = await mergeSettled(git, folder, onto, source, onConflict);
	if (merged === null) {
		return null;
	}
	if (!merged.clean) {
		return { conflicts: await conflictsOf(git, merged) };
	}
	const args = ['commit-tree', ...identity.sign, '-p', onto, '-p', source, merged.tree];
	const commit = await git.text(args, { input: `${message}\n`, env: identity.env });
	const gained = Number(await git.text(['rev-list', '--count', commit, `^${onto}`]));
	return { commit, tree: merged.tree, gained, settled: merged.settled };
}

async function makeRebase(
	git: Git,
	folder: string,
	{ onto, source, onConflict }: Integration,
	identity: Identity,
): Promise<Integrated | null> {
	if ((await git.run(['merge-base', onto, source], { allow: [1] })).exitCode === 1) {
		return null;
	}
	const walk = ['--reverse', '--topo-order', '--no-merges', '--cherry-pick', '--right-only', `${onto}...${source}`];
	const commits = (await git.text(['rev-list', ...walk])).split('\n').filter((oid) => oid !== '');
	let tip = onto;
	let tree = await git.text(['rev-parse', `${onto}^{tree}`]);
	let gained = 0;
	const settled: string[] = [];
	for (const commit of commits) {
		const specs = [`${commit}^1`, `${commit}^1^{tree}`, `${commit}^{tree}`];
		const parsed = await git.run(['rev-parse', ...specs], { allow: [128] });
		if (parsed.exitCode !== 0) {
			// A commit without a parent is no change that could be made again.
			return null;
		}
		const [parent = '', before, after] = parsed.stdout.toString('utf8').trim().split('\n');
		// What is rebased is the change from the parent: a commit with our tree and that parent has it for its base.
		const stand = await git.text(['commit-tree', '-p', parent, tree], { input: 'ours\n' });
		const merged = await mergeSettled(git, folder, stand, commit, onConflict);
		if (merged === null) {
			return null;
		}
		if (!merged.clean) {
			return { conflicts: await conflictsOf(git, merged) };
		}
		settled.push(...merged.settled);
		if (merged.tree === tree && before !== after) {
			continue;
		}
		tree = merged.tree;
		tip = await copyCommit(git, commit, tree, tip, identity);
		gained += 1;
	}
	return { commit: tip, tree, gained, settled: [...new Set(settled)] };
}

/**
 * Merges two commits, with what is in conflict settled as it is asked for; `folder` is for what is thrown away, and
 * `settled` names the files that had to be settled. Null where the two have no commit in common.
 */
export async function mergeSettled(
	git: Git,
	folder: string,
	ours: Oid,
	theirs: Oid,
	onConflict: OnConflict,
): Promise<(MergedTree & { readonly settled: readonly string[] }) | null> {
	if (onConflict === 'manual') {
		const merged = await mergeTrees(git, ours, theirs);
		return merged === null ? null : { ...merged, settled: [] };
	}
	// A size that no file can have foreseen: what stands between markers is told by them alone.
	const markerSize = randomInt(40, 90);
	const attributes = join(folder, 'attributes');
	await writeFile(attributes, `* conflict-marker-size=${markerSize}\n`);
	const marking = git.with({ config: [['core.attributesFile', attributes]] });
	const merged = await mergeTrees(marking, ours, theirs);
	if (merged === null || merged.clean) {
		return merged === null ? null : { ...merged, settled: [] };
	}
	const side = onConflict === 'auto-ours' ? 'ours' : 'theirs';
	const after = await settleConflicts(git, merged, side, markerSize, join(folder, 'index'));
	const left = new Set(after.stages.map((entry) => entry.path));
	const paths = new Set(merged.stages.map((entry) => entry.path).filter((path) => !left.has(path)));
	return { ...after, settled: [...paths].map(readable) };
}

/** The same commit with another tree and parent: author, message and encoding stay, byte for byte. */
async function copyCommit(git: Git, commit: Oid, tree: Oid, parent: Oid, { committer }: Identity): Promise<Oid> {
	const text = (await git.run(['cat-file', 'commit', commit])).stdout.toString('latin1');
	const end = text.indexOf('\n\n');
	const kept = text
		.slice(0, end)
		.split('\n')
		.filter((line) => /^(?:author|encoding) /.test(line));
	const author = kept.find((line) => line.startsWith('author '));
	if (end < 0 || author === undefined) {
		throw new HomeportError('session-damaged', { reason: `this is no commit that can be copied: ${commit}` });
	}
	const encoding = kept.filter((line) => line.startsWith('encoding '));
	const who = Buffer.from(`committer ${committer}`).toString('latin1');
	const headers = [`tree ${tree}`, `parent ${parent}`, author, who, ...encoding];
	const content = Buffer.from(`${headers.join('\n')}${text.slice(end)}`, 'latin1');
	return git.text(['hash-object', '-t', 'commit', '-w', '--stdin'], { input: content });
}
