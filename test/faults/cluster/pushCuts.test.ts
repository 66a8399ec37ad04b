import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import type { ExecFault } from '../../support/cluster/faults.js';
import type { Moved } from '../../support/cluster/outlet.js';
import { type CutFixture, cameOf, cutFixture } from '../../support/cutFixture.js';
import { cutsAtBytes, cutsAtFrames, duplicates, spread } from '../../support/cuts.js';
import { endOf, recordLongRun } from '../../support/longFigures.js';
import { listing } from '../../support/model/files.js';
import { seededRandom } from '../../support/model/random.js';
import { out } from '../../support/pushFixture.js';

const isLong = process.env['HOMEPORT_LONG'] === '1';
const seed = 20260722;
/** The execs of a push to a session that has nothing new, in their order. */
const execs = ['observe', 'look before', 'receive-pack', 'look after'] as const;
const main = 'refs/heads/main';

describe('a push whose stream is cut', function () {
	this.timeout(isLong ? 4 * 3_600_000 : 240_000);
	let fixture: CutFixture;
	let moved: Moved[];
	let from: string;
	let to: string;
	/** The session's branch, status and files before a push and after it. */
	let old: string;
	let arrived: string;
	let played = 0;

	before(async () => {
		fixture = await cutFixture();
		const { home, git, commit, pod, inPod, cluster, save, restore, sync } = fixture;
		await git(home, 'config', 'user.name', 'Somebody');
		await git(home, 'config', 'user.email', 'somebody@example.org');
		from = await inPod(pod, 'git rev-parse HEAD');
		await commit(home, 'H1', { 'base.txt': 'changed\n', 'new/home.txt': 'home\n' });
		const random = seededRandom(seed);
		// More than goes into one message.
		to = await commit(home, 'H2', { 'new/noise.txt': Array.from({ length: 12_000 }, () => random()).join('\n') });
		await save();
		old = await sessionNow();
		await sync('alpha', [], out);
		await restore(true);
		cluster.execs.takeMoved();
		assert.equal((await sync('alpha', [], out)).outcome, 'synced');
		moved = cluster.execs.takeMoved();
		console.log(`      ${moved.map((one, index) => `${execs[index]} ${JSON.stringify(one)}`).join('\n      ')}`);
		assert.equal(moved.length, execs.length);
		arrived = await sessionNow();
	});
	after(async function () {
		await fixture.dispose();
		if (isLong) {
			const what = 'pushes to a pod whose streams are cut at every frame and at random bytes, doubled, stalled or slow';
			recordLongRun({ what, amount: played, result: endOf(this, 'the old or the new, and the log says which') });
		}
	});
	afterEach(() => fixture.cluster.faults.clear());

	async function sessionNow(): Promise<string> {
		const { pod, inPod, workspace } = fixture;
		const said = await inPod(pod, 'git for-each-ref; git symbolic-ref HEAD; git status --porcelain; git fsck --strict');
		const files = listing(workspace, (path) => path === '.git');
		return `${said}\n${[...files].map(([path, what]) => `${join('/', path)} ${what}`).join('\n')}`;
	}

	/** Pushes with this fault in the exec of that number, and looks at what is left; how it came out. */
	async function pushWith(
		number: number,
		fault: ExecFault,
		times = 1,
		limits: Readonly<Record<string, number>> | null = null,
	): Promise<string> {
		const { cluster, restore, limit, sync, homeport, atRest, requireWhole, standing } = fixture;
		played += 1;
		const what = `${execs[number]}: ${JSON.stringify(fault)}${times === 1 ? '' : ` ${times} times`}`;
		await restore(true);
		const before = await standing();
		await limit(limits);
		const undo = cluster.faults.exec(fault, { after: number, times });
		const outcome = await cameOf(sync('alpha', [], out), what);
		undo();
		await limit(null);
		await atRest();
		const now = await sessionNow();
		assert.ok(now === old || now === arrived, `${what}: ${outcome}, and the session is neither old nor new:\n${now}`);
		const [operation] = await homeport.operations();
		if (outcome === 'synced') {
			assert.deepStrictEqual([now === arrived, operation?.state], [true, 'done'], what);
		} else if (operation !== undefined && operation.state !== 'begun') {
			assert.equal(operation.state, now === arrived ? 'done' : 'rolled-back', `${what}: ${outcome}`);
		} else if (operation === undefined) {
			assert.equal(now, old, `${what}: ${outcome}`);
		}
		assert.match((await sync('alpha', [], out)).outcome, /^(?:synced|up-to-date)$/, what);
		const log = await homeport.operations();
		assert.deepStrictEqual(
			[await sessionNow(), log.filter(({ state }) => state === 'done').map(({ sessionRefs }) => sessionRefs)],
			[arrived, [[{ ref: main, from, to }]]],
			what,
		);
		assert.deepStrictEqual([log.some(({ state }) => state === 'begun'), await standing()], [false, before], what);
		await requireWhole(what);
		return outcome;
	}

	/** Pushes with each of the faults; what came out, and how often. */
	async function outcomesOf(number: number, faults: readonly ExecFault[]): Promise<Record<string, number>> {
		const outcomes: Record<string, number> = {};
		for (const fault of faults) {
			const outcome = await pushWith(number, fault);
			outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
		}
		console.log(`      ${execs[number]}: ${JSON.stringify(outcomes)}`);
		return outcomes;
	}

	for (const [number, name] of execs.entries()) {
		it(`in ${name}: leaves the old or the new, and the log says which`, async () => {
			const few = [1, 1, 4, 2][number]!;
			const all = cutsAtFrames(moved[number]!, isLong);
			const count = isLong ? [40, 100, 400, 150][number]! : few;
			const outcomes = await outcomesOf(number, [
				...(isLong ? all : spread(all, few)),
				...cutsAtBytes(moved[number]!, count, seededRandom(seed + number)),
			]);
			assert.deepStrictEqual(
				Object.keys(outcomes).filter(
					(outcome) => !['synced', 'stream-failed', 'changed-meanwhile', 'push-refused'].includes(outcome),
				),
				[],
			);
		});
	}

	it('before anything of it has arrived: leaves the old, and the log says that it was not done', async () => {
		const { homeport, restore, sync, cluster, atRest } = fixture;
		await restore(true);
		// What the command is, and not yet what it is to take.
		const afterStdinBytes = moved[2]!.stdinBytes - 60_000;
		const undo = cluster.faults.exec({ cut: { afterStdinBytes, status: 'success', closeCode: 1000 } }, { after: 2 });
		assert.match(await cameOf(sync('alpha', [], out), 'cut'), /^(?:stream-failed|push-refused)$/);
		undo();
		await atRest();
		const [operation] = await homeport.operations();
		assert.deepStrictEqual([await sessionNow(), operation?.kind, operation?.state], [old, 'push', 'rolled-back']);
		assert.equal((await sync('alpha', [], out)).outcome, 'synced');
		assert.deepStrictEqual(
			(await homeport.operations()).map(({ state }) => state),
			['done', 'rolled-back'],
		);
	});

	it('after it has arrived, and nobody can say so: leaves the new, and the next push finds it done', async () => {
		const { homeport, restore, sync, cluster } = fixture;
		await restore(true);
		const undo = cluster.faults.exec({ cut: { afterFrames: 1 } }, { after: 3 });
		assert.equal(await cameOf(sync('alpha', [], out), 'cut'), 'stream-failed');
		undo();
		assert.deepStrictEqual([await sessionNow(), (await homeport.operations())[0]?.state], [arrived, 'begun']);
		assert.equal((await sync('alpha', [], out)).outcome, 'up-to-date');
		assert.deepStrictEqual(
			(await homeport.operations()).map(({ state }) => state),
			['done'],
		);
	});

	it('or has a frame twice: leaves the old or the new', async () => {
		for (const number of execs.keys()) {
			const all = duplicates(moved[number]!);
			await outcomesOf(number, isLong ? all : spread(all, number === 2 ? 3 : 1));
		}
	});

	it('or says nothing more: is not waited for longer than its limits', async () => {
		const limits = { idleSeconds: 2 };
		const stalls = isLong ? [0, 100, 200, 300, 360] : [100];
		for (const stallAfterStdoutBytes of stalls) {
			const outcome = await pushWith(2, { stallAfterStdoutBytes }, 1, limits);
			assert.match(outcome, /^(?:timed-out|synced)$/, String(stallAfterStdoutBytes));
		}
		if (isLong) {
			assert.equal(await pushWith(3, { stallAfterStdoutBytes: 20 }), 'timed-out');
		}
	});

	it('or is slow: arrives', async () => {
		for (const number of execs.keys()) {
			if (isLong || number > 1) {
				assert.equal(await pushWith(number, { delayMs: 40 }), 'synced');
			}
		}
	});
});
