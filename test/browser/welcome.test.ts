import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bugFixture } from '../support/bugFixture.js';
import { openWindow } from '../support/vscodeWindow.js';

describe('an empty window', () => {
	it('says that a folder is needed, and offers to open one', async () => {
		const window = await openWindow({ ew: 'true' });
		try {
			await window.openView();
			await window.page.getByText('Homeport brings the work of your agents home to a repository.').waitFor();
			await window.page.getByRole('button', { name: 'Open Folder' }).first().waitFor();
		} finally {
			await window.close();
		}
	});
});

describe('a window on a workspace without folders', () => {
	it('says that a folder is needed', async () => {
		const fixture = await bugFixture();
		const workspace = join(fixture.folder, 'none.code-workspace');
		await writeFile(workspace, JSON.stringify({ folders: [] }));
		const window = await openWindow({ workspace });
		try {
			await window.openView();
			await window.page.getByText('Homeport brings the work of your agents home to a repository.').waitFor();
			await window.pictures('no-folders');
		} finally {
			await window.close();
			await fixture.dispose();
		}
	});
});
