import { deepStrictEqual, match } from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { sessionNodeId } from '../../src/ui/tree/treeNode.js';
import type { BugFixture } from '../support/bugFixture.js';
import { command, installed, workspaceFolder, workspaceFixture } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

// Two sessions of their own for these, beside those of other tests of this window.
describe('what a person can do to sessions', () => {
	const home = workspaceFolder();
	let fixture: BugFixture;
	let folder: string;

	before(async () => {
		fixture = await workspaceFixture();
		folder = await mkdtemp(join(fixture.folder, 'work-'));
		for (const name of ['delta', 'epsilon']) {
			const clone = join(folder, name);
			await fixture.git(folder, 'clone', '-q', home, clone);
			await writeFile(join(clone, `${name}.txt`), name);
			await fixture.git(clone, 'add', '-A');
			await fixture.git(clone, 'commit', '-qm', `${name} 1`);
			const prompter = new ScriptedPrompter(['folder', clone], ['ask', name], ['ask', 'codex']);
			await command('homeport.addLocalSession', prompter);
		}
	});

	after(async () => {
		const homeport = await import('../../src/core/homeport.js').then((core) => core.openHome({ repo: home }));
		for (const name of ['delta', 'epsilon']) {
			await homeport.remove(`local/${name}`).catch(() => undefined);
		}
		homeport.dispose();
		await installed().exports.model.refresh();
		await rm(folder, { recursive: true, force: true });
		await fixture.dispose();
	});

	const run = async (id: string, prompter: ScriptedPrompter, ...names: readonly string[]): Promise<unknown[]> => {
		const nodes = names.map((name) => sessionNodeId(`local/${name}`));
		installed().exports.ports.prompter = prompter;
		await vscode.commands.executeCommand(id, nodes[0], nodes.length > 1 ? nodes : undefined);
		await prompter.done;
		return prompter.asked;
	};

	const branches = (dir: string): Promise<string> =>
		fixture.git(dir, 'for-each-ref', '--format=%(refname:short) %(subject)', 'refs/heads');

	it('brings a session to safety, and touches no branch', async () => {
		const before = await branches(home);
		deepStrictEqual(await run('homeport.rescue', new ScriptedPrompter(['notify', null]), 'delta'), [
			['info', 'delta is safe: all that it has is kept under refs/homeport.'],
		]);
		deepStrictEqual(await branches(home), before);
	});

	it('syncs all the selected lines, and undoes all of that from the message', async () => {
		const before = await branches(home);
		const asked = await run(
			'homeport.sync',
			new ScriptedPrompter(['notify', 'Undo'], ['notify', null], ['notify', null]),
			'delta',
			'epsilon',
		);
		deepStrictEqual(asked, [
			['info', '2 sessions are synced.', 'Undo'],
			['info', 'Undone. codex/epsilon: removed.', 'Redo'],
			['info', 'Undone. codex/delta: removed.', 'Redo'],
		]);
		deepStrictEqual(await branches(home), before);
	});

	it('asks each thing once for several sessions, and changes nothing where not all is accepted', async () => {
		await fixture.git(home, 'commit', '--allow-empty', '-qm', 'H9');
		const before = await branches(home);
		const asked = await run(
			'homeport.syncWithOptions',
			new ScriptedPrompter(
				['pick', 'Bring Home'],
				['pick', 'Overwrite'],
				['pick', 'Leave the Origin Alone'],
				['pickSeveral', ['main is protected by the configuration']],
				['notify', null],
			),
			'delta',
			'epsilon',
		);
		const [title, ...choices] = asked.at(-2) as string[];
		match(title!, /^Mark each thing/);
		deepStrictEqual(choices, [
			'[ ] main loses 1 commit of yours',
			'[ ] main is protected by the configuration',
			'[ ] The files here are replaced: main is checked out',
		]);
		deepStrictEqual(await branches(home), before);
	});

	it('sends work to a session, and says what changed there', async () => {
		deepStrictEqual(await run('homeport.push', new ScriptedPrompter(['notify', null]), 'epsilon'), [
			['info', "epsilon is synced. The session's homeport/main: created, with 1 commit.", 'Undo'],
		]);
		match(await branches(join(folder, 'epsilon')), /^homeport\/main H9$/m);
	});

	it('makes patches as a document, or as a file for each branch', async () => {
		await run(
			'homeport.patches',
			new ScriptedPrompter(['pick', 'Open as a Document'], ['pick', 'Commits Alone'], ['notify', null]),
			'delta',
		);
		match(vscode.window.activeTextEditor!.document.getText(), /^Subject: \[PATCH\] delta 1$/m);
		const out = await mkdtemp(join(folder, 'patches-'));
		await run(
			'homeport.patches',
			new ScriptedPrompter(['pick', 'Save to a Folder…'], ['folder', out], ['pick', 'Commits Alone'], ['notify', null]),
			'delta',
		);
		deepStrictEqual((await readdir(out)).length, 1);
	});

	it('forgets a session only when its name is typed', async () => {
		const turnedDown = new ScriptedPrompter(['pick', 'Everything'], ['ask', null]);
		await run('homeport.forget', turnedDown, 'delta');
		const [kept] = await fixture
			.git(home, 'for-each-ref', '--format=%(refname)', 'refs/homeport/ledger/local/delta')
			.then((text) => text.split('\n'));
		deepStrictEqual(kept, 'refs/homeport/ledger/local/delta');
		const asked = await run(
			'homeport.forget',
			new ScriptedPrompter(['pick', 'Everything'], ['ask', 'delta'], ['notify', null]),
			'delta',
		);
		match(
			(asked.at(-1) as string[])[1]!,
			/^delta: entries of the ledger forgotten: \d+; commits that were nowhere else: 1\.$/,
		);
	});

	it('removes a session from the list, and adds it again from the message', async () => {
		await run('homeport.removeSession', new ScriptedPrompter(['notify', 'Add Again']), 'epsilon');
		const { model } = installed().exports;
		await new Promise<void>((resolve) => {
			const there = (): boolean => model.snapshot.sessions.some(({ session }) => session.id === 'local/epsilon');
			const listener = model.onDidChange(() => {
				if (there()) {
					listener.dispose();
					resolve();
				}
			});
			void model.refresh();
		});
	});
});
