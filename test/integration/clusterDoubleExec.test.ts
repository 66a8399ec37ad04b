import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ask, channelText, execPath, openExec } from '../support/cluster/client.js';
import type { Frame, Talk, Talking } from '../support/cluster/client.js';
import type { Cluster } from '../support/cluster/cluster.js';
import type { KubeObject } from '../support/cluster/objects.js';
import { startRecordedCluster } from '../support/cluster/recordedCluster.js';
import { type Recording, recordedBody, recording } from '../support/recordings.js';

const v5 = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const halfClose = Buffer.from([255, 0]);

describe('exec of the cluster of the tests', () => {
	let cluster: Cluster;
	before(async () => {
		cluster = await startRecordedCluster();
	});
	after(() => cluster.stop());

	describe('beside recordings of a real one', () => {
		const names = [
			'exec-bad-container',
			'exec-container-not-running',
			'exec-git-upload-pack-advertisement',
			'exec-no-subprotocol',
			'exec-unknown-subprotocol',
			'exec-v4-exit-code-3',
			'exec-v4-success',
			'exec-v5-command-not-found',
			'exec-v5-exit-code-3',
			'exec-v5-killed-by-signal',
			'exec-v5-stdin-half-close',
			'exec-v5-success',
			'exec-v5-tty',
		];
		for (const name of names) {
			it(`talks as in ${name}`, async () => {
				const recorded = recording(name);
				deepStrictEqual(tell(await replay(recorded)), tellRecording(recorded));
			});
		}

		it('talks as in exec-v4-stdin-no-half-close, where nothing says that stdin has ended', async () => {
			const { request, frames = [] } = recording('exec-v4-stdin-no-half-close');
			const talking = openExec(cluster, request.path, request.protocols ?? []);
			await talking.until((seen) => seen.length === 1);
			talking.socket.send(stdin('one\n'));
			await talking.until((seen) => seen.length === 2);
			const shown = frames.filter(({ from }) => from === 'server').map(({ channel, text }) => ({ channel, text }));
			deepStrictEqual(talking.frames.map(shownFrame), shown);
			talking.socket.send(halfClose);
			talking.socket.send(stdin('two\n'));
			await talking.until((seen) => channelText(seen, 1) === 'one\ntwo\n');
			talking.socket.close();
			await talking.ended;
		});

		it('talks as in exec-pod-deleted-midway', async () => {
			const recorded = recording('exec-pod-deleted-midway');
			const talking = openExec(cluster, recorded.request.path, v5);
			await talking.until((frames) => channelText(frames, 1) === 'started\n');
			await cluster.deletePod('agents', 'paude-session-1a2b3c');
			deepStrictEqual(tell(await talking.ended), tellRecording(recorded));
		});

		/** Opens the recorded exec, and sends what its client sent, each frame after what came before it. */
		async function replay({ request, frames = [] }: Recording): Promise<Talk> {
			const talking = openExec(cluster, request.path, request.protocols ?? []);
			let expected = '';
			for (const { from, channel, text = '', binary } of frames) {
				if (from === 'server' && channel === 1) {
					expected += text;
				} else if (from === 'client') {
					await talking.until((seen) => seen.length > 0 && channelText(seen, 1) === expected);
					talking.socket.send(Array.isArray(binary) ? Buffer.from(binary) : stdin(text));
				}
			}
			return talking.ended;
		}
	});

	describe('in a pod', () => {
		const alpha = { namespace: 'agents', name: 'paude-alpha-0' };
		const beta = { namespace: 'agents', name: 'paude-beta-0' };

		it('sees the folder of its volume, and nothing of the machine beside programs', async () => {
			const pod = cluster.pod('agents', 'paude-alpha-0');
			writeFileSync(join(pod.path('/pvc/workspace'), 'from-outside'), 'hello');
			const outside = mkdtempSync(join(tmpdir(), 'homeport-outside-'));
			const script = `cat /pvc/workspace/from-outside; echo made > /pvc/workspace/from-inside; ls ${outside} /tmp; id -u; cat /proc/sys/kernel/hostname`;
			const { stdout, exitCode, stderr } = await pod.run(['sh', '-c', script]);
			rmSync(outside, { recursive: true });
			deepStrictEqual([stdout, exitCode], ['hello/tmp:\n1000680000\npaude-alpha-0\n', 0]);
			ok(stderr.includes('No such file'));
			strictEqual(readFileSync(join(pod.path('/pvc/workspace'), 'from-inside'), 'utf8'), 'made\n');
			strictEqual((await pod.run(['touch', '/usr/x'])).exitCode, 1);
		});

		it('carries bytes both ways as they are', async () => {
			const bytes = randomBytes(8 * 1024 * 1024);
			const talking = openExec(cluster, execPath(alpha, ['cat']), v5);
			await talking.until((frames) => frames.length > 0);
			for (let at = 0; at < bytes.length; at += 30_000) {
				talking.socket.send(Buffer.concat([Buffer.from([0]), bytes.subarray(at, at + 30_000)]));
			}
			talking.socket.send(halfClose);
			const { frames } = await talking.ended;
			const all = Buffer.concat(frames.filter(({ channel }) => channel === 1).map(({ data }) => data));
			strictEqual(sha(all), sha(bytes));
			ok(frames.every(({ data }) => data.length <= 32 * 1024));
		});

		it('reads no faster than the client', async () => {
			const pod = cluster.pod('agents', 'paude-alpha-0');
			const script = 'for n in $(seq 256); do head -c 262144 /dev/zero; echo $n >/pvc/progress; done';
			const talking = openExec(cluster, execPath(alpha, ['sh', '-c', script]), v5);
			await talking.until((frames) => frames.length > 1);
			talking.socket.pause();
			const rest = 'while n=$(cat /pvc/progress); [ "$n" != "$last" ]; do last=$n; sleep 0.3; done; echo $n';
			const { stdout } = await pod.run(['sh', '-c', rest]);
			ok(Number(stdout) < 256, stdout);
			talking.socket.resume();
			const { frames } = await talking.ended;
			strictEqual(
				frames.reduce((sum, { channel, data }) => sum + (channel === 1 ? data.length : 0), 0),
				2 ** 26,
			);
		});

		it('takes no more than the command does', async () => {
			const { socket, ended } = await start(execPath(alpha, ['sh', '-c', 'echo up; sleep 3600']));
			for (let sent = 0; sent < 64; sent += 1) {
				socket.send(Buffer.alloc(1024 * 1024));
			}
			for (let last = -1; socket.bufferedAmount !== last;) {
				last = socket.bufferedAmount;
				await cluster.pod('agents', 'paude-alpha-0').run(['sleep', '0.3']);
			}
			ok(socket.bufferedAmount > 32 * 1024 * 1024, String(socket.bufferedAmount));
			socket.terminate();
			await ended;
		});

		it('ends with its pod, whose claim keeps its data and whose emptyDir does not', async () => {
			const pods = [alpha, beta].map(({ namespace, name }) => cluster.pod(namespace, name));
			for (const pod of pods) {
				await pod.run(['sh', '-c', 'echo kept > /pvc/workspace/data; echo lost > /tmp/data']);
			}
			const before = pods.map((pod) => pod.uid());
			const talks = await Promise.all(
				[alpha, beta].map((pod) => start(execPath(pod, ['sh', '-c', 'echo up; sleep 3600']))),
			);
			await Promise.all(pods.map(({ namespace, name }) => cluster.replacePod(namespace, name)));
			for (const { ended } of talks) {
				strictEqual(exitCodeOf(await ended), '137');
			}
			ok(pods.every((pod, at) => pod.uid() !== before[at]));
			const found = await Promise.all(pods.map((pod) => pod.run(['sh', '-c', 'cat /pvc/workspace/data /tmp/data'])));
			deepStrictEqual(
				found.map(({ stdout }) => stdout),
				['kept\n', ''],
			);
		});

		it('keeps an emptyDir when a container begins anew, and its own files not', async () => {
			const pod = cluster.pod('agents', 'paude-beta-0');
			await pod.run(['sh', '-c', 'echo kept > /pvc/data; echo lost > /tmp/data']);
			const { ended } = await start(execPath(beta, ['sh', '-c', 'echo up; sleep 3600']));
			const uid = pod.uid();
			await cluster.restartContainer('agents', 'paude-beta-0');
			strictEqual(exitCodeOf(await ended), '137');
			strictEqual((await pod.run(['sh', '-c', 'cat /pvc/data /tmp/data'])).stdout, 'kept\n');
			const [status] = pod.object().status.containerStatuses ?? [];
			deepStrictEqual([pod.uid(), status?.restartCount, status?.lastState.terminated?.reason], [uid, 1, 'OOMKilled']);
		});

		it('goes on when the client breaks off, until it writes', async () => {
			const pod = cluster.pod('agents', 'paude-alpha-0');
			const script =
				'echo up; cat >/dev/null; touch /pvc/stdin-ended; while echo more; do sleep 0.01; done; touch /pvc/told';
			const { socket } = await start(execPath(alpha, ['bash', '-c', `trap '' PIPE; ${script}`]));
			socket.terminate();
			const { stdout } = await pod.run(['sh', '-c', 'until [ -e /pvc/told ]; do sleep 0.05; done; ls /pvc']);
			ok(stdout.includes('stdin-ended'));
		});

		it('has what sessions are laid down with: a repository, a user, no HOME, a root that cannot be written', async () => {
			const folder = mkdtempSync(join(tmpdir(), 'homeport-repo-'));
			execFileSync('git', ['init', '-q', '-b', 'main', folder]);
			writeFileSync(join(folder, 'file'), 'work\n');
			const pod = await cluster.addSession({
				name: 'gamma',
				repo: folder,
				storage: 'emptyDir',
				home: null,
				readOnlyRoot: true,
				uid: 4711,
				env: { EXTRA: 'yes' },
				beside: ['proxy'],
			});
			rmSync(folder, { recursive: true });
			const script =
				'cat /pvc/workspace/file; id -u; stat -c %u /pvc/workspace/file; echo "${HOME-none} $EXTRA"; touch /tmp/x || echo read-only';
			strictEqual((await pod.run(['sh', '-c', script])).stdout, 'work\n4711\n4711\nnone yes\nread-only\n');
			const where = { namespace: 'agents', name: 'paude-gamma-0' };
			const { refused } = await openExec(cluster, execPath(where, ['true']), v5).ended;
			ok(refused?.body.includes('a container name must be specified for pod paude-gamma-0'), refused?.body);
			const proxy = openExec(cluster, `${execPath(where, ['ls', '/pvc'])}&container=proxy`, v5);
			strictEqual(exitCodeOf(await proxy.ended), '2');
		});

		it('shows in labels and annotations what paude writes there', async () => {
			await cluster.addSession({ name: 'delta', agent: 'codex', paudeVersion: '0.15.0', replicas: 0 });
			const sets = '/apis/apps/v1/namespaces/agents/statefulsets';
			const { json } = await ask(cluster, 'GET', `${sets}/paude-delta`);
			const { items } = recordedBody('statefulsets-list') as { items: KubeObject[] };
			const recorded = items.find(({ metadata }) => metadata.name === 'paude-beta');
			const named = ({ metadata: { labels, annotations } }: KubeObject): object => [
				{ ...labels, 'paude.io/session-name': '' },
				Object.keys(annotations ?? {})
					.filter((name) => name.startsWith('paude'))
					.sort(),
			];
			deepStrictEqual(named(json as KubeObject), recorded && named(recorded));
		});

		async function start(path: string): Promise<Talking> {
			const talking = openExec(cluster, path, v5);
			await talking.until((frames) => channelText(frames, 1).startsWith('up\n'));
			return talking;
		}
	});

	it('leaves nothing behind when it stops', async () => {
		const other = await startRecordedCluster();
		const talking = openExec(
			other,
			execPath({ namespace: 'agents', name: 'paude-alpha-0' }, ['sh', '-c', 'echo up; sleep 3600']),
			v5,
		);
		await talking.until((frames) => channelText(frames, 1) === 'up\n');
		const { folder } = other;
		ok(commandLines().some((line) => line.includes(folder)));
		await other.stop();
		await talking.ended;
		ok(!existsSync(folder));
		deepStrictEqual(
			commandLines().filter((line) => line.includes(folder)),
			[],
		);
	});
});

