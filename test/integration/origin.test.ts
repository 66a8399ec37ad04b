import { strict as assert } from 'node:assert';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { isHomeportError } from '../../src/core/base/errors.js';
import type { SyncRequest } from '../../src/core/model/plan.js';
import type { SyncResult } from '../../src/core/model/report.js';
import { warningText } from '../../src/core/model/words.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

const merge: Partial<SyncRequest> = { strategy: 'merge', origin: true };

describe('--origin', () => {
	let fixture: EngineFixture;
	let origin: string;
	let other: string;

	beforeEach(async () => {
		fixture = await engineFixture(async ({ home, git }) => {
			await git(home, 'config', 'user.name', 'Somebody');
			await git(home, 'config', 'user.email', 'somebody@example.org');
		});
		const { folder, home, session, git, add } = fixture;
		await add('alpha', session);
		origin = join(folder, 'origin.git');
		other = join(folder, 'other');
		await git(folder, 'clone', '-q', '--bare', home, origin);
		await git(home, 'remote', 'add', 'origin', origin);
		await git(home, 'fetch', '-q', 'origin');
		await git(home, 'branch', '-q', '-u', 'origin/main');
		await git(folder, 'clone', '-q', origin, other);
	});

	afterEach(() => fixture.dispose());

	const at = (dir: string, ref = 'main'): Promise<string> => fixture.git(dir, 'rev-parse', ref);
	const notes = (result: SyncResult): string[] =>
		result.warnings
			.filter(({ code }) => code.startsWith('origin-'))
			.map(({ code, level, details }) => [level, code, details['reason'] ?? ''].join(' ').trim());
	const ofSession = (): Promise<string> => fixture.commit(fixture.session, 'A1', { 'alpha.txt': 'alpha\n' });
	async function movedOn(files: Record<string, string> = { 'other.txt': 'other\n' }): Promise<string> {
		const oid = await fixture.commit(other, 'O1', files);
		await fixture.git(other, 'push', '-q', 'origin', 'main');
		return oid;
	}

	it('takes in what the origin has, merges the session onto it, and pushes the branch, and nothing else', async () => {
		const { home, session, git, sync, homeport } = fixture;
		const theirs = await movedOn();
		const work = await ofSession();
		await git(session, 'branch', 'more');
		await git(home, 'branch', 'private');
		await git(home, 'tag', 'mine');
		const before = await at(home);
		const result = await sync('alpha', [], merge);
		assert.deepStrictEqual([result.outcome, notes(result)], ['synced', ['note origin-taken-in', 'note origin-pushed']]);
		const tip = await at(home);
		assert.equal(await git(home, 'log', '-1', '--format=%P', 'main'), `${theirs} ${work}`);
		assert.deepStrictEqual(
			[await at(origin), await at(home, 'origin/main'), await git(origin, 'for-each-ref', '--format=%(refname)')],
			[tip, tip, 'refs/heads/main'],
		);
		assert.equal(await git(home, 'status', '--porcelain'), '');
		const operations = await homeport.operations();
		assert.deepStrictEqual(
			operations.map(({ kind, session, request }) => [kind, session, request?.origin]),
			[
				['sync', 'local/alpha', true],
				['sync', null, true],
			],
		);
		await homeport.undo(null, { accepted: [] });
		assert.equal(await at(home), theirs);
		await homeport.undo(null, { accepted: [] });
		assert.deepStrictEqual([await at(home), await at(origin)], [before, tip]);
	});

	it('is off by default, and pushes nothing where the branch checked out here did not change', async () => {
		const { home, sync } = fixture;
		await movedOn();
		await ofSession();
		const [ours, theirs] = [await at(home), await at(origin)];
		assert.deepStrictEqual(notes(await sync('alpha', [], { strategy: 'merge' })), []);
		assert.deepStrictEqual([await at(home, 'origin/main'), await at(origin)], [ours, theirs]);
		await fixture.homeport.undo(null, { accepted: [] });
		const result = await sync('alpha', [], { origin: true });
		assert.deepStrictEqual([result.outcome, notes(result)], ['synced', ['note origin-taken-in']]);
		assert.deepStrictEqual([await at(home), await at(origin)], [theirs, theirs]);
	});

	it('leaves a branch alone that has diverged, and has the push refused', async () => {
		const { home, commit, sync } = fixture;
		const theirs = await movedOn();
		const ours = await commit(home, 'H1', { 'home.txt': 'home\n' });
		const work = await ofSession();
		const result = await sync('alpha', [], merge);
		assert.deepStrictEqual(
			[result.outcome, notes(result)],
			['synced', ['note origin-left diverged', 'note origin-not-pushed moved-on']],
		);
		assert.equal(await fixture.git(home, 'log', '-1', '--format=%P', 'main'), `${ours} ${work}`);
		assert.equal(await at(origin), theirs);
	});

	it('leaves a branch alone where files of the user are in the way, or a merge is going on', async () => {
		const { home, git, write, sync } = fixture;
		await movedOn({ 'shared.txt': 'theirs\n' });
		const ours = await at(home);
		await write(home, { 'shared.txt': 'mine\n' });
		const dirty = await sync('alpha', [], { origin: true });
		assert.deepStrictEqual(notes(dirty), ['note origin-left dirty-in-way']);
		assert.match(
			warningText(
				dirty.warnings.find(({ code }) => code === 'origin-left')!,
				'cli',
			),
			/shared\.txt/,
		);
		await git(home, 'checkout', '-q', 'shared.txt');
		await writeFile(join(home, '.git/MERGE_HEAD'), `${ours}\n`);
		assert.deepStrictEqual(notes(await sync('alpha', [], { origin: true })), ['note origin-left home-busy']);
		await rm(join(home, '.git/MERGE_HEAD'));
		assert.equal(await at(home), ours);
	});

	it('goes on where the origin declines the push', async () => {
		await writeFile(
			join(origin, 'hooks/pre-receive'),
			'#!/bin/sh\necho "no \u001b[31mpushes on Sundays" >&2\nexit 1\n',
		);
		await chmod(join(origin, 'hooks/pre-receive'), 0o755);
		const before = await at(origin);
		await ofSession();
		const result = await fixture.sync('alpha', [], merge);
		assert.deepStrictEqual([result.outcome, notes(result)], ['synced', ['note origin-not-pushed declined']]);
		const said = String(result.warnings.find(({ code }) => code === 'origin-not-pushed')!.details['said']);
		assert.ok(said.includes('pushes on Sundays') && !said.includes('\u001b'), said);
		assert.equal(await at(origin), before);
	});

	it('goes on where the origin moved on while the session was synced', async () => {
		const { home, homeport } = fixture;
		await ofSession();
		const request: SyncRequest = { strategy: 'merge', direction: 'home', branch: null, from: null, origin: true };
		let theirs = '';
		const result = await homeport.sync(await homeport.find('alpha'), request, async () => {
			theirs = await movedOn();
			return { proceed: true, accepted: [] };
		});
		assert.deepStrictEqual([result.outcome, notes(result)], ['synced', ['note origin-not-pushed moved-on']]);
		assert.equal(await at(origin), theirs);
		assert.notEqual(await at(home), theirs);
	});

	it('goes on without an upstream, without a branch, and without an origin that answers', async () => {
		const { home, git, sync } = fixture;
		await git(home, 'remote', 'set-url', 'origin', 'git://127.0.0.1:1/none');
		assert.deepStrictEqual(notes(await sync('alpha', [], merge)), ['note origin-left unreachable']);
		await git(home, 'remote', 'set-url', 'origin', join(fixture.folder, 'nothing.git'));
		await ofSession();
		assert.deepStrictEqual(notes(await sync('alpha', [], merge)), [
			'note origin-left unreachable',
			'note origin-not-pushed unreachable',
		]);
		await git(home, 'branch', '-q', '--unset-upstream');
		assert.deepStrictEqual(notes(await sync('alpha', [], merge)), ['note origin-left no-upstream']);
		await git(home, 'checkout', '-q', '--detach');
		assert.deepStrictEqual(notes(await sync('alpha', [], { origin: true })), ['note origin-left no-branch']);
	});

	it('is cancelled while an origin is mute, and shows no password', async () => {
		const { home, git, homeport, sync } = fixture;
		const cancel = new AbortController();
		const mute = createServer(() => cancel.abort()).listen(0, '127.0.0.1');
		await once(mute, 'listening');
		const { port } = mute.address() as AddressInfo;
		await git(home, 'remote', 'set-url', 'origin', `git://127.0.0.1:${port}/x`);
		const request: SyncRequest = { strategy: 'merge', direction: 'home', branch: null, from: null, origin: true };
		const found = await homeport.find('alpha');
		await assert.rejects(
			homeport.sync(found, request, async () => ({ proceed: false }), { signal: cancel.signal }),
			(error) => isHomeportError(error, 'cancelled'),
		);
		mute.close();
		await git(home, 'remote', 'set-url', 'origin', 'http://user:secret@127.0.0.1:1/x');
		const left = (await sync('alpha', [], { origin: true })).warnings.find(({ code }) => code === 'origin-left');
		assert.ok(left !== undefined && !JSON.stringify(left).includes('secret'));
	});

	it('runs no hook of home, and leaves a push with one to the user', async () => {
		const { home, git, sync } = fixture;
		const hooks = join(home, '.hooks');
		await mkdir(hooks);
		const canary = join(fixture.folder, 'canary');
		for (const name of ['pre-push', 'post-merge', 'reference-transaction', 'post-checkout']) {
			await writeFile(join(hooks, name), `#!/bin/sh\necho ${name} >> '${canary}'\n`);
			await chmod(join(hooks, name), 0o755);
		}
		await git(home, 'config', 'core.hooksPath', '.hooks');
		await movedOn();
		await rm(canary, { force: true });
		await ofSession();
		const before = await at(origin);
		const result = await sync('alpha', [], merge);
		assert.deepStrictEqual(notes(result), ['note origin-taken-in', 'note origin-not-pushed has-hook']);
		assert.equal(await at(origin), before);
		await assert.rejects(readFile(canary));
	});

	it('does not push files of the session that run over there, nor with a later sync', async () => {
		const { session, commit, sync } = fixture;
		await commit(session, 'A1', { '.github/workflows/a.yml': 'on: push\n' });
		const before = await at(origin);
		const result = await sync('alpha', ['runs-code'], merge);
		assert.deepStrictEqual([result.outcome, notes(result)], ['synced', ['note origin-not-pushed runs-on-push']]);
		await commit(session, 'A2', { 'more.txt': 'more\n' });
		const later = await sync('alpha', [], merge);
		assert.deepStrictEqual([later.outcome, notes(later)], ['synced', ['note origin-not-pushed runs-on-push']]);
		assert.equal(await at(origin), before);
	});

	it("uses the user's own ssh command for the origin", async () => {
		const { home, folder, git, sync } = fixture;
		const ssh = join(folder, 'ssh');
		await writeFile(
			ssh,
			`#!/bin/sh\necho "$GIT_TERMINAL_PROMPT" > '${folder}/asked'\nfor last; do :; done\nexec sh -c "$last"\n`,
		);
		await chmod(ssh, 0o755);
		await git(home, 'config', 'core.sshCommand', ssh);
		await git(home, 'remote', 'set-url', 'origin', `ssh://nobody@host.invalid${origin}`);
		await movedOn();
		await ofSession();
		assert.deepStrictEqual(notes(await sync('alpha', [], merge)), ['note origin-taken-in', 'note origin-pushed']);
		assert.equal(await readFile(join(folder, 'asked'), 'utf8'), '0\n');
	});

	it('never runs an address that is a command', async () => {
		const { home, folder, git, sync } = fixture;
		await git(home, 'config', 'protocol.ext.allow', 'always');
		await git(home, 'remote', 'set-url', 'origin', `ext::sh -c touch% ${folder}/canary`);
		const result = await sync('alpha', [], merge);
		assert.match(notes(result)[0]!, /^note origin-left/);
		await assert.rejects(readFile(join(folder, 'canary')));
	});
});
