import { deepStrictEqual, match, ok } from 'node:assert/strict';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openHome } from '../../src/core/homeport.js';
import { doctorPage } from '../../src/ui/pages/doctorPage.js';
import { examineWindow } from '../../src/ui/platform/doctorChecks.js';
import { bugFixture } from '../support/bugFixture.js';
import { deadPid, recordOf } from '../support/lockFixture.js';
import { command, installed, workspaceFolder } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

describe('the doctor', () => {
	const home = workspaceFolder();
	const about = { version: '1.2.3', settings: [] };
	const page = async (): Promise<string> => {
		const { problems } = installed().exports.model.snapshot;
		const open = { open: async () => openHome({ repo: home }) };
		return doctorPage(await examineWindow(open, { problems }, about, AbortSignal.timeout(60_000))).body.html;
	};

	before(async () => {
		await installed().activate();
		const fixture = await bugFixture();
		await cp(fixture.home, home, { recursive: true });
		await fixture.dispose();
	});

	it('finds all in order, and says what it looked at', async () => {
		await installed().exports.model.refresh();
		const text = await page();
		match(text, /Everything that Homeport relies on is in order\./);
		for (const part of ['Homeport 1.2.3 in', 'the folder is trusted', 'git version 2', home, 'none, so no cluster']) {
			ok(text.includes(part), part);
		}
	});

	it('finds a lock whose owner is gone, and takes it away once that is confirmed', async () => {
		const folder = join(home, '.claude/sync');
		await mkdir(folder, { recursive: true });
		const pid = await deadPid();
		await writeFile(join(folder, 'sync.lock'), `${pid}\n`);
		await writeFile(join(folder, 'sync.lock.json'), JSON.stringify(await recordOf({ pid })));
		const text = await page();
		ok(text.includes(`left by process ${pid}, which is gone`), text);
		ok(text.includes(`command:homeport.fix?${encodeURIComponent('[{"kind":"break-lock"}]')}`), text);
		const refused = new ScriptedPrompter(['confirm', false]);
		installed().exports.ports.prompter = refused;
		await vscode.commands.executeCommand('homeport.fix', { kind: 'break-lock' });
		ok((await page()).includes('which is gone'));
		const confirmed = new ScriptedPrompter(['confirm', true]);
		installed().exports.ports.prompter = confirmed;
		await vscode.commands.executeCommand('homeport.fix', { kind: 'break-lock' });
		deepStrictEqual((confirmed.asked[0] as { action: string }).action, 'Break Lock');
		match(await page(), /Everything that Homeport relies on is in order\./);
	});

	it('names a configuration that cannot be read, and opens it', async () => {
		const path = join(home, '.claude/sync/sync-config.json');
		await writeFile(path, '{"homeport": 1}');
		const text = await page();
		ok(text.includes('homeport must be of type object'), text);
		ok(text.includes(encodeURIComponent(JSON.stringify([{ kind: 'open-file', path }]))), text);
		await vscode.commands.executeCommand('homeport.fix', { kind: 'open-file', path });
		deepStrictEqual(vscode.window.activeTextEditor?.document.uri.fsPath, path);
		await writeFile(path, '{}');
	});

	it('does nothing that it was not made for, whoever calls', async () => {
		for (const argument of [null, 'break-lock', { kind: 'anything' }, { kind: 'open-file', path: '../x' }]) {
			const prompter = new ScriptedPrompter();
			installed().exports.ports.prompter = prompter;
			await vscode.commands.executeCommand('homeport.fix', argument);
			deepStrictEqual(prompter.asked, []);
		}
	});

	it('exports diagnostics with the log and without secrets', async () => {
		const { log } = installed().exports.ports;
		const secret = 'Hunter2Hunter2';
		log.error(`fetch of https://user:${secret}@git.example.com/x failed`);
		log.error(`--token ${secret}`);
		log.info(`at ${join(homedir(), 'project')}`);
		await command('homeport.exportDiagnostics', new ScriptedPrompter());
		const document = vscode.window.activeTextEditor!.document;
		const text = document.getText();
		deepStrictEqual([document.isUntitled, document.languageId], [true, 'markdown']);
		for (const part of [
			'## Versions',
			'## Checks',
			'ok Git: git version',
			'## Log',
			'@git.example.com/x failed',
			'at ~/project',
		]) {
			ok(text.includes(part), `${part} in ${text}`);
		}
		deepStrictEqual([text.includes(secret), text.includes(homedir())], [false, false]);
		await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
	});
});
