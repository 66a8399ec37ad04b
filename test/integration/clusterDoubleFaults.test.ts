import { deepStrictEqual, ok, rejects, strictEqual } from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect } from 'node:tls';
import { ask, channelText, execPath, openExec, openRequest, watchEvents } from '../support/cluster/client.js';
import type { Talk } from '../support/cluster/client.js';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';
import type { Cut, ExecFault, RestFault } from '../support/cluster/faults.js';

const pods = '/api/v1/namespaces/agents/pods';
const alpha = { namespace: 'agents', name: 'paude-alpha-0' };
const v5 = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

describe('what goes wrong in the cluster of the tests', () => {
	let cluster: Cluster;
	before(async () => {
		cluster = await startCluster();
		await cluster.addSession({ name: 'alpha' });
		await cluster.addSession({ name: 'beta', storage: 'emptyDir' });
	});
	after(() => cluster.stop());
	afterEach(() => {
		cluster.faults.clear();
		cluster.useForeignCertificate(false);
	});

	const run = (argv: readonly string[], fault: ExecFault = {}): Promise<Talk> => {
		cluster.faults.exec(fault, { name: 'paude-alpha-0', times: 1 });
		return openExec(cluster, execPath(alpha, argv), v5).ended;
	};
	const told = ({ frames, closeCode }: Talk): object => ({
		stdout: channelText(frames, 1),
		status: /"status":"(\w+)"/.exec(channelText(frames, 3))?.[1],
		closeCode,
	});

	describe('with requests', () => {
		it('answers with a status, so often and only where it was said', async () => {
			const where = { verb: 'list', resource: 'pods', namespace: 'agents', times: 2 };
			cluster.faults.rest({ kind: 'status', status: 429, retryAfterSeconds: 3 }, where);
			strictEqual((await ask(cluster, 'GET', '/api/v1/namespaces')).status, 200);
			const { status, headers, json } = await ask(cluster, 'GET', pods);
			deepStrictEqual([status, headers['retry-after'], (json as { code: number }).code], [429, '3', 429]);
			strictEqual((await ask(cluster, 'GET', pods)).status, 429);
			strictEqual((await ask(cluster, 'GET', pods)).status, 200);
			for (const status of [401, 403, 410, 500, 503]) {
				const undo = cluster.faults.rest({ kind: 'status', status });
				strictEqual((await ask(cluster, 'GET', pods)).status, status);
				undo();
			}
		});

		it('breaks off, answers what is no JSON, or does not answer', async () => {
			cluster.faults.rest({ kind: 'reset' }, { times: 1 });
			await rejects(ask(cluster, 'GET', pods), { code: 'ECONNRESET' });
			cluster.faults.rest({ kind: 'garbage' }, { times: 1 });
			strictEqual((await ask(cluster, 'GET', pods)).json, undefined);
			cluster.faults.rest({ kind: 'hang' }, { name: 'paude-beta-0' });
			cluster.counters.reset();
			const waiting = rejects(ask(cluster, 'GET', `${pods}/paude-beta-0`), { code: 'ECONNRESET' });
			strictEqual((await ask(cluster, 'GET', pods)).status, 200);
			while (cluster.counters.requests.length < 2) {
				await setImmediate();
			}
			cluster.breakConnections();
			await waiting;
			strictEqual(cluster.counters.connections(), 2);
		});

		it('shows a certificate that nobody knows', async () => {
			cluster.useForeignCertificate(true);
			await rejects(ask(cluster, 'GET', pods), /unable to verify|self-signed/);
			cluster.useForeignCertificate(false);
			strictEqual((await ask(cluster, 'GET', pods)).status, 200);
		});

		it('knows users by their certificates, unless those have run out or are of another authority', async () => {
			const asking = async (tls: object): Promise<number> =>
				(await ask(cluster, 'GET', pods, { token: null, tls })).status;
			const pair = (own: Cluster, hours: number): object => {
				const { certificate, key } = own.clientCertificate('carla', { validHours: hours });
				return { cert: certificate, key };
			};
			strictEqual(await asking(pair(cluster, 1)), 200);
			cluster.allow('carla', [{ verbs: ['get'] }]);
			strictEqual(await asking(pair(cluster, 1)), 403);
			strictEqual(await asking(pair(cluster, -1)), 401);
			const other = await startCluster();
			strictEqual(await asking(pair(other, 1)), 401);
			await other.stop();
			strictEqual(await asking({}), 403);
		});

		it('forgets a token', async () => {
			const token = cluster.token('developer');
			strictEqual((await ask(cluster, 'GET', pods, { token })).status, 200);
			cluster.revoke(token);
			strictEqual((await ask(cluster, 'GET', pods, { token })).status, 401);
		});

		it('counts sockets that are open', async () => {
			const { port } = new URL(cluster.url);
			const socket: Socket = connect({ port: Number(port), host: '127.0.0.1', ca: cluster.caCertificate });
			await once(socket, 'secureConnect');
			const open = cluster.counters.openSockets();
			socket.destroy();
			ok(open >= 1);
		});
	});

	describe('with a watch', () => {
		const watch = async (fault?: RestFault): Promise<AsyncGenerator<{ type: string }>> => {
			if (fault !== undefined) {
				cluster.faults.rest(fault, { verb: 'watch', times: 1 });
			}
			return watchEvents(await openRequest(cluster, 'GET', `${pods}?watch=true&allowWatchBookmarks=true`));
		};
		const types = async (events: AsyncIterable<{ type: string }>): Promise<string[]> => {
			const seen: string[] = [];
			for await (const { type } of events) {
				seen.push(type);
			}
			return seen;
		};

		it('ends after so many events, or in the midst of one', async () => {
			deepStrictEqual(await types(await watch({ kind: 'cut', afterEvents: 1, how: 'end' })), ['ADDED']);
			const response = await openRequestWith({ kind: 'cut', afterEvents: 1, how: 'midEvent' });
			const chunks: Buffer[] = [];
			for await (const chunk of response) {
				chunks.push(chunk as Buffer);
			}
			const [, half = ''] = Buffer.concat(chunks).toString().split('\n');
			ok(half.startsWith('{"type":') && !half.endsWith('}}'), half);
		});

		it('says that the version is too old, or what is no JSON', async () => {
			deepStrictEqual(await types(await watch({ kind: 'expired' })), ['ERROR']);
			await rejects(types(await watch({ kind: 'garbage' })), SyntaxError);
		});

		it('is answered with a status before it begins', async () => {
			const response = await openRequestWith({ kind: 'status', status: 410 });
			strictEqual(response.statusCode, 410);
			response.destroy();
		});

		for (const how of ['end', 'reset', 'midEvent', 'garbage', 'expired'] as const) {
			it(`fails while it goes on: ${how}`, async () => {
				const events = await watch();
				await events.next();
				await events.next();
				cluster.watches.bookmark();
				strictEqual((await events.next()).value?.type, 'BOOKMARK');
				cluster.watches.fail(how);
				const rest = types(events);
				if (how === 'reset') {
					await rejects(rest, { code: 'ECONNRESET' });
				} else if (how === 'garbage') {
					await rejects(rest, SyntaxError);
				} else {
					deepStrictEqual(await rest, how === 'expired' ? ['ERROR'] : []);
				}
			});
		}

		it('says nothing more, though things change', async () => {
			const events = await watch({ kind: 'cut', afterEvents: 2, how: 'stall' });
			await events.next();
			await events.next();
			await cluster.replacePod('agents', 'paude-beta-0');
			const next = types(events);
			cluster.breakConnections();
			await rejects(next, { code: 'ECONNRESET' });
		});

		const openRequestWith = (fault: RestFault): ReturnType<typeof openRequest> => {
			cluster.faults.rest(fault, { verb: 'watch', times: 1 });
			return openRequest(cluster, 'GET', `${pods}?watch=true`);
		};
	});

	describe('with an exec', () => {
		it('is refused', async () => {
			for (const status of [400, 401, 403, 404, 500, 503]) {
				const { refused } = await run(['true'], { refuse: status });
				deepStrictEqual([refused?.status, JSON.parse(refused?.body ?? '').code], [status, status]);
			}
		});

		it('is cut after so many bytes of stdout, with and without a status and a close', async () => {
			const cuts: [Cut, object][] = [
				[{}, { stdout: '0123', status: undefined, closeCode: 1006 }],
				[{ closeCode: 1011 }, { stdout: '0123', status: undefined, closeCode: 1011 }],
				[
					{ status: 'success', closeCode: 1000 },
					{ stdout: '0123', status: 'Success', closeCode: 1000 },
				],
				[
					{ status: 'failure', closeCode: 1000 },
					{ stdout: '0123', status: 'Failure', closeCode: 1000 },
				],
			];
			for (const [cut, expected] of cuts) {
				const talk = await run(['sh', '-c', 'printf 0123456789'], { cut: { afterStdoutBytes: 4, ...cut } });
				deepStrictEqual(told(talk), expected);
			}
		});

		it('is cut after so many frames', async () => {
			const { frames, closeCode } = await run(['echo', 'more'], { cut: { afterFrames: 1 } });
			deepStrictEqual([frames.length, closeCode], [1, 1006]);
		});

		it('is cut after so many bytes of stdin', async () => {
			cluster.faults.exec({ cut: { afterStdinBytes: 5, closeCode: 1001 } }, { times: 1 });
			const talking = openExec(cluster, execPath(alpha, ['cat']), v5);
			await talking.until((frames) => frames.length === 1);
			talking.socket.send(Buffer.from('\0abc'));
			await talking.until((frames) => channelText(frames, 1) === 'abc');
			talking.socket.send(Buffer.from('\0def'));
			strictEqual((await talking.ended).closeCode, 1001);
		});

		it('is cut while it goes on', async () => {
			const talking = openExec(cluster, execPath(alpha, ['sh', '-c', 'echo up; sleep 3600']), v5);
			await talking.until((frames) => channelText(frames, 1) === 'up\n');
			strictEqual(cluster.execs.count(), 1);
			cluster.execs.cut({});
			strictEqual((await talking.ended).closeCode, 1006);
		});

		it('stalls after so many bytes, though the command has ended', async () => {
			cluster.faults.exec({ stallAfterStdoutBytes: 3 }, { times: 1 });
			const talking = openExec(cluster, execPath(alpha, ['sh', '-c', 'printf 0123456789; touch /pvc/done']), v5);
			const pod = cluster.pod('agents', 'paude-alpha-0');
			await pod.run(['sh', '-c', 'until [ -e /pvc/done ]; do sleep 0.02; done']);
			await talking.until((frames) => channelText(frames, 1) === '012');
			deepStrictEqual([talking.socket.readyState, channelText(talking.frames, 3)], [1, '']);
			talking.socket.close();
			await talking.ended;
		});

		it('delays its frames, sends one twice, and lies about the end', async () => {
			const talk = await run(['sh', '-c', 'printf x; exit 9'], { delayMs: 5, duplicateFrame: 1, status: 'success' });
			deepStrictEqual(told(talk), { stdout: 'xx', status: 'Success', closeCode: 1000 });
			const { frames } = await run(['true'], { status: { text: 'no JSON' } });
			strictEqual(channelText(frames, 3), 'no JSON');
		});

		it('names no protocol, or knows version 4 alone', async () => {
			strictEqual((await run(['true'], { noProtocol: true })).error, 'Server sent no subprotocol');
			strictEqual((await run(['true'], { onlyV4: true })).protocol, 'v4.channel.k8s.io');
			cluster.faults.exec({ onlyV4: true }, { times: 1 });
			const { refused } = await openExec(cluster, execPath(alpha, ['true']), v5.slice(0, 1)).ended;
			strictEqual(refused?.status, 403);
		});

		it('floods', async () => {
			cluster.faults.exec({ flood: true }, { times: 1 });
			const talking = openExec(cluster, execPath(alpha, ['true']), v5);
			const bytes = (): number => talking.frames.reduce((sum, { data }) => sum + data.length, 0);
			await talking.until(() => bytes() > 16 * 1024 * 1024);
			talking.socket.terminate();
			await talking.ended;
		});
	});

	describe('with pods', () => {
		const state = (name: string): string => {
			const { status } = cluster.pod('agents', name).object();
			const [container] = status.containerStatuses ?? [];
			return container?.state.waiting?.reason ?? status.reason ?? status.phase;
		};

		it('holds a pod in a state, and the one that comes after it, until it may run', async () => {
			for (const reason of ['ImagePullBackOff', 'CrashLoopBackOff', 'CreateContainerConfigError'] as const) {
				await cluster.hold('agents', 'paude-beta-0', reason);
				strictEqual(state('paude-beta-0'), reason);
				await cluster.replacePod('agents', 'paude-beta-0');
				strictEqual(state('paude-beta-0'), reason);
			}
			await cluster.hold('agents', 'paude-beta-0', 'Unschedulable');
			await cluster.replacePod('agents', 'paude-beta-0');
			deepStrictEqual(
				[state('paude-beta-0'), cluster.pod('agents', 'paude-beta-0').object().spec.nodeName],
				['Pending', undefined],
			);
			await cluster.hold('agents', 'paude-beta-0', 'Evicted');
			strictEqual(state('paude-beta-0'), 'Evicted');
			await cluster.hold('agents', 'paude-beta-0', null);
			strictEqual((await cluster.pod('agents', 'paude-beta-0').run(['echo', 'runs'])).stdout, 'runs\n');
		});

		it('begins a container that ends by itself anew, and gives up on one that always does', async () => {
			await cluster.addSession({ name: 'crash', command: ['sh', '-c', 'echo again; exit 3'] });
			const pod = cluster.pod('agents', 'paude-crash-0');
			const events = watchEvents(await openRequest(cluster, 'GET', `${pods}?watch=true`));
			for await (const _event of events) {
				if (state('paude-crash-0') === 'CrashLoopBackOff') {
					break;
				}
			}
			const [container] = pod.object().status.containerStatuses ?? [];
			strictEqual(container?.lastState.terminated?.exitCode, 3);
			ok(pod.log().length > 1 && pod.log().every((line) => line === 'again'));
		});

		it('loses what is on a volume', async () => {
			const pod = cluster.pod('agents', 'paude-alpha-0');
			await pod.run(['sh', '-c', 'echo work > /pvc/workspace/file']);
			cluster.loseVolume('agents', 'workspace-paude-alpha-0');
			strictEqual((await pod.run(['ls', '-A', '/pvc'])).stdout, '');
		});

		it('keeps a claim that is deleted while a pod uses it, until the pod has gone', async () => {
			await cluster.addSession({ name: 'claimed' });
			const path = '/api/v1/namespaces/agents/persistentvolumeclaims/workspace-paude-claimed-0';
			strictEqual((await ask(cluster, 'DELETE', path)).status, 200);
			strictEqual((await ask(cluster, 'GET', path)).status, 200);
			await cluster.scale('agents', 'paude-claimed', 0);
			strictEqual((await ask(cluster, 'GET', path)).status, 404);
		});

		it('deletes a pod only if it is still the one that was meant', async () => {
			const path = `${pods}/paude-beta-0`;
			const uid = cluster.pod('agents', 'paude-beta-0').uid();
			await cluster.replacePod('agents', 'paude-beta-0');
			const { status, json } = await ask(cluster, 'DELETE', path, { body: { preconditions: { uid } } });
			deepStrictEqual([status, (json as { reason: string }).reason], [409, 'Conflict']);
		});
	});
});
