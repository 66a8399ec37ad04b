import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendAudit, rotate } from '../../../src/core/coordination/auditLog.js';

const mebibyte = 1024 * 1024;
const clock = { now: () => new Date(2026, 1, 3, 4, 5, 6).getTime() };

describe('audit log', () => {
	let folder: string;
	let log: string;

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-audit-'));
		log = join(folder, 'sync.log');
	});

	afterEach(() => rm(folder, { recursive: true, force: true }));

	it('has one line for each message, whatever the message holds', async () => {
		const answers = [
			await appendAudit(folder, 'INFO', 'sync alpha', clock),
			await appendAudit(folder, 'SUCCESS', 'one\n[2026-01-01 00:00:00] [ERROR] two\u001b[2J', clock),
		];
		assert.deepStrictEqual(
			[answers, await readFile(log, 'utf8'), (await stat(log)).mode & 0o777],
			[
				[null, null],
				'[2026-02-03 04:05:06] [INFO] sync alpha\n' +
					'[2026-02-03 04:05:06] [SUCCESS] one\ufffd[2026-01-01 00:00:00] [ERROR] two\ufffd[2J\n',
				0o600,
			],
		);
	});

	it('keeps what was there, and closes it to others', async () => {
		await writeFile(log, 'old\n');
		await chmod(log, 0o644);
		await appendAudit(folder, 'WARN', 'new', clock);
		assert.deepStrictEqual(
			[await readFile(log, 'utf8'), (await stat(log)).mode & 0o777],
			['old\n[2026-02-03 04:05:06] [WARN] new\n', 0o600],
		);
	});

	it('begins a new one when the old is full', async () => {
		await writeFile(log, 'x'.repeat(mebibyte));
		await writeFile(`${log}.1`, 'older');
		const answer = await appendAudit(folder, 'INFO', 'first', clock);
		assert.deepStrictEqual(
			[answer, await readFile(log, 'utf8'), (await stat(`${log}.1`)).size, (await readdir(folder)).toSorted()],
			[null, '[2026-02-03 04:05:06] [INFO] first\n', mebibyte, ['sync.log', 'sync.log.1']],
		);
	});

	it('loses no line when many find it full at once', async () => {
		await writeFile(log, 'x'.repeat(mebibyte));
		await Promise.all(Array.from({ length: 40 }, (_, index) => appendAudit(folder, 'INFO', `line ${index}`, clock)));
		const old = await readFile(`${log}.1`, 'utf8');
		assert.deepStrictEqual(
			[
				old.lastIndexOf('x') + 1,
				[...`${old}${await readFile(log, 'utf8')}`.matchAll(/line (\d+)\n/g)]
					.map((match) => Number(match[1]))
					.toSorted((one, other) => one - other),
				(await readdir(folder)).toSorted(),
			],
			[mebibyte, Array.from({ length: 40 }, (_, index) => index), ['sync.log', 'sync.log.1']],
		);
	});

	it('changes no log that another has begun meanwhile', async () => {
		await writeFile(log, 'fresh');
		await writeFile(`${log}.1`, 'full');
		const { ino } = await stat(`${log}.1`, { bigint: true });
		await rotate(log, ino, clock);
		assert.deepStrictEqual([await readFile(log, 'utf8'), await readFile(`${log}.1`, 'utf8')], ['fresh', 'full']);
	});

	it('goes on where another died over the change, and changes later', async () => {
		await writeFile(log, 'x'.repeat(mebibyte));
		await writeFile(`${log}.rotating`, '1\n');
		const sizes: number[] = [];
		for (const later of [0, 2 * 60_000, 0]) {
			await appendAudit(folder, 'INFO', 'line', { now: () => Date.now() + later });
			sizes.push((await stat(log)).size);
		}
		assert.deepStrictEqual(
			[sizes, (await stat(`${log}.1`)).size, (await readdir(folder)).toSorted()],
			[[mebibyte + 34, mebibyte + 68, 34], mebibyte + 68, ['sync.log', 'sync.log.1']],
		);
	});

	const obstacles: Readonly<Record<string, () => Promise<unknown>>> = {
		'a symbolic link': () => symlink(join(folder, 'victim'), log),
		'a folder': () => mkdir(log),
		'a named pipe': async () => execFileSync('mkfifo', [log]),
		'without its folder': () => rm(folder, { recursive: true }),
		'full, and its successor a folder': async () => {
			await writeFile(log, 'x'.repeat(mebibyte));
			await mkdir(join(`${log}.1`, 'inner'), { recursive: true });
		},
	};
	for (const [name, lay] of Object.entries(obstacles)) {
		it(`answers what stood in the way where it is ${name}`, async () => {
			await lay();
			const before = await readdir(folder).catch(() => []);
			const answer = await appendAudit(folder, 'INFO', 'message', clock);
			assert.deepStrictEqual([answer?.code, await readdir(folder).catch(() => [])], ['state-unwritable', before]);
		});
	}
});
