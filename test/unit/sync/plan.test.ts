import assert from 'node:assert/strict';
import { isHomeportError } from '../../../src/core/base/errors.js';
import type { HomeportError } from '../../../src/core/base/errors.js';
import type { Plan, PlanFacts, SyncRequest } from '../../../src/core/model/plan.js';
import type { RelationKind } from '../../../src/core/model/relation.js';
import { makePlan } from '../../../src/core/sync/plan.js';
import { branchRequest, overwriteRequest, planFacts, relation } from '../../support/planFacts.js';
import type { FactsOptions } from '../../support/planFacts.js';

const ref = (name: string): string => `refs/heads/${name}`;
const here = { path: '/home', branch: ref('claude/alpha') };
const elsewhere = { path: '/tree', branch: ref('claude/alpha') };

/** `action branch from..to`, for reading. */
function moves(plan: Plan): string[] {
	return plan.refs.map((change) => {
		const where = change.worktree === null ? '' : ` in ${change.worktree}`;
		return `${change.action} ${change.ref.slice(11)} ${change.from ?? '-'}..${change.to ?? '-'} +${change.gained} -${change.lost}${where}`;
	});
}

function warnings(plan: Plan): string[] {
	return plan.warnings.map(({ code, level }) => `${level} ${code}`);
}

/** What a plan does with the session's branch `main` at `s`, where home has `h` with this relation to it. */
function outcome(request: SyncRequest, name: string, kind: RelationKind | null, options: FactsOptions = {}): string[] {
	const { branches = [{ name: 'main', oid: 's' }], ...others } = options;
	const [first, ...rest] = branches;
	const plan = makePlan(
		planFacts({
			home: kind === null ? {} : { [name]: kind === 'equal' ? 's' : 'h' },
			...others,
			branches: [
				{
					fresh: 3,
					relations: new Map(kind === null ? [] : [[ref(name), relation(kind)]]),
					inTheWay: new Map([[ref(name), []]]),
					...first!,
				},
				...rest,
			],
		}),
		request,
	);
	return [...moves(plan), ...warnings(plan)];
}

function failure(run: () => unknown): HomeportError {
	try {
		run();
	} catch (error) {
		assert.ok(isHomeportError(error));
		return error;
	}
	return assert.fail('it did not fail');
}

