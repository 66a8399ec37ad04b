import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isHomeportError } from '../../../src/core/base/errors.js';
import { describeError } from '../../../src/core/base/messages.js';
import { type Homeport, openHome } from '../../../src/core/homeport.js';
import type { SyncPhase } from '../../../src/core/model/report.js';
import { type EngineFixture, engineFixture } from '../../support/engineFixture.js';
import { acceptAll, doOperation, type OperationName, requestOf } from '../../support/killer.js';
import { mountSmallDisk, type SmallDisk } from '../../support/smallDisk.js';

const block = 4096;
const big = (letter: string): string => letter.repeat(64 * 1024);

describe('a disk that is full or read-only', function () {
	this.timeout(120_000);
	let fixture: EngineFixture;
	let disk: SmallDisk;
	let home: string;

	before(async function () {
		fixture = await engineFixture();
		const mounted = mountSmallDisk(join(fixture.folder, 'disk'), 8);
		if (mounted === null) {
			await fixture.dispose();
			process.stdout.write('      mounting is not permitted here\n');
			this.skip();
		}
		disk = mounted;
		home = join(disk.path, 'home');
		const { session, git, commit, write } = fixture;
		rmSync(join(fixture.home, '.git/hooks'), { recursive: true });
		execFileSync('cp', ['-a', fixture.home, home]);
		await write(home, { 'shared.txt': 'mine\n', 'untracked.txt': 'mine\n' });
		await (await openHome({ repo: home, env: fixture.env })).add('alpha', session, 'claude');
		await git(session, 'switch', '-q', '-c', 'side');
		await commit(session, 'B1', { 'side.txt': 'side\n' });
		await git(session, 'switch', '-q', 'main');
		await commit(session, 'A1', { 'base.txt': big('b'), 'new/one.txt': big('1'), 'new/two.txt': big('2') });
		await write(session, { 'work.txt': 'not committed\n' });
		execFileSync('cp', ['-a', home, join(fixture.folder, 'fresh')]);
		await doOperation(await openHome({ repo: home, env: fixture.env }), { name: 'rescue', session });
		execFileSync('cp', ['-a', home, join(fixture.folder, 'rescued')]);
	});
	after(async () => {
		if (disk !== undefined) {
			disk.dispose();
			await fixture.dispose();
		}
	});

	async function reset(template: string): Promise<Homeport> {
		disk.free();
		rmSync(home, { recursive: true, force: true });
		execFileSync('cp', ['-a', join(fixture.folder, template), home]);
		return openHome({ repo: home, env: fixture.env });
	}
	async function mine(): Promise<object> {
		const { git } = fixture;
		return {
			branches: await git(home, 'for-each-ref', 'refs/heads', 'refs/tags'),
			head: readFileSync(join(home, '.git/HEAD'), 'utf8'),
			index: await git(home, 'ls-files', '-s'),
			status: await git(home, 'status', '--porcelain'),
			files: ['base.txt', 'shared.txt', 'untracked.txt'].map((name) =>
				readFileSync(join(home, name), 'utf8').slice(0, 9),
			),
		};
	}
	/** Runs until `phase`, takes the room then, and says how it ended. */
	async function attempt(homeport: Homeport, name: OperationName, phase: SyncPhase, leave: number): Promise<string> {
		const alpha = await homeport.find('alpha');
		const onProgress = (progress: { phase: SyncPhase }): void => {
			if (progress.phase === phase) {
				disk.fill(leave);
			}
		};
		try {
			const result =
				name === 'rescue'
					? await homeport.rescue(alpha, { onProgress })
					: await homeport.sync(alpha, requestOf(name), acceptAll, { onProgress });
			return result.error === null ? result.outcome : told(result.error);
		} catch (error) {
			return told(error);
		}
	}
	function told(error: unknown): string {
		if (!isHomeportError(error, 'state-unwritable')) {
			return `${String(error)} ${JSON.stringify(error)}`;
		}
		const { path, reason } = error.details;
		const words = describeError(error, 'cli').message;
		const clear = typeof path === 'string' && path !== '' && typeof reason === 'string' && reason !== '';
		return clear && words.includes(path) ? 'state-unwritable' : `unclear: ${words} ${JSON.stringify(error.details)}`;
	}

	const cases: readonly (readonly [OperationName, string, SyncPhase, readonly number[]])[] = [
		['rescue', 'fresh', 'fetch', [0, 16]],
		['rescue', 'fresh', 'adopt', [0, 1, 2, 3, 4, 6, 8, 10]],
		['create', 'rescued', 'apply', [0, 1, 3, 6, 9, 12, 16]],
		['overwrite', 'rescued', 'apply', [4, 12, 16, 20, 30, 40]],
	];
	for (const [name, template, phase, rooms] of cases) {
		for (const room of rooms) {
			it(`${name}: ${room} blocks are left at ${phase}`, async () => {
				const whole = await reset(template);
				const before = await mine();
				await doOperation(whole, { name, session: fixture.session });
				const after = await mine();
				const homeport = await reset(template);
				const ended = await attempt(homeport, name, phase, room * block);
				disk.free();
				const again = await openHome({ repo: home, env: fixture.env });
				await again.undo(null, { accepted: [], dryRun: true }).catch((error: unknown) => {
					assert.ok(isHomeportError(error, 'nothing-to-undo'), String(error));
				});
				const recovered = await mine();
				const moved = isDeepStrictEqual(recovered, after);
				await doOperation(again, { name, session: fixture.session });
				const fsck = await fixture.git(home, 'fsck', '--connectivity-only', '--no-dangling', '--no-progress');
				assert.deepStrictEqual(
					{ ended: ended === 'synced' ? 'state-unwritable' : ended, recovered, last: await mine(), fsck },
					{ ended: 'state-unwritable', recovered: moved ? after : before, last: after, fsck: '' },
				);
			});
		}
	}

	for (const [name, template] of [
		['rescue', 'fresh'],
		['create', 'fresh'],
		['overwrite', 'rescued'],
		['undo', 'rescued'],
		['forget', 'rescued'],
	] as const) {
		it(`${name}: home is read-only`, async () => {
			const homeport = await reset(template);
			if (name === 'undo') {
				await doOperation(homeport, { name: 'create', session: fixture.session });
			}
			const before = await mine();
			disk.writable(false);
			let ended: string;
			try {
				ended = await doOperation(homeport, { name, session: fixture.session }).then(() => 'done', told);
			} finally {
				disk.writable(true);
			}
			const atOnce = await mine();
			const again = await openHome({ repo: home, env: fixture.env });
			const second = await doOperation(again, { name, session: fixture.session }).then(() => 'done', told);
			assert.deepStrictEqual({ ended, atOnce, second }, { ended: 'state-unwritable', atOnce: before, second: 'done' });
		});
	}
});
