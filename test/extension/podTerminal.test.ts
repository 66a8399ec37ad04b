import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { sessionNodeId } from '../../src/ui/tree/treeNode.js';
import type { BugFixture } from '../support/bugFixture.js';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';
import type { PodHandle } from '../support/cluster/podHandle.js';
import { command, installed, workspaceFixture, workspaceFolder } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

describe('a session in a pod', () => {
	const line = sessionNodeId('kubernetes/double/agents/alpha');
	let fixture: BugFixture;
	let cluster: Cluster;
	let pod: PodHandle;

	before(async function () {
		this.timeout(60_000);
		[fixture, cluster] = await Promise.all([workspaceFixture(), startCluster()]);
		pod = await cluster.addSession({ name: 'alpha', workspace: workspaceFolder(), repo: fixture.alpha });
		const kubeconfig = join(fixture.folder, 'kubeconfig');
		await writeFile(kubeconfig, cluster.kubeconfig());
		process.env['KUBECONFIG'] = kubeconfig;
		await installed().exports.model.refresh();
	});
	after(async () => {
		delete process.env['KUBECONFIG'];
		await installed().exports.model.refresh();
		await cluster.stop();
		await fixture.dispose();
	});

	const opened = async (name: string): Promise<vscode.Terminal> => {
		for (;;) {
			const found = vscode.window.terminals.find((terminal) => terminal.name === name);
			if (found !== undefined) {
				return found;
			}
			await sleep(20);
		}
	};
	const inPod = async (file: string): Promise<string> => {
		for (;;) {
			const { stdout, exitCode } = await pod.run(['cat', file]);
			if (exitCode === 0 && stdout !== '') {
				return stdout;
			}
			await sleep(50);
		}
	};

	it('has a terminal there, which what is typed goes to, and nothing of it is left once it is closed', async () => {
		await command('homeport.openTerminal', new ScriptedPrompter(), line);
		const terminal = await opened('alpha');
		const script = `{ pwd; stty size; } >/pvc/typed.part; mv /pvc/typed.part /pvc/typed`;
		terminal.sendText(script);
		match(await inPod('/pvc/typed'), /^\/pvc\/workspace\n[1-9]\d* [1-9]\d*\n$/);
		ok(cluster.execs.count() > 0);
		terminal.dispose();
		while (cluster.execs.count() > 0) {
			await sleep(20);
		}
	});

	it('has a log, which is followed until its terminal is closed', async () => {
		pod.print('said before');
		await command('homeport.followLog', new ScriptedPrompter(), line);
		const terminal = await opened('Log of alpha');
		const asked = (): string[] =>
			cluster.counters.requests.filter(({ path }) => path.endsWith('/log')).map(({ query }) => query);
		while (asked().length === 0) {
			await sleep(20);
		}
		deepStrictEqual(asked(), ['?container=paude&follow=true&tailLines=1000']);
		terminal.dispose();
	});
});
