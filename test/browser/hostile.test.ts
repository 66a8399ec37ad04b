import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BugFixture, bugFixture } from '../support/bugFixture.js';
import { type Cluster, startCluster } from '../support/cluster/cluster.js';
import { openWindow, required, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

const markup = '<img src=x onerror="document.title=1">';
const link = '[click](command:workbench.action.closeWindow)';
const icon = '$(trash)';

describe('a session that lies and means harm, in a window', () => {
	let fixture: BugFixture;
	let cluster: Cluster;
	let window: VscodeWindow;
	const kube = (): string => join(required('HOMEPORT_TEST_SERVER_HOME'), '.kube');

	tellOnFailure(() => window);
	before(async () => {
		[fixture, cluster] = await Promise.all([bugFixture(), startCluster()]);
		const { beta } = fixture;
		await writeFile(join(beta, `${icon} ${link}.txt`), 'x');
		await fixture.git(beta, 'add', '-A');
		await fixture.git(beta, 'commit', '-qm', `${icon} ${link} ${markup}`);
		await fixture.git(beta, 'branch', 'x-$(zap)');
		await writeFile(join(beta, `uncommitted ${icon} ${markup.replaceAll('/', '')}`), 'x');
		await mkdir(kube());
		await writeFile(join(kube(), 'config'), cluster.kubeconfig());
		const labels = { 'paude.io/session-name': `evil ${icon} ${link}\u001b[31m\u202e` };
		await cluster.addSession({
			name: 'evil',
			agent: `agent ${icon}`,
			workspace: fixture.home,
			repo: beta,
			labels,
		});
		window = await openWindow({ folder: fixture.home });
	});
	after(async () => {
		await window.close();
		await cluster.stop();
		await fixture.dispose();
		await rm(kube(), { recursive: true });
	});

	/** Texts of the window's tree, without what is drawn for screen readers. */
	const drawn = async (): Promise<string> =>
		(await window.page.locator('.part.sidebar').innerText()).replaceAll('\u00a0', ' ');

	it('is text in the tree: no icon, no link and no control character of its own', async () => {
		await window.openView();
		await window.trust();
		const line = window.line(/^Session evil \$\(trash\) \[click\]/);
		await line.waitFor();
		await window.line(/^\d uncommitted file/).click();
		await window.page.keyboard.press('ArrowRight');
		await window.line(/uncommitted \$\(trash\)/).waitFor();
		const text = await drawn();
		deepStrictEqual(
			['\u001b', '\u202e'].filter((character) => text.includes(character)),
			[],
		);
		strictEqual(text.includes(icon), true);
		await window.pictures('hostile-tree');
	});

	it('is text on the plan, and nothing of it runs', async () => {
		const title = await window.page.title();
		await window.menuAction(window.line(/^Session evil/), /Show Plan…/);
		await window.readablePage.getByText(markup).first().waitFor();
		deepStrictEqual(
			[
				await window.readablePage.locator('img').count(),
				await window.readablePage.locator('a[href^="command:workbench"]').count(),
			],
			[0, 0],
		);
		strictEqual((await window.page.title()).includes('1'), title.includes('1'));
		await window.pictures('hostile-plan');
	});

	it('is text in what a message says', async () => {
		await window.inlineAction(window.line(/^Session evil/), /Sync Session/);
		const message = window.message(/is home\./);
		await message.waitFor();
		strictEqual(await message.locator('a[data-href^="command:"]').count(), 0);
		await window.picture('hostile-message');
	});
});