describe('the plan of strategy branch', () => {
	const plan = (kind: RelationKind | null, options: FactsOptions = {}): string[] =>
		outcome(branchRequest, 'claude/alpha', kind, options);
	const rewound = { branches: [{ name: 'main', oid: 's', rewound: true }] };

	it('for every relation', () => {
		assert.deepStrictEqual(
			{
				missing: plan(null),
				equal: plan('equal'),
				behind: plan('behind'),
				ahead: plan('ahead'),
				diverged: plan('diverged'),
				unrelated: plan('unrelated'),
				aheadRewound: plan('ahead', rewound),
				divergedRewound: plan('diverged', rewound),
				missingRewound: plan(null, rewound),
			},
			{
				missing: ['create claude/alpha -..s +3 -0'],
				equal: ['keep claude/alpha s..s +0 -0'],
				behind: ['fast-forward claude/alpha h..s +3 -0'],
				ahead: ['keep claude/alpha h..h +0 -0', 'note moved-on'],
				diverged: ['create claude/alpha-2 -..s +3 -0', 'note moved-on'],
				unrelated: ['create claude/alpha-2 -..s +3 -0', 'note moved-on'],
				aheadRewound: ['keep claude/alpha h..h +0 -0', 'note rewound'],
				divergedRewound: ['create claude/alpha-2 -..s +3 -0', 'note rewound'],
				missingRewound: ['create claude/alpha -..s +3 -0', 'note rewound'],
			},
		);
	});

	it('where the branch is checked out', () => {
		const inWay = (files: readonly string[] | null): FactsOptions => ({
			worktrees: [{ ...here, dirtyFiles: 1 }],
			branches: [{ name: 'main', oid: 's', inTheWay: new Map(files === null ? [] : [[ref('claude/alpha'), files]]) }],
		});
		assert.deepStrictEqual(
			{
				here: plan('behind', { worktrees: [here] }),
				hereDirty: plan('behind', { worktrees: [{ ...here, dirtyFiles: 2 }] }),
				inWay: plan('behind', inWay(['a.txt'])),
				unknown: plan('behind', inWay(null)),
				busy: plan('behind', { worktrees: [{ ...here, inProgress: 'rebase' }] }),
				elsewhere: plan('behind', { worktrees: [elsewhere] }),
				elsewhereBusy: plan('behind', { worktrees: [{ ...elsewhere, inProgress: 'merge' }] }),
				busyUnknown: plan('behind', {
					worktrees: [{ ...here, inProgress: 'rebase' }],
					branches: [{ name: 'main', oid: 's', inTheWay: new Map() }],
				}),
				twice: plan('behind', { worktrees: [here, elsewhere] }),
				noWorktree: plan('behind', { worktrees: [here], here: null }),
				otherDirty: plan('behind', { worktrees: [{ path: '/home', branch: ref('main'), dirtyFiles: 9 }] }),
			},
			{
				here: ['fast-forward claude/alpha h..s +3 -0 in /home', 'note moves-checked-out-branch'],
				hereDirty: [
					'fast-forward claude/alpha h..s +3 -0 in /home',
					'note moves-checked-out-branch',
					'note home-dirty',
				],
				inWay: ['create claude/alpha-2 -..s +3 -0', 'note dirty-in-way'],
				unknown: ['create claude/alpha-2 -..s +3 -0', 'note dirty-in-way'],
				busy: ['create claude/alpha-2 -..s +3 -0', 'note home-busy'],
				elsewhere: ['fast-forward claude/alpha h..s +3 -0 in /tree', 'ask checked-out-elsewhere'],
				elsewhereBusy: ['create claude/alpha-2 -..s +3 -0', 'note home-busy'],
				busyUnknown: ['create claude/alpha-2 -..s +3 -0', 'note home-busy'],
				twice: ['create claude/alpha-2 -..s +3 -0', 'note home-busy'],
				noWorktree: ['fast-forward claude/alpha h..s +3 -0 in /home', 'ask checked-out-elsewhere'],
				otherDirty: ['fast-forward claude/alpha h..s +3 -0'],
			},
		);
	});

	it('among several names beside: the equal, the nearest behind, then one that is ahead', () => {
		const among = (relations: Record<string, RelationKind>, options: FactsOptions = {}): string[] =>
			outcome(branchRequest, '', null, {
				home: Object.fromEntries(Object.entries(relations).map(([name, kind]) => [name, kind === 'equal' ? 's' : 'h'])),
				branches: [
					{
						name: 'main',
						oid: 's',
						relations: new Map(
							Object.entries(relations).map(([name, kind], index) => [
								ref(name),
								{ ...relation(kind), ...(kind === 'behind' ? { behind: 9 - index } : {}) },
							]),
						),
						inTheWay: new Map(Object.keys(relations).map((name) => [ref(name), []])),
					},
				],
				...options,
			});
		assert.deepStrictEqual(
			[
				among({ 'claude/alpha': 'behind', 'claude/alpha-2': 'equal' }),
				among({ 'claude/alpha': 'diverged', 'claude/alpha-2': 'behind' }),
				among({ 'claude/alpha': 'behind', 'claude/alpha-2': 'behind' }),
				among({ 'claude/alpha': 'diverged', 'claude/alpha-2': 'ahead', 'claude/alpha-3': 'behind' }),
				among({ 'claude/alpha': 'diverged', 'claude/alpha-2': 'diverged' }),
				among({ 'claude/alpha': 'diverged', 'claude/alpha-3': 'ahead' }),
				among({ 'claude-alpha': 'behind' }),
				among(
					{ 'claude/alpha-2': 'behind', 'claude/alpha-3': 'behind' },
					{ worktrees: [{ path: '/tree', branch: ref('claude/alpha-3') }] },
				),
				among(
					{ 'claude/alpha': 'behind', 'claude/alpha-2': 'ahead' },
					{ worktrees: [{ path: '/tree', branch: ref('claude/alpha') }] },
				),
				among(
					{ 'claude/alpha': 'diverged', 'claude/alpha-2': 'behind' },
					{ worktrees: [{ path: '/home', branch: ref('claude/alpha-2'), inProgress: 'merge' }] },
				),
			],
			[
				['keep claude/alpha-2 s..s +0 -0'],
				['fast-forward claude/alpha-2 h..s +8 -0'],
				['fast-forward claude/alpha-2 h..s +8 -0'],
				['fast-forward claude/alpha-3 h..s +7 -0'],
				['create claude/alpha-3 -..s +3 -0', 'note moved-on'],
				['keep claude/alpha-3 h..h +0 -0', 'note moved-on'],
				['fast-forward claude-alpha h..s +9 -0'],
				['fast-forward claude/alpha-2 h..s +9 -0'],
				['keep claude/alpha-2 h..h +0 -0', 'note moved-on'],
				['create claude/alpha-3 -..s +3 -0', 'note home-busy'],
			],
		);
	});

	it('leaves a name beside alone that another branch of the session has by itself', () => {
		const branches = (behind: string, kind: RelationKind): NonNullable<FactsOptions['branches']> => [
			{ name: 'main', oid: 's', relations: new Map([[ref(behind), relation(kind)]]) },
			{ name: '2', oid: 't' },
			{ name: 'fix', oid: 'u', relations: new Map([[ref(behind), relation('behind')]]) },
		];
		const plan = (
			request: Partial<SyncRequest>,
			home: Record<string, string>,
			behind = '',
			kind: RelationKind = 'behind',
		): string[] => outcome({ ...branchRequest, ...request }, '', null, { home, branches: branches(behind, kind) });
		assert.deepStrictEqual(
			[
				plan({ from: 'main' }, { 'claude/alpha': 'h' }),
				plan({ from: 'main' }, { 'claude/alpha': 'h', 'claude/alpha-2': 'k' }, 'claude/alpha-2'),
				plan({ branch: 'claude/alpha-fix-2' }, { 'claude/alpha-fix-2': 'h' }, 'claude/alpha-fix-2', 'diverged'),
			],
			[
				['create claude/alpha-3 -..s +3 -0', 'note moved-on'],
				['create claude/alpha-3 -..s +3 -0', 'note moved-on'],
				[
					'create claude/alpha-fix-2-2 -..s +3 -0',
					'create claude/alpha-2 -..t +1 -0',
					'create claude/alpha-fix -..u +1 -0',
					'note moved-on',
				],
			],
		);
	});

	it('with names in the way', () => {
		const named = (home: Record<string, string>, options: FactsOptions = {}): string[] =>
			outcome(branchRequest, '', null, { home, ...options });
		assert.deepStrictEqual(
			[
				named({ claude: 'h' }),
				named({ 'claude/alpha/x': 'h' }),
				named({ 'Claude/alpha': 'h' }, { ignoreCase: true }),
				named({ 'Claude/alpha': 'h' }),
			],
			[
				['create claude-alpha -..s +3 -0', 'note name-clash'],
				['create claude-alpha -..s +3 -0', 'note name-clash'],
				['create claude-alpha -..s +3 -0', 'note name-clash'],
				['create claude/alpha -..s +3 -0'],
			],
		);
	});

	it('for all branches, one branch, and a name that was given', () => {
		const branches = [
			{ name: 'main', oid: 's' },
			{ name: 'fix', oid: 't' },
			{ name: '2', oid: 'u' },
		];
		const plan = (request: Partial<SyncRequest>, home: Record<string, string> = {}): string[] =>
			outcome({ ...branchRequest, ...request }, '', null, { branches, home });
		assert.deepStrictEqual(
			[
				plan({}),
				plan({}, { 'claude/alpha': 'h' }),
				plan({ from: 'fix' }),
				plan({ branch: 'mine' }),
				plan({ branch: 'mine', from: 'fix' }),
				plan({ branch: 'claude/alpha-fix' }),
			],
			[
				['create claude/alpha -..s +3 -0', 'create claude/alpha-fix -..t +1 -0', 'create claude/alpha-2 -..u +1 -0'],
				[
					'create claude/alpha-3 -..s +3 -0',
					'create claude/alpha-fix -..t +1 -0',
					'create claude/alpha-2 -..u +1 -0',
					'note moved-on',
				],
				['create claude/alpha-fix -..t +1 -0'],
				['create mine -..s +3 -0', 'create claude/alpha-fix -..t +1 -0', 'create claude/alpha-2 -..u +1 -0'],
				['create mine -..t +1 -0'],
				[
					'create claude/alpha-fix -..s +3 -0',
					'create claude/alpha-fix-2 -..t +1 -0',
					'create claude/alpha-2 -..u +1 -0',
				],
			],
		);
	});

	it('makes no branch for one that brings nothing, unless it is the one the session is on', () => {
		const branches = [
			{ name: 'main', oid: 's', isHead: true, fresh: 0 },
			{ name: 'old', oid: 't', isHead: false, fresh: 0 },
			{ name: 'fix', oid: 'u', isHead: false, fresh: 1 },
		];
		const plan = makePlan(planFacts({ branches }), branchRequest);
		assert.deepStrictEqual(
			plan.refs.map((change) => change.ref),
			['refs/heads/claude/alpha', 'refs/heads/claude/alpha-fix'],
		);
		const named = makePlan(planFacts({ branches }), { ...branchRequest, from: 'old' });
		assert.deepStrictEqual(
			named.refs.map((change) => change.ref),
			['refs/heads/claude/alpha-old'],
		);
	});

	it('changes nothing for a worktree of home, for no branches, and where a finding blocks', () => {
		assert.deepStrictEqual(
			[
				plan(null, { session: { worktreeOfHome: true } }),
				moves(makePlan(planFacts(), branchRequest)),
				plan('behind', { findings: [{ code: 'unsafe-path', level: 'block', path: '../x', detail: '' }] }),
				outcome(overwriteRequest, 'main', 'diverged', {
					findings: [{ code: 'fsck', level: 'block', path: 'x', detail: '' }],
				}),
			],
			[[], [], [], []],
		);
	});
});

