import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { harmless, HostileRoom } from '../../support/hostileSession.js';

describe('hostile session: while it moves', () => {
	let room: HostileRoom;
	const agents: ChildProcess[] = [];
	beforeEach(() => {
		room = new HostileRoom();
	});
	afterEach(async () => {
		for (const agent of agents.splice(0)) {
			const ended = once(agent, 'exit');
			agent.kill('SIGKILL');
			await ended;
		}
		room.dispose();
	});

	/** An agent that works in the session until the test is over; resolves once it has begun. */
	async function agent(work: string): Promise<void> {
		const child = spawn(process.execPath, ['-e', work], { cwd: room.evil, stdio: ['ignore', 'pipe', 'inherit'] });
		agents.push(child);
		await once(child.stdout, 'data');
	}
	const show = (rev: string): string => room.git(room.home, 'show', rev);
	const capture = 'refs/homeport/sessions/local/evil/capture';

	it('takes a moment, or says that it could not, while files change every 10 ms', async () => {
		for (let number = 0; number < 20; number += 1) {
			room.write(`live/${number}.txt`, '0\n');
		}
		room.commitAll();
		await room.add();
		await agent(`
			const fs = require('node:fs');
			let round = 0;
			setInterval(() => {
				round += 1;
				for (let n = 0; n < 20; n += 1) fs.writeFileSync('live/' + n + '.txt', round + '\\n');
				fs.writeFileSync('live/new-' + round + '.txt', round + '\\n');
				try { fs.rmSync('live/new-' + (round - 5) + '.txt'); } catch {}
				if (round === 3) process.stdout.write('.');
			}, 10);
		`);
		const before = room.portrait();
		const verdicts = await room.attack('branch', 'rescue');
		const [entry] = await (await room.open()).ledger('local/evil');
		const rounds = Array.from({ length: 20 }, (_, number) => show(`${capture}:live/${number}.txt`));
		assert.deepStrictEqual(await room.aftermath(before, verdicts), harmless);
		assert.deepStrictEqual(
			verdicts.map((verdict) => verdict.outcome),
			['synced', 'synced'],
		);
		assert.ok(entry!.capture?.quiet === false || isOneMoment(rounds), `said to be quiet, and holds ${rounds.join()}`);
	});

	it('takes commits whole while the agent commits, resets and collects garbage', async () => {
		await room.add();
		await agent(`
			const { execFileSync } = require('node:child_process');
			const fs = require('node:fs');
			const git = (...args) => { try { execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { stdio: 'ignore' }); } catch {} };
			for (let round = 0; ; round += 1) {
				fs.writeFileSync('busy.txt', round + '\\n');
				git('add', '-A'); git('commit', '-qm', 'round ' + round);
				if (round % 3 === 2) git('reset', '-q', '--hard', 'HEAD~2');
				if (round % 4 === 3) git('gc', '-q', '--prune=now');
				if (round % 5 === 4) { git('branch', 'b' + round); git('checkout', '-q', '-B', 'main', 'b' + round); git('branch', '-D', 'b' + round); }
				if (round === 1) process.stdout.write('.');
			}
		`);
		const before = room.portrait();
		const verdicts = await room.attack('branch', 'branch', 'rescue');
		assert.deepStrictEqual(await room.aftermath(before, verdicts), harmless);
		for (const { outcome, code, words } of verdicts) {
			assert.ok(outcome !== 'thrown' && code !== 'cancelled' && code !== 'not-ours', `${outcome} ${code}: ${words}`);
		}
		room.git(room.home, 'fsck', '--connectivity-only');
	});

	it('needs no lock of the session: index, HEAD, refs and configuration may be held', async () => {
		await room.add();
		room.write('draft.txt', 'never committed\n');
		for (const lock of ['index', 'HEAD', 'config', 'packed-refs', 'refs/heads/main', 'shallow', 'gc.pid']) {
			room.write(`.git/${lock}.lock`, '');
		}
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), draft: show(`${capture}:draft.txt`) },
			{ ...harmless, draft: 'never committed' },
		);
	});

	it('reads a folder of another user', async function () {
		if (process.getuid?.() !== 0) {
			this.skip();
		}
		room.write('draft.txt', 'never committed\n');
		await room.add();
		const own = (path: string): void => chownSync(join(room.evil, path), 12_345, 12_345);
		['', '.git', '.git/HEAD', '.git/config', '.git/index', '.git/objects', '.git/refs', 'draft.txt'].forEach(own);
		const before = room.portrait();
		const verdicts = await room.attack('rescue', 'branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), outcomes: verdicts.map((verdict) => verdict.outcome) },
			{ ...harmless, outcomes: ['synced', 'synced'] },
		);
	});

	it('takes a folder that was removed and made anew for a new life of it', async () => {
		await room.add();
		const first = room.git(room.evil, 'rev-parse', 'HEAD');
		await room.attack('branch');
		rmSync(room.evil, { recursive: true });
		const [gone] = await room.attack('rescue');
		room.git(room.folder, 'init', '-q', '--template=', '-b', 'main', 'evil');
		room.write('other.txt', 'another life\n');
		const second = room.commitAll('another life');
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		const entries = await (await room.open()).ledger('local/evil');
		const kept = room.git(room.home, 'rev-list', '--glob=refs/homeport').split('\n');
		assert.deepStrictEqual(
			{
				...(await room.aftermath(before, verdicts)),
				gone: [gone!.outcome, gone!.code],
				lives: new Set(entries.map((entry) => entry.epoch)).size,
				kept: [first, second].map((oid) => kept.includes(oid)),
				warned: verdicts[0]!.result!.warnings.map((warning) => warning.code).filter((code) => code === 'epoch-changed'),
				gonesaid: verdicts[0]!.result!.warnings.some((warning) => warning.code === 'branch-gone'),
			},
			{
				...harmless,
				gone: ['unreachable', 'session-missing'],
				lives: 2,
				kept: [true, true],
				warned: ['epoch-changed'],
				gonesaid: false,
			},
		);
	});

	it('takes a folder that was put back from a copy for a new life of it', async () => {
		await room.add();
		await room.attack('branch');
		cpSync(room.evil, `${room.evil}-copy`, { recursive: true, preserveTimestamps: true });
		rmSync(room.evil, { recursive: true });
		renameSync(`${room.evil}-copy`, room.evil);
		room.write('shared.txt', 'edited\n');
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		const entries = await (await room.open()).ledger('local/evil');
		assert.deepStrictEqual(
			{
				...(await room.aftermath(before, verdicts)),
				lives: new Set(entries.map((entry) => entry.epoch)).size,
				edit: show(`${capture}:shared.txt`),
			},
			{ ...harmless, lives: 2, edit: 'edited' },
		);
	});

	it('does not take an emptied folder for work that was deleted', async () => {
		await room.add();
		const tip = room.git(room.evil, 'rev-parse', 'HEAD');
		await room.attack('branch');
		rmSync(room.evil, { recursive: true });
		mkdirSync(room.evil);
		const before = room.portrait();
		const [verdict] = await room.attack('branch');
		assert.deepStrictEqual(
			{
				...(await room.aftermath(before, [verdict!])),
				outcome: verdict!.outcome,
				branch: room.git(room.home, 'rev-parse', 'claude/evil'),
			},
			{ ...harmless, outcome: 'unreachable', branch: tip },
		);
		assert.match(verdict!.words, /gone|git folder/);
	});

	it('refuses home, its git folder and what is inside of that as a session', async () => {
		const homeport = await room.open();
		const before = room.portrait();
		for (const path of [room.home, join(room.home, '.git'), join(room.home, '.'), `${room.home}/../home`]) {
			await assert.rejects(homeport.add('evil', path, 'claude'), { code: 'usage' }, path);
		}
		assert.deepStrictEqual(room.portrait(), before);
	});

	it('keeps home as it is while a session stands inside it', async () => {
		const inside = join(room.home, 'agents/evil');
		mkdirSync(join(room.home, 'agents'));
		cpSync(room.evil, inside, { recursive: true });
		writeFileSync(join(inside, 'draft.txt'), 'never committed\n');
		await room.add(inside);
		const before = room.portrait();
		const verdicts = await room.attack('rescue', 'branch', 'overwrite');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), outcomes: verdicts.map((verdict) => verdict.outcome) },
			{ ...harmless, outcomes: ['synced', 'synced', 'synced'] },
		);
	});

	it('never lets a swap of .git against a link to another repository through', async () => {
		await room.add();
		room.write('draft.txt', 'never committed\n');
		await agent(`
			const fs = require('node:fs');
			const secret = ${JSON.stringify(join(room.secret, '.git'))};
			fs.symlinkSync(secret, 'link');
			let round = 0;
			for (;;) {
				try {
					fs.renameSync('.git', 'own'); fs.renameSync('link', '.git');
					fs.renameSync('.git', 'link'); fs.renameSync('own', '.git');
				} catch {}
				if (++round === 10) process.stdout.write('.');
			}
		`);
		const before = room.portrait();
		for (let attempt = 0; attempt < 10; attempt += 1) {
			await room.attack('rescue');
		}
		assert.deepStrictEqual(await room.aftermath(before, []), harmless);
	}).timeout(60_000);
});

// The agent writes its files in turn, each empty for a moment, and may stand still between two of them.
function isOneMoment(rounds: readonly string[]): boolean {
	const numbers = rounds.filter((round) => round !== '').map(Number);
	const falls = numbers.map((number, index) => (numbers[index - 1] ?? number) - number).filter((fall) => fall !== 0);
	return rounds.length - numbers.length <= 1 && ['', '1'].includes(falls.join());
}
