import { deepStrictEqual, match, ok, rejects } from 'node:assert/strict';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openHome } from '../../src/core/homeport.js';
import { contentUri } from '../../src/ui/contents/contentUri.js';
import { branchNodeId, sessionNodeId } from '../../src/ui/tree/treeNode.js';
import type { BugFixture } from '../support/bugFixture.js';
import { command, installed, tabNamed, workspaceFolder, workspaceFixture } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

const oddName = 'sp ace #1?&100%ü.txt';
const absent = '0123456789012345678901234567890123456789';

describe('contents of sessions', () => {
	const home = workspaceFolder();
	let fixture: BugFixture;
	let session: string;
	let base: string;
	let tip: string;

	before(async () => {
		fixture = await workspaceFixture();
		session = join(fixture.folder, 'reader');
		await fixture.git(fixture.folder, 'clone', '-q', home, session);
		base = await fixture.git(session, 'rev-parse', 'HEAD');
		await mkdir(join(session, 'deep/er'), { recursive: true });
		await writeFile(join(session, 'deep/er', oddName), 'odd\n');
		await writeFile(join(session, 'X.txt'), 'changed\n');
		await writeFile(join(session, 'data.bin'), Buffer.from([0, 255, 13, 10]));
		await symlink('/etc/passwd', join(session, 'link'));
		await rm(join(session, 'shared.txt'));
		await fixture.git(session, 'add', '-A');
		await fixture.git(session, 'commit', '-qm', 'R1 $(error) <b>reads</b>');
		tip = await fixture.git(session, 'rev-parse', 'HEAD');
		await writeFile(join(session, 'loose.txt'), 'not committed\n');
		const homeport = await openHome({ repo: home });
		await homeport.add('reader', session, 'claude');
		await homeport.rescue(await homeport.add('writer', fixture.beta, 'claude'));
		await installed().exports.model.refresh();
	});

	after(async () => {
		const homeport = await openHome({ repo: home });
		await homeport.remove('local/reader');
		await homeport.remove('local/writer');
		await closeAll();
		await installed().exports.model.refresh();
		await fixture.dispose();
	});

	const closeAll = async (): Promise<void> =>
		void (await vscode.commands.executeCommand('workbench.action.closeAllEditors'));
	const text = async (uri: vscode.Uri): Promise<string> =>
		Buffer.from(await vscode.workspace.fs.readFile(uri)).toString('latin1');
	const line = sessionNodeId('local/reader');

	it('are not there before anything is home, which is said with a way to bring it', async () => {
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.compare', prompter, line);
		match(JSON.stringify(prompter.asked), /Nothing of reader is home yet.*Keep Its Work/);
		await command('homeport.rescue', new ScriptedPrompter(['notify', null]), line);
	});

	it('are read as they are: odd names, bytes, links that are never followed, folders', async () => {
		const names = await vscode.workspace.fs.readDirectory(contentUri(tip, ''));
		deepStrictEqual(
			[
				await text(contentUri(tip, `deep/er/${oddName}`)),
				await text(contentUri(tip, 'data.bin')),
				await text(contentUri(tip, 'link')),
				await text(contentUri(base, 'shared.txt')).then((found) => found.length > 0),
				await text(contentUri(null, 'anything')),
				names.filter(([name]) => ['deep', 'link', 'X.txt'].includes(name)).toSorted(([a], [b]) => (a < b ? -1 : 1)),
			],
			[
				'odd\n',
				'\0\u00ff\r\n',
				'/etc/passwd',
				true,
				'',
				[
					['X.txt', vscode.FileType.File],
					['deep', vscode.FileType.Directory],
					['link', vscode.FileType.File],
				],
			],
		);
	});

	it('cannot be changed, and what is not there is said not to be', async () => {
		const uri = contentUri(tip, 'X.txt');
		await rejects(async () => vscode.workspace.fs.writeFile(uri, Buffer.from('mine')), /read-?only|NoPermissions/i);
		await rejects(async () => vscode.workspace.fs.delete(uri), /read-?only|NoPermissions|not support/i);
		await rejects(async () => vscode.workspace.fs.readFile(contentUri(tip, 'shared.txt')), /EntryNotFound/);
		await rejects(async () => vscode.workspace.fs.readFile(contentUri(absent, 'X.txt')), /EntryNotFound/);
	});

	it('open as one diff against where the session left home, home as it is, a branch and another session', async () => {
		for (const [answers, title] of [
			[[['pick', 'Where It Left main']], /^reader \(main\) against [0-9a-f]{8}/],
			[[['pick', 'Home']], /^reader \(main\) against main/],
			[
				[
					['pick', 'Another Session…'],
					['pick', 'writer'],
				],
				/^reader \(main\) against writer \(main\)/,
			],
			[
				[
					['pick', 'A Branch…'],
					['pick', 'main'],
				],
				/^reader \(main\) against main/,
			],
		] as const) {
			await closeAll();
			await command('homeport.compare', new ScriptedPrompter(...answers), line);
			await tabNamed(title);
		}
	});

	it('of a branch that is not home yet are not taken from another', async () => {
		await fixture.git(session, 'branch', 'fresh');
		await installed().exports.model.refresh();
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.compare', prompter, branchNodeId('local/reader', 'fresh'));
		match(JSON.stringify(prompter.asked), /Nothing of reader \(fresh\) is home yet/);
	});

	it('open as what one commit changed, and as what was not committed', async () => {
		await closeAll();
		const argument = { oid: tip } as never;
		await command('homeport.showCommit', new ScriptedPrompter(), argument);
		await tabNamed(new RegExp(`^${tip.slice(0, 8)} R1`));
		await command('homeport.showCaptured', new ScriptedPrompter(), 'files:local/reader');
		await tabNamed(/^Uncommitted in reader/);
	});

	it('open file by file, with an empty side where a file was added or deleted', async () => {
		const diff = async (path: string): Promise<string[]> => {
			await closeAll();
			await command('homeport.showFileChange', new ScriptedPrompter(), { from: base, to: tip, path } as never);
			const { input } = await tabNamed(/↔/);
			ok(input instanceof vscode.TabInputTextDiff);
			return Promise.all([text(input.original), text(input.modified)]);
		};
		const before = await text(contentUri(base, 'X.txt'));
		deepStrictEqual(
			[await diff('X.txt'), await diff(`deep/er/${oddName}`), (await diff('shared.txt'))[1]],
			[[before, 'changed\n'], ['', 'odd\n'], ''],
		);
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.showFileChange', prompter, { from: base, to: tip, path: 'nowhere' } as never);
		match(JSON.stringify(prompter.asked), /not in this repository/);
	});

	it('are listed as what is kept of a session', async () => {
		await closeAll();
		await command('homeport.showLedger', new ScriptedPrompter(), line);
		await tabNamed(/^Kept of reader$/);
	});

	it('take nothing for an id that is none', async () => {
		for (const id of ['homeport.showCommit', 'homeport.showChanges', 'homeport.openFile']) {
			const prompter = new ScriptedPrompter(['notify', null]);
			await command(id, prompter, { oid: '--output=x', to: 'HEAD', path: 'X.txt' } as never);
			match(JSON.stringify(prompter.asked), /what a page or a line names/);
		}
	});
});