describe('the plan of strategy overwrite', () => {
	const plan = (kind: RelationKind | null, options: FactsOptions = {}): string[] =>
		outcome(overwriteRequest, 'main', kind, options);
	const mainHere = { path: '/home', branch: ref('main') };

	it('for every relation', () => {
		assert.deepStrictEqual(
			{
				missing: plan(null),
				equal: plan('equal'),
				behind: plan('behind'),
				ahead: plan('ahead'),
				diverged: plan('diverged'),
				unrelated: plan('unrelated'),
				inconsistent: plan('missing'),
				rewound: plan('ahead', { branches: [{ name: 'main', oid: 's', rewound: true }] }),
				protected: plan('diverged', { config: { protectedBranches: ['m*'] } }),
				protectedForward: plan('behind', { config: { protectedBranches: ['m*'] } }),
			},
			{
				missing: ['create main -..s +3 -0'],
				equal: ['keep main s..s +0 -0'],
				behind: ['fast-forward main h..s +3 -0'],
				ahead: ['overwrite main h..s +0 -2', 'ask overwrites-commits'],
				diverged: ['overwrite main h..s +3 -2', 'ask overwrites-commits'],
				unrelated: ['overwrite main h..s +3 -2', 'ask overwrites-commits', 'ask unrelated-history'],
				inconsistent: ['overwrite main h..s +3 -0', 'ask overwrites-commits'],
				rewound: ['overwrite main h..s +0 -2', 'note rewound', 'ask overwrites-commits'],
				protected: ['overwrite main h..s +3 -2', 'ask overwrites-commits', 'ask protected-branch'],
				protectedForward: ['fast-forward main h..s +3 -0'],
			},
		);
	});

	it('where the branch is checked out', () => {
		const inWay = { branches: [{ name: 'main', oid: 's', inTheWay: new Map([[ref('main'), ['a.txt']]]) }] };
		const runs = [{ code: 'runs-on-open', level: 'warn', path: '.vscode/tasks.json', detail: '' }] as const;
		assert.deepStrictEqual(
			{
				forward: plan('behind', { worktrees: [mainHere] }),
				here: plan('diverged', { worktrees: [mainHere] }),
				elsewhere: plan('diverged', { worktrees: [{ ...mainHere, path: '/tree' }] }),
				inWay: plan('diverged', { worktrees: [mainHere], ...inWay }),
				busy: plan('behind', { worktrees: [{ ...mainHere, inProgress: 'bisect' }] }),
				inWayBeside: plan('diverged', { worktrees: [mainHere], ...inWay, home: { main: 'h', 'claude/alpha': 'k' } }),
				runsCode: plan('behind', { worktrees: [mainHere], findings: runs }),
				runsCodeNotHere: plan('behind', { findings: runs }),
			},
			{
				forward: ['fast-forward main h..s +3 -0 in /home', 'note moves-checked-out-branch'],
				here: ['overwrite main h..s +3 -2 in /home', 'ask overwrites-commits', 'ask moves-checked-out-branch'],
				elsewhere: ['overwrite main h..s +3 -2 in /tree', 'ask overwrites-commits', 'ask checked-out-elsewhere'],
				inWay: ['keep main h..h +0 -0', 'create claude/alpha -..s +3 -0', 'ask dirty-in-way'],
				busy: ['keep main h..h +0 -0', 'create claude/alpha -..s +3 -0', 'ask home-busy'],
				inWayBeside: ['keep main h..h +0 -0', 'create claude/alpha-2 -..s +3 -0', 'ask dirty-in-way', 'note moved-on'],
				runsCode: ['fast-forward main h..s +3 -0 in /home', 'note moves-checked-out-branch', 'ask runs-code'],
				runsCodeNotHere: ['fast-forward main h..s +3 -0'],
			},
		);
	});

	it('keeps a target with files in the way even where that is the name of the branch strategy', () => {
		const plan = outcome({ ...overwriteRequest, branch: 'claude/alpha' }, 'claude/alpha', 'behind', {
			worktrees: [here],
			branches: [{ name: 'main', oid: 's', inTheWay: new Map([[ref('claude/alpha'), ['a.txt']]]) }],
		});
		assert.deepStrictEqual(plan, [
			'keep claude/alpha h..h +0 -0',
			'create claude/alpha-2 -..s +3 -0',
			'ask dirty-in-way',
		]);
	});

	it('creates a target that is missing under its own name, unless that cannot be', () => {
		const named = (home: Record<string, string>, ignoreCase = false): string[] =>
			outcome({ ...overwriteRequest, branch: 'a/b' }, '', null, {
				home,
				ignoreCase,
				branches: [{ name: 'main', oid: 's', relations: new Map([[ref('a/b-2'), relation('behind')]]) }],
			});
		assert.deepStrictEqual(
			[named({ 'a/b-2': 'h' }), named({ a: 'h' }), named({ 'A/B': 'h' }, true)],
			[
				['create a/b -..s +3 -0'],
				['create a-b -..s +3 -0', 'note name-clash'],
				['create a-b -..s +3 -0', 'note name-clash'],
			],
		);
	});
});

