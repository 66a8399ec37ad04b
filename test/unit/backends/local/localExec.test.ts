import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import type { ExecStream } from '../../../../src/core/backends/backend.js';
import { execLocal } from '../../../../src/core/backends/local/localExec.js';
import { HomeportError } from '../../../../src/core/base/errors.js';

const node = process.execPath;
const env = { PATH: process.env['PATH'], HOME: '/nowhere' };

/** The code of the error that this ends with, or what it gave. */
async function ending(promise: Promise<unknown>): Promise<unknown> {
	return promise.catch((error: unknown) => (error instanceof HomeportError ? error.code : error));
}

/** Waits until the process runs no more, whatever time that takes; whether anybody took its status does not matter. */
async function gone(pid: number): Promise<void> {
	for (;;) {
		try {
			process.kill(pid, 0);
			if (/\) Z /.test(await readFile(`/proc/${pid}/stat`, 'utf8'))) {
				return;
			}
		} catch {
			return;
		}
		await sleep(5);
	}
}

async function firstLine(stream: ExecStream): Promise<string> {
	let line = '';
	for (;;) {
		const chunk = stream.stdout.read() as Buffer | null;
		line += chunk?.toString('utf8') ?? '';
		if (line.includes('\n')) {
			return line.slice(0, line.indexOf('\n'));
		}
		await turn();
	}
}

