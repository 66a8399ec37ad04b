import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BugFixture } from '../support/bugFixture.js';
import { type Cluster } from '../support/cluster/cluster.js';
import { type ClusterOfWindow, clusterOfWindow } from '../support/clusterOfWindow.js';
import { homeOfWindow, openWindow, required, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

interface Kubeconfig {
	readonly clusters: { cluster: { server: string } }[];
	readonly contexts: { name: string; context: object }[];
}

describe('a first run with nothing configured', () => {
	let place: ClusterOfWindow;
	let fixture: BugFixture;
	let cluster: Cluster;
	let window: VscodeWindow;

	tellOnFailure(() => window);
	before(async () => {
		place = await clusterOfWindow();
		({ fixture, cluster } = place);
		await cluster.addSession({ name: 'alpha', workspace: fixture.home, repo: fixture.alpha });
		window = await openWindow({ folder: fixture.home });
	});
	after(async () => {
		await window.close();
		await place.dispose();
	});

	const inAllThemes = async (name: string): Promise<void> => {
		for (const theme of ['light', 'highContrast', 'dark'] as const) {
			await window.theme(theme);
			await window.picture(`${name}-${theme}`);
		}
	};
	it('says in a folder that is not trusted that nothing is run, then what a session is and how to begin', async () => {
		await window.openView();
		await window.page.getByText('Homeport runs nothing here and lists nothing until you trust it.').waitFor();
		await inAllThemes('untrusted');
		await window.trust();
		await window.page.getByText('No session works on this repository yet.').waitFor();
		await window.widenSideBar(80);
		await inAllThemes('nothing-configured');
	});

	it('explains itself step by step', async () => {
		await window.page.getByRole('button', { name: 'See How It Works' }).first().click();
		const walkthrough = window.page.locator('.gettingStartedContainer');
		await walkthrough.getByText('Bring the Work of Your Agents Home').first().waitFor();
		// The pictures need room beside the steps.
		await window.page.keyboard.press('Control+b');
		for (const [step, name] of [
			['Open your repository', 'open'],
			['Find your sessions', 'find'],
			['See what is nowhere else', 'see'],
			['Bring a session home', 'sync'],
			['Take it back', 'undo'],
		] as const) {
			await walkthrough
				.getByRole('button', { name: new RegExp(step) })
				.first()
				.click();
			await walkthrough.getByText(step).first().waitFor();
			await window.page.mouse.move(0, 0);
			await inAllThemes(`walkthrough-${name}`);
		}
		await window.page.keyboard.press('Control+b');
	});

	it('fills the tree when a kubeconfig appears, without being asked', async () => {
		const config = JSON.parse(cluster.kubeconfig()) as Kubeconfig;
		const [first] = config.contexts as [Kubeconfig['contexts'][number]];
		config.contexts.push({ name: 'staging', context: { ...first.context, namespace: 'empty' } });
		await place.writeKubeconfig(JSON.stringify(config));
		await window.line(/^Session alpha/).waitFor();
		await window.picture('kubeconfig-appeared');
	});

	it('looks where it is told to, at once', async () => {
		await window.run('Homeport: Choose Kubernetes Contexts');
		const picker = window.page.locator('.quick-input-widget');
		const staging = picker.getByRole('checkbox', { name: /staging/ }).first();
		await staging.waitFor();
		await window.page.mouse.move(640, 500);
		await inAllThemes('contexts');
		await staging.click();
		await picker.getByRole('button', { name: 'OK' }).click();
		await window.line(/^Session alpha/).waitFor({ state: 'hidden' });
		const machine = join(required('HOMEPORT_TEST_SERVER_HOME'), '../data/Machine/settings.json');
		const written = await readFile(machine, 'utf8');
		if (!written.includes('"staging"')) {
			throw new Error(written);
		}
	});

	it('tells of each cluster that could not be asked', async () => {
		const homeport = await homeOfWindow(fixture.home);
		await homeport.add('here', fixture.beta, 'claude');
		const config = JSON.parse(cluster.kubeconfig()) as Kubeconfig;
		const [first] = config.contexts as [Kubeconfig['contexts'][number]];
		config.contexts.push({ name: 'staging', context: { ...first.context, namespace: 'empty' } });
		for (const one of config.clusters) {
			// Nobody listens on the first port.
			one.cluster.server = 'https://127.0.0.1:1';
		}
		await place.writeKubeconfig(JSON.stringify(config));
		await window.run('Homeport: Choose Kubernetes Contexts');
		const picker = window.page.locator('.quick-input-widget');
		await picker
			.getByRole('checkbox', { name: /double/ })
			.first()
			.click();
		await picker.getByRole('button', { name: 'OK' }).click();
		await window.line(/^Session here/).waitFor();
		await window.page
			.getByText(/1 more cluster could not be asked; “Homeport: Doctor” says why\./)
			.first()
			.waitFor();
		await inAllThemes('two-clusters');
		await window.run('Homeport: Doctor');
		const page = window.readablePage;
		await page.getByRole('heading', { name: 'Clusters' }).nth(1).waitFor();
		await inAllThemes('doctor-clusters');
		await window.run('View: Close All Editors');
		await window.page.locator('.tab').first().waitFor({ state: 'detached' });
		await homeport.remove('here');
		homeport.dispose();
	});

	it('says what is not in order, and what can be done', async () => {
		await place.writeKubeconfig(JSON.stringify({ 'current-context': 'x', contexts: [] }));
		await window.run('Homeport: Doctor');
		const page = window.readablePage;
		await page.getByRole('heading', { name: 'Not in order' }).waitFor();
		await page.getByText('The kubeconfig has no context "staging".').first().waitFor();
		await inAllThemes('doctor');
		await page.getByRole('link', { name: 'Choose Contexts…' }).first().click();
		const picker = window.page.locator('.quick-input-widget');
		await picker.getByText('not in the kubeconfig').first().waitFor();
		await window.page.keyboard.press('Escape');
	});
});
