import { join } from 'node:path';
import { emptyBare, emptyHome, firstFetch, firstSync, tarCopy } from '../contenders.js';
import { randomRepository } from '../material.js';
import type { Row } from '../measure.js';

const mebi = 1024 ** 2;

/**
 * The first sync of files that nothing can make smaller, as an agent leaves them: loose objects. The aim counts against
 * a tar of the git folder alone, which moves the same bytes; a tar of the whole session moves the working tree as well.
 */
export function bigBlobsRow(files: number, runs: number): Row {
	return {
		name: 'blobs',
		title: `first sync, ${files} × 4 MiB of random bytes`,
		aim: { text: '≤ 3 × tar of .git', limit: (median) => 3 * median('tar of .git') },
		runs,
		warmUps: 1,
		open: async (folder) => {
			const session = join(folder, 'session');
			await randomRepository(session, files, 4 * mebi);
			return {
				contenders: [
					firstSync(folder, session, emptyHome),
					tarCopy(folder, join(session, '.git'), 'tar of .git'),
					tarCopy(folder, session, 'tar'),
					firstFetch(folder, session, emptyBare, { most: 1 }),
				],
			};
		},
	};
}
