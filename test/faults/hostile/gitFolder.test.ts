import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { harmless, HostileRoom, secretText } from '../../support/hostileSession.js';

/** Something that a session does with its own `.git` to have another folder read. */
interface Trick {
	readonly name: string;
	/** What it does once it is registered. */
	readonly play: (room: HostileRoom) => void;
	/** How a sync ends; by default the session is refused as damaged. */
	readonly outcome?: string;
	readonly words?: RegExp;
}

describe('hostile session: folders that are not its own', () => {
	let room: HostileRoom;
	beforeEach(() => {
		room = new HostileRoom();
	});
	afterEach(() => {
		room.dispose();
	});

	const toSecret =
		(name: string, below = '.git') =>
		(room: HostileRoom): void => {
			rmSync(join(room.evil, '.git', name), { recursive: true, force: true });
			symlinkSync(join(room.secret, below, name), join(room.evil, '.git', name));
		};
	const borrow = (room: HostileRoom): void =>
		writeFileSync(join(room.evil, '.git/objects/info/alternates'), `${join(room.secret, '.git/objects')}\n`);
	const secretHead = (room: HostileRoom): string => room.git(room.secret, 'rev-parse', 'HEAD');

	const tricks: readonly Trick[] = [
		{
			name: 'core.worktree',
			play: (room) => room.configure(`[core]\n\tworktree = ${room.secret}\n`),
			outcome: 'synced',
		},
		{
			name: 'core.worktree in config.worktree',
			play: (room) => {
				room.configure('[extensions]\n\tworktreeConfig = true\n');
				room.write('.git/config.worktree', `[core]\n\tworktree = ${room.secret}\n`);
			},
			outcome: 'synced',
		},
		{
			name: 'core.bare',
			play: (room) => room.configure('[core]\n\tbare = true\n'),
			outcome: 'synced',
		},
		{
			name: 'a .git file instead of the folder',
			play: (room) => {
				renameSync(join(room.evil, '.git'), join(room.evil, 'was.git'));
				room.write('.git', `gitdir: ${join(room.secret, '.git')}\n`);
			},
			outcome: 'unreachable',
			words: /git folder/,
		},
		{
			name: 'a relative .git file',
			play: (room) => {
				renameSync(join(room.evil, '.git'), join(room.evil, 'was.git'));
				room.write('.git', 'gitdir: ../secret/.git\n');
			},
			outcome: 'unreachable',
			words: /git folder/,
		},
		{
			name: 'a link instead of .git',
			play: (room) => {
				renameSync(join(room.evil, '.git'), join(room.evil, 'was.git'));
				symlinkSync(join(room.secret, '.git'), join(room.evil, '.git'));
			},
			words: /link|elsewhere|another/,
		},
		{
			name: 'commondir',
			play: (room) => room.write('.git/commondir', `${join(room.secret, '.git')}\n`),
			words: /commondir/,
		},
		{
			name: 'commondir that leads to the folder above',
			play: (room) => {
				cpSync(join(room.secret, '.git'), room.folder, { recursive: true });
				room.write('.git/commondir', '../..\n');
			},
			words: /commondir/,
		},
		{
			name: 'commondir as a link',
			play: (room) => {
				writeFileSync(join(room.secret, 'common'), `${join(room.secret, '.git')}\n`);
				symlinkSync(join(room.secret, 'common'), join(room.evil, '.git/commondir'));
			},
			words: /commondir/,
		},
		{
			name: 'refs as a link',
			play: (room) => {
				borrow(room);
				room.git(room.secret, 'update-ref', 'refs/heads/open', secretHead(room));
				toSecret('refs')(room);
			},
			words: /ref/,
		},
		{
			name: 'refs/heads as a link',
			play: (room) => {
				borrow(room);
				room.git(room.secret, 'update-ref', 'refs/heads/open', secretHead(room));
				toSecret('refs/heads')(room);
			},
			words: /ref/,
		},
		{
			name: 'one ref as a link',
			play: (room) => {
				borrow(room);
				room.git(room.secret, 'update-ref', 'refs/heads/open', secretHead(room));
				symlinkSync(join(room.secret, '.git/refs/heads/open'), join(room.evil, '.git/refs/heads/open'));
			},
			words: /ref/,
		},
		{
			name: 'packed-refs as a link, with borrowed objects',
			play: (room) => {
				borrow(room);
				toSecret('packed-refs')(room);
			},
			words: /packed-refs/,
		},
		{
			name: 'packed-refs and objects as links',
			play: (room) => {
				const head = room.git(room.evil, 'rev-parse', 'HEAD');
				room.git(room.secret, 'fetch', '-q', room.evil, head);
				toSecret('objects')(room);
				toSecret('packed-refs')(room);
			},
			words: /packed-refs|objects/,
		},
		{
			name: 'HEAD as a link',
			play: (room) => {
				borrow(room);
				room.git(room.secret, 'checkout', '-q', '--detach');
				toSecret('HEAD')(room);
			},
			words: /HEAD|not a git repository/,
		},
		...['ORIG_HEAD', 'MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'REBASE_HEAD'].map((name): Trick => ({
			name: `${name} as a link`,
			play: (room) => {
				borrow(room);
				writeFileSync(join(room.secret, '.git', name), `${secretHead(room)}\n`);
				toSecret(name)(room);
			},
			words: new RegExp(name),
		})),
		{
			name: 'worktrees as a link',
			play: (room) => {
				borrow(room);
				room.git(room.secret, 'worktree', 'add', '-q', '--detach', join(room.folder, 'secret-tree'));
				toSecret('worktrees')(room);
			},
			words: /worktree/,
		},
		{
			name: 'logs as a link',
			play: (room) => {
				borrow(room);
				toSecret('logs')(room);
			},
			words: /log/,
		},
		{
			name: 'the stash log as a link',
			play: (room) => {
				borrow(room);
				writeFileSync(join(room.secret, 'secret.txt'), 'stashed\n');
				room.git(room.secret, 'stash', '-q');
				mkdirSync(join(room.evil, '.git/logs/refs'), { recursive: true });
				toSecret('logs/refs/stash')(room);
			},
			words: /log/,
		},
		{
			name: 'the index as a link',
			play: toSecret('index'),
			words: /index/,
		},
		{
			name: 'the index as a link, with borrowed objects',
			play: (room) => {
				borrow(room);
				toSecret('index')(room);
			},
			words: /index/,
		},
		{
			name: 'the index as a link to one with a file announced',
			play: (room) => {
				borrow(room);
				writeFileSync(join(room.secret, 'shared.txt'), `${secretText}\n`);
				room.git(room.secret, 'add', '-N', 'shared.txt');
				writeFileSync(join(room.secret, secretText), 'x');
				room.git(room.secret, 'add', '-N', secretText);
				room.write(secretText.slice(0, 4), 'untracked\n');
				toSecret('index')(room);
			},
			words: /index/,
		},
		{
			name: 'objects of another repository as alternates, which no ref of the session names',
			play: borrow,
			outcome: 'synced',
		},
		{
			name: 'alternates over the network',
			play: (room) =>
				writeFileSync(join(room.evil, '.git/objects/info/http-alternates'), 'http://127.0.0.1:9/objects\n'),
			outcome: 'synced',
		},
		{
			name: 'alternates that lead back to themselves',
			play: (room) =>
				writeFileSync(
					join(room.evil, '.git/objects/info/alternates'),
					`${join(room.evil, '.git/objects')}\n../objects\n`,
				),
			outcome: 'synced',
		},
		{
			name: 'a linked worktree that points into another folder',
			play: (room) => {
				mkdirSync(join(room.evil, '.git/worktrees/x'), { recursive: true });
				room.write('.git/worktrees/x/gitdir', `${join(room.secret, '.git')}\n`);
				room.write('.git/worktrees/x/commondir', '../..\n');
				room.write('.git/worktrees/x/HEAD', `${room.git(room.evil, 'rev-parse', 'HEAD')}\n`);
			},
			outcome: 'synced',
		},
		{
			name: 'a configuration that includes a private file',
			play: (room) => room.configure(`[include]\n\tpath = ${join(room.secret, 'secret.txt')}\n`),
			outcome: 'synced',
		},
		{
			name: 'the configuration as a link to a private file',
			play: (room) => {
				rmSync(join(room.evil, '.git/config'));
				symlinkSync(join(room.secret, 'secret.txt'), join(room.evil, '.git/config'));
			},
			outcome: 'failed',
		},
		{
			name: 'ignore and attribute files that are private files',
			play: (room) =>
				room.configure(
					`[core]\n\texcludesFile = ${join(room.secret, 'secret.txt')}\n\tattributesFile = ${join(room.secret, 'secret.txt')}\n`,
				),
			outcome: 'synced',
		},
		{
			name: 'links in the tree to private files and folders',
			play: (room) => {
				symlinkSync(join(room.secret, 'secret.txt'), join(room.evil, 'to-file'));
				symlinkSync(room.secret, join(room.evil, 'to-folder'));
				symlinkSync('../secret/secret.txt', join(room.evil, 'relative'));
				rmSync(join(room.evil, 'shared.txt'));
				symlinkSync(join(room.secret, 'secret.txt'), join(room.evil, 'shared.txt'));
			},
			outcome: 'synced',
		},
		{
			name: 'a tracked folder that became a link to a private one',
			play: (room) => {
				room.write('folder/secret.txt', 'own\n');
				room.commitAll();
				rmSync(join(room.evil, 'folder'), { recursive: true });
				symlinkSync(room.secret, join(room.evil, 'folder'));
			},
			outcome: 'synced',
		},
		{
			name: 'a nested repository that points to a private one',
			play: (room) => {
				room.write('nested/.git', `gitdir: ${join(room.secret, '.git')}\n`);
				room.write('nested/own.txt', 'own\n');
			},
			outcome: 'synced',
		},
	];
	for (const { name, play, outcome = 'failed', words } of tricks) {
		it(`is not led astray by ${name}`, async () => {
			room.write('draft.txt', 'never committed\n');
			await room.add();
			play(room);
			const [before, outside, own] = [
				room.portrait(),
				room.listing(room.secret),
				room.listing(join(room.evil, '.git')),
			];
			const verdicts = await room.attack('branch');
			assert.deepStrictEqual(
				{
					...(await room.aftermath(before, verdicts)),
					outcome: verdicts[0]!.outcome,
					outside: room.listing(room.secret),
					own: room.listing(join(room.evil, '.git')),
				},
				{ ...harmless, outcome, outside, own },
			);
			assert.match(verdicts[0]!.words, words ?? /(?:)/);
		});
	}

	it('stores a link of the tree as the link that it is', async () => {
		await room.add();
		symlinkSync(join(room.secret, 'secret.txt'), join(room.evil, 'to-file'));
		symlinkSync(room.secret, join(room.evil, 'to-folder'));
		await room.attack('rescue');
		const capture = 'refs/homeport/sessions/local/evil/capture';
		assert.deepStrictEqual(room.git(room.home, 'ls-tree', '--format=%(objectmode) %(path)', capture).split('\n'), [
			'100644 evil.txt',
			'100644 local.txt',
			'100644 shared.txt',
			'100644 staged.txt',
			'120000 to-file',
			'120000 to-folder',
		]);
		assert.deepStrictEqual(
			[room.git(room.home, 'show', `${capture}:to-file`), room.git(room.home, 'show', `${capture}:to-folder`)],
			[join(room.secret, 'secret.txt'), room.secret],
		);
	});

	describe('registered', () => {
		it('as a bare repository, reads no working tree that its configuration names', async () => {
			const bare = join(room.folder, 'bare');
			room.git(room.folder, 'clone', '-q', '--bare', '--template=', 'evil', 'bare');
			await room.add(bare);
			const config = readFileSync(join(bare, 'config'), 'utf8').replace('bare = true', 'bare = false');
			writeFileSync(join(bare, 'config'), `${config}[core]\n\tworktree = ${room.secret}\n`);
			const before = room.portrait();
			const verdicts = await room.attack('branch');
			assert.deepStrictEqual(await room.aftermath(before, verdicts), harmless);
		});

		for (const gitFile of ['kept', 'gone'] as const) {
			it(`with its git folder elsewhere, reads no folder that a link put in its place (.git ${gitFile})`, async () => {
				const apart = join(room.folder, 'apart');
				room.git(room.folder, 'clone', '-q', '--template=', `--separate-git-dir=${apart}.git`, 'evil', 'apart');
				await room.add(apart);
				renameSync(apart, `${apart}-was`);
				const other = join(room.folder, 'private');
				mkdirSync(other);
				writeFileSync(join(other, 'diary.txt'), `${secretText}\n`);
				if (gitFile === 'kept') {
					writeFileSync(join(other, '.git'), `gitdir: ${apart}.git\n`);
				}
				symlinkSync(other, apart);
				const before = room.portrait();
				const [verdict] = await room.attack('branch');
				assert.deepStrictEqual(
					{ ...(await room.aftermath(before, [verdict!])), outcome: verdict!.outcome },
					{ ...harmless, outcome: 'failed' },
				);
				assert.match(verdict!.words, /link|elsewhere|leads to/);
			});
		}

		for (const place of ['evil', 'evil/.git'] as const) {
			it(`is refused once ${place} is a link to another place`, async () => {
				await room.add();
				const path = join(room.folder, place);
				renameSync(path, `${path}-was`);
				symlinkSync(join(room.secret, place === 'evil' ? '.' : '.git'), path);
				const before = room.portrait();
				const verdicts = await room.attack('rescue', 'branch');
				assert.deepStrictEqual(
					{ ...(await room.aftermath(before, verdicts)), outcomes: verdicts.map((verdict) => verdict.outcome) },
					{ ...harmless, outcomes: ['failed', 'failed'] },
				);
				assert.match(verdicts[0]!.words, /link|elsewhere|leads to/);
			});
		}
	});

	describe('as a linked worktree of home', () => {
		let tree: string;
		beforeEach(() => {
			tree = join(room.folder, 'tree');
			room.git(room.home, 'worktree', 'add', '-q', '-b', 'agent', tree);
			writeFileSync(join(tree, 'draft.txt'), 'never committed\n');
		});

		async function attackTree(): Promise<{ outcome: string; words: string; aftermath: object }> {
			const homeport = await room.open();
			await homeport.add('good', room.good, 'claude');
			const before = room.portrait();
			const verdict = await room.call('tree', 'branch');
			return { ...verdict, aftermath: await room.aftermath(before, [verdict]) };
		}

		it('reads no other repository that its .git file names', async () => {
			writeFileSync(join(tree, '.git'), `gitdir: ${join(room.secret, '.git')}\n`);
			const { aftermath } = await attackTree();
			assert.deepStrictEqual(aftermath, harmless);
		});

		it('reads no other repository that stands in place of its .git file', async () => {
			rmSync(join(tree, '.git'));
			cpSync(join(room.secret, '.git'), join(tree, '.git'), { recursive: true });
			const { aftermath } = await attackTree();
			assert.deepStrictEqual(aftermath, harmless);
		});

		it('reads no folder that a link put in its place', async () => {
			renameSync(tree, `${tree}-was`);
			symlinkSync(room.secret, tree);
			const { aftermath } = await attackTree();
			assert.deepStrictEqual(aftermath, harmless);
		});

		it('starts no program that its own configuration names', async () => {
			room.git(room.home, 'config', 'extensions.worktreeConfig', 'true');
			writeFileSync(
				join(room.home, '.git/worktrees/tree/config.worktree'),
				`[core]\n\tfsmonitor = ${room.canary.command('fsmonitor')}\n[filter "x"]\n\tclean = ${room.canary.command('clean')}\n`,
			);
			writeFileSync(join(tree, '.gitattributes'), '* filter=x\n');
			writeFileSync(join(tree, 'shared.txt'), 'changed\n');
			const { aftermath } = await attackTree();
			assert.deepStrictEqual(aftermath, harmless);
		});
	});
});
