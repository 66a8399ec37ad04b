import { deepStrictEqual, match } from 'node:assert/strict';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { version } from '../../package.json';
import { openHome } from '../../src/core/homeport.js';
import { bugFixture } from '../support/bugFixture.js';
import type { BugFixture } from '../support/bugFixture.js';
import { installed, workspaceFolder } from '../support/runningExtension.js';
import type { Answer } from '../support/scriptedPrompter.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

describe('from outside the views', () => {
	let fixture: BugFixture;

	before(async () => {
		await installed().activate();
		fixture = await bugFixture();
		await cp(fixture.home, workspaceFolder(), { recursive: true });
		const home = await openHome({ repo: workspaceFolder() });
		await home.add('delta', fixture.alpha, 'claude');
		home.dispose();
		await installed().exports.model.refresh();
	});
	after(async () => {
		const home = await openHome({ repo: workspaceFolder() });
		await home.remove('delta');
		home.dispose();
		await fixture.dispose();
	});

	it('the integrated terminal knows homeport, and git its remotes', async () => {
		const folder = await mkdtemp(join(tmpdir(), 'homeport-terminal-'));
		const answer = join(folder, 'answer');
		const terminal = vscode.window.createTerminal({ shellPath: '/bin/sh', cwd: workspaceFolder() });
		try {
			const asked = `homeport version; homeport list; git ls-remote homeport::delta main`;
			terminal.sendText(`{ ${asked}; } >'${answer}.part' 2>&1; mv '${answer}.part' '${answer}'`);
			const text = await firstText(answer);
			match(text, new RegExp(`^homeport ${version.replaceAll('.', '\\.')} \\(Node \\d+`));
			match(text, /delta/);
			match(text, /[0-9a-f]{40}\s+refs\/heads\/main/);
		} finally {
			terminal.dispose();
			await rm(folder, { recursive: true });
		}
	});

	const open = async (address: string, ...answers: Answer[]): Promise<unknown[]> => {
		const prompter = new ScriptedPrompter(...answers);
		const { ports, uriHandler } = installed().exports;
		ports.prompter = prompter;
		await uriHandler.handleUri(vscode.Uri.parse(`vscode://homeport.homeport${address}`));
		return prompter.asked;
	};

	it('an address shows a session, or asks how to bring it home and does nothing where that is turned down', async () => {
		const refs = await fixture.git(workspaceFolder(), 'for-each-ref', 'refs/heads');
		deepStrictEqual(await open('/session?id=local/delta'), []);
		const asked = await open('/sync?id=local%2Fdelta', ['pick', null]);
		deepStrictEqual(asked.length, 1);
		deepStrictEqual(await fixture.git(workspaceFolder(), 'for-each-ref', 'refs/heads'), refs);
	});

	it('an address that names no session of this home, or asks for anything else, is refused with words', async () => {
		deepStrictEqual(await open('/sync?id=local/nobody', ['notify', null]), [
			['warning', 'The address names the session local/nobody, which this home does not have.'],
		]);
		for (const address of [
			'/undo',
			'/session?id=../../etc',
			'/sync?id=local/delta&id=local/x',
			'/session?id=local/%1b%5b2J',
		]) {
			deepStrictEqual(await open(address, ['notify', null]), [
				['warning', 'The address asks Homeport for something that it does not do. Nothing was done.'],
			]);
		}
	});
});

/** What a file holds once it is there. */
async function firstText(path: string): Promise<string> {
	const found = Promise.withResolvers<string>();
	const look = (): void => {
		readFile(path, 'utf8').then(found.resolve, () => undefined);
	};
	const timer = setInterval(look, 100);
	try {
		return await found.promise;
	} finally {
		clearInterval(timer);
	}
}
