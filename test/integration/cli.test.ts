import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { systemClock } from '../../src/core/base/clock.js';
import { openSyncFolder } from '../../src/core/coordination/syncFolder.js';
import { acquireLock } from '../../src/core/coordination/syncLock.js';
import type { SyncLock } from '../../src/core/coordination/syncLock.js';
import { bugFixture, oldNode } from '../support/bugFixture.js';
import type { BugFixture, Ended } from '../support/bugFixture.js';

interface SyncDocument {
	readonly schemaVersion: number;
	readonly session: string;
	readonly outcome: string;
	readonly refs: readonly { readonly ref: string; readonly to: string | null; readonly action: string }[];
	readonly warnings: readonly { readonly code: string; readonly level: string; readonly accepted: boolean }[];
	readonly operation: string | null;
	readonly ledger: string | null;
}

interface LedgerDocument {
	readonly entries: readonly { readonly oid: string; readonly capture: { readonly oid: string } | null }[];
}

interface ErrorDocument {
	readonly schemaVersion: number;
	readonly error: { readonly code: string; readonly message: string; readonly details: object };
}

function json(ended: Ended): unknown {
	try {
		return JSON.parse(ended.out) as unknown;
	} catch {
		throw new Error(`no JSON on stdout: ${JSON.stringify(ended)}`);
	}
}

