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
