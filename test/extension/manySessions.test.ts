import { deepStrictEqual, match, ok, strictEqual } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { groupNodeId } from '../../src/ui/tree/groupNodes.js';
import { sessionNodeId } from '../../src/ui/tree/treeNode.js';
import type { BugFixture } from '../support/bugFixture.js';
import { ask } from '../support/cluster/client.js';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';
import { sessionManifest } from '../support/cluster/sessions.js';
import { installed, workspaceFolder, workspaceFixture } from '../support/runningExtension.js';

const amount = 1000;
const running = 8;
const group = groupNodeId('kubernetes/double/agents');
const nameOf = (index: number): string => `s${String(index).padStart(4, '0')}`;
const line = (name: string): string => sessionNodeId(`kubernetes/double/agents/${name}`);

describe('a thousand sessions of a cluster', () => {
	const home = workspaceFolder();
	let fixture: BugFixture;
	let cluster: Cluster;

	before(async function () {
		this.timeout(240_000);
		[fixture, cluster] = await Promise.all([workspaceFixture(), startCluster()]);
		for (let index = 0; index < amount - running; index += 1) {
			const { metadata, spec } = sessionManifest({ name: nameOf(index), workspace: home });
			await cluster.add({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { ...spec, replicas: 0 } });
		}
		for (let index = amount - running; index < amount; index += 1) {
			await cluster.addSession({ name: nameOf(index), workspace: home, repo: fixture.alpha });
		}
		const kubeconfig = join(fixture.folder, 'kubeconfig');
		await writeFile(kubeconfig, cluster.kubeconfig());
		process.env['KUBECONFIG'] = kubeconfig;
	});

	after(async () => {
		delete process.env['KUBECONFIG'];
		await installed().exports.model.refresh();
		await cluster.stop();
		await fixture.dispose();
	});

	const execs = (): number => cluster.counters.requests.filter(({ path }) => path.endsWith('/exec')).length;
	const described = (id: string): string => installed().exports.tree.getTreeItem(id).description as string;

	it('are there soon after the cluster has answered, in a group that is closed, and none of them was contacted', async () => {
		const { model, tree } = installed().exports;
		const heapBefore = process.memoryUsage().heapUsed;
		const asked = performance.now();
		const first = new Promise<number>((resolve) => {
			const listener = tree.onDidChangeTreeData(() => {
				if (tree.getTreeItem(group).id === group) {
					listener.dispose();
					resolve(performance.now());
				}
			});
		});
		const whole = model.refresh();
		const shown = await first;
		await whole;
		console.log(
			`suite:     ${amount} sessions: in the tree ${(shown - asked).toFixed(0)} ms after they were asked for`,
		);
		const grown = (process.memoryUsage().heapUsed - heapBefore) / 1024 / 1024;
		console.log(
			`suite:     ${amount} sessions: the heap grew by ${grown.toFixed(0)} MB, that of the tests' cluster included`,
		);
		const { collapsibleState } = tree.getTreeItem(group);
		deepStrictEqual(
			[described(group), collapsibleState, execs(), described(line(nameOf(0)))],
			[`${amount} sessions · ${amount} unknown`, 1, 0, 'stopped · unknown, nothing home yet'],
		);
	});

	it('are looked at once their group is opened, a few at a time, and each line is drawn by itself', async () => {
		const { model, tree } = installed().exports;
		const drawn: (readonly string[] | undefined)[] = [];
		const listener = tree.onDidChangeTreeData((ids) => drawn.push(ids));
		const stop = cluster.faults.exec({ stallAfterStdoutBytes: 0 });
		const stalled = new Promise<void>((resolve) => {
			const look = setInterval(() => {
				if (cluster.execs.count() >= 4) {
					clearInterval(look);
					resolve();
				}
			}, 20);
		});
		strictEqual(tree.getChildren(group).length, amount);
		await stalled;
		// Whatever was on its way is there once the cluster has answered something else.
		const { status } = await ask(cluster, 'GET', '/api/v1/namespaces/agents/pods');
		deepStrictEqual([status, cluster.execs.count()], [200, 4]);
		stop();
		cluster.execs.cut({});
		await model.refreshNews();
		listener.dispose();
		ok(drawn.every((ids) => ids !== undefined));
		match(described(line(nameOf(amount - 1))), / only there · oldest /);
	});

	it('are contacted no more once the group is closed, and one that changes is the only line drawn anew', async () => {
		const { model, tree } = installed().exports;
		tree.setOpen(group, false);
		const before = execs();
		await model.refresh();
		strictEqual(execs(), before);
		const drawn: string[] = [];
		const listener = tree.onDidChangeTreeData((ids) => drawn.push(...(ids ?? ['all'])));
		await cluster.scale('agents', `paude-${nameOf(amount - 1)}`, 0);
		await model.refresh();
		listener.dispose();
		deepStrictEqual(
			drawn.filter((id) => id !== group),
			[line(nameOf(amount - 1))],
		);
		strictEqual(execs(), before);
	});

	it('are followed while the view is seen: a change is in the tree at once, and nothing is asked while nothing changes', async () => {
		const { tree } = installed().exports;
		await vscode.commands.executeCommand('homeport.sessions.focus');
		const { requests } = cluster.counters;
		const quietFor = async (milliseconds: number): Promise<number> => {
			const before = requests.length;
			await new Promise((resolve) => {
				setTimeout(resolve, milliseconds);
			});
			return requests.length - before;
		};
		while ((await quietFor(1000)) > 0) {
			// What the view asks as it opens comes to an end.
		}
		const times: number[] = [];
		for (let replicas = 1, round = 0; round < 6; round += 1, replicas = 1 - replicas) {
			const changed = new Promise<number>((resolve) => {
				const listener = tree.onDidChangeTreeData((ids) => {
					if (ids === undefined || ids.includes(line(nameOf(0)))) {
						listener.dispose();
						resolve(performance.now());
					}
				});
			});
			const began = performance.now();
			await cluster.scale('agents', `paude-${nameOf(0)}`, replicas);
			times.push((await changed) - began);
			while ((await quietFor(500)) > 0) {
				// The look that the change has brought comes to an end.
			}
		}
		times.sort((a, b) => a - b);
		console.log(
			`suite:     from a change of a pod to the tree: ${times[3]!.toFixed(0)} ms in the median of ${times.length}`,
		);
		// A pod that ends takes its time, and is a change when it is gone.
		while ((await ask(cluster, 'GET', `/api/v1/namespaces/agents/pods/paude-${nameOf(0)}-0`)).status !== 404) {
			await quietFor(100);
		}
		while ((await quietFor(2000)) > 0) {
			// The look that this has brought comes to an end.
		}
		cluster.counters.reset();
		await quietFor(10_000);
		const idle = cluster.counters.requests.map(({ method, path, query }) => `${method} ${path}${query}`);
		console.log(`suite:     requests in 10 s of idleness, view open: ${idle.length}`);
		deepStrictEqual(idle, []);
		await vscode.commands.executeCommand('workbench.view.explorer');
	}).timeout(120_000);
});
