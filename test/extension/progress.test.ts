import { deepStrictEqual } from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Progress } from '../../src/core/model/report.js';
import { sessionNodeId } from '../../src/ui/tree/treeNode.js';
import type { BugFixture } from '../support/bugFixture.js';
import { command, workspaceFolder, workspaceFixture } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

const cancelled = ['info', 'Cancelled. Nothing is half done, and what came home before is kept.'];
const files = 300;

describe('cancelling the sync of a bigger session', () => {
	const home = workspaceFolder();
	let fixture: BugFixture;

	before(async () => {
		fixture = await workspaceFixture();
		const folder = join(fixture.folder, 'gamma');
		await fixture.git(fixture.folder, 'clone', '-q', home, folder);
		for (let index = 0; index < files; index += 1) {
			await writeFile(join(folder, `data-${index}.bin`), randomBytes(65_536));
		}
		await fixture.git(folder, 'add', '-A');
		await fixture.git(folder, 'commit', '-qm', 'G1');
		const prompter = new ScriptedPrompter(['folder', folder], ['ask', 'gamma'], ['ask', 'claude']);
		await command('homeport.addLocalSession', prompter);
	});

	after(() => fixture.dispose());

	const state = async (refs: string): Promise<string[]> => [
		await fixture.git(home, 'for-each-ref', refs),
		await fixture.git(home, 'status', '--porcelain'),
		await fixture.git(home, 'rev-parse', 'HEAD'),
	];

	const syncGamma = async (cancelWhen: (progress: Progress) => boolean): Promise<unknown> => {
		const prompter = new ScriptedPrompter(['notify', null]);
		prompter.cancelWhen = cancelWhen;
		await command('homeport.sync', prompter, sessionNodeId('local/gamma'));
		await prompter.done;
		return prompter.asked.at(-1);
	};

	it('while it is looked at, fetched or inspected leaves home as it was, and says so', async () => {
		const before = await state('refs');
		deepStrictEqual(
			[
				await syncGamma(({ phase }) => phase === 'observe'),
				await syncGamma(({ phase }) => phase === 'fetch'),
				await syncGamma(({ phase, moved }) => phase === 'fetch' && moved !== undefined),
				await syncGamma(({ phase }) => phase === 'inspect'),
			],
			[cancelled, cancelled, cancelled, cancelled],
		);
		deepStrictEqual(await state('refs'), before);
	});

	it('while it is kept or planned leaves everything of the user as it was, and says so', async () => {
		const before = await state('refs/heads');
		deepStrictEqual(
			[await syncGamma(({ phase }) => phase === 'adopt'), await syncGamma(({ phase }) => phase === 'plan')],
			[cancelled, cancelled],
		);
		deepStrictEqual(await state('refs/heads'), before);
	});

	it('while home is being changed comes too late, and the message says what was done', async () => {
		deepStrictEqual(await syncGamma(({ phase }) => phase === 'apply'), [
			'info',
			'gamma is home. claude/gamma: created, with 1 commit.',
			'Undo',
		]);
	});
});
