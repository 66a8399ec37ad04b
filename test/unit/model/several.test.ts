import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { MergeForecast } from '../../../src/core/model/merge.js';
import type { Plan } from '../../../src/core/model/plan.js';
import { applyOrder, jointAsks, stillAccepted } from '../../../src/core/model/several.js';
import { unaccepted, type Warning } from '../../../src/core/model/warning.js';
import { plan, session } from '../../support/memoryHome.js';

const seed = 20_261_121;

const warningArb: fc.Arbitrary<Warning> = fc.record({
	code: fc.constantFrom('overwrites-commits', 'protected-branch', 'merge-conflict', 'session-dirty'),
	level: fc.constantFrom('ask', 'note'),
	details: fc.record({ ref: fc.constantFrom('refs/heads/main', 'refs/heads/x'), lost: fc.nat(2) }),
});

function withConflicts(of: Plan, conflicts: number): Plan {
	const forecast: MergeForecast = {
		kind: 'merge',
		onto: 'a',
		source: 'b',
		tree: null,
		conflicts: Array.from({ length: conflicts }, (_, index) => ({ path: `${index}`, kind: 'contents', regions: [] })),
		settled: [],
		gained: 0,
		inTheWay: null,
	};
	return { ...of, refs: of.refs.map((change) => ({ ...change, forecast })) };
}

const plansArb = fc
	.array(fc.record({ warnings: fc.array(warningArb, { maxLength: 4 }), conflicts: fc.nat(3) }), { maxLength: 6 })
	.map((drafts) =>
		drafts.map(({ warnings, conflicts }, index) => withConflicts(plan(session(`s${index}`), { warnings }), conflicts)),
	);

const none: ReadonlySet<string> = new Set();
const asks = (of: Plan): number => unaccepted(of.warnings, none).length;
const conflicts = (of: Plan): number => of.refs[0]!.forecast!.conflicts.length;

describe('plans of several sessions', () => {
	it('are applied in an order: what asks nothing, then the fewest conflicts, then as they were given', () => {
		fc.assert(
			fc.property(plansArb, (plans) => {
				const ordered = applyOrder(plans);
				assert.deepStrictEqual(new Set(ordered), new Set(plans));
				assert.equal(ordered.length, plans.length);
				for (const [index, later] of ordered.entries()) {
					const earlier = ordered[index - 1];
					if (earlier !== undefined) {
						assert.ok(asks(earlier) === 0 || asks(later) > 0);
						if ((asks(earlier) === 0) === (asks(later) === 0)) {
							assert.ok(conflicts(earlier) <= conflicts(later));
						}
						if (asks(earlier) === asks(later) && conflicts(earlier) === conflicts(later)) {
							assert.ok(plans.indexOf(earlier) < plans.indexOf(later));
						}
					}
				}
			}),
			{ seed },
		);
	});

	it('ask for each code once, with every session that it concerns', () => {
		fc.assert(
			fc.property(plansArb, fc.subarray(['overwrites-commits', 'merge-conflict']), (plans, given) => {
				const joint = jointAsks(plans, new Set(given));
				assert.equal(new Set(joint.map(({ code }) => code)).size, joint.length);
				const pairs = joint.flatMap(({ code, sessions }) => sessions.map((id) => `${id} ${code}`));
				const wanted = plans.flatMap((of) =>
					unaccepted(of.warnings, new Set(given)).map((code) => `${of.session} ${code}`),
				);
				assert.deepStrictEqual(pairs.sort(), wanted.sort());
			}),
			{ seed },
		);
	});

	it('hold nothing that was accepted once the branches stand otherwise', () => {
		const warnings: Warning[] = [
			{ code: 'overwrites-commits', level: 'ask', details: { ref: 'refs/heads/main', lost: 1 } },
		];
		const shown = plan(session('alpha'), { warnings });
		const moved = (change: object): Plan => ({ ...shown, refs: shown.refs.map((one) => ({ ...one, ...change })) });
		const held = (later: Plan): string[] => stillAccepted(shown, later, ['overwrites-commits']);
		assert.deepStrictEqual(
			[
				held(moved({ to: 'later' })),
				held(moved({ from: 'moved' })),
				held(moved({ lostCommits: ['another'] })),
				held(moved({ ref: 'refs/heads/other' })),
				held({ ...shown, refs: [], warnings: [] }),
			],
			[['overwrites-commits'], [], [], [], ['overwrites-commits']],
		);
	});

	it('hold what was accepted only as far as it was shown', () => {
		fc.assert(
			fc.property(plansArb, plansArb, ([shown], [later]) => {
				fc.pre(shown !== undefined && later !== undefined);
				const codes = unaccepted(shown.warnings, none);
				const held = stillAccepted(shown, later, codes);
				const words = (warning: Warning): string => `${warning.code} ${JSON.stringify(warning.details)}`;
				const told = new Set(shown.warnings.filter(({ level }) => level === 'ask').map(words));
				const taken = later.warnings.filter(({ code, level }) => level === 'ask' && held.includes(code));
				assert.deepStrictEqual(
					taken.filter((warning) => !told.has(words(warning))),
					[],
				);
				assert.deepStrictEqual(stillAccepted(shown, shown, codes), codes);
			}),
			{ seed },
		);
	});
});
