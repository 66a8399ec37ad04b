import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import type { ExecOptions, ExecStream } from '../../src/core/backends/backend.js';
import type { KubernetesBackend } from '../../src/core/backends/kubernetes/kubernetesBackend.js';
import { outputOf } from '../../src/core/git/session/exec.js';
import { HomeportError } from '../../src/core/base/errors.js';
import type { Session } from '../../src/core/model/session.js';
import { backendOn, kubeconfigFile, sessionNamed } from '../support/clusterBackend.js';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';
import { recordLongRun } from '../support/longFigures.js';
import type { PodHandle } from '../support/cluster/podHandle.js';

const isLong = process.env['HOMEPORT_LONG'] === '1';

describe('a command in a pod', function () {
	this.timeout(120_000);
	let cluster: Cluster;
	let config: Awaited<ReturnType<typeof kubeconfigFile>>;
	let backend: KubernetesBackend;
	let pod: PodHandle;
	let session: Session;

	before(async () => {
		cluster = await startCluster();
		config = await kubeconfigFile(cluster.kubeconfig());
		pod = await cluster.addSession({ name: 'alpha' });
	});
	after(async () => {
		await cluster.stop();
		await config.dispose();
	});
	beforeEach(async () => {
		backend = backendOn(config.path);
		session = await sessionNamed(backend, 'alpha');
	});
	afterEach(() => {
		cluster.faults.clear();
		backend.dispose();
	});

	const exec = (script: string, options?: ExecOptions): Promise<ExecStream> =>
		backend.exec(session, ['sh', '-c', script], options);
	/** What came of a command: its output, how it ended, or the code and reason that it failed with. */
	const ran = async (script: string, options?: ExecOptions, input?: string): Promise<unknown> => {
		let stream: ExecStream;
		try {
			stream = await exec(script, options);
		} catch (error) {
			return { refused: error instanceof HomeportError ? error.code : error };
		}
		stream.stdin.end(input);
		const out = await text(stream.stdout).catch(() => 'cut');
		return stream.status.then(
			(status) => ({ out, code: status.code, stderr: stream.stderrTail() }),
			(error: unknown) => ({ out, failed: error instanceof HomeportError ? error.code : error }),
		);
	};

	it('is not waited for where nothing says that it runs, and is where it has said so', async () => {
		const run = (): Promise<Buffer> =>
			outputOf((argv, options) => backend.exec(session, argv, options), ['sh', '-c', 'echo begun; sleep 3; echo on'], {
				timeoutMs: 60_000,
				firstByteMs: 2000,
			});
		assert.equal((await run()).toString(), 'begun\non\n');
		cluster.faults.exec({ stallAfterStdoutBytes: 0 });
		const began = performance.now();
		await assert.rejects(run(), { code: 'session-unreachable' });
		assert.ok(performance.now() - began < 30_000);
	});

	it('gets its input, and tells its output, what it said and how it ended', async () => {
		assert.deepStrictEqual(await ran('cat; echo said >&2; exit 3', {}, 'given'), {
			out: 'given',
			code: 3,
			stderr: 'said\n',
		});
		assert.deepStrictEqual(await ran('kill -9 $$'), { out: '', code: 137, stderr: '' });
		assert.deepStrictEqual(await ran('printf %s "$HP_X"', { env: { HP_X: `a'b\n"$c` } }), {
			out: `a'b\n"$c`,
			code: 0,
			stderr: '',
		});
	});

	it('works with the older protocol too, as long as it knows itself when its input ends', async () => {
		cluster.faults.exec({ onlyV4: true });
		assert.deepStrictEqual(await ran('head -c 5', {}, 'given and more'), { out: 'given', code: 0, stderr: '' });
	});

	it('runs only in the very pod that was looked at', async () => {
		const seen = session;
		await cluster.replacePod('agents', 'paude-alpha-0');
		assert.deepStrictEqual(await ran('echo ran >/pvc/ran'), { refused: 'session-missing' });
		pod = cluster.pod('agents', 'paude-alpha-0');
		assert.deepStrictEqual((await pod.run(['cat', '/pvc/ran'])).exitCode, 1);
		session = await sessionNamed(backend, 'alpha');
		assert.deepStrictEqual(
			[session.storage === seen.storage, await ran('echo ran')],
			[true, { out: 'ran\n', code: 0, stderr: '' }],
		);
	});

	it('runs on no other storage than the one that was looked at, also once a look has found the other', async () => {
		await cluster.addSession({ name: 'empty', storage: 'emptyDir' });
		session = await sessionNamed(backend, 'empty');
		assert.deepStrictEqual(await ran('echo ran'), { out: 'ran\n', code: 0, stderr: '' });
		const next = await cluster.replacePod('agents', 'paude-empty-0');
		const now = await sessionNamed(backend, 'empty');
		assert.notEqual(now.storage, session.storage);
		assert.deepStrictEqual(await ran('echo ran >/pvc/ran'), { refused: 'session-missing' });
		assert.deepStrictEqual((await next.run(['cat', '/pvc/ran'])).exitCode, 1);
		session = now;
		assert.deepStrictEqual(await ran('echo ran'), { out: 'ran\n', code: 0, stderr: '' });
		await cluster.scale('agents', 'paude-empty', 0);
		await backend.look();
		assert.deepStrictEqual(await ran('echo ran'), { refused: 'session-unreachable' });
	});

	it('is refused in so many words where the server refuses it', async () => {
		for (const [fault, code] of [
			[{ noProtocol: true }, 'cluster-too-old'],
			[{ refuse: 401 }, 'cluster-unauthorized'],
			[{ refuse: 403 }, 'cluster-forbidden'],
			[{ refuse: 404 }, 'session-missing'],
			[{ refuse: 429 }, 'cluster-busy'],
			[{ refuse: 500 }, 'cluster-failed'],
		] as const) {
			cluster.faults.exec(fault, { times: 1 });
			assert.deepStrictEqual(await ran('true'), { refused: code }, JSON.stringify(fault));
		}
		cluster.allow('nobody', []);
		const other = await kubeconfigFile(cluster.kubeconfig({ user: 'nobody' }));
		const forbidden = backendOn(other.path);
		const { problems } = await forbidden.look();
		assert.deepStrictEqual(
			problems.map(({ error }) => (error as HomeportError).code),
			['cluster-forbidden'],
		);
		forbidden.dispose();
		await other.dispose();
	});

	it('has failed wherever its stream is cut, with a status of its own or without', async () => {
		const cuts = [
			...[1, 2, 3].map((afterFrames) => ({ afterFrames })),
			...[1, 1000, 40_000].map((afterStdoutBytes) => ({ afterStdoutBytes })),
			{ afterStdinBytes: 1 },
			{ afterStdinBytes: 2000 },
		];
		for (const where of cuts) {
			for (const how of [
				{},
				{ closeCode: 1000 },
				{ closeCode: 1011 },
				{ status: 'failure' as const, closeCode: 1000 },
			]) {
				cluster.faults.exec({ cut: { ...where, ...how } });
				const result = (await ran('cat; head -c 100000 /dev/zero', {}, 'x'.repeat(5000))) as { code?: number };
				// A failure that the server itself tells is one; nothing else may look like an end.
				assert.ok(
					result.code === undefined || result.code > 0,
					`${JSON.stringify({ where, how })}: ${JSON.stringify(result).slice(0, 200)}`,
				);
				cluster.faults.clear();
			}
		}
	});

	it('has failed where the status is none that can be read', async () => {
		for (const status of ['', 'garbage', '{}', '{"status":"Perhaps"}', '{"status":"Failure"}']) {
			cluster.faults.exec({ status: { text: status } });
			assert.match(JSON.stringify(await ran('true')), /"failed":"stream-failed"/, status);
			cluster.faults.clear();
		}
	});

	it('is not waited for longer than it is allowed', async () => {
		cluster.faults.exec({ stallAfterStdoutBytes: 10 });
		assert.match(JSON.stringify(await ran('head -c 100 /dev/zero', { idleMs: 300 })), /"failed":"timed-out"/);
		cluster.faults.clear();
		assert.match(
			JSON.stringify(await ran('while :; do echo; sleep 0.05; done', { timeoutMs: 400 })),
			/"failed":"timed-out"/,
		);
		const stop = new AbortController();
		setTimeout(() => stop.abort(), 200);
		assert.match(JSON.stringify(await ran('sleep 60', { signal: stop.signal })), /"failed":"cancelled"/);
	});

	it('that floods is stopped at its limit', async () => {
		cluster.faults.exec({ flood: true });
		assert.match(JSON.stringify(await ran('true', { maxBytes: 1_000_000 })), /"failed":"limit-exceeded"/);
	});

	it('leaves no connection behind, over many', async () => {
		const streams = isLong ? 1000 : 60;
		const open = (): number => process.getActiveResourcesInfo().filter((name) => /TCP|TLS|Timeout/.test(name)).length;
		await ran('true');
		const before = open();
		for (let count = 0; count < streams; count += 1) {
			const fault = [
				{},
				{ cut: { afterFrames: 1 } },
				{ cut: { afterStdoutBytes: 2, closeCode: 1000 } },
				{ refuse: 500 },
			][count % 4]!;
			cluster.faults.exec(fault, { times: 1 });
			await ran('echo some; cat', {}, 'in');
		}
		if (isLong) {
			const result = `${cluster.execs.count()} of them left in the pod, ${Math.max(0, open() - before)} connections here`;
			recordLongRun({ what: 'streams to a pod, most of them cut or refused', amount: streams, result });
		}
		assert.deepStrictEqual([cluster.execs.count(), open() - before <= 2], [0, true], `${open()} after ${before}`);
	});

	for (const [direction, who] of [
		['read', 'reader'],
		['write', 'writer'],
	] as const) {
		it(`holds only a little of what goes through, with a slow ${who}`, async () => {
			const megabytes = isLong ? 512 : 128;
			const worker = 'out/test/support/streamWorker.js';
			const { stdout } = await promisify(execFile)(process.execPath, [
				worker,
				config.path,
				direction,
				String(megabytes),
			]);
			const { moved, grownBytes } = JSON.parse(stdout) as { moved: number; grownBytes: number };
			console.log(`      ${megabytes} MB, slow ${who}: grew by ${(grownBytes / 1024 ** 2).toFixed(1)} MB`);
			if (isLong) {
				const what = `${megabytes} MB through a command in a pod, with a slow ${who}`;
				recordLongRun({ what, amount: 1, result: `the process grew by ${(grownBytes / 1024 ** 2).toFixed(1)} MB` });
			}
			assert.deepStrictEqual([moved, grownBytes <= 32 * 1024 ** 2], [megabytes * 1024 ** 2, true], String(grownBytes));
		});
	}
});
