import { resolveRef } from '../git/history.js';
import type { Git } from '../git/run.js';
import type { Oid } from '../model/observation.js';
import { operationsRef, readStored } from './log.js';
import type { Snapshot } from './snapshot.js';

/** A tree of what a snapshot held after an operation, by its name (`merge-files`), or null. */
export async function treeAfter(git: Git, id: string, name: string): Promise<Oid | null> {
	const entry = await entryOf(git, `done ${id}`);
	return entry === null ? null : resolveRef(git, `${entry}:after-${name}`);
}

/** What a working tree held before an operation, by its name in the log (`merge`), or null. */
export async function snapshotBefore(git: Git, id: string, name: string): Promise<Snapshot | null> {
	const entry = await entryOf(git, `begun ${id}`);
	const [stored] = entry === null ? [] : await readStored(git, [entry]);
	const state = stored?.snapshots[name];
	if (state === undefined) {
		return null;
	}
	const prefix = `before-${name}-`;
	const listed = await git.text(['ls-tree', '--format=%(objectname) %(path)', `${entry}^{tree}`]);
	const trees = listed
		.split('\n')
		.map((line) => line.split(' '))
		.filter(([, path = '']) => path.startsWith(prefix))
		.map(([oid = '', path = '']) => [path.slice(prefix.length), oid] as const);
	return { state, trees: Object.fromEntries(trees) };
}

async function entryOf(git: Git, word: string): Promise<Oid | null> {
	const grep = ['log', '-1', '--format=%H', '--fixed-strings', `--grep=: ${word}`, operationsRef, '--'];
	return (await git.text(grep)) || null;
}