describe('the command line over real repositories', function () {
	this.timeout(120_000);
	let place: BugFixture;

	beforeEach(async () => {
		place = await bugFixture();
		for (const name of ['alpha', 'beta'] as const) {
			const added = await place.cli(['add', name, place[name], '--agent', 'claude', '--json']);
			assert.equal(added.code, 0, added.out + added.err);
		}
	});

	afterEach(async () => {
		await place.dispose();
	});

	const commitOf = (dir: string, name: string): Promise<string> => place.git(dir, 'rev-parse', name);

	/** All of home that is the user's: branches, HEAD, index, and files with what is in them. */
	async function users(): Promise<unknown> {
		return {
			refs: await place.git(place.home, 'for-each-ref', 'refs/heads', 'refs/tags', 'refs/stash'),
			head: await readFile(join(place.home, '.git/HEAD'), 'utf8'),
			index: await place.git(place.home, 'ls-files', '--stage'),
			status: await place.git(place.home, 'status', '--porcelain'),
			local: await readFile(join(place.home, 'local.txt'), 'utf8'),
		};
	}

	async function ledgerOf(name: string): Promise<LedgerDocument['entries']> {
		return (json(await place.cli(['ledger', name, '--json'])) as LedgerDocument).entries;
	}

	it('brings both sessions home, each on a branch of its own, and keeps the uncommitted work', async () => {
		const before = (await users()) as Record<string, unknown>;
		const synced = await place.cli(['sync', 'alpha', 'beta', '--json']);
		const documents = json(synced) as SyncDocument[];
		const [a2, b2] = [await commitOf(place.alpha, 'main'), await commitOf(place.beta, 'main')];
		assert.deepStrictEqual(
			[synced.code, documents.map(({ outcome, refs }) => [outcome, refs.map(({ ref, to }) => [ref, to])])],
			[
				0,
				[
					['synced', [['refs/heads/claude/alpha', a2]]],
					['synced', [['refs/heads/claude/beta', b2]]],
				],
			],
		);
		assert.deepStrictEqual(
			[await commitOf(place.home, 'claude/alpha'), await commitOf(place.home, 'claude/beta')],
			[a2, b2],
		);
		await place.git(place.home, 'branch', '-D', 'claude/alpha', 'claude/beta');
		assert.deepStrictEqual(await users(), before);

		const capture = (await ledgerOf('alpha'))[0]?.capture?.oid ?? '';
		assert.deepStrictEqual(
			[
				await place.git(place.home, 'show', `${capture}:draft.txt`),
				await place.git(place.home, 'show', `${capture}:shared.txt`),
			],
			['never committed', 'changed by alpha'],
		);
	});

	it('does nothing the second time', async () => {
		await place.cli(['sync', 'alpha']);
		const [refs, entries] = [await place.git(place.home, 'for-each-ref'), await ledgerOf('alpha')];
		const again = await place.cli(['sync', 'alpha', '--json']);
		const { outcome, operation } = json(again) as SyncDocument;
		assert.deepStrictEqual(
			[again.code, outcome, operation, await place.git(place.home, 'for-each-ref'), await ledgerOf('alpha')],
			[0, 'up-to-date', null, refs, entries],
		);
	});

	it('shows the plan of a dry run, and changes nothing of the user', async () => {
		const before = await users();
		const ran = await place.cli(['sync', '--all', '--dry-run', '--json']);
		const [first] = json(ran) as SyncDocument[];
		assert.deepStrictEqual(
			[ran.code, first?.refs.map(({ ref, action }) => [ref, action]), first?.operation],
			[0, [['refs/heads/claude/alpha', 'create']], null],
		);
		assert.deepStrictEqual(await users(), before);
	});

	it('refuses to overwrite with 3, does it once accepted, undoes it and redoes it', async () => {
		const [h1, a2] = [await commitOf(place.home, 'main'), await commitOf(place.alpha, 'main')];
		const overwrite = ['sync', 'alpha', '--strategy', 'overwrite', '--branch', 'main', '--json'];
		const before = await users();

		const refused = await place.cli(overwrite);
		const open = (json(refused) as SyncDocument).warnings.filter(({ level }) => level === 'ask');
		assert.deepStrictEqual(
			[refused.code, (json(refused) as SyncDocument).outcome, await users()],
			[3, 'refused', before],
		);
		assert.ok(open.some(({ code }) => code === 'overwrites-commits'));
		assert.match(refused.err, /--accept \S*overwrites-commits/);
		assert.ok((await ledgerOf('alpha')).length > 0, 'a refused sync has rescued the work');

		const accepted = await place.cli([...overwrite, '--accept', open.map(({ code }) => code).join(',')]);
		assert.deepStrictEqual(
			[accepted.code, (json(accepted) as SyncDocument).outcome, await commitOf(place.home, 'main')],
			[0, 'synced', a2],
			accepted.out,
		);
		assert.equal(await readFile(join(place.home, 'local.txt'), 'utf8'), 'changed by the user\n');

		const undone = await place.cli(['undo', '--json']);
		const undo = json(undone) as { operation: string; undoes: string };
		assert.deepStrictEqual(
			[undone.code, undo.undoes, await users()],
			[0, (json(accepted) as SyncDocument).operation, before],
			undone.out,
		);

		const redone = await place.cli(['undo', undo.operation]);
		assert.deepStrictEqual([redone.code, await commitOf(place.home, 'main')], [0, a2], redone.out);
		assert.match(redone.out, new RegExp(`^what ${undo.operation} undid: redone\n`));
		assert.equal(await place.git(place.home, 'cat-file', '-t', h1), 'commit');
	});

	it('forgets one session once its name is given, and leaves the other', async () => {
		await place.cli(['sync', '--all']);
		const capture = (await ledgerOf('alpha'))[0]?.capture?.oid;
		const beta = await ledgerOf('beta');

		const refused = await place.cli(['forget', 'alpha', '--json']);
		assert.deepStrictEqual(
			[refused.code, (json(refused) as ErrorDocument).error.code, (await ledgerOf('alpha'))[0]?.capture?.oid],
			[3, 'confirmation-needed', capture],
		);
		const forgotten = await place.cli(['forget', 'alpha', '--accept', 'forget:alpha', '--json']);
		const { lastCopies } = json(forgotten) as { lastCopies: { oid: string }[] };
		assert.deepStrictEqual(
			[
				forgotten.code,
				lastCopies.some(({ oid }) => oid === capture),
				(await ledgerOf('alpha')).some((entry) => entry.capture?.oid === capture),
				await ledgerOf('beta'),
			],
			[0, true, false, beta],
			forgotten.out,
		);
	});

	/** A sync that waits for the lock, and is sent the signal there. */
	async function interruptedOnceAdopted(name: string, signal: NodeJS.Signals): Promise<Ended> {
		let interrupt: (name: NodeJS.Signals) => void = () => undefined;
		const waiting = place.cli(['sync', name, '--wait', '600', '--json'], {
			onStart: (send) => {
				interrupt = send;
			},
		});
		// The ledger is there once the objects are adopted, before the lock is waited for.
		const ended = waiting.then(() => true);
		const adopted = async (): Promise<boolean> =>
			(await place.git(place.home, 'for-each-ref', `refs/homeport/ledger/local/${name}`)) !== '';
		while (!(await Promise.race([ended, adopted()]))) {
			await delay(50);
		}
		interrupt(signal);
		return waiting;
	}

	it('ends with 5 while another holds the lock, the work rescued; with 130 when interrupted', async () => {
		await place.git(place.folder, 'clone', '-q', place.beta, 'gamma');
		await place.git(join(place.folder, 'gamma'), 'commit', '-q', '--allow-empty', '-m', 'C1');
		await place.cli(['add', 'gamma', join(place.folder, 'gamma')]);
		const folder = await openSyncFolder(place.home);
		const lock: SyncLock = await acquireLock(folder, { purpose: 'a test', waitSeconds: 0, clock: systemClock });
		try {
			const before = await users();
			const held = await place.cli(['sync', 'alpha', '--wait', '0', '--json']);
			const status = await place.cli(['lock', 'status', '--json']);
			const broken = await place.cli(['lock', 'break', '--json']);
			const { schemaVersion, held: isHeld, pid, owner } = json(status) as Record<string, unknown>;
			assert.deepStrictEqual(
				[held.code, broken.code, [schemaVersion, isHeld, pid, owner], await users()],
				[5, 5, [1, true, process.pid, 'alive'], before],
				held.out + held.err,
			);
			assert.ok((await ledgerOf('alpha')).length > 0, 'fetching does not wait for the lock');

			for (const [name, signal] of [
				['beta', 'SIGINT'],
				['gamma', 'SIGTERM'],
			] as const) {
				const ended = await interruptedOnceAdopted(name, signal);
				assert.deepStrictEqual([signal, ended.code, ended.signal, await users()], [signal, 130, null, before]);
				assert.equal((json(ended) as ErrorDocument).error.code, 'cancelled');
			}
		} finally {
			await lock.release();
		}
		assert.equal((await place.cli(['sync', 'alpha'])).code, 0);
	});

	it('never takes a damaged registry for an empty one', async () => {
		const damage = '{"version":1,"sessions":[';
		await mkdir(dirname(place.registry), { recursive: true });
		await writeFile(place.registry, damage);
		const ran = await place.cli(['list', '--json']);
		const { schemaVersion, error } = json(ran) as ErrorDocument;
		assert.deepStrictEqual([ran.code, schemaVersion, error.code], [1, 1, 'state-damaged']);
		assert.ok(ran.err.includes(error.message));
		const kept = await Promise.all(
			(await readdir(dirname(place.registry))).map((name) =>
				readFile(join(dirname(place.registry), name), 'utf8').catch(() => ''),
			),
		);
		assert.ok(kept.includes(damage), 'the damaged file is set aside');
	});

	it('says what a rescue brought to safety, touches no branch, and names what it could not take', async () => {
		const before = await users();
		const first = await place.cli(['rescue', 'alpha']);
		const second = await place.cli(['rescue', 'alpha']);
		await writeFile(join(place.alpha, '.env'), 'SECRET=1\n');
		const third = await place.cli(['rescue', 'alpha']);
		assert.deepStrictEqual(
			[first.out, second.out, third.out, await users()],
			[
				'local/alpha: rescued; everything it has is in home, no branch was touched\n',
				'local/alpha: nothing new; everything it has is in home, no branch was touched\n',
				'local/alpha: rescued; what could be taken is in home, no branch was touched\n' +
					'  1 item could not be taken; `homeport ledger local/alpha` lists what and why\n',
				before,
			],
		);
	});

	it('lists what a session no longer names, as long as the ledger keeps it', async () => {
		await place.git(place.alpha, 'branch', 'gone');
		await place.git(place.alpha, 'commit', '-q', '--allow-empty', '-m', 'A3');
		await place.git(place.alpha, 'branch', '-f', 'gone', 'main');
		await place.cli(['rescue', 'alpha']);
		const a3 = await commitOf(place.alpha, 'gone');
		await place.git(place.alpha, 'reset', '-q', '--hard', 'HEAD~1');
		await place.git(place.alpha, 'branch', '-qD', 'gone');
		await place.git(place.alpha, 'reflog', 'expire', '--expire=now', '--all');
		await place.git(place.alpha, 'update-ref', '-d', 'ORIG_HEAD');
		await place.cli(['rescue', 'alpha']);
		const { out } = await place.cli(['ledger', 'alpha']);
		const kept = out.split('kept of before, and no longer named by the session:')[1] ?? '';
		assert.match(kept, new RegExp(`^branch +gone +${a3.slice(0, 8)} +20`, 'm'), out);
		assert.equal(await place.git(place.home, 'cat-file', '-t', a3), 'commit');
	});

	it('refuses to remove a worktree, which is no registration, and leaves a session of its name alone', async () => {
		await place.git(place.home, 'worktree', 'add', '-q', join(place.folder, 'trees', 'alpha'));
		await place.git(place.home, 'worktree', 'add', '-q', join(place.folder, 'trees', 'tree'));
		const registered = await readFile(place.registry, 'utf8');
		const rans = await Promise.all(
			[['tree'], ['local/worktree/alpha'], ['tree', '--dry-run']].map((args) => place.cli(['remove', ...args])),
		);
		assert.deepStrictEqual(
			rans.map(({ code, out, err }) => [code, out, err.replaceAll(place.folder, '')]),
			['tree', 'alpha', 'tree'].map((name) => [
				2,
				'',
				`homeport: local/worktree/${name} is a worktree of home, and is listed as long as it is there.\n` +
					`\`git worktree remove /trees/${name}\` takes it away.\n`,
			]),
		);
		assert.equal(await readFile(place.registry, 'utf8'), registered);
		assert.equal((await place.cli(['remove', 'local/alpha'])).code, 0);
	});

	it('says of a folder that cannot be added what is wrong with that folder', async () => {
		const plain = join(place.folder, 'plain');
		await mkdir(plain);
		const wrong = await place.cli(['add', 'gamma', plain]);
		const taken = await place.cli(['add', 'gamma', place.alpha]);
		assert.deepStrictEqual(
			[wrong, taken].map(({ code, err }) => [code, err.replaceAll(place.folder, '')]),
			[
				[
					1,
					'homeport: This folder cannot be a session: this is not the top folder of a git repository or working ' +
						'tree: /plain. Nothing of yours was changed.\nName the top folder of the repository that the agent works in, ' +
						'or make one there with `git init`.\n',
				],
				[
					1,
					'homeport: /alpha is the session "alpha" already. It was left as it is.\nUse it by that name, or take it ' +
						'out of its home first, with `homeport remove alpha`.\n',
				],
			],
		);
	});

	it('has doctor count in words, and say where the work of a session that is gone is kept', async () => {
		await place.cli(['sync', 'alpha']);
		await rm(place.beta, { recursive: true });
		const { code, out } = await place.cli(['doctor']);
		const lines = out.split('\n');
		const of = (name: string): number => lines.findIndex((line) => line.includes(name));
		assert.deepStrictEqual(
			[code, lines[of('operation log')], lines[of('ledgers')], lines[of('local/beta') + 1]],
			[
				1,
				'ok  operation log: 1 operation',
				'ok  ledgers: 1 session',
				'    What was seen of it is kept: `homeport ledger local/beta` shows it.',
			],
		);
	});

	it('tells unknown names and places that are no repository apart', async () => {
		const unknown = await place.cli(['sync', 'gamma', '--json']);
		const outside = await place.cli(['list', '--json'], { dir: place.folder });
		const twice = await place.cli(['add', 'alpha', place.alpha, '--json']);
		assert.deepStrictEqual(
			[unknown, outside, twice].map((ran) => [ran.code, (json(ran) as ErrorDocument).error.code]),
			[
				[2, 'session-unknown'],
				[1, 'not-a-repository'],
				[1, 'session-exists'],
			],
		);
		assert.equal((await place.cli(['list', '--repo', place.home], { dir: place.folder })).code, 0);
	});

	it('gives one JSON document with schemaVersion 1 for every command', async () => {
		const synced = json(await place.cli(['sync', 'alpha', '--json'])) as SyncDocument;
		for (const args of [
			['list'],
			['status'],
			['status', 'alpha'],
			['plan', 'beta'],
			['pull', 'beta'],
			['push', 'beta'],
			['rescue', 'alpha'],
			['patches', 'alpha'],
			['overlap'],
			['continue'],
			['ledger', 'alpha'],
			['log'],
			['show', synced.operation ?? ''],
			['undo', '--dry-run'],
			['undo'],
			['forget', 'alpha', '--dry-run'],
			['lock', 'status'],
			['lock', 'break'],
			['doctor'],
			['version'],
			['remove', 'beta'],
			['nonsense'],
		]) {
			const ran = await place.cli([...args, '--json']);
			const document = json(ran) as { schemaVersion: number; error?: { code: string } };
			const expected = { continue: 'usage', nonsense: 'usage' }[args[0]!];
			assert.deepStrictEqual(
				[args, document.schemaVersion, document.error?.code],
				[args, 1, expected],
				ran.out + ran.err,
			);
		}
		const list = json(await place.cli(['list', '--json'])) as { sessions: { id: string; state: string }[] };
		assert.deepStrictEqual(
			list.sessions.map(({ id, state }) => [id, state]),
			[['local/alpha', 'running']],
		);
	});
});

describe('the command line under an old Node', () => {
	it('says so in one line and ends with 2', async function () {
		this.timeout(30_000);
		const node = await oldNode();
		if (node === null) {
			this.skip();
		}
		const place = await bugFixture();
		try {
			const ran = await place.cli(['version'], { node });
			assert.deepStrictEqual([ran.code, ran.out, ran.err.split('\n').length], [2, '', 2]);
			assert.match(ran.err, /22\.19/);
		} finally {
			await place.dispose();
		}
	});

	it('is too old for the scripts too, whichever of them it is', async function () {
		const node = await oldNode();
		if (node === null) {
			this.skip();
		}
		const place = await bugFixture();
		try {
			// Away from the packages, and so from the node among them.
			const copy = join(place.folder, 'scripts', 'packages.mjs');
			await mkdir(dirname(copy));
			await copyFile('scripts/packages.mjs', copy);
			const find = `import(${JSON.stringify(pathToFileURL(copy))}).then(({ findNode }) => findNode())`;
			const { stderr } = await promisify(execFile)(node, ['-e', find]).catch((error: { stderr: string }) => error);
			assert.match(stderr, /Error: Node [0-9.]+ is too old, and the one among the packages does not start\. /);
		} finally {
			await place.dispose();
		}
	});
});
