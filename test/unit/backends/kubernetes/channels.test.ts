import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { readStatus } from '../../../../src/core/backends/kubernetes/channels.js';
import { shellScript } from '../../../../src/core/backends/kubernetes/podExec.js';

interface Recording {
	readonly frames: readonly { readonly channel?: number; readonly text?: string }[];
}

function statusOf(name: string): unknown {
	const { frames } = JSON.parse(readFileSync(`test/fixtures/kubernetes-1.33/exec-${name}.json`, 'utf8')) as Recording;
	return readStatus(frames.find(({ channel }) => channel === 3)!.text!);
}

describe('the status of a command on a cluster', () => {
	it('is read as a real API server sends it', () => {
		assert.deepStrictEqual(statusOf('v5-success'), { exit: { code: 0, signal: null } });
		assert.deepStrictEqual(statusOf('v5-exit-code-3'), { exit: { code: 3, signal: null } });
		assert.deepStrictEqual(statusOf('v5-killed-by-signal'), { exit: { code: 137, signal: null } });
		assert.match((statusOf('v5-command-not-found') as { failure: string }).failure, /executable file not found/);
		assert.match((statusOf('container-not-running') as { failure: string }).failure, /container not found/);
	});

	it('is success where the server says so in full, and nowhere else', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
				const read = readStatus(text);
				const success = read !== null && 'exit' in read && read.exit.code === 0;
				assert.ok(!success || (JSON.parse(text) as { status: string }).status === 'Success');
			}),
		);
		const nonZero = (code: string): string =>
			JSON.stringify({
				status: 'Failure',
				reason: 'NonZeroExitCode',
				details: { causes: [{ reason: 'ExitCode', message: code }] },
			});
		for (const code of ['0', '', '-1', '00', 'x', '1e1']) {
			assert.ok('failure' in readStatus(nonZero(code))!, code);
		}
	});
});

describe('a command as the lines of a shell', () => {
	it('is the same command, whatever its words and variables hold', () => {
		const word = fc.string({ unit: 'binary', maxLength: 20 }).filter((text) => !text.includes('\0'));
		fc.assert(
			fc.property(fc.array(word, { minLength: 1, maxLength: 3 }), word, (words, value) => {
				const print = `printf '%s\\0' "$@" "$HP_X"`;
				const script = shellScript(['sh', '-c', print, 'sh', ...words], { HP_X: value });
				const out = execFileSync('sh', ['-c', 'eval "$(cat)"'], { input: script });
				assert.deepStrictEqual(out, Buffer.from([...words, value].map((text) => `${text}\0`).join('')));
			}),
			{ numRuns: 30 },
		);
	});
});
