import { deepStrictEqual, match } from 'node:assert/strict';
import { cp, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { openHome } from '../../src/core/homeport.js';
import { sessionNodeId } from '../../src/ui/tree/treeNode.js';
import { standing } from '../../src/ui/tree/standing.js';
import { bugFixture } from '../support/bugFixture.js';
import type { BugFixture } from '../support/bugFixture.js';
import { command, installed, tabNamed, treeLines, workspaceFolder } from '../support/runningExtension.js';
import { ScriptedPrompter } from '../support/scriptedPrompter.js';

const overwriteOptions = [
	['pick', 'Bring Home'],
	['pick', 'Overwrite'],
	['pick', 'The One That It Is On'],
	['pick', 'The One of the Same Name'],
	['pick', 'Leave the Origin Alone'],
] as const;
const overwriteAsks = [
	'main loses 1 commit of yours',
	'main is protected by the configuration',
	'The files here are replaced: main is checked out',
];

// One home and two sessions for all of these, each test going on where the one before it ended.
describe('two local sessions', () => {
	const home = workspaceFolder();
	let fixture: BugFixture;

	before(async () => {
		await installed().activate();
		fixture = await bugFixture();
		await cp(fixture.home, home, { recursive: true });
	});

	after(() => fixture.dispose());

	const branches = async (): Promise<string[]> => {
		const format = '--format=%(refname:short) %(subject)';
		return (await fixture.git(home, 'for-each-ref', format, 'refs/heads')).split('\n');
	};

	const nextLook = (): Promise<number | null> =>
		new Promise((resolve) => {
			const { model } = installed().exports;
			const before = model.snapshot.lookedAt;
			const listener = model.onDidChange(({ lookedAt }) => {
				if (lookedAt !== before) {
					listener.dispose();
					resolve(lookedAt);
				}
			});
		});

	it('has no sessions at first, which is not the same as not knowing', async () => {
		deepStrictEqual(await treeLines(), []);
		deepStrictEqual(installed().exports.model.snapshot.state, 'noSessions');
	});

	it('has nothing to undo then, which is no error', async () => {
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.undo', prompter);
		await prompter.done;
		deepStrictEqual(prompter.asked, [['info', 'There is nothing to undo.']]);
	});

	it('adds a folder as a session, asking for its name and agent', async () => {
		for (const [name, folder] of [
			['alpha', fixture.alpha],
			['beta', fixture.beta],
		] as const) {
			const prompter = new ScriptedPrompter(['folder', folder], ['ask', name], ['ask', 'claude']);
			await command('homeport.addLocalSession', prompter);
		}
		deepStrictEqual(await treeLines(), [
			'alpha: 2 commits, 2 files only there · oldest AGE · main',
			'  2 uncommitted files: only there',
			'    draft.txt: untracked',
			'    shared.txt: changed',
			'  main: 2 commits only there',
			'beta: 2 commits only there · oldest AGE · main',
			'  main: 2 commits only there',
		]);
	});

	it('brings a session home as a branch of its own and asks nothing more', async () => {
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.sync', prompter, sessionNodeId('local/alpha'));
		await prompter.done;
		deepStrictEqual(prompter.asked, [['info', 'alpha is home. claude/alpha: created, with 2 commits.', 'Undo']]);
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
		deepStrictEqual(await treeLines(), [
			'alpha: all home · main',
			'  2 uncommitted files: captured',
			'    draft.txt: untracked',
			'    shared.txt: changed',
			'  main: 3 commits home, not pushed',
			'  claude/alpha: brought home',
			'beta: 2 commits only there · oldest AGE · main',
			'  main: 2 commits only there',
		]);
	});

	it('opens an uncommitted file that is home as a diff from its line', async () => {
		const line = installed().exports.tree.getTreeItem('file:local/alpha:shared.txt').command!;
		await vscode.commands.executeCommand(line.command, ...(line.arguments ?? []));
		await tabNamed(/shared\.txt/);
	});

	it('says that a session was home already', async () => {
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.sync', prompter, sessionNodeId('local/alpha'));
		await prompter.done;
		deepStrictEqual(prompter.asked, [['info', 'alpha was home already.']]);
	});

	it('changes nothing when the modal that names what is lost is turned down', async () => {
		const prompter = new ScriptedPrompter(
			['pickSeveral', ['beta']],
			...overwriteOptions,
			['pickSeveral', overwriteAsks],
			['confirm', false],
		);
		await command('homeport.syncWithOptions', prompter);
		deepStrictEqual(prompter.asked[0], ['Sessions to Sync', '[ ] alpha', '[ ] beta']);
		const { message, detail, action } = prompter.asked.at(-1) as Record<string, string>;
		deepStrictEqual(
			{ message, detail: detail?.replace(/^− [0-9a-f]{7,} /m, '− ID ').split('\n'), action },
			{
				message: 'Bring beta home, over 1 commit of yours?',
				detail: [
					'main (checked out here): gains 2 commits, loses 1 commit.',
					'− ID H1',
					'',
					"• main would be set to the session's commit and no longer reach 1 commit of yours, pushed nowhere. What it has now stays in the operation log.",
					'• main is protected by the configuration, and commits of it would be dropped.',
					'• main is checked out here; its files would be replaced by those of the session. Uncommitted changes stay as they are.',
					'',
					'• The working tree has 1 file that is not committed and not in the way. It stays as it is.',
					'• The last sync of this home was of alpha. Overwriting may put aside what it brought.',
					'',
					'"Homeport: Undo Last Operation" brings it all back.',
				],
				action: 'Overwrite 1 Commit',
			},
		);
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
	});

	it('changes nothing where one of the things that are asked is not accepted', async () => {
		const prompter = new ScriptedPrompter(['pickSeveral', overwriteAsks.slice(1)], ['notify', null]);
		await command('homeport.sync', prompter, sessionNodeId('local/beta'));
		await prompter.done;
		deepStrictEqual(prompter.asked, [
			['Mark each thing that you accept', ...overwriteAsks.map((label) => `[ ] ${label}`)],
			['info', 'Nothing was changed: not all that is asked was accepted. The plan is still open.'],
		]);
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
	});

	it('looks at no session beside an operation, once after it, and not again for its own changes', async () => {
		const { model } = installed().exports;
		const sync = new ScriptedPrompter(['notify', null]);
		const overwrite = new ScriptedPrompter(
			['pickSeveral', overwriteAsks],
			[
				'confirm',
				false,
				async () => {
					void model.refresh();
					const homeport = await openHome({ repo: home });
					await homeport.status((await homeport.list()).sessions);
					changes.push('answered');
				},
			],
		);
		const changes: string[] = [];
		const listener = model.onDidChange(({ lookedAt }) => changes.push(`look ${lookedAt}`));
		await command('homeport.sync', overwrite, sessionNodeId('local/beta'));
		listener.dispose();
		await model.refresh();
		const looked = nextLook();
		await command('homeport.sync', sync, sessionNodeId('local/alpha'));
		await sync.done;
		const lookedAt = await looked;
		await model.refreshIfMoved();
		deepStrictEqual([changes[0], model.snapshot.lookedAt], ['answered', lookedAt]);
	});

	it('overwrites when the modal is accepted, and undoes it from the message, and redoes that', async () => {
		const prompter = new ScriptedPrompter(
			['pickSeveral', overwriteAsks],
			['confirm', true],
			['notify', 'Undo'],
			['notify', 'Redo'],
			['notify', null],
		);
		await command('homeport.sync', prompter, sessionNodeId('local/beta'));
		await prompter.done;
		deepStrictEqual(prompter.asked.slice(2), [
			['info', 'beta is home. main: gains 2 commits, loses 1 commit.', 'Undo'],
			['info', 'Undone. main: gains 1 commit, loses 2 commits.', 'Redo'],
			['info', 'Redone. main: gains 2 commits, loses 1 commit.', 'Undo'],
		]);
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main B2']);
	});

	it('undoes the last operation by its command', async () => {
		const prompter = new ScriptedPrompter(['notify', null]);
		await command('homeport.undo', prompter);
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H1']);
		deepStrictEqual(await fixture.git(home, 'status', '--porcelain'), ' M local.txt');
	});

	it('notices what another process brings home', async function () {
		// The window's own watching of files may take its time.
		this.timeout(240_000);
		const { model } = installed().exports;
		await fixture.git(fixture.beta, 'commit', '--allow-empty', '-qm', 'B3');
		await model.refresh();
		deepStrictEqual(model.snapshot.sessions.map(standing), ['home', 'exposed']);
		const noticed = new Promise<void>((resolve) => {
			const listener = model.onDidChange(({ sessions }) => {
				if (sessions.every((view) => standing(view) === 'home')) {
					listener.dispose();
					resolve();
				}
			});
		});
		const homeport = await openHome({ repo: home });
		await homeport.rescue(await homeport.find('beta'));
		await noticed;
	});

	it('merges, opens what conflicts in a folder of its own, continues it, and undoes that', async () => {
		await fixture.git(home, 'config', 'user.name', 'User');
		await fixture.git(home, 'config', 'user.email', 'user@localhost');
		await writeFile(join(fixture.alpha, 'shared.txt'), 'of alpha\n');
		await fixture.git(fixture.alpha, 'commit', '-qam', 'A3');
		await writeFile(join(home, 'shared.txt'), 'of home\n');
		await fixture.git(home, 'commit', '-qm', 'H2', 'shared.txt');
		const sync = new ScriptedPrompter(
			['pick', 'Bring Home'],
			['pick', 'Merge'],
			['pick', 'Settle Them Yourself'],
			['pick', 'The One That It Is On'],
			['pick', 'The One of the Same Name'],
			['pick', 'Leave the Origin Alone'],
			['confirm', true],
			['notify', null],
		);
		await command('homeport.syncWithOptions', sync, sessionNodeId('local/alpha'));
		await sync.done;
		const [asked, told] = sync.asked.slice(-2) as [Record<string, string>, string[]];
		const path = /is open in (.*)\. Settle/.exec(told[1]!)?.[1] ?? '';
		deepStrictEqual(
			[asked['message'], asked['action'], asked['detail']?.split('\n')[0], told.slice(2)],
			[
				'Bring alpha home?',
				'Open Merge',
				'• The session and main changed the same places: shared.txt. main stays as it is; accepting opens the merge in a working tree of its own, with the conflicts ready to be settled.',
				['Settle Conflicts…', 'Open Merge', 'Undo'],
			],
		);
		const early = new ScriptedPrompter(['notify', null]);
		await command('homeport.continueMerge', early);
		await early.done;
		deepStrictEqual(early.asked, [
			['warning', 'Conflicts are left in shared.txt. Nothing was changed.', 'Settle Conflicts…'],
		]);
		await command('homeport.resolveConflicts', new ScriptedPrompter());
		const editor = vscode.window.tabGroups.all.flatMap(({ tabs }) => tabs).find(({ label }) => /shared/.test(label));
		match(editor?.label ?? '', /^Merging: shared\.txt/);
		await vscode.commands.executeCommand('workbench.action.closeAllEditors');
		await writeFile(join(path, 'shared.txt'), 'of both\n');
		const go = new ScriptedPrompter(['confirm', true], ['notify', 'Undo'], ['notify', null]);
		await command('homeport.continueMerge', go);
		await go.done;
		deepStrictEqual(await fixture.git(home, 'cat-file', '-p', `main@{1}:shared.txt`), 'of both');
		deepStrictEqual(
			(go.asked[0] as Record<string, string>)['message'],
			'Take shared.txt for settled, as it stands there now?',
		);
		deepStrictEqual(go.asked.slice(1), [
			['info', 'main is merged.', 'Undo'],
			['info', 'Undone. main: loses 4 commits.', 'Redo'],
		]);
		deepStrictEqual(await branches(), ['claude/alpha A2', 'main H2']);
	});

	it('brings files alone, and says how many', async () => {
		const before = await fixture.git(home, 'status', '--porcelain');
		const sync = new ScriptedPrompter(
			['pick', 'Bring Home'],
			['pick', 'Files Only'],
			['pick', 'The One That It Is On'],
			['pick', 'Leave the Origin Alone'],
			['notify', 'Undo'],
			['notify', null],
		);
		await command('homeport.syncWithOptions', sync, sessionNodeId('local/beta'));
		await sync.done;
		deepStrictEqual(sync.asked.slice(-2), [
			['info', 'beta is home. main: 2 files change.', 'Undo'],
			['info', 'Undone. main: files of its working tree change.', 'Redo'],
		]);
		deepStrictEqual(await fixture.git(home, 'status', '--porcelain'), before);
	});

	it('shows a session whose folder is gone as missing, with what is known of it', async () => {
		await rename(fixture.beta, `${fixture.beta}-elsewhere`);
		const lines = await treeLines();
		deepStrictEqual(lines.slice(-2), [
			'beta: missing · unknown, last seen AGE ago',
			'  main: 4 commits home, not pushed',
		]);
		const { tree } = installed().exports;
		const { tooltip } = tree.resolveTreeItem(new vscode.TreeItem(''), sessionNodeId('local/beta'));
		deepStrictEqual((tooltip as string).split('\n')[1], `there is no folder: ${fixture.beta}`);
	});
});
