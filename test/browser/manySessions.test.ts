import { strictEqual } from 'node:assert/strict';
import { type BugFixture } from '../support/bugFixture.js';
import { type Cluster } from '../support/cluster/cluster.js';
import { type ClusterOfWindow, clusterOfWindow } from '../support/clusterOfWindow.js';
import { sessionManifest } from '../support/cluster/sessions.js';
import { openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

const amount = 1000;
const nameOf = (index: number): string => `s${String(index).padStart(4, '0')}`;

describe('a thousand sessions in a window', () => {
	let place: ClusterOfWindow;
	let fixture: BugFixture;
	let cluster: Cluster;
	let window: VscodeWindow;

	tellOnFailure(() => window);
	before(async () => {
		place = await clusterOfWindow();
		({ fixture, cluster } = place);
		await cluster.addSession({ name: nameOf(0), workspace: fixture.home, repo: fixture.alpha });
		for (let index = 1; index < amount; index += 1) {
			const { metadata, spec } = sessionManifest({ name: nameOf(index), workspace: fixture.home });
			await cluster.add({ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata, spec: { ...spec, replicas: 0 } });
		}
		window = await openWindow({ folder: fixture.home });
	});
	after(async () => {
		await window.close();
		await place.dispose();
	});

	const group = () => window.line(/^Cluster double \/ agents/);
	const took = async (what: string, work: () => Promise<void>): Promise<void> => {
		const began = performance.now();
		await work();
		console.log(`      ${amount} sessions: ${what} after ${(performance.now() - began).toFixed(0)} ms`);
	};

	it('are one closed line at first, and all there once it is opened', async () => {
		await window.openView();
		await window.trust();
		await window.page.getByText('No session works on this repository yet.').waitFor();
		await took('the group is drawn', async () => {
			await place.writeKubeconfig();
			await group().waitFor();
		});
		strictEqual(await group().getAttribute('aria-expanded'), 'false');
		strictEqual(cluster.execs.count(), 0);
		await group().click();
		await took('the first line is drawn', async () => window.line(/^Session s0000, 2 commits/).waitFor());
		await window.pictures('thousand');
	});

	it('are walked from the first to the last, while one of them changes', async () => {
		await group().focus();
		await took('the last line is drawn', async () => {
			await window.page.keyboard.press('End');
			await window.line(/^Session s0999, stopped, unknown, nothing home yet$/).waitFor();
		});
		await cluster.scale('agents', 'paude-s0998', 1);
		await window.line(/^Session s0998, (?!stopped)/).waitFor();
		// The place in the list stays.
		strictEqual(await window.line(/^Session s0999/).isVisible(), true);
		await took('forty pages are gone through', async () => {
			for (let page = 0; page < 40; page += 1) {
				await window.page.keyboard.press('PageUp');
			}
			await window.line(/^Session s0000/).waitFor();
		});
	});

	it('are found by a filter, and the badge counts those that have work nowhere else', async () => {
		await window.run('Homeport: Filter Sessions');
		await window.quickPick.getByText(/Part of a name/).waitFor();
		await window.quickPick.getByRole('textbox').fill('s077');
		await window.page.keyboard.press('Enter');
		await window.line(/^Session s0770/).waitFor();
		await window.line(/^Session s0779/).waitFor();
		strictEqual(await window.page.getByRole('treeitem', { name: /^Session s/ }).count(), 10);
		await window.pictures('filtered');
	});
});
