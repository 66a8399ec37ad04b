import { strict as assert } from 'node:assert';
import { tmpdir } from 'node:os';
import { PassThrough } from 'node:stream';
import { execLocal } from '../../src/core/backends/local/localExec.js';
import { isHomeportError } from '../../src/core/base/errors.js';
import type { SessionExec } from '../../src/core/git/session/exec.js';
import { serveFetch } from '../../src/core/git/session/serve.js';

const place = { workspace: tmpdir(), gitDir: null, privateFolder: null, key: 'test' };
const options = { oneBranch: false, compression: 0 };

/** A session in which this runs instead of what is asked for. */
const running =
	(script: string): SessionExec =>
	(_argv, limits) =>
		execLocal(tmpdir(), ['sh', '-c', script], limits);

describe('what serves a git that fetches', function () {
	this.timeout(60_000);

	it('ends a session that goes on after git has gone', async () => {
		const input = new PassThrough();
		const output = new PassThrough();
		const served = serveFetch(running('cat >/dev/null; sleep 600'), place, options, { input, output });
		input.end('0000');
		await assert.rejects(served, (error) => isHomeportError(error, 'cancelled'));
	});

	it('says why the session ended, in the words of its own script or of git', async () => {
		const reasons: unknown[] = [];
		for (const script of [
			"echo 'homeport-fail git-too-old git 1.0' >&2; exit 3",
			"echo 'homeport-fail nonsense text' >&2; exit 3",
			"echo 'fatal: unable to read' >&2; exit 128",
			'kill -9 $$',
		]) {
			const wire = { input: new PassThrough(), output: new PassThrough() };
			await serveFetch(running(script), place, options, wire).catch((error: unknown) => {
				reasons.push(isHomeportError(error) ? [error.code, error.details['reason']] : error);
			});
		}
		assert.deepStrictEqual(reasons, [
			['git-too-old', 'git 1.0'],
			['session-damaged', 'text'],
			['stream-failed', 'fatal: unable to read'],
			['stream-failed', ''],
		]);
	});
});
