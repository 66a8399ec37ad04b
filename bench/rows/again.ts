import { join } from 'node:path';
import type { SyncResult } from '../../src/core/model/report.js';
import { command } from '../commands.js';
import { fetchCommand, openSession, repeatedFetch, syncArrived, syncOnce } from '../contenders.js';
import { clone, commitEdits, sourceRepository } from '../material.js';
import type { Contender, Row, Scene } from '../measure.js';

/** One more commit of three files, in a session that was synced before. */
export function oneCommitRow(files: number, runs: number): Row {
	return {
		name: 'commit',
		title: `one commit of 3 files, ${files} files`,
		aim: { text: '≤ git fetch + 300 ms', limit: (median) => median('git fetch') + 300 },
		runs,
		warmUps: 2,
		open: async (folder) => {
			const { contenders, session } = await syncedBefore(folder, files, 'synced');
			return { contenders, next: async (run) => commitEdits(session, 3, files, 1000 + run) };
		},
	};
}

/** Nothing new since the last sync. */
export function noChangeRow(files: number, runs: number): Row {
	return {
		name: 'none',
		title: `no change, ${files} files`,
		aim: { text: '≤ 100 ms', limit: () => 100 },
		runs,
		warmUps: 3,
		open: async (folder) => syncedBefore(folder, files, 'up-to-date'),
	};
}

async function syncedBefore(
	folder: string,
	files: number,
	expected: SyncResult['outcome'],
): Promise<Scene & { readonly session: string }> {
	const [base, session, home, other] = ['base', 'session', 'home', 'other'].map((name) => join(folder, name)) as [
		string,
		string,
		string,
		string,
	];
	await sourceRepository(base, files, 10_000);
	await clone(base, session);
	await clone(base, home);
	await clone(base, other);
	await commitEdits(session, 3, files, 1);
	const opened = await openSession(home, `again-${process.pid}-${expected}`, session);
	await syncOnce(opened);
	await command(fetchCommand(other, session));
	const ours: Contender = {
		name: 'homeport',
		prepare: async () => {
			let result: SyncResult;
			return {
				run: async () => {
					const synced = await syncOnce(opened);
					result = synced.result;
					return synced.phases;
				},
				check: async (thorough) => syncArrived(opened, result, expected, thorough),
				dispose: async () => undefined,
			};
		},
	};
	return { contenders: [ours, repeatedFetch(other, session)], session };
}
