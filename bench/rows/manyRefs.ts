import { join } from 'node:path';
import { firstFetch, firstSync } from '../contenders.js';
import { addBranches, clone, copyHome, sourceRepository } from '../material.js';
import type { Row } from '../measure.js';

/** The first sync of a session with many branches, each with a commit of its own; home shares the base. */
export function manyRefsRow(branches: number, runs: number): Row {
	return {
		name: 'refs',
		title: `first sync, ${branches} branches of one commit each`,
		aim: null,
		runs,
		warmUps: 1,
		open: async (folder) => {
			const [base, session, template] = ['base', 'session', 'template'].map((name) => join(folder, name)) as [
				string,
				string,
				string,
			];
			await sourceRepository(base, 1000, 4000);
			await clone(base, session);
			await clone(base, template);
			await addBranches(session, branches);
			const shared = async (path: string): Promise<void> => copyHome(template, path);
			return { contenders: [firstSync(folder, session, shared), firstFetch(folder, session, shared)] };
		},
	};
}
