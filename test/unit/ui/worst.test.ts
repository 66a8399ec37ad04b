import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import { alarmOf, type Alarm, worstOf } from '../../../src/ui/status/worst.js';
import type { Snapshot } from '../../../src/ui/tree/snapshot.js';
import { sessionStatus, sessionView } from '../../support/sessionViews.js';

const minute = 60_000;

const views = fc
	.record({
		commits: fc.nat({ max: 3 }),
		files: fc.nat({ max: 3 }),
		oldestSeconds: fc.nat({ max: 10_000 }),
		unknown: fc.boolean(),
		looked: fc.boolean(),
	})
	.map(({ commits, files, oldestSeconds, unknown, looked }) =>
		sessionView(
			{},
			{
				lookedAt: looked ? 0 : null,
				status: looked
					? sessionStatus({
							exposure: { oldestSeconds, commits, files },
							unknown: unknown ? { reason: 'no answer', since: null } : null,
						})
					: null,
			},
		),
	);

const snapshots: fc.Arbitrary<Snapshot> = fc.record({
	state: fc.constantFrom('ready', 'failed'),
	root: fc.constant('/home'),
	sessions: fc.array(views, { maxLength: 5 }),
	listed: fc.constant([]),
	lookedAt: fc.option(fc.nat({ max: 1000 })),
	error: fc.option(fc.constant(new Error('not listed'))),
	problems: fc.array(fc.constant(new Error('no cluster')), { maxLength: 2 }),
});

describe('the worst of all sessions', () => {
	it('is all home only where everything was looked at and nothing is exposed or unknown', () => {
		fc.assert(
			fc.property(snapshots, fc.nat({ max: 100 * minute }), (snapshot, now) => {
				const worst = worstOf(snapshot, now);
				const clean = snapshot.sessions.every(
					({ status }) =>
						status !== null && status.unknown === null && status.exposure.commits + status.exposure.files === 0,
				);
				const known = snapshot.error === null && snapshot.problems.length === 0 && snapshot.lookedAt !== null;
				assert.equal(worst.allHome, clean && known);
				assert.ok(worst.exposed + worst.unknown <= snapshot.sessions.length);
				assert.ok(snapshot.error === null || worst.unknown === snapshot.sessions.length);
			}),
			{ seed: 11 },
		);
	});

	it('ages as time goes by', () => {
		const exposed = sessionView(
			{},
			{ lookedAt: 0, status: sessionStatus({ exposure: { oldestSeconds: 30, commits: 1, files: 0 } }) },
		);
		const snapshot: Snapshot = {
			state: 'ready',
			root: '/home',
			sessions: [exposed],
			listed: [],
			lookedAt: 0,
			error: null,
			problems: [],
		};
		const told = [0, 5 * minute, 11 * minute].map((now) => {
			const { oldestSeconds, stale } = worstOf(snapshot, now);
			return [oldestSeconds, stale];
		});
		assert.deepStrictEqual(told, [
			[30, false],
			[330, false],
			[690, true],
		]);
	});
});

describe('the warning of the status item', () => {
	const worst = (oldestSeconds: number | null): ReturnType<typeof worstOf> => ({
		exposed: 1,
		unknown: 0,
		clusterUnknown: false,
		oldestSeconds,
		stale: false,
		allHome: false,
	});

	it('waits for a second look or a minute, ends at once, and can be switched off', () => {
		const warned: boolean[] = [];
		let alarm: Alarm | null = null;
		for (const [age, look, now] of [
			[3599, 1, 0],
			[3600, 2, 1000],
			[3601, 2, 2000],
			[3602, 3, 3000],
			[null, 4, 4000],
			[7200, 5, 5000],
			[7261, 5, 66_000],
		] as const) {
			const judged = alarmOf(alarm, worst(age), 60, look, now);
			alarm = judged.alarm;
			warned.push(judged.warn);
		}
		assert.deepStrictEqual(warned, [false, false, false, true, false, false, true]);
		assert.equal(alarmOf({ look: 0, since: 0 }, worst(999_999), 0, 1, 999_999).warn, false);
	});
});
