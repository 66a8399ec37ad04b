import { join } from 'node:path';
import { emptyBare, emptyHome, firstFetch, firstSync, tarCopy } from '../contenders.js';
import { clone, commitEdits, copyHome, sourceRepository } from '../material.js';
import type { Row } from '../measure.js';

const commits = 20;
const editsEach = 25;

/** The first sync of a session with all of its history, into a home that has none of it. */
export function firstSyncRow(files: number, runs: number): Row {
	return {
		name: 'first',
		title: `first sync, ${files} files, home has nothing of it`,
		aim: { text: '≤ 1.2 × git fetch', limit: (median) => 1.2 * median('git fetch') },
		runs,
		warmUps: 1,
		open: async (folder) => {
			const { session } = await sessionAhead(folder, files);
			return {
				contenders: [
					firstSync(folder, session, emptyHome),
					firstFetch(folder, session, emptyBare),
					tarCopy(folder, session, 'tar'),
				],
			};
		},
	};
}

/** The first sync of a session that was cloned from the same origin as home, and has gone on. */
export function firstSharedRow(files: number, runs: number): Row {
	return {
		name: 'first-shared',
		title: `first sync, ${files} files, home shares the base, ${commits} commits`,
		aim: { text: '≤ 1.2 × git fetch', limit: (median) => 1.2 * median('git fetch') },
		runs,
		warmUps: 1,
		open: async (folder) => {
			const { base, session } = await sessionAhead(folder, files);
			const template = join(folder, 'template');
			await clone(base, template);
			const shared = async (path: string): Promise<void> => copyHome(template, path);
			return {
				contenders: [
					firstSync(folder, session, shared),
					firstFetch(folder, session, shared),
					tarCopy(folder, session, 'tar'),
				],
			};
		},
	};
}

/** A repository of so many files, and a clone of it that has gone on by 20 commits. */
export async function sessionAhead(folder: string, files: number): Promise<{ base: string; session: string }> {
	const base = join(folder, 'base');
	const session = join(folder, 'session');
	await sourceRepository(base, files, 10_000);
	await clone(base, session);
	for (let commit = 1; commit <= commits; commit++) {
		await commitEdits(session, editsEach, files, commit);
	}
	return { base, session };
}