describe('execLocal', function () {
	this.timeout(60_000);
	let folder: string;
	const sh = (script: string, options = {}): Promise<ExecStream> =>
		execLocal(folder, ['sh', '-c', script], options, env);
	const js = (script: string, options = {}): Promise<ExecStream> =>
		execLocal(folder, [node, '-e', script], options, env);

	before(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), 'homeport-exec-')));
	});

	after(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	it('gives output, stderr and exit code of a command in the folder', async () => {
		const stream = await sh('pwd; printf oops >&2; exit 7');
		const output = await text(stream.stdout);
		const status = await stream.status;
		assert.deepStrictEqual([output, status, stream.stderrTail()], [`${folder}\n`, { code: 7, signal: null }, 'oops']);
	});

	it('tells the signal that ended the command', async () => {
		const stream = await sh('kill -9 $$');
		stream.stdout.resume();
		assert.deepStrictEqual(await stream.status, { code: null, signal: 'SIGKILL' });
	});

	it('gives every byte to a reader that comes after the command has ended', async () => {
		const stream = await sh('printf hello');
		await stream.status;
		assert.strictEqual(await text(stream.stdout), 'hello');
	});

	it('hands arguments over as they are', async () => {
		const argv = ['$(touch x)', '', 'a b', '--', '*', 'ö\n'];
		const script = 'process.stdout.write(JSON.stringify(process.argv.slice(1)))';
		const stream = await execLocal(folder, [node, '-e', script, '--', ...argv], {}, env);
		assert.deepStrictEqual(JSON.parse(await text(stream.stdout)), argv);
	});

	it('scrubs the environment', async () => {
		await mkdir(join(folder, 'bin'));
		const ambient = {
			PATH: `.:${folder}:${folder}/bin:node_modules/.bin::/usr/bin:/bin`,
			HOME: '/h',
			LANG: 'C',
			USER: 'u',
			TMPDIR: '/t',
			GIT_DIR: '/evil',
			NODE_OPTIONS: '--require /evil',
			LD_PRELOAD: '/evil',
			BASH_ENV: '/evil',
			ENV: '/evil',
		};
		const stream = await execLocal(folder, ['env'], { env: { GIT_PROTOCOL: 'version=2' } }, ambient);
		const lines = (await text(stream.stdout)).trim().split('\n').sort();
		assert.deepStrictEqual(lines, [
			'GIT_PROTOCOL=version=2',
			'HOME=/h',
			'LANG=C',
			'PATH=/usr/bin:/bin',
			'TMPDIR=/t',
			'USER=u',
		]);
	});

	it('finds no program of the session', async () => {
		await writeFile(join(folder, 'uname'), '#!/bin/sh\necho canary\n', { mode: 0o755 });
		const outputs = await Promise.all(
			['.:/usr/bin:/bin', '.', '', folder].map(async (path) =>
				text((await execLocal(folder, ['uname'], {}, { PATH: path })).stdout),
			),
		);
		assert.ok(!outputs.includes('canary\n') && !outputs.includes(''), outputs.join());
	});

	it('says what stands in the way of a start', async () => {
		const file = join(folder, 'file');
		await writeFile(file, '');
		await symlink(join(folder, 'loop'), join(folder, 'loop'));
		const run = (path: string, argv: readonly string[]): Promise<unknown> => ending(execLocal(path, argv, {}, env));
		assert.deepStrictEqual(
			[
				await run(join(folder, 'no'), ['true']),
				await run(file, ['true']),
				await run(join(file, 'x'), ['true']),
				await run(join(folder, 'loop'), ['true']),
				await run(folder, ['no-such-command']),
				await run(folder, [file]),
				await run(folder, []),
				await run(folder, ['sh', 'nul\0']),
				await run(folder, ['sh', 'x'.repeat(4_000_000)]),
			],
			[
				'session-missing',
				'session-missing',
				'session-missing',
				'session-unreachable',
				'stream-failed',
				'stream-failed',
				'stream-failed',
				'stream-failed',
				'stream-failed',
			],
		);
	});

	it('carries 64 MiB both ways through a slow reader in little memory', async () => {
		const size = 64 * 1024 * 1024;
		const stream = await sh('cat');
		const chunk = Buffer.alloc(64 * 1024, 7);
		function* source(): Iterable<Buffer> {
			while (sent < size) {
				sent += chunk.length;
				yield chunk;
			}
		}
		let sent = 0;
		let received = 0;
		let most = 0;
		const reader = new Writable({
			highWaterMark: 1,
			write: (bytes: Buffer, _encoding, done) => {
				received += bytes.length;
				most = Math.max(most, sent - received);
				setImmediate(done);
			},
		});
		await Promise.all([pipeline(Readable.from(source()), stream.stdin), pipeline(stream.stdout, reader)]);
		console.log(`      on the way at most: ${(most / 1024).toFixed(0)} KiB`);
		assert.deepStrictEqual(
			[received, await stream.status, most < 2 * 1024 * 1024],
			[size, { code: 0, signal: null }, true],
		);
	});

	it('stops the command while nobody reads', async () => {
		const stream = await js(
			`let n = 0; const more = () => { while (n < 256 && process.stdout.write(Buffer.alloc(65536))) n++; process.stderr.write('.'); };
			process.stdout.on('drain', more).on('error', () => {}); more();`,
			{ idleMs: 400 },
		);
		assert.deepStrictEqual([await ending(stream.status), stream.stderrTail().length < 20], ['timed-out', true]);
	});

	it('waits for a reader that is slower than the time given to what lingers', async () => {
		const stream = await sh('head -c 150000 /dev/zero; printf done >&2');
		const pieces: Buffer[] = [];
		// The command ends, but some of its output is still in the pipe; nothing is read until long after.
		while (stream.stderrTail() !== 'done') {
			await sleep(5);
		}
		await sleep(2600);
		for await (const piece of stream.stdout) {
			pieces.push(piece as Buffer);
		}
		assert.deepStrictEqual([Buffer.concat(pieces).length, await stream.status], [150_000, { code: 0, signal: null }]);
	});

	it('keeps the last 64 KiB of a flood on stderr', async () => {
		const stream = await js(`process.stderr.write('x'.repeat(8e6) + 'end')`);
		stream.stdout.resume();
		const status = await stream.status;
		const tail = stream.stderrTail();
		assert.deepStrictEqual([status.code, tail.length, tail.endsWith('xend')], [0, 65536, true]);
	});

	it('ends a flood of stdout at its limit', async () => {
		const stream = await sh('exec cat /dev/zero', { maxBytes: 1_000_000 });
		const read = ending(buffer(stream.stdout));
		assert.deepStrictEqual([await ending(stream.status), await read], ['limit-exceeded', 'limit-exceeded']);
	});

	it('lets through exactly as many bytes as the limit says', async () => {
		const stream = await sh('head -c 100000 /dev/zero', { maxBytes: 100_000 });
		assert.deepStrictEqual([(await buffer(stream.stdout)).length, (await stream.status).code], [100_000, 0]);
	});

	it('ends what is idle, and nothing that moves in any direction', async () => {
		const idle = await sh('printf x; exec sleep 1000', { idleMs: 300 });
		const read = ending(text(idle.stdout));
		const busy = await sh('for i in 1 2 3 4 5 6; do printf .; sleep 0.2; printf . >&2; sleep 0.2; done', {
			idleMs: 1800,
		});
		const fed = await sh('exec cat > /dev/null', { idleMs: 1800 });
		for (let n = 0; n < 12; n++) {
			fed.stdin.write('.');
			await sleep(200);
		}
		fed.stdin.end();
		busy.stdout.resume();
		fed.stdout.resume();
		assert.deepStrictEqual(
			[await ending(idle.status), await read, await busy.status, await fed.status],
			['timed-out', 'timed-out', { code: 0, signal: null }, { code: 0, signal: null }],
		);
	});

	it('ends what takes too long, however busy it is', async () => {
		const stream = await sh('while :; do echo .; done', { timeoutMs: 300, idleMs: 60_000 });
		stream.stdout.resume();
		assert.strictEqual(await ending(stream.status), 'timed-out');
	});

	it('kills a command that ignores SIGTERM, and all that it started', async () => {
		const stream = await sh(`trap '' TERM; sleep 1000 & echo $!; while :; do sleep 1; done`, {});
		const grandchild = Number(await firstLine(stream));
		stream.kill();
		assert.strictEqual(await ending(stream.status), 'cancelled');
		await gone(grandchild);
	});

	it('kills what ignores SIGTERM when the command itself obeys', async () => {
		const stream = await sh(`(trap '' TERM; exec sleep 1000) & echo $!; wait`);
		const grandchild = Number(await firstLine(stream));
		stream.kill();
		assert.strictEqual(await ending(stream.status), 'cancelled');
		await gone(grandchild);
	});

	it('lets a command clean up after SIGTERM', async () => {
		const stream = await sh(`trap 'rm -f mark; exit 0' TERM; touch mark; echo ready; while :; do sleep 0.05; done`);
		await firstLine(stream);
		stream.kill();
		const code = await ending(stream.status);
		const stream2 = await sh('test ! -e mark');
		stream2.stdout.resume();
		assert.deepStrictEqual([code, await stream2.status], ['cancelled', { code: 0, signal: null }]);
	});

	it('is cancelled before, and at any time after', async () => {
		const early = await ending(sh('exec sleep 1000', { signal: AbortSignal.abort() }));
		const controller = new AbortController();
		const stream = await sh('echo $$; exec sleep 1000', { signal: controller.signal });
		const pid = Number(await firstLine(stream));
		controller.abort();
		assert.deepStrictEqual([early, await ending(stream.status)], ['cancelled', 'cancelled']);
		await gone(pid);
		const done = new AbortController();
		const finished = await sh('true', { signal: done.signal });
		finished.stdout.resume();
		const status = await finished.status;
		done.abort();
		finished.kill();
		assert.deepStrictEqual(
			[status, await finished.status],
			[
				{ code: 0, signal: null },
				{ code: 0, signal: null },
			],
		);
	});

	it('does not wait for what holds stdout open, and does not trust its output', async () => {
		const stream = await sh('sleep 1000 & echo $!');
		const grandchild = Number(await firstLine(stream));
		assert.strictEqual(await ending(stream.status), 'stream-failed');
		await gone(grandchild);
	});

	it('does not wait for what left the process group with stdout open', async () => {
		const stream = await sh('setsid sh -c "echo \\$\\$; exec sleep 1000" & sleep 0.3');
		const escaped = Number(await firstLine(stream));
		assert.strictEqual(await ending(stream.status), 'stream-failed');
		process.kill(escaped, 'SIGKILL');
	});

	it('ends what holds stderr open, and believes the status', async () => {
		const stream = await sh('sleep 1000 >/dev/null & echo $!');
		const grandchild = Number(await firstLine(stream));
		stream.stdout.resume();
		assert.deepStrictEqual(await stream.status, { code: 0, signal: null });
		await gone(grandchild);
	});

	it('gives what a killed command wrote, and the signal as its status', async () => {
		const stream = await sh('echo $$; head -c 100000 /dev/zero; exec sleep 1000');
		const pid = Number(await firstLine(stream));
		process.kill(pid, 'SIGKILL');
		stream.stdout.resume();
		assert.deepStrictEqual(await stream.status, { code: null, signal: 'SIGKILL' });
	});

	it('survives a command that ends without reading its input', async () => {
		const stream = await sh('exit 3');
		const written = ending(pipeline(Readable.from([Buffer.alloc(8_000_000)]), stream.stdin));
		stream.stdout.resume();
		assert.deepStrictEqual(await stream.status, { code: 3, signal: null });
		assert.ok((await written) instanceof Error);
	});

	it('raises nothing where nobody looks at status or streams', async () => {
		const raised: unknown[] = [];
		const onRaised = (reason: unknown): void => void raised.push(reason);
		process.on('unhandledRejection', onRaised);
		process.on('uncaughtExceptionMonitor', onRaised);
		try {
			const abort = new AbortController();
			const streams = await Promise.all([
				sh('exec sleep 1000', { timeoutMs: 50 }),
				sh('exec cat /dev/zero', { maxBytes: 10 }),
				sh('exec sleep 1000', { signal: abort.signal }),
			]);
			abort.abort();
			streams[0].stdin.write(Buffer.alloc(8_000_000));
			await Promise.allSettled(streams.map((stream) => stream.status));
			await ending(execLocal(folder, ['no-such-command'], {}, env));
			await turn();
			assert.deepStrictEqual(raised, []);
		} finally {
			process.off('unhandledRejection', onRaised);
			process.off('uncaughtExceptionMonitor', onRaised);
		}
	});
});
