import { strict as assert } from 'node:assert';
import { execLocal } from '../../src/core/backends/local/localExec.js';
import { isHomeportError } from '../../src/core/base/errors.js';
import { openHomeRepository } from '../../src/core/git/home.js';
import { pushTo } from '../../src/core/git/push.js';
import { engineFixture } from '../support/engineFixture.js';

describe('a push whose connection goes while git writes to it', () => {
	it('fails as the connection does, also where git dies of it', async () => {
		const { home: folder, session, commit, dispose } = await engineFixture();
		try {
			const from = await commit(folder, 'H1');
			const to = await commit(folder, 'H2');
			const home = await openHomeRepository(folder, []);
			const place = { workspace: session, gitDir: null, privateFolder: null, key: 'broken' };
			const move = { ref: 'refs/heads/main', from, to, checkedOut: false, force: false };
			// What a repository says first, and no more.
			const says = 'printf "%s refs/heads/main\\0report-status atomic ofs-delta object-format=sha1\\n" "$1" >line';
			const script = `cd "$(mktemp -d)"; ${says}; printf %04x $(($(wc -c <line) + 4)); cat line; printf 0000; exit 3`;
			// Which of git's writes finds nobody there is a matter of chance.
			for (let time = 0; time < 12; time += 1) {
				const pushed = pushTo(home, () => execLocal('/', ['sh', '-c', script, 'sh', from], {}), place, move, {});
				await assert.rejects(
					pushed,
					(error) => isHomeportError(error, 'stream-failed') && error.details['exitCode'] === 3,
				);
			}
		} finally {
			await dispose();
		}
	});
});
