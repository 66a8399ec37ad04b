import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';

type Kubectl = ChildProcessByStdio<Writable, Readable, Readable>;

// kubectl is no part of what the tests bring along: where there is none, these tests are skipped. One before 1.31 is
// none, for it knows no exec over a WebSocket.
describe('kubectl with the cluster of the tests', () => {
	let cluster: Cluster;
	let config: string;
	before(async function () {
		const { status, stdout } = spawnSync('kubectl', ['version', '--client', '-o', 'json'], { encoding: 'utf8' });
		const { clientVersion } = (status === 0 ? JSON.parse(stdout) : {}) as { clientVersion?: { minor: string } };
		if (Number.parseInt(clientVersion?.minor ?? '0', 10) < 31) {
			this.skip();
		}
		cluster = await startCluster();
		await cluster.addSession({ name: 'alpha' });
		config = configure('config', cluster.kubeconfig());
	});
	after(() => cluster?.stop());

	const configure = (name: string, content: string): string => {
		const path = join(cluster.folder, name);
		writeFileSync(path, content);
		return path;
	};
	const start = (args: readonly string[], kubeconfig = config): Kubectl => {
		const home = join(cluster.folder, 'home');
		mkdirSync(home, { recursive: true });
		const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig };
		// One that waits for ever must not outlive the test.
		return spawn('kubectl', args, { env, stdio: ['pipe', 'pipe', 'pipe'], timeout: 20_000, killSignal: 'SIGKILL' });
	};
	const kubectl = async (
		args: readonly string[],
		{ input = '', kubeconfig = config } = {},
	): Promise<{ stdout: string; stderr: string; code: number }> => {
		const child = start(args, kubeconfig);
		child.stdin.on('error', () => undefined).end(input);
		const ended = once(child, 'close') as Promise<[number]>;
		const [stdout, stderr, [code]] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
		return { stdout, stderr, code };
	};
	/** What it prints, up to the text that is waited for. */
	const readUntil = async (stream: Readable, wanted: RegExp): Promise<string> => {
		let seen = '';
		for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
			seen += String(chunk);
			if (wanted.test(seen)) {
				return seen;
			}
		}
		throw new Error(`${String(wanted)} did not come: ${seen}`);
	};

	it('lists, as a table and as JSON, by token and by certificate', async () => {
		const { stdout } = await kubectl(['get', 'statefulsets,pods', '-l', 'app=paude', '-o', 'json']);
		const { items } = JSON.parse(stdout) as { items: { kind: string; metadata: { name: string } }[] };
		deepStrictEqual(
			items.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
			['StatefulSet paude-alpha', 'Pod paude-alpha-0'],
		);
		match((await kubectl(['get', 'pods', '-A'])).stdout, /^agents +paude-alpha-0 +1\/1 +Running +0 /m);
		const kubeconfig = configure('by-certificate', cluster.kubeconfig({ by: 'certificate', user: 'carla' }));
		match((await kubectl(['get', 'pods'], { kubeconfig })).stdout, /^paude-alpha-0 /m);
		cluster.allow('carla', []);
		const { stderr, code } = await kubectl(['get', 'pods'], { kubeconfig });
		deepStrictEqual([code, stderr.includes('User "carla" cannot list resource "pods"')], [1, true]);
	});

	it('execs: input, output, exit codes, and what is not there', async () => {
		const exec = ['exec', '-i', 'paude-alpha-0', '--'];
		const big = 'line\n'.repeat(300_000);
		deepStrictEqual(await kubectl([...exec, 'cat'], { input: big }), { stdout: big, stderr: '', code: 0 });
		const { stdout, stderr, code } = await kubectl([...exec, 'sh', '-c', 'echo out; echo err >&2; exit 7']);
		deepStrictEqual([stdout, stderr, code], ['out\n', 'err\ncommand terminated with exit code 7\n', 7]);
		match((await kubectl([...exec, 'no-such-program'])).stderr, /executable file not found/);
		match((await kubectl(['exec', 'nosuch', '--', 'true'])).stderr, /pods "nosuch" not found/);
		match((await kubectl(['exec', 'paude-alpha-0', '-c', 'x', '--', 'true'])).stderr, /container x is not valid/);
		ok(cluster.counters.requests.filter(({ upgrade }) => upgrade).length >= 3);
	});

	it('says how an exec was broken off', async () => {
		cluster.faults.exec({ cut: { afterStdoutBytes: 2 } }, { times: 1 });
		const { stdout, code } = await kubectl(['exec', 'paude-alpha-0', '--', 'echo', 'hello']);
		deepStrictEqual([stdout, code], ['he', 1]);
	});

	it('logs, and reads along', async () => {
		const pod = cluster.pod('agents', 'paude-alpha-0');
		pod.print('first');
		strictEqual((await kubectl(['logs', 'paude-alpha-0', '--tail=1'])).stdout, 'first\n');
		const child = start(['logs', '-f', 'paude-alpha-0']);
		await readUntil(child.stdout, /first\n/);
		pod.print('second');
		await readUntil(child.stdout, /second\n/);
		child.kill();
		await once(child, 'exit');
	});

	it('scales and deletes, and sees in a watch what comes of it', async () => {
		const child = start(['get', 'pods', '-w', '--output-watch-events']);
		await readUntil(child.stdout, /^ADDED +paude-alpha-0 /m);
		const uid = cluster.pod('agents', 'paude-alpha-0').uid();
		match(
			(await kubectl(['delete', 'pod', 'paude-alpha-0', '--wait=false'])).stdout,
			/pod "paude-alpha-0"(?: from \w+ namespace)? deleted/,
		);
		const replaced = await readUntil(child.stdout, /^MODIFIED +paude-alpha-0 +1\/1 +Running/m);
		match(replaced, /^MODIFIED +paude-alpha-0 +1\/1 +Terminating[^]*^DELETED[^]*^ADDED +paude-alpha-0 +0\/1 +Pending/m);
		ok(cluster.pod('agents', 'paude-alpha-0').uid() !== uid);
		match((await kubectl(['scale', 'statefulset', 'paude-alpha', '--replicas=0'])).stdout, /scaled/);
		await readUntil(child.stdout, /^DELETED/m);
		match((await kubectl(['get', 'statefulset', 'paude-alpha'])).stdout, /0\/0/);
		await kubectl(['scale', 'statefulset', 'paude-alpha', '--replicas=1']);
		await readUntil(child.stdout, /1\/1 +Running/);
		child.kill();
		await once(child, 'exit');
	});
});
