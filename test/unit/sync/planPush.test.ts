import { strict as assert } from 'node:assert';
import * as fc from 'fast-check';
import type { MergeForecast } from '../../../src/core/model/merge.js';
import type { Strategy, SyncRequest } from '../../../src/core/model/plan.js';
import type { Relation, RelationKind } from '../../../src/core/model/relation.js';
import type { HeldBy, PushFacts } from '../../../src/core/model/push.js';
import { planPush } from '../../../src/core/sync/planPush.js';

const [ours, theirs, tree, merged] = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(40)) as [
	string,
	string,
	string,
	string,
];
const ref = 'refs/heads/main';

interface Given {
	readonly kind?: RelationKind | null;
	readonly held?: HeldBy;
	readonly dirty?: readonly string[];
	readonly inTheWay?: readonly string[];
	readonly filtered?: readonly string[];
	readonly inProgress?: PushFacts['session']['inProgress'];
	readonly forecast?: 'clean' | 'conflict' | null;
	readonly besides?: PushFacts['besides'];
	readonly target?: PushFacts['target'];
}

function relation(kind: RelationKind): Relation {
	const ahead = kind === 'ahead' || kind === 'diverged' || kind === 'unrelated' ? 2 : 0;
	const behind = kind === 'behind' || kind === 'diverged' || kind === 'unrelated' ? 3 : 0;
	return { kind, ahead, behind, unpushed: 0, onlyHome: ahead === 0 ? [] : ['1234567 A2', '1234566 A1'] };
}

function facts(given: Given): PushFacts {
	const { kind = 'behind', held } = given;
	const forecast: MergeForecast = {
		kind: 'merge',
		onto: theirs,
		source: ours,
		tree: given.forecast === 'conflict' ? null : merged,
		conflicts: given.forecast === 'conflict' ? [{ path: 'base.txt', kind: 'contents', regions: [] }] : [],
		settled: [],
		gained: 4,
		inTheWay: null,
	};
	const target = given.target === undefined ? { ref, oid: kind === null ? null : theirs, tree } : given.target;
	return {
		session: {
			id: 'local/alpha',
			name: 'alpha',
			epoch: 'e',
			branches: [...(kind === null ? [] : [ref]), ...(given.besides ?? []).map((beside) => beside.ref)],
			held: new Map(held === undefined ? [] : [[ref, held]]),
			inProgress: given.inProgress ?? null,
			dirty: given.dirty ?? [],
		},
		home: { branch: 'main', oid: ours, tree: 'e'.repeat(40), gained: 3 },
		target,
		relation: kind === null || target === null ? null : relation(kind),
		base: 'f'.repeat(40),
		forecast: given.forecast === null ? null : forecast,
		inTheWay: given.inTheWay ?? [],
		filtered: given.filtered ?? [],
		besides: given.besides ?? [],
		hindrance: null,
	};
}

function plan(strategy: Strategy, given: Given): string {
	const request: SyncRequest = { strategy, direction: 'session', branch: null, from: null };
	const { push, warnings } = planPush(facts(given), request);
	const moves = push.map((change) => `${change.action} ${change.ref.slice('refs/heads/'.length)}`);
	return [...moves, ...warnings.map(({ code, level }) => `${level} ${code}`)].join(', ');
}

