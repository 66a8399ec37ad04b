import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Makes the situation in which work gets lost when folders are copied: home and two sessions that all start at the
 * commit X. Home has a commit H1 and an uncommitted edit; alpha has A1, A2, an edit and untracked files; beta has B1, B2.
 */
export async function makeScene(place) {
	const { home, sessions } = place;
	await place.git(place.folder, ['init', '--quiet', '--initial-branch=main', home]);
	await writeFile(join(home, 'server.txt'), 'listen on port 80\n');
	await writeFile(join(home, 'README.txt'), 'A small server.\n');
	await commit(place, home, 'X: a small server', 'You');
	for (const folder of Object.values(sessions)) {
		await place.git(place.folder, ['clone', '--quiet', home, folder]);
	}

	await writeFile(join(sessions.alpha, 'login.txt'), 'ask for a name\n');
	await commit(place, sessions.alpha, 'A1: add a login', 'Alpha');
	await writeFile(join(sessions.alpha, 'login.txt'), 'ask for a name and a password\n');
	await commit(place, sessions.alpha, 'A2: ask for a password', 'Alpha');
	await writeFile(join(sessions.alpha, 'server.txt'), 'listen on port 443\n');
	await mkdir(join(sessions.alpha, 'notes'));
	await writeFile(join(sessions.alpha, 'notes/next steps.txt'), 'never committed, ends without a newline');
	await writeFile(join(sessions.alpha, 'notes/key-frames.bin'), Buffer.from([0, 255, 13, 10, 0, 27, 254, 10, 13]));

	await writeFile(join(sessions.beta, 'crash.txt'), 'do not crash\n');
	await commit(place, sessions.beta, 'B1: do not crash', 'Beta');
	await writeFile(join(sessions.beta, 'crash.txt'), 'do not crash, and say why\n');
	await commit(place, sessions.beta, 'B2: say why', 'Beta');

	await writeFile(join(home, 'LICENSE.txt'), 'Do what you like.\n');
	await commit(place, home, 'H1: choose a licence', 'You');
	await writeFile(join(home, 'README.txt'), 'A small server, and a good one.\n');
}

/** alpha takes A2 back, which throws its uncommitted edit away as well, commits A3 instead and begins another edit. */
export async function rewindAlpha(place) {
	const { alpha } = place.sessions;
	await place.git(alpha, ['reset', '--quiet', '--hard', 'HEAD~1']);
	await writeFile(join(alpha, 'login.txt'), 'ask for a name and a key\n');
	await commit(place, alpha, 'A3: ask for a key instead', 'Alpha', ['login.txt']);
	await writeFile(join(alpha, 'server.txt'), 'listen on port 8443\n');
}

async function commit(place, folder, message, name, paths = ['.']) {
	await place.git(folder, ['add', ...paths]);
	await place.git(folder, ['commit', '--quiet', '-m', message], name);
}
