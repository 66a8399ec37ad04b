import { deepStrictEqual, ok } from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { bugFixture } from '../support/bugFixture.js';
import type { BugFixture } from '../support/bugFixture.js';
import { homeOfWindow, openWindow, required } from '../support/vscodeWindow.js';
import type { VscodeWindow } from '../support/vscodeWindow.js';

const kilobytes = 1024;

// On the package as VS Code has installed it.
describe('the package', () => {
	let fixture: BugFixture;
	let window: VscodeWindow;
	const extensions = (): string => join(dirname(required('HOMEPORT_TEST_SERVER_HOME')), 'extensions');
	const installed = (): string => {
		const folder = readdirSync(extensions()).find((name) => name.startsWith('homeport.homeport-'));
		ok(folder !== undefined, 'VS Code has not installed it');
		return join(extensions(), folder);
	};

	before(async () => {
		fixture = await bugFixture();
		const homeport = await homeOfWindow(fixture.home);
		await homeport.add('alpha', fixture.alpha, 'claude');
		window = await openWindow({ folder: fixture.home });
	});

	after(async () => {
		await window.close();
		await fixture.dispose();
	});

	afterEach(async function () {
		if (this.currentTest?.state === 'failed') {
			await window.picture('package-failed');
		}
	});

	it('holds what is shipped, and nothing else', () => {
		const files = readdirSync(installed(), { recursive: true, withFileTypes: true })
			.filter((entry) => entry.isFile() && entry.parentPath !== join(installed(), 'media/walkthrough'))
			.map((entry) => join(entry.parentPath, entry.name).slice(installed().length + 1));
		deepStrictEqual(
			files.filter((name) => !/^(?:package\.nls|l10n\/bundle\.l10n)\.[a-z-]+\.json$/.test(name)).toSorted(),
			[
				// VS Code's own.
				'.vsixmanifest',
				'LICENSE.txt',
				'changelog.md',
				'dist/backends/kubernetes/kubernetesBackend.js',
				'dist/cli.js',
				'dist/core.js',
				'dist/extension.js',
				'dist/git-remote-homeport.js',
				'media/homeport.svg',
				'media/icon.png',
				'package.json',
				'package.nls.json',
				'readme.md',
			],
		);
	});

	it('is small: 250 KB for what is loaded at the start, 3 MB in all', () => {
		ok(statSync(join(installed(), 'dist/extension.js')).size <= 250 * kilobytes);
		ok(statSync(required('HOMEPORT_TEST_VSIX')).size <= 3 * kilobytes * kilobytes);
	});

	it('names no program of who builds it, and nothing that must be installed with it', () => {
		const manifest = JSON.parse(readFileSync(join(installed(), 'package.json'), 'utf8')) as Record<string, unknown>;
		const builders = ['scripts', 'devDependencies', 'dependencies'].filter((key) => key in manifest);
		deepStrictEqual(builders, []);
	});

	it('shows a session, syncs it and takes that back', async () => {
		const branches = async (): Promise<string> => fixture.git(fixture.home, 'branch', '--format=%(refname:short)');
		const before = await branches();
		await window.openView();
		await window.trust();
		const alpha = window.line(/^Session alpha, .*only there/);
		await alpha.waitFor();
		await window.inlineAction(alpha, /^Sync Session/);
		const done = window.message(/synced|claude\/alpha/);
		await done.waitFor();
		deepStrictEqual((await branches()).split('\n'), ['claude/alpha', ...before.split('\n')]);
		await done.getByRole('button', { name: 'Undo' }).click();
		await window.message(/[Uu]ndone|[Tt]aken back/).waitFor();
		deepStrictEqual(await branches(), before);
	});
});
