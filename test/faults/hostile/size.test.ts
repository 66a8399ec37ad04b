import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { harmless, HostileRoom } from '../../support/hostileSession.js';

const gigabyte = 1024 ** 3;

describe('hostile session: size', () => {
	let room: HostileRoom;
	beforeEach(() => {
		room = new HostileRoom();
	});
	afterEach(() => {
		room.dispose();
	});

	function zeros(path: string, size: number): void {
		const file = openSync(join(room.evil, path), 'w');
		ftruncateSync(file, size);
		closeSync(file);
	}
	const missing = async (): Promise<string[]> => {
		const [entry] = await (await room.open()).ledger('local/evil');
		return (entry?.missing ?? []).map(({ name, reason, size }) => `${name} ${reason} ${size}`);
	};

	it('lists 1 GB of untracked zeros, and takes the rest', async () => {
		await room.add();
		zeros('zeros.bin', gigabyte);
		room.write('draft.txt', 'never committed\n');
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), missing: await missing() },
			{ ...harmless, missing: [`zeros.bin too-large ${gigabyte}`] },
		);
	});

	it('lists a tracked file that became 1 GB of zeros, and takes the rest', async () => {
		await room.add();
		zeros('shared.txt', gigabyte);
		room.write('draft.txt', 'never committed\n');
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), missing: await missing() },
			{ ...harmless, missing: [`shared.txt too-large ${gigabyte}`] },
		);
	});

	it('blocks a committed file of more than 1 GB of zeros, and names it', async function () {
		const { bavail, bsize } = statfsSync(tmpdir());
		if (bavail * bsize < 4 * gigabyte) {
			this.skip();
		}
		await room.add();
		zeros('zeros.bin', gigabyte + 1);
		execFileSync('git', ['-c', 'core.bigFileThreshold=1m', '-c', 'core.compression=1', 'add', 'zeros.bin'], {
			cwd: room.evil,
		});
		room.commitAll('zeros');
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), outcome: verdicts[0]!.outcome, findings: verdicts[0]!.findings },
			{ ...harmless, outcome: 'blocked', findings: ['blob-too-large'] },
		);
		assert.match(verdicts[0]!.words, /zeros\.bin/);
	}).timeout(120_000);

	it('stops a fetch at its limit of bytes', async () => {
		room.limit({ packBytes: 100_000 });
		await room.add();
		const random = Buffer.alloc(1024 ** 2);
		crypto.getRandomValues(random.subarray(0, 65_536));
		for (let at = 0; at < random.length; at += 65_536) {
			crypto.getRandomValues(random.subarray(at, at + 65_536));
		}
		room.write('random.bin', random);
		room.commitAll();
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), outcome: verdicts[0]!.outcome, code: verdicts[0]!.code },
			{ ...harmless, outcome: 'failed', code: 'limit-exceeded' },
		);
		assert.match(verdicts[0]!.words, /limit/);
	});

	it('lists what lies deeper than a path can name', async () => {
		await room.add();
		// Step by step, since no path can name the end.
		const dig = `
			const { mkdirSync, writeFileSync } = require('node:fs');
			for (let depth = 0; depth < 30; depth += 1) { mkdirSync('d'.repeat(200)); process.chdir('d'.repeat(200)); }
			writeFileSync('deep.txt', 'deep');
		`;
		execFileSync(process.execPath, ['-e', dig], { cwd: room.evil });
		room.write('draft.txt', 'never committed\n');
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		const aftermath = await room.aftermath(before, verdicts);
		execFileSync('rm', ['-rf', 'd'.repeat(200)], { cwd: room.evil });
		assert.deepStrictEqual(aftermath, harmless);
		assert.ok(
			(await missing()).some((item) => item.startsWith('ddd')) || verdicts[0]!.words.includes('ddd'),
			verdicts[0]!.words,
		);
	});

	it('brings 5,000 untracked files in folders to an end', async () => {
		await room.add();
		for (let folder = 0; folder < 25; folder += 1) {
			mkdirSync(join(room.evil, `many/${folder}`), { recursive: true });
			for (let number = 0; number < 200; number += 1) {
				writeFileSync(join(room.evil, `many/${folder}/${number}`), `${folder} ${number}\n`);
			}
		}
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), outcome: verdicts[0]!.outcome },
			{ ...harmless, outcome: 'synced' },
		);
	}).timeout(120_000);

	it('brings a commit with a message of 10 MB to an end, and says what it was', async () => {
		await room.add();
		const text = 'm'.repeat(10 * 1024 ** 2);
		const tip = room.gitWith(
			room.evil,
			text,
			'commit-tree',
			'-p',
			'HEAD',
			room.git(room.evil, 'rev-parse', 'HEAD^{tree}'),
		);
		room.git(room.evil, 'update-ref', 'refs/heads/main', tip);
		const before = room.portrait();
		const verdicts = await room.attack('branch');
		assert.deepStrictEqual(
			{ ...(await room.aftermath(before, verdicts)), outcome: verdicts[0]!.outcome },
			{ ...harmless, outcome: 'blocked' },
		);
		assert.match(verdicts[0]!.words, /commit of \d+ bytes/);
	});
});
