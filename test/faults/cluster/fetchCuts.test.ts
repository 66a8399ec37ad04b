import { strict as assert } from 'node:assert';
import type { ExecFault } from '../../support/cluster/faults.js';
import type { Moved } from '../../support/cluster/outlet.js';
import { type CutFixture, cameOf, cutFixture } from '../../support/cutFixture.js';
import { cutsAtBytes, cutsAtFrames, duplicates, spread } from '../../support/cuts.js';
import { endOf, recordLongRun } from '../../support/longFigures.js';
import { differences } from '../../support/model/files.js';
import { seededRandom } from '../../support/model/random.js';

const isLong = process.env['HOMEPORT_LONG'] === '1';
const seed = 20260721;
/** The execs of a sync, in their order. */
const execs = ['observe', 'upload-pack', 'drop'] as const;

describe('a sync whose stream is cut', function () {
	this.timeout(isLong ? 4 * 3_600_000 : 240_000);
	let fixture: CutFixture;
	let moved: Moved[];
	let untouched: string;
	let session: Map<string, string>;
	/** The user's refs once all has come. */
	let whole: string;
	let tips: string;
	let played = 0;

	before(async () => {
		fixture = await cutFixture();
		const { pod, inPod, commitIn, sync, cluster, save, restore, standing, sessionState } = fixture;
		await commitIn(pod, 'A1', { 'one.txt': 'one' });
		await inPod(pod, 'head -c 100000 /dev/urandom >noise');
		await commitIn(pod, 'A2');
		await inPod(pod, 'git switch -q -c side');
		await commitIn(pod, 'S1', { 'side.txt': 'side' });
		await inPod(pod, 'git switch -q main; echo dirty >base.txt; echo new >new.txt');
		await save();
		untouched = await standing();
		session = sessionState();
		await sync('alpha');
		await restore();
		cluster.execs.takeMoved();
		assert.equal((await sync('alpha')).outcome, 'synced');
		moved = cluster.execs.takeMoved();
		whole = await standing();
		tips = await named();
		console.log(`      ${moved.map((one, index) => `${execs[index]} ${JSON.stringify(one)}`).join('\n      ')}`);
		assert.equal(moved.length, execs.length);
	});
	after(async function () {
		await fixture.dispose();
		if (isLong) {
			const what =
				'fetches from a pod whose streams are cut at every frame and at random bytes, doubled, stalled or slow';
			recordLongRun({ what, amount: played, result: endOf(this, 'whole, or refused with no ref moved') });
		}
	});
	beforeEach(() => fixture.restore());
	afterEach(() => fixture.cluster.faults.clear());

	/** What the ledger's newest entry names. */
	async function named(): Promise<string> {
		const [entry] = await fixture.homeport.ledger(fixture.id, 1);
		const { branches, stashes, detached, head, capture } = entry!;
		return JSON.stringify({ branches, stashes, detached, head, capture });
	}

	/** Syncs a fresh home with this fault in the exec of that number, and looks at what is left; how it came out. */
	async function syncWith(
		number: number,
		fault: ExecFault,
		times = 1,
		limits: Readonly<Record<string, number>> | null = null,
	): Promise<string> {
		const { cluster, restore, limit, sync, standing, sessionState, requireWhole } = fixture;
		played += 1;
		const what = `${execs[number]}: ${JSON.stringify(fault)}${times === 1 ? '' : ` ${times} times`}`;
		await restore();
		await limit(limits);
		const undo = cluster.faults.exec(fault, { after: number, times });
		const outcome = await cameOf(sync('alpha'), what);
		undo();
		await limit(null);
		const entries = await requireWhole(what);
		assert.deepStrictEqual(differences(session, sessionState()), [], what);
		if (outcome === 'synced') {
			assert.deepStrictEqual([await standing(), await named(), entries], [whole, tips, 1], what);
		} else {
			assert.deepStrictEqual([await standing(), entries], [untouched, 0], `${what}: ${outcome}`);
		}
		if (outcome !== 'synced' || isLong) {
			assert.match((await sync('alpha')).outcome, outcome === 'synced' ? /^up-to-date$/ : /^synced$/, what);
			assert.deepStrictEqual([await standing(), await named(), await requireWhole(what)], [whole, tips, 1], what);
		}
		return outcome;
	}

	for (const [number, name] of execs.entries()) {
		const few = [4, 6, 1][number]!;
		it(`once in ${name}, at a frame: is tried again, and brings everything`, async () => {
			const all = cutsAtFrames(moved[number]!, isLong);
			for (const fault of isLong ? all : spread(all, few)) {
				assert.equal(await syncWith(number, fault), 'synced', JSON.stringify(fault));
			}
		});

		it(`once in ${name}, at a byte: is tried again, and brings everything`, async () => {
			const count = isLong ? [250, 400, 20][number]! : few;
			for (const fault of cutsAtBytes(moved[number]!, count, seededRandom(seed + number))) {
				assert.equal(await syncWith(number, fault), 'synced', JSON.stringify(fault));
			}
		});
	}

	for (const [number, name] of execs.entries()) {
		if (name === 'drop') {
			continue;
		}
		it(`whenever it comes to ${name}: fails as that, and the next sync needs no help`, async () => {
			const random = seededRandom(seed + 10 + number);
			const { frames, stdoutBytes, stdinBytes } = moved[number]!;
			// Later all may have come, and is not asked for again.
			const early = (whole: number): number => Math.floor(whole * 0.5);
			// The same bytes may take fewer frames another time; the first two never hold all of them.
			const part = {
				frames: Math.min(2, early(frames)),
				stdoutBytes: early(stdoutBytes),
				stdinBytes: early(stdinBytes),
			};
			const faults = [...cutsAtFrames(part, false), ...cutsAtBytes(part, isLong ? 60 : 4, random)];
			for (const fault of isLong ? faults : spread(faults, 4)) {
				assert.equal(await syncWith(number, fault, 3), 'stream-failed', JSON.stringify(fault));
			}
		});
	}

	it('after all has come: asks for nothing of it again', async () => {
		const { cluster, sync } = fixture;
		cluster.faults.exec({ status: { text: 'none' } }, { after: 1, times: 1 });
		cluster.execs.takeMoved();
		assert.equal((await sync('alpha')).outcome, 'synced');
		const again = cluster.execs.takeMoved()[2];
		assert.equal(await named(), tips);
		assert.ok(again!.stdoutBytes < 4096, JSON.stringify(again));
	});

	it('or has a frame twice, comes out whole or fails as that', async () => {
		for (const [number, few] of [
			[0, 2],
			[1, 4],
		] as const) {
			const all = duplicates(moved[number]!);
			for (const fault of isLong ? all : spread(all, few)) {
				const outcome = await syncWith(number, fault);
				assert.match(outcome, /^(?:synced|stream-failed|incomplete)$/, JSON.stringify(fault));
			}
		}
	});

	it('or says nothing more, is not waited for longer than its limits', async () => {
		const random = seededRandom(seed + 20);
		for (const [number, name] of execs.slice(0, 2).entries()) {
			for (let count = 0; count < (isLong ? 20 : 1); count += 1) {
				const stallAfterStdoutBytes = 1 + Math.floor(random() * moved[number]!.stdoutBytes * 0.8);
				const limits = { observeSeconds: 4, idleSeconds: 2 };
				assert.equal(await syncWith(number, { stallAfterStdoutBytes }, 3, limits), 'timed-out', name);
			}
		}
		if (isLong) {
			assert.equal(await syncWith(2, { stallAfterStdoutBytes: 0 }), 'synced');
		}
	});

	it('or is slow, brings everything', async () => {
		for (const number of execs.keys()) {
			assert.equal(await syncWith(number, { delayMs: 40 }), 'synced');
		}
	});
});
