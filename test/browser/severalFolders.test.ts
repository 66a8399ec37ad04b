import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bugFixture } from '../support/bugFixture.js';
import { homeOfWindow, openWindow } from '../support/vscodeWindow.js';

describe('a window with two repositories', () => {
	it('asks once which of them is home, and remembers it', async () => {
		const fixture = await bugFixture();
		await fixture.git(fixture.folder, 'init', '-q', 'other');
		const homeport = await homeOfWindow(fixture.home);
		await homeport.add('gamma', fixture.alpha, 'claude');
		const workspace = join(fixture.folder, 'both.code-workspace');
		await writeFile(workspace, JSON.stringify({ folders: [{ path: 'other' }, { path: 'home' }] }));
		const window = await openWindow({ workspace });
		try {
			await window.folders(['other', 'home']);
			await window.openView();
			await window.trust();
			const question = window.page.getByText('Several folders of this window are repositories.');
			await question.waitFor();
			await window.pictures('several-folders');
			await window.page.getByRole('button', { name: 'Choose Home…' }).first().click();
			await window.choose(/^home/);
			await window.line(/^Session gamma, 2 commits, 2 files only there/).waitFor();
			await window.page.reload();
			await window.line(/^Session gamma, 2 commits, 2 files only there/).waitFor();
			await window.pictures('several-folders-chosen');
		} finally {
			await window.close();
			await homeport.remove('gamma');
			await fixture.dispose();
		}
	});
});
