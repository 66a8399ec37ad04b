import { strict as assert } from 'node:assert';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecFault } from '../support/cluster/faults.js';
import { type GitRemoteFixture, gitRemoteFixture } from '../support/gitRemoteFixture.js';

describe('git fetch homeport::SESSION', function () {
	this.timeout(120_000);
	let fixture: GitRemoteFixture;

	beforeEach(async () => {
		fixture = await gitRemoteFixture();
	});
	afterEach(() => fixture.dispose());

	/** What git prints where it succeeds. */
	async function printed(args: readonly string[], dir?: string): Promise<string> {
		const { code, out, err } = await fixture.fetcher(args, dir);
		assert.equal(code, 0, err);
		return out.trimEnd();
	}

	it('gives the branches of a folder of this machine, and nothing else that it has', async () => {
		const { home, session, git, commit, add } = fixture;
		await add('local', session);
		const main = await commit(session, 'A1', { 'a.txt': 'one' });
		await git(session, 'tag', 'v1');
		await git(session, 'update-ref', 'refs/paude/base', 'HEAD~1');
		await git(session, 'config', 'uploadpack.hideRefs', 'refs/heads/topic');
		await git(session, 'branch', 'topic', 'HEAD~1');
		const base = await git(session, 'rev-parse', 'topic');
		assert.deepStrictEqual((await printed(['ls-remote', 'homeport::local'])).split('\n'), [
			`${main}\tHEAD`,
			`${main}\trefs/heads/main`,
			`${base}\trefs/heads/topic`,
		]);
		await printed(['fetch', '-q', 'homeport::local', 'main']);
		assert.equal(await git(home, 'rev-parse', 'FETCH_HEAD'), main);
		await printed(['remote', 'add', 'agent', 'homeport::local/local']);
		await printed(['fetch', '-q', 'agent']);
		assert.deepStrictEqual(
			[await git(home, 'rev-parse', 'agent/main', 'agent/topic'), await git(home, 'show', 'agent/main:a.txt')],
			[`${main}\n${base}`, 'one'],
		);
		assert.equal(await git(home, 'for-each-ref', 'refs/homeport'), '');
	});

	it('gives those of a pod, now and after more commits, whichever version of the protocol git prefers', async () => {
		const { home, addPod, commitIn, inPod, git } = fixture;
		const alpha = await addPod('alpha');
		const a1 = await commitIn(alpha, 'A1', { 'a.txt': 'one' });
		await inPod(alpha, 'git branch topic; echo dirty >base.txt');
		const before = await inPod(alpha, 'git status --porcelain; find .git | sort | xargs ls -ld');
		await printed(['remote', 'add', 'alpha', 'homeport::alpha']);
		await printed(['fetch', '-q', 'alpha']);
		assert.equal(await git(home, 'rev-parse', 'alpha/main', 'alpha/topic'), `${a1}\n${a1}`);
		assert.equal(await inPod(alpha, 'git status --porcelain; find .git | sort | xargs ls -ld'), before);
		const a2 = await commitIn(alpha, 'A2', { 'a.txt': 'two' });
		await printed(['-c', 'protocol.version=0', 'fetch', '-q', 'alpha']);
		assert.equal(await git(home, 'rev-parse', 'alpha/main'), a2);
	});

	it('finds home from a folder inside it, a worktree and by --git-dir, and the cluster by the whole name', async () => {
		const { folder, home, session, env, git, add, addPod, commitIn } = fixture;
		await add('local', session);
		mkdirSync(join(home, 'deep/down'), { recursive: true });
		await git(home, 'worktree', 'add', '-q', '-b', 'beside', join(folder, 'beside'));
		const expected = await git(session, 'rev-parse', 'main');
		const asked = ['ls-remote', 'homeport::local', 'refs/heads/main'];
		const from = [
			await printed(asked, join(home, 'deep/down')),
			await printed(asked, join(folder, 'beside')),
			await printed([`--git-dir=${join(home, '.git')}`, ...asked], folder),
		];
		assert.deepStrictEqual(from, Array(3).fill(`${expected}\trefs/heads/main`));

		const tip = await commitIn(await addPod('alpha'), 'A1');
		const path = join(env['HOME']!, '.kube/config');
		const config = JSON.parse(readFileSync(path, 'utf8')) as object;
		writeFileSync(path, JSON.stringify({ ...config, 'current-context': 'elsewhere' }));
		assert.equal(
			await printed(['ls-remote', 'homeport::kubernetes/double/agents/alpha', 'refs/heads/main']),
			`${tip}\trefs/heads/main`,
		);
	});

	it('gives of a worktree of home the branch that it is on', async () => {
		const { folder, home, git } = fixture;
		await git(home, 'branch', 'other');
		await git(home, 'worktree', 'add', '-q', '-b', 'task/one', join(folder, 'one'));
		const tip = await git(home, 'rev-parse', 'HEAD');
		const [name] = (await fixture.homeport.list()).sessions.map((session) => session.name);
		assert.equal(await printed(['ls-remote', `homeport::${name}`]), `${tip}\tHEAD\n${tip}\trefs/heads/task/one`);
	});

	it('says that there is no such session, and why one cannot be reached', async () => {
		await fixture.addPod('stopped', { replicas: 0 });
		const unknown = await fixture.fetcher(['fetch', 'homeport::nobody']);
		assert.deepStrictEqual([unknown.code, unknown.out], [128, '']);
		assert.match(unknown.err, /^homeport: There is no session "nobody" for this home\./);
		const stopped = await fixture.fetcher(['fetch', 'homeport::stopped']);
		assert.equal(stopped.code, 128);
		assert.match(stopped.err, /^homeport: The session .*stopped cannot be reached: .*scaled to 0/);
		assert.match(stopped.err, /^fatal: /m);
	});

	it('takes no push, and says what does', async () => {
		const { home, session, git, commit, add, addPod, inPod } = fixture;
		await add('local', session);
		const alpha = await addPod('alpha');
		await commit(home, 'H1', { 'home.txt': 'home' });
		const tips = async (): Promise<string[]> => [
			await git(session, 'for-each-ref'),
			await inPod(alpha, 'git for-each-ref'),
		];
		const before = await tips();
		for (const name of ['local', 'alpha']) {
			const { code, err } = await fixture.fetcher(['push', `homeport::${name}`, 'main:refs/heads/new']);
			assert.notEqual(code, 0);
			assert.match(err, new RegExp(`^homeport: A session takes no push of git alone[^]*homeport push ${name}`));
		}
		assert.deepStrictEqual(await tips(), before);
		const archive = await fixture.fetcher(['archive', '--remote=homeport::local', 'main']);
		assert.deepStrictEqual([archive.code, archive.out], [128, '']);
		assert.match(
			archive.err,
			/^homeport: A session can be fetched from, and git asked for "connect git-upload-archive"/,
		);
	});

	it('starts nothing that a hostile pod configures for git', async () => {
		const { addPod, commitIn, inPod } = fixture;
		const evil = await addPod('evil');
		const tip = await commitIn(evil, 'E1', { '.gitattributes': '* filter=x diff=x', 'e.txt': 'evil' });
		// The user's own configuration is the agent's there, which git trusts more than that of the repository.
		await inPod(
			evil,
			`mkdir /pvc/ran
			printf '#!/bin/sh\\n: >/pvc/ran/"$1"\\ncase "$1" in hook) shift; exec "$@" ;; esac\\nexit 1\\n' >/pvc/canary
			chmod +x /pvc/canary
			for hook in pre-auto-gc post-checkout reference-transaction post-index-change fsmonitor-watchman; do
				cp /pvc/canary .git/hooks/$hook
			done
			for file in /pvc/.gitconfig .git/config; do
				git config -f $file uploadpack.packObjectsHook '/pvc/canary hook'
				git config -f $file core.fsmonitor '/pvc/canary fsmonitor'
				git config -f $file core.hooksPath /pvc/workspace/.git/hooks
				git config -f $file core.alternateRefsCommand '/pvc/canary alternates'
				git config -f $file core.sshCommand '/pvc/canary ssh'
				git config -f $file core.gitProxy '/pvc/canary proxy'
				git config -f $file core.pager '/pvc/canary pager'
				git config -f $file filter.x.clean '/pvc/canary clean'
				git config -f $file filter.x.smudge '/pvc/canary smudge'
				git config -f $file diff.x.textconv '/pvc/canary textconv'
				git config -f $file alias.upload-pack '!/pvc/canary alias'
				git config -f $file extensions.partialClone origin
				git config -f $file remote.origin.promisor true
				git config -f $file remote.origin.url 'ext::/pvc/canary ext'
				git config -f $file remote.origin.uploadpack '/pvc/canary uploadpack'
				git config -f $file protocol.ext.allow always
			done`,
		);
		const ran = (): Promise<string> => inPod(evil, 'ls /pvc/ran');
		assert.equal(await ran(), '');
		assert.equal(await printed(['ls-remote', 'homeport::evil', 'HEAD']), `${tip}\tHEAD`);
		await printed(['fetch', '-q', 'homeport::evil', 'main']);
		assert.equal(await fixture.git(fixture.home, 'rev-parse', 'FETCH_HEAD'), tip);
		assert.equal(await ran(), '');
		// They do run where nobody keeps them from it.
		const clone = 'HOME=/pvc git clone -q --no-local --bare /pvc/workspace /tmp/copy || :';
		await inPod(evil, `${clone}\ngit config --unset extensions.partialClone\nrm -rf /tmp/copy`);
		await inPod(evil, `git config -f /pvc/.gitconfig --remove-section remote.origin\n${clone}`);
		assert.match(await ran(), /^ext\nhook$/m);
	});

	it('refuses a repository that leads elsewhere', async () => {
		const { folder, session, git, add, fetcher } = fixture;
		await add('local', session);
		const secret = join(folder, 'secret');
		await git(folder, 'clone', '-q', '--bare', session, secret);
		await git(session, 'init', '-q');
		writeFileSync(join(session, '.git/commondir'), `${secret}\n`);
		const { code, err } = await fetcher(['fetch', 'homeport::local']);
		assert.equal(code, 128);
		assert.match(err, /^homeport: The repository of the session .*commondir/);
	});

	it('moves nothing where the stream is cut, wherever that is', async () => {
		const { cluster, home, git, addPod, commitIn, inPod, fetcher, refs } = fixture;
		const alpha = await addPod('alpha');
		await printed(['remote', 'add', 'alpha', 'homeport::alpha']);
		await printed(['fetch', '-q', 'alpha']);
		const before = await refs();
		await inPod(alpha, 'head -c 600000 /dev/urandom >large');
		const tip = await commitIn(alpha, 'A1');
		const cuts: readonly ExecFault[] = [
			{ cut: { afterStdoutBytes: 0 } },
			{ cut: { afterStdoutBytes: 120 } },
			{ cut: { afterStdoutBytes: 1000, closeCode: 1000 } },
			{ cut: { afterStdoutBytes: 300_000 } },
			{ cut: { afterStdoutBytes: 300_000, status: 'success', closeCode: 1000 } },
		];
		for (const fault of cuts) {
			const take = cluster.faults.exec(fault, { name: 'paude-alpha-0' });
			const { code, err } = await fetcher(['fetch', 'alpha']);
			take();
			assert.notEqual(code, 0, JSON.stringify(fault));
			assert.match(err, /^fatal: /m);
			assert.equal(await refs(), before);
		}
		await printed(['fetch', '-q', 'alpha']);
		assert.equal(await git(home, 'rev-parse', 'alpha/main'), tip);
		await git(home, 'fsck', '--strict');
	});

	it('leaves nothing running in the session where git goes away', async () => {
		const { cluster, home, addPod, commitIn, inPod, fetcher } = fixture;
		const alpha = await addPod('alpha');
		await inPod(alpha, 'head -c 600000 /dev/urandom >large');
		await commitIn(alpha, 'A1');
		cluster.faults.exec({ stallAfterStdoutBytes: 300_000 }, { name: 'paude-alpha-0' });
		let kill = (): void => undefined;
		const args = ['-c', 'fetch.unpackLimit=1', 'fetch', 'homeport::alpha'];
		const ended = fetcher(args, undefined, (how) => (kill = how));
		const until = async (reached: () => boolean): Promise<void> => {
			while (!reached()) {
				await new Promise(setImmediate);
			}
		};
		const packs = join(home, '.git/objects/pack');
		const received = (): number[] =>
			readdirSync(packs).map((name) => (name.startsWith('tmp_pack') ? statSync(join(packs, name)).size : 0));
		await until(() => Math.max(0, ...received()) > 200_000);
		assert.equal(cluster.execs.count(), 1);
		kill();
		await ended;
		await until(() => cluster.execs.count() === 0);
	});
});
