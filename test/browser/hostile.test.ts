import { deepStrictEqual, strictEqual } from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type BugFixture } from '../support/bugFixture.js';
import { type Cluster } from '../support/cluster/cluster.js';
import { type ClusterOfWindow, clusterOfWindow } from '../support/clusterOfWindow.js';
import { openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

const markup = '<img src=x onerror="document.title=1">';
const link = '[click](command:workbench.action.closeWindow)';
const icon = '$(trash)';

describe('a session that lies and means harm, in a window', () => {
	let place: ClusterOfWindow;
	let fixture: BugFixture;
	let cluster: Cluster;
	let window: VscodeWindow;

	tellOnFailure(() => window);
	before(async () => {
		place = await clusterOfWindow();
		({ fixture, cluster } = place);
		const { beta } = fixture;
		await writeFile(join(beta, `${icon} ${link}.txt`), 'x');
		await fixture.git(beta, 'add', '-A');
		await fixture.git(beta, 'commit', '-qm', `${icon} ${link} ${markup}`);
		await fixture.git(beta, 'branch', 'x-$(zap)');
		await writeFile(join(beta, `uncommitted ${icon} ${markup.replaceAll('/', '')}`), 'x');
		await place.writeKubeconfig();
		const labels = { 'paude.io/session-name': `evil ${icon} ${link}\u001b[31m\u202e` };
		await cluster.addSession({
			name: 'evil',
			agent: `agent ${icon}`,
			workspace: fixture.home,
			repo: beta,
			labels,
		});
		await cluster.addSession({
			name: 'liar',
			workspace: fixture.home,
			repo: fixture.alpha,
			env: { PATH: '/pvc/bin:/usr/bin:/bin' },
		});
		const git = `#!/bin/sh\nprintf '\\033[2Jgit version 99.0\\n'\n`;
		const pod = cluster.pod('agents', 'paude-liar-0');
		await pod.run(['sh', '-c', `mkdir /pvc/bin; printf %s "$1" >/pvc/bin/git; chmod +x /pvc/bin/git`, '-', git]);
		window = await openWindow({ folder: fixture.home });
	});
	after(async () => {
		await window.close();
		await place.dispose();
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

	it('is not believed where it lies: what it says is no news, and nothing of it comes home', async () => {
		const refs = await fixture.git(fixture.home, 'for-each-ref');
		const liar = window.line(/^Session liar, error, unknown, nothing home yet$/);
		await liar.waitFor();
		await window.inlineAction(liar, /Sync Session/);
		const message = window.message(/liar: git cannot be used in the session: it does not tell its version/);
		await message.waitFor();
		strictEqual((await message.innerText()).includes('\u001b'), false);
		await window.pictures('lying');
		strictEqual(await fixture.git(fixture.home, 'for-each-ref'), refs);
		await window.run('Notifications: Clear All Notifications');
	});

	it('is text in what a message says', async () => {
		await window.inlineAction(window.line(/^Session evil/), /Sync Session/);
		const message = window.message(/is home\./);
		await message.waitFor();
		strictEqual(await message.locator('a[data-href^="command:"]').count(), 0);
		await window.picture('hostile-message');
	});
});
