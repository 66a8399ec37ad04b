import { deepStrictEqual } from 'node:assert/strict';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { HomeportError } from '../../src/core/base/errors.js';
import { bugFixture } from '../support/bugFixture.js';
import { command, installed, workspaceFolder } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

const kubeconfig = {
	'current-context': 'prod',
	clusters: [{ name: 'one', cluster: { server: 'https://127.0.0.1:1' } }],
	contexts: [
		{ name: 'prod', context: { cluster: 'one', namespace: 'agents' } },
		{ name: '$(flame) \u202etest', context: { cluster: 'one' } },
	],
};

describe('contexts of the kubeconfig', () => {
	const folder = join(homedir(), '.kube');
	const settings = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('homeport.kubernetes');

	before(async () => {
		await installed().activate();
		const fixture = await bugFixture();
		await cp(fixture.home, workspaceFolder(), { recursive: true });
		await fixture.dispose();
	});

	after(() => rm(folder, { recursive: true, force: true }));

	it('say so where there is none', async () => {
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.chooseContexts', prompter);
		await prompter.done;
		deepStrictEqual((prompter.asked[0] as string[])[2], 'Open Settings');
	});

	it('are chosen from a list that contacts nobody, and home is opened anew with them', async () => {
		await mkdir(folder, { recursive: true });
		await writeFile(join(folder, 'config'), JSON.stringify(kubeconfig));
		const lines = (...marks: string[]): string[] => ['Contexts that Homeport looks at', ...marks];
		const first = new ScriptedPrompter(['pickSeveral', ['prod']]);
		await command('homeport.chooseContexts', first);
		deepStrictEqual(first.asked, [lines('[ ] prod', '[ ] $(flame) \ufffdtest')]);
		deepStrictEqual(settings().get('contexts'), ['prod']);
		await rm(join(folder, 'config'));
		await writeFile(join(folder, 'config'), JSON.stringify({ ...kubeconfig, contexts: [kubeconfig.contexts[1]] }));
		const second = new ScriptedPrompter(['pickSeveral', []]);
		await command('homeport.chooseContexts', second);
		deepStrictEqual(second.asked, [lines('[ ] $(flame) \ufffdtest', '[x] prod')]);
		deepStrictEqual(settings().get('contexts'), []);
	});

	it('are those of the settings when the sessions are looked at', async () => {
		await settings().update('contexts', ['nowhere'], vscode.ConfigurationTarget.Global);
		const { model } = installed().exports;
		try {
			await model.refresh();
			deepStrictEqual((model.snapshot.problems[0] as HomeportError).code, 'context-unknown');
		} finally {
			await settings().update('contexts', undefined, vscode.ConfigurationTarget.Global);
		}
		await rm(folder, { recursive: true });
		await model.refresh();
		deepStrictEqual(model.snapshot.problems, []);
	});
});