/** Of all processes that there are. */
function commandLines(): string[] {
	return readdirSync('/proc').flatMap((name) => {
		try {
			return /^\d+$/.test(name) ? [readFileSync(join('/proc', name, 'cmdline'), 'utf8')] : [];
		} catch {
			return [];
		}
	});
}

function stdin(text: string): Buffer {
	return Buffer.concat([Buffer.from([0]), Buffer.from(text)]);
}

function sha(bytes: Buffer): string {
	return createHash('sha256').update(bytes).digest('hex');
}

function shownFrame({ channel, data }: Frame): { channel: number; text: string } {
	return { channel, text: data.toString() };
}

/** How a talk went, in a form that can be compared: who cut the output into frames, and where, does not count. */
function tell({ protocol, frames, refused, error, closeCode }: Talk): object {
	if (refused !== undefined) {
		return { refused: { ...refused, body: plain(refused.body) } };
	}
	const [first, last] = [frames[0], frames.at(-1)].map((frame) => frame && shownFrame(frame));
	return {
		protocol,
		error,
		closeCode,
		first,
		stdout: plain(channelText(frames, 1)),
		stderr: channelText(frames, 2),
		last: last && { ...last, text: plain(last.text) },
	};
}

function tellRecording({ upgrade, frames = [], refused, error, close }: Recording): object {
	const sent = frames.filter(({ from }) => from === 'server');
	return tell({
		protocol: upgrade?.protocol ?? '',
		frames: sent.map(({ channel = -1, text = '' }) => ({ channel, data: Buffer.from(text) })),
		refused,
		error,
		closeCode: close?.code ?? -1,
	});
}

/** Without what is another's every time: numbers of an exec, and what one version of git says and no other. */
function plain(text: string): string {
	return text
		.replaceAll(/[0-9a-f]{64}/g, '0')
		.replaceAll(/[0-9a-f]{44}(?= )/g, '0')
		.replaceAll(/\0[^\n]*/g, ' capabilities')
		.replaceAll(/refs\/heads\/(master|main)/g, 'refs/heads/branch');
}

/** The code that the status on channel 3 tells, or the whole status where it tells none. */
function exitCodeOf({ frames }: Talk): string {
	const status = channelText(frames, 3);
	return /"reason":"ExitCode","message":"(\d+)"/.exec(status)?.[1] ?? status;
}
