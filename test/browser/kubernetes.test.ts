import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { type BugFixture } from '../support/bugFixture.js';
import { type Cluster } from '../support/cluster/cluster.js';
import { type ClusterOfWindow, clusterOfWindow } from '../support/clusterOfWindow.js';
import { homeOfWindow, openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

describe('sessions of a cluster in a window', () => {
	let place: ClusterOfWindow;
	let fixture: BugFixture;
	let cluster: Cluster;
	let window: VscodeWindow;

	tellOnFailure(() => window);
	before(async () => {
		place = await clusterOfWindow();
		({ fixture, cluster } = place);
		await place.writeKubeconfig();
		await cluster.addSession({ name: 'alpha', workspace: fixture.home, repo: fixture.alpha });
		window = await openWindow({ folder: fixture.home });
	});
	after(async () => {
		await window.close();
		await place.dispose();
	});

	it('stand in the tree with what is only in the pod, and come home from there', async () => {
		await window.openView();
		await window.trust();
		await window.line(/^Session alpha, 2 commits, 2 files only there/).waitFor();
		await window.pictures('pod');
		await window.inlineAction(window.line(/^Session alpha/), /Sync Session/);
		await window.message(/alpha is home\. claude\/alpha: created, with 2 commits\./).waitFor();
		await window.line(/^Session alpha, all home, main$/).waitFor();
		deepStrictEqual(
			await fixture.git(fixture.home, 'log', '--format=%s', 'claude/alpha'),
			await fixture.git(fixture.alpha, 'log', '--format=%s'),
		);
	});

	it('have a terminal and a log, each from the menu of its line', async () => {
		const terminal = window.page.locator('.terminal-wrapper.active .xterm');
		await window.menuAction(window.line(/^Session alpha/), /Open Terminal in Session/);
		await terminal.click();
		await window.page.keyboard.type("echo there is 'a line'; stty size >/pvc/typed");
		await window.page.keyboard.press('Enter');
		const pod = cluster.pod('agents', 'paude-alpha-0');
		while ((await pod.run(['cat', '/pvc/typed'])).stdout === '') {
			await window.page.waitForTimeout(50);
		}
		await window.pictures('terminal');
		pod.print('the agent begins');
		pod.print('\u001b[31mred\u001b[0m and \u001b]0;title\u0007 plain');
		await window.menuAction(window.line(/^Session alpha/), /Follow Log of Session/);
		await window.page
			.getByRole('listitem', { name: /Log of alpha/ })
			.first()
			.waitFor();
		pod.print('and goes on');
		await window.page.waitForTimeout(500);
		await window.pictures('log');
		await window.page.keyboard.press('Control+j');
	});

	it('say how much has come of what they send, and let it be cancelled in the middle', async () => {
		const before = await fixture.git(fixture.home, 'for-each-ref');
		const script = 'for i in 1 2 3 4 5 6 7 8; do head -c 1000000 /dev/urandom >big$i; done';
		await cluster.pod('agents', 'paude-alpha-0').run(['sh', '-c', `cd /pvc/workspace && ${script}`]);
		const stop = cluster.faults.exec({ stallAfterStdoutBytes: 3_000_000 });
		await window.inlineAction(window.line(/^Session alpha/), /Sync Session/);
		const progress = window.message(/Bringing alpha home: fetching: \d+ of \d+ objects, \d(\.\d)? MB/);
		await progress.waitFor();
		await window.pictures('fetching');
		await progress.getByRole('button', { name: 'Cancel' }).click();
		await window.message(/Cancelled\. Nothing is half done/).waitFor();
		stop();
		cluster.execs.cut({});
		strictEqual(await fixture.git(fixture.home, 'for-each-ref'), before);
	});

	it('appear and change as they do on the cluster, without being asked for', async () => {
		await cluster.addSession({ name: 'beta', workspace: fixture.home, repo: fixture.beta });
		await window.line(/^Session beta, 2 commits only there/).waitFor();
		await cluster.scale('agents', 'paude-beta', 0);
		await window.line(/^Session beta, (?!2 commits only there)/).waitFor();
		await window.pictures('pod-stopped');
	});

	it('hold up nothing of this machine where their cluster is silent, and stay in sight', async () => {
		await cluster.scale('agents', 'paude-beta', 1);
		await window.line(/^Session beta, 2 commits only there/).waitFor();
		cluster.faults.rest({ kind: 'hang' });
		const homeport = await homeOfWindow(fixture.home);
		const silent = window.page.getByText(/gave no answer in time/).first();
		await homeport.add('cellar', fixture.beta, 'claude');
		homeport.dispose();
		await window.line(/^Session cellar, 2 commits only there/).waitFor();
		strictEqual(await silent.isVisible(), false);
		await silent.waitFor();
		await window.page
			.getByText(/It is asked again by itself\./)
			.first()
			.waitFor();
		await window.line(/^Session alpha, unreachable, unknown, last seen/).waitFor();
		await window.line(/^Session beta, unreachable, unknown, nothing home yet/).waitFor();
		await window.pictures('cluster-silent');
		cluster.faults.clear();
		await window.line(/^Session alpha, 10 files only there/).waitFor();
		await window.line(/^Session beta, 2 commits only there/).waitFor();
	});
});