describe('the plan of a push', () => {
	const rows: readonly (readonly [Strategy, Given, string])[] = [
		['branch', { kind: 'equal' }, 'keep main'],
		['overwrite', { kind: 'ahead' }, 'keep main'],
		['exclude', { kind: 'ahead' }, 'keep main'],
		['branch', { kind: 'behind', held: 'here' }, 'fast-forward main'],
		['overwrite', { kind: 'behind' }, 'fast-forward main'],
		['exclude', { kind: 'behind', held: 'here' }, 'files main'],
		['branch', { kind: null, held: 'here' }, 'create main'],
		['branch', { kind: 'diverged' }, 'create homeport/main, note session-diverged'],
		['merge', { kind: 'diverged', held: 'here' }, 'merge main'],
		['merge', { kind: 'diverged', forecast: 'conflict' }, 'create homeport/main, note merge-conflict'],
		['exclude', { kind: 'diverged' }, 'files main'],
		['exclude', { kind: 'diverged', forecast: 'conflict' }, 'create homeport/main, note merge-conflict'],
		['overwrite', { kind: 'diverged', held: 'here' }, 'overwrite main, ask overwrites-session'],
		['overwrite', { kind: 'unrelated' }, 'overwrite main, ask unrelated-history, ask overwrites-session'],
		['merge', { kind: 'unrelated' }, 'create homeport/main, ask unrelated-history'],
		['branch', { target: null }, 'create homeport/main, note session-tree-busy'],
		['branch', { held: 'elsewhere' }, 'create homeport/main, note session-tree-busy'],
		['merge', { kind: 'diverged', held: 'returns' }, 'create homeport/main, note session-tree-busy'],
		['overwrite', { kind: 'diverged', held: 'here', dirty: ['x'] }, 'create homeport/main, note session-tree-dirty'],
		['branch', { held: 'here', inTheWay: ['x'] }, 'create homeport/main, note session-tree-dirty'],
		['branch', { held: 'here', inProgress: 'merge' }, 'create homeport/main, note session-tree-busy'],
		['branch', { held: 'here', filtered: ['x'] }, 'create homeport/main, note session-filters'],
		['branch', { dirty: ['x'], inTheWay: ['y'], filtered: ['z'] }, 'fast-forward main'],
	];
	for (const [strategy, given, expected] of rows) {
		it(`${strategy}, ${JSON.stringify(given)}: ${expected}`, () => {
			assert.equal(plan(strategy, given), expected);
		});
	}

	it('takes the branch beside that has the work, or can go on to it, and never one that is in use', () => {
		const beside = (name: string, kind: RelationKind): PushFacts['besides'][number] => ({
			ref: `refs/heads/${name}`,
			oid: theirs,
			tree,
			parents: [],
			relation: relation(kind),
		});
		const given = (...besides: PushFacts['besides']): string => plan('branch', { kind: 'diverged', besides });
		assert.deepStrictEqual(
			[
				given(beside('homeport/main', 'ahead')),
				given(beside('homeport/main', 'behind')),
				given(beside('homeport/main', 'diverged')),
				given(beside('homeport/main', 'diverged'), beside('homeport/main-2', 'equal')),
			].map((text) => text.split(',')[0]),
			['keep homeport/main', 'fast-forward homeport/main', 'create homeport/main-2', 'keep homeport/main-2'],
		);
	});

	it('never moves a branch of the session unasked but forward, and none whose files are not at rest', () => {
		const given = fc.record({
			kind: fc.constantFrom<RelationKind | null>('equal', 'ahead', 'behind', 'diverged', 'unrelated', 'missing', null),
			held: fc.constantFrom<HeldBy>('here', 'elsewhere', 'returns'),
			dirty: fc.constantFrom([], ['x']),
			inTheWay: fc.constantFrom([], ['y']),
			filtered: fc.constantFrom([], ['z']),
			inProgress: fc.constantFrom('merge' as const, 'rebase' as const, null),
			forecast: fc.constantFrom('clean' as const, 'conflict' as const, null),
		});
		const strategies = fc.constantFrom<Strategy>('branch', 'merge', 'overwrite', 'exclude');
		fc.assert(
			fc.property(strategies, given, (strategy, one) => {
				const request: SyncRequest = { strategy, direction: 'session', branch: null, from: null };
				const { push, warnings } = planPush(facts(one), request);
				const change = push[0]!;
				const moves = change.action !== 'keep' && change.ref === ref;
				const asks = warnings.some(({ level }) => level === 'ask');
				const rest =
					one.held === 'here' &&
					one.inProgress === null &&
					[...one.dirty, ...one.inTheWay, ...one.filtered].length === 0;
				assert.equal(push.length, 1);
				assert.ok(!moves || rest, 'a tree that is not at rest moves');
				assert.ok(change.lost === 0 || asks, 'commits leave a branch unasked');
				assert.ok(!moves || change.checkedOut, 'files do not move with their branch');
				assert.ok(!change.beside || change.from === null, 'a branch beside is taken from somebody');
				assert.ok(moves || change.action === 'keep' || warnings.length > 0, 'it goes beside without a word');
				assert.ok(change.to !== null || change.forecast !== undefined || change.files !== undefined);
			}),
			{ seed: 11, numRuns: 2000 },
		);
	});
});
