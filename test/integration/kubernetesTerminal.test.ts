import { strict as assert } from 'node:assert';
import type { TerminalStream } from '../../src/core/backends/backend.js';
import type { PodHandle } from '../support/cluster/podHandle.js';
import { type ClusterFixture, clusterFixture } from '../support/clusterFixture.js';

const size = { columns: 100, rows: 30 };

describe('a terminal and a log of a pod', function () {
	this.timeout(60_000);
	let fixture: ClusterFixture;
	let pod: PodHandle;

	beforeEach(async () => {
		fixture = await clusterFixture();
		pod = await fixture.addPod('alpha', { env: { PATH: '/pvc/bin:/usr/bin:/bin', SHELL: '/bin/sh', PS1: '> ' } });
	});
	afterEach(() => fixture.dispose());

	const attach = async (): Promise<{ stream: TerminalStream; until: (wanted: RegExp) => Promise<RegExpExecArray> }> => {
		const { homeport } = fixture;
		const stream = await homeport.attach(await homeport.find('alpha'), size);
		let seen = '';
		const waiting = new Set<() => void>();
		const wake = (): void => waiting.forEach((one) => one());
		stream.stdout.on('data', (chunk: Buffer) => {
			seen += chunk.toString();
			wake();
		});
		stream.status.then(wake, wake);
		const until = async (wanted: RegExp): Promise<RegExpExecArray> => {
			for (;;) {
				const found = wanted.exec(seen);
				if (found !== null) {
					seen = seen.slice(found.index + found[0].length);
					return found;
				}
				await new Promise<void>((resolve) => {
					waiting.add(resolve);
				});
			}
		};
		return { stream, until };
	};

	it('is a shell in the folder of the session, with the size of the window, now and when that changes', async () => {
		const { stream, until } = await attach();
		stream.stdin.write('until [ "$(stty size)" = "30 100" ]; do :; done; echo fi"rst"; pwd\r');
		await until(/first\r\n\/pvc\/workspace\r\n/);
		stream.resize({ columns: 81, rows: 24 });
		stream.stdin.write('until [ "$(stty size)" = "24 81" ]; do :; done; echo re"sized"\r');
		await until(/resized\r\n/);
		stream.stdin.write('exit 3\r');
		assert.deepStrictEqual(await stream.status, { code: 3, signal: null });
	});

	it('is what the agent sees, where the agent works in tmux', async () => {
		const tmux = `#!/bin/sh\ncase "$*" in 'has-session -t =claude') exit 0 ;; *) echo "tmux $*"; exec cat ;; esac\n`;
		await pod.run(['sh', '-c', 'mkdir /pvc/bin; cat >/pvc/bin/tmux; chmod +x /pvc/bin/tmux'], tmux);
		const { stream, until } = await attach();
		await until(/tmux -u attach-session -t =claude\r\n/);
		stream.kill();
		await assert.rejects(stream.status, { code: 'cancelled' });
	});

	it('takes nothing to another pod that has the name by now, and is nothing for a folder of this machine', async () => {
		const { homeport, cluster, add, session } = fixture;
		const seen = await homeport.find('alpha');
		cluster.faults.rest({ kind: 'status', status: 404 }, { verb: 'get', resource: 'pods', times: 1 });
		await assert.rejects(homeport.attach(seen, size), { code: 'session-missing' });
		await cluster.scale('agents', 'paude-alpha', 0);
		await assert.rejects(homeport.attach(await homeport.find('alpha'), size), { code: 'session-unreachable' });
		await add('local', session);
		await assert.rejects(homeport.attach(await homeport.find('local'), size), { code: 'not-supported' });
	});

	it('logs the newest lines, then those that come, until nobody wants more', async () => {
		const { homeport } = fixture;
		for (const line of ['one', 'two', 'three']) {
			pod.print(line);
		}
		const stop = new AbortController();
		const told: string[] = [];
		const reading = (async () => {
			for await (const line of await homeport.log(await homeport.find('alpha'), 2, stop.signal)) {
				told.push(line);
				if (line === 'three') {
					pod.print('four');
				} else if (line === 'four') {
					stop.abort();
				}
			}
		})();
		await assert.rejects(reading);
		assert.deepStrictEqual(told, ['two', 'three', 'four']);
	});

	it('says why there is no log', async () => {
		const { homeport, cluster } = fixture;
		const seen = await homeport.find('alpha');
		cluster.faults.rest({ kind: 'status', status: 403 }, { resource: 'pods/log' });
		await assert.rejects(homeport.log(seen, 10, new AbortController().signal), { code: 'cluster-forbidden' });
	});
});
