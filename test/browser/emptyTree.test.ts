import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ClusterOfWindow, clusterOfWindow } from '../support/clusterOfWindow.js';
import { homeOfWindow, openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

describe('an empty tree in a window', () => {
	let place: ClusterOfWindow;
	let window: VscodeWindow;

	tellOnFailure(() => window);
	before(async () => {
		place = await clusterOfWindow();
		await place.writeKubeconfig();
		window = await openWindow({ folder: place.fixture.home });
		await window.openView();
		await window.trust();
	});
	after(async () => {
		await window.close();
		await place.dispose();
	});

	const says = async (text: RegExp, name: string): Promise<void> => {
		await window.page.getByText(text).first().waitFor();
		await window.pictures(`empty-${name}`);
	};
	const tryAgain = (): Promise<void> => window.page.getByRole('button', { name: 'Try Again' }).first().click();
	const dead = (): string => {
		const config = JSON.parse(place.cluster.kubeconfig()) as { clusters: { cluster: { server: string } }[] };
		// Nobody listens on the first port.
		config.clusters[0]!.cluster.server = 'https://127.0.0.1:1';
		return JSON.stringify(config);
	};

	it('says where it has looked', async () => {
		await says(/neither on this machine, nor in the context and namespace/, 'no-sessions-there');
		await window.page
			.getByText(/^double \/ agents$/)
			.first()
			.waitFor();
	});

	it('says that a cluster gives no rights, or does not know who asks', async () => {
		place.cluster.faults.rest({ kind: 'status', status: 403 });
		await window.run('Homeport: Refresh');
		await says(/does not let you list what is in the namespace/, 'forbidden');
		place.cluster.faults.clear();
		place.cluster.faults.rest({ kind: 'status', status: 401 });
		await tryAgain();
		await says(/no credentials could be got for it, or it does not accept them/, 'credentials');
		place.cluster.faults.clear();
	});

	it('says that a kubeconfig is damaged, and that nobody answers', async () => {
		await place.writeKubeconfig('{');
		await window.run('Homeport: Refresh');
		await says(/the kubeconfig cannot be used/, 'kubeconfig');
		await place.writeKubeconfig(dead());
		await window.run('Homeport: Refresh');
		await says(/the cluster gave no answer/, 'unreachable');
		// It is asked again by itself, too, and the button may be gone by then.
		await place.writeKubeconfig();
		await window.run('Homeport: Refresh');
		await window.page
			.getByText(/neither on this machine/)
			.first()
			.waitFor();
	});

	it('says that the sessions could not be listed', async () => {
		const folder = join(place.fixture.home, '.claude/sync');
		await mkdir(folder, { recursive: true });
		await writeFile(join(folder, 'sync-config.json'), '{"homeport": 1}');
		await window.run('Homeport: Refresh');
		await says(/The sessions could not be listed\./, 'failed');
		await rm(join(folder, 'sync-config.json'));
		await tryAgain();
		await window.page
			.getByText(/neither on this machine/)
			.first()
			.waitFor();
	});

	it('says that the filter hides all, and clears it', async () => {
		const homeport = await homeOfWindow(place.fixture.home);
		await homeport.add('hidden', place.fixture.alpha, 'claude');
		await window.line(/^Session hidden/).waitFor();
		await window.run('Homeport: Filter Sessions');
		const input = window.quickPick.getByRole('textbox');
		await input.fill('nothing of that name');
		await input.press('Enter');
		await says(/The filter hides all sessions\./, 'filtered');
		await window.page.getByRole('button', { name: 'Clear Filter' }).first().click();
		await window.line(/^Session hidden/).waitFor();
		await homeport.remove('hidden');
		homeport.dispose();
	});

	it('says that the folder is in no repository', async () => {
		await window.close();
		window = await openWindow({ folder: place.fixture.folder });
		await window.openView();
		await window.trust();
		await says(/The open folder is not inside a git repository/, 'no-repository');
	});
});
