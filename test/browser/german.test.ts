import { type Homeport } from '../../src/core/homeport.js';
import { type BugFixture, bugFixture } from '../support/bugFixture.js';
import { homeOfWindow, openWindow, tellOnFailure } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

describe('a window in German', () => {
	let fixture: BugFixture;
	let window: VscodeWindow;
	let homeport: Homeport;

	tellOnFailure(() => window);
	before(async () => {
		fixture = await bugFixture();
		homeport = await homeOfWindow(fixture.home);
		await homeport.add('german', fixture.alpha, 'claude');
		window = await openWindow({ folder: fixture.home }, 'de');
	});
	after(async () => {
		await window.close();
		await homeport.remove('german');
		homeport.dispose();
		await fixture.dispose();
	});

	it('says in German what to do, and what is only there', async () => {
		await window.openView();
		await window.page.getByText('Diesem Ordner wird nicht vertraut.').waitFor();
		await window.page.getByRole('button', { name: 'Vertrauen verwalten' }).waitFor();
		await window.trust(/Vertrauen verwalten/);
		await window.line(/^Sitzung german, 2 Commits, 2 Dateien nur dort, ältestes .*, main$/).waitFor();
		await window.line(/^2 nicht committete Dateien, nur dort$/).waitFor();
		await window.pictures('german');
	});

	it('plans in German, in the words of the core too', async () => {
		await window.menuAction(window.line(/^Sitzung german/), /Plan anzeigen…/);
		await window.readablePage.getByRole('heading', { name: 'Änderungen in diesem Repository' }).waitFor();
		await window.readablePage.getByText('Die Sitzung hat 2 Dateien, die nicht committet sind.').waitFor();
		await window.picture('german-plan');
	});

	it('brings a session home in German', async () => {
		await window.inlineAction(window.line(/^Sitzung german/), /Sitzung synchronisieren/);
		await window.message(/german ist daheim\. claude\/german: angelegt, mit 2 Commits\./).waitFor();
		await window.line(/^Sitzung german, alles daheim, main$/).waitFor();
		await window.picture('german-home');
	});

	it('says in German what is in order', async () => {
		await window.run('Homeport: Arzt');
		await window.readablePage.getByRole('rowheader', { name: 'Sync-Sperre' }).waitFor();
		await window.readablePage.getByRole('cell', { name: 'frei', exact: true }).waitFor();
		await window.readablePage.getByRole('rowheader', { name: 'Sitzung local/german' }).waitFor();
		await window.picture('german-doctor');
	});
});