describe('a request that cannot be planned', () => {
	const facts = planFacts({
		branches: [
			{ name: 'main', oid: 's' },
			{ name: '$(id)', oid: 't' },
			{ name: '\u001b[31m', oid: 'u' },
		],
	});
	const detached = planFacts({ branches: [{ name: null, oid: 's' }] });
	const unborn = planFacts({ branches: [{ name: 'side', oid: 's', isHead: false }] });

	it('fails with a clear code and what to do', () => {
		const tried: [PlanFacts, Partial<SyncRequest>][] = [
			[facts, { strategy: 'merge' }],
			[facts, { strategy: 'exclude' }],
			[facts, { direction: 'session' }],
			[facts, { from: 'none' }],
			[facts, { branch: '-x' }],
			[facts, { branch: 'a..b' }],
			[facts, { strategy: 'overwrite', from: '$(id)' }],
			[facts, { strategy: 'overwrite', from: '\u001b[31m' }],
			[detached, { strategy: 'overwrite' }],
			[unborn, { strategy: 'overwrite' }],
			[unborn, { branch: 'mine' }],
			[planFacts(), { from: 'main' }],
		];
		const failures = tried.map(([facts, request]) => {
			const { code, details } = failure(() => makePlan(facts, { ...branchRequest, ...request }));
			return `${code}: ${String(details['what'])}`;
		});
		assert.deepStrictEqual(failures, [
			'usage: Home has no branch of that name, and none is checked out here',
			'usage: No branch is checked out here that files could be applied to',
			'internal: a plan for home of a sync that goes out',
			'usage: The session has no branch "none"',
			'usage: "-x" is no name for a branch',
			'usage: "a..b" is no name for a branch',
			'usage: The session\'s branch "$(id)" has a name that home should not have',
			'usage: The session\'s branch "\ufffd[31m" has a name that home should not have',
			'usage: The session has no branch checked out',
			'usage: The branch that the session is on has no commit',
			'usage: The branch that the session is on has no commit',
			'usage: The session has no branch "main"',
		]);
	});

	it('takes a name of the session where home has it, or where a home branch was named', () => {
		const plan = (request: Partial<SyncRequest>, home: Record<string, string>): string[] =>
			moves(
				makePlan(
					{ ...facts, home: { ...planFacts({ home }).home } },
					{ ...overwriteRequest, from: '$(id)', ...request },
				),
			);
		assert.deepStrictEqual(
			[plan({}, { '$(id)': 't' }), plan({ branch: 'mine' }, {})],
			[['keep $(id) t..t +0 -0'], ['create mine -..t +1 -0']],
		);
	});
});
