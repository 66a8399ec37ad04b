import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isHomeportError } from '../../../src/core/base/errors.js';
import type { SyncRequest } from '../../../src/core/model/plan.js';
import type { SyncResult } from '../../../src/core/model/report.js';
import { HostileRoom } from '../../support/hostileSession.js';

const hooks = [
	'fsmonitor-watchman',
	'post-checkout',
	'post-index-change',
	'post-receive',
	'post-update',
	'pre-receive',
	'proc-receive',
	'push-to-checkout',
	'reference-transaction',
	'update',
] as const;

const push: SyncRequest = { strategy: 'merge', direction: 'session', branch: 'work', from: null };

describe('hostile session: a push to it', () => {
	let room: HostileRoom;
	beforeEach(async () => {
		room = new HostileRoom();
		for (const [key, value] of [
			['user.name', 'Somebody'],
			['user.email', 'somebody@example.org'],
		] as const) {
			room.git(room.home, 'config', key, value);
		}
		await room.add();
		room.git(room.home, 'worktree', 'add', '-q', '-b', 'work', join(room.folder, 'work'), 'main');
		room.git(join(room.folder, 'work'), 'commit', '-q', '--allow-empty', '-m', 'H1');
	});
	afterEach(() => {
		room.dispose();
	});

	async function send(): Promise<SyncResult> {
		const homeport = await room.open();
		return homeport.sync(await homeport.find('evil'), push, async () => ({ proceed: true, accepted: [] }));
	}

	it('starts none of its hooks, filters and helpers, and lands whatever it has configured for pushes', async () => {
		const run = (name: string): string => room.canary.command(name);
		room.configure(`
[core]
	hooksPath = .git/hooks
	fsmonitor = ${run('fsmonitor')}
	sshCommand = ${run('ssh')}
	gitProxy = ${run('gitproxy')}
	askPass = ${run('askpass')}
	pager = ${run('pager')}
	editor = ${run('editor')}
	alternateRefsCommand = ${run('alternaterefs')}
	worktree = ${room.secret}
	logAllRefUpdates = false
[credential]
	helper = !${run('credential')}
[filter "x"]
	clean = ${run('clean')}
	smudge = ${run('smudge')}
	process = ${run('process')}
	required = true
[merge "x"]
	driver = ${run('driver')}
[diff]
	external = ${run('external')}
[gpg]
	program = ${run('gpg')}
[gpg "ssh"]
	program = ${run('gpgssh')}
[receive]
	denyCurrentBranch = refuse
	denyNonFastForwards = true
	denyDeletes = true
	maxInputSize = 1
	unpackLimit = 1000
	fsckObjects = false
	autogc = true
	updateServerInfo = true
	advertisePushOptions = true
	certNonceSeed = seed
	shallowUpdate = true
	hideRefs = refs/heads
[transfer]
	hideRefs = refs
[gc]
	auto = 1
[submodule]
	recurse = true
[remote "origin"]
	receivepack = ${run('receivepack')}
	uploadpack = ${run('uploadpack')}
`);
		for (const hook of hooks) {
			room.canary.script(join(room.evil, '.git/hooks', hook), `hook-${hook}`);
		}
		const result = await send();
		assert.deepStrictEqual(
			[result.error, result.outcome, result.push?.map(({ ref, action }) => `${action} ${ref}`), room.canary.ran()],
			[null, 'synced', ['merge refs/heads/main'], []],
		);
		assert.equal(room.git(room.evil, 'rev-parse', 'main'), result.push?.[0]?.to);
		assert.match(readFileSync(join(room.evil, '.git/logs/refs/heads/main'), 'utf8'), /homeport|push/);
		assert.deepStrictEqual([existsSync(join(room.evil, '.git/info/refs')), room.leaks()], [false, []]);
		const homeport = await room.open();
		const undone = await homeport.undo(null, { accepted: [] });
		assert.deepStrictEqual([undone.outcome, room.canary.ran()], ['done', []]);
	});

	it('starts no filter that its attributes ask for, and is brought its work beside', async () => {
		const run = (name: string): string => room.canary.command(name);
		room.configure(
			`[filter "x"]\n\tclean = ${run('clean')}\n\tsmudge = ${run('smudge')}\n\tprocess = ${run('process')}\n`,
		);
		room.write('.git/info/attributes', '* filter=x merge=x diff=x\n');
		const tree = join(room.folder, 'work');
		room.git(tree, 'rm', '-q', 'shared.txt');
		room.git(tree, 'mv', 'local.txt', 'moved.txt');
		room.git(tree, 'commit', '-q', '-m', 'H2');
		const result = await send();
		assert.deepStrictEqual(
			[result.error, result.warnings.map(({ code }) => code), room.canary.ran()],
			[null, ['session-filters'], []],
		);
	});

	it('is refused with words where it hands pushes to a program of its own', async () => {
		room.configure('[receive]\n\tprocReceiveRefs = refs/heads\n');
		room.canary.script(join(room.evil, '.git/hooks/proc-receive'), 'proc-receive');
		const before = room.git(room.evil, 'rev-parse', 'main');
		const result = await send();
		assert.deepStrictEqual(
			[result.outcome, isHomeportError(result.error, 'push-refused', 'stream-failed'), room.canary.ran()],
			['failed', true, []],
		);
		assert.equal(room.git(room.evil, 'rev-parse', 'main'), before);
	});

	it('learns of home only what is pushed', async () => {
		room.git(room.home, 'checkout', '-q', '-b', 'private');
		room.git(room.home, 'commit', '-q', '--allow-empty', '-m', 'private work');
		const hidden = room.git(room.home, 'rev-parse', 'HEAD');
		const result = await send();
		assert.equal(result.outcome, 'synced');
		assert.throws(() => room.git(room.evil, 'cat-file', '-e', hidden));
	});
});
