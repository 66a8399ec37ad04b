import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import type { PlanFacts, RefChange } from '../../../src/core/model/plan.js';
import type { RefAction } from '../../../src/core/model/relation.js';
import type { WarningCode } from '../../../src/core/model/warning.js';
import { guard } from '../../../src/core/sync/guard.js';
import { branchRequest, overwriteRequest, planFacts, relation, scenes } from '../../support/planFacts.js';
import type { FactsOptions } from '../../support/planFacts.js';

const main = 'refs/heads/main';

function move(change: Partial<RefChange> = {}): RefChange {
	return {
		ref: main,
		from: 'h',
		to: 's',
		action: 'fast-forward',
		source: 'main',
		worktree: null,
		gained: 0,
		lost: 0,
		lostCommits: [],
		...change,
	};
}

/** Home's `main` at `h`, the session's at `s`, in this relation, with nothing in the way. */
function facts(kind: 'behind' | 'diverged' | 'unrelated' | 'ahead', options: FactsOptions = {}): PlanFacts {
	return planFacts({
		...options,
		home: { main: 'h' },
		branches: [
			{
				name: 'main',
				oid: 's',
				relations: new Map([[main, relation(kind)]]),
				inTheWay: new Map([[main, []]]),
				...options.branches?.[0],
			},
		],
	});
}

const here = { path: '/home', branch: main };

/** What the rule finds, the warning that only it gives, and the same facts without what it looks for. */
const rules: Record<string, { found: () => unknown; without: () => unknown; expected: unknown }> = {
	'overwrites-commits': {
		found: () => only('overwrites-commits', facts('diverged')),
		without: () => only('overwrites-commits', facts('behind')),
		expected: [{ code: 'overwrites-commits', level: 'ask', details: { ref: main, lost: 2, unpushed: 1 } }],
	},
	'unrelated-history': {
		found: () => only('unrelated-history', facts('unrelated')),
		without: () => only('unrelated-history', facts('diverged')),
		expected: [{ code: 'unrelated-history', level: 'ask', details: { ref: main } }],
	},
	'protected-branch': {
		found: () => only('protected-branch', facts('ahead', { config: { protectedBranches: ['x', 'm*n'] } })),
		without: () => only('protected-branch', facts('behind', { config: { protectedBranches: ['x', 'm*n'] } })),
		expected: [{ code: 'protected-branch', level: 'ask', details: { ref: main, pattern: 'm*n' } }],
	},
	'moves-checked-out-branch, rewritten': {
		found: () => only('moves-checked-out-branch', facts('diverged', { worktrees: [here] })),
		without: () => only('moves-checked-out-branch', facts('diverged', { worktrees: [{ path: '/home' }] })),
		expected: [{ code: 'moves-checked-out-branch', level: 'ask', details: { ref: main } }],
	},
	'moves-checked-out-branch, forward': {
		found: () => only('moves-checked-out-branch', facts('behind', { worktrees: [here] })),
		without: () => only('moves-checked-out-branch', facts('behind', { worktrees: [here], here: '/tree' })),
		expected: [{ code: 'moves-checked-out-branch', level: 'note', details: { ref: main } }],
	},
	'checked-out-elsewhere': {
		found: () => only('checked-out-elsewhere', facts('behind', { worktrees: [here], here: '/tree' })),
		without: () => only('checked-out-elsewhere', facts('behind', { worktrees: [here] })),
		expected: [{ code: 'checked-out-elsewhere', level: 'ask', details: { ref: main, worktrees: ['/home'] } }],
	},
	'dirty-in-way': {
		found: () => only('dirty-in-way', facts('behind', { worktrees: [here], branches: [inWay(['a\nb'])] })),
		without: () => only('dirty-in-way', facts('behind', { worktrees: [here] })),
		expected: [{ code: 'dirty-in-way', level: 'ask', details: { ref: main, files: ['a\ufffdb'] } }],
	},
	'dirty-in-way, unknown': {
		found: () => only('dirty-in-way', facts('behind', { worktrees: [here], branches: [inWay(null)] })),
		without: () => only('dirty-in-way', facts('behind', { branches: [inWay(null)] })),
		expected: [{ code: 'dirty-in-way', level: 'ask', details: { ref: main, files: [] } }],
	},
	'home-busy': {
		found: () => only('home-busy', facts('behind', { worktrees: [{ ...here, inProgress: 'rebase' }] })),
		without: () => only('home-busy', facts('behind', { worktrees: [here, { path: '/tree', inProgress: 'merge' }] })),
		expected: [{ code: 'home-busy', level: 'ask', details: { ref: main, worktree: '/home', operation: 'rebase' } }],
	},
	'home-busy, not known': {
		found: () => only('home-busy', forgotten(facts('behind', { worktrees: [here] }))),
		without: () => only('home-busy', facts('behind', { worktrees: [here] })),
		expected: [{ code: 'home-busy', level: 'ask', details: { ref: main, worktree: '/home', operation: 'unknown' } }],
	},
	'home-busy, checked out twice': {
		found: () => only('home-busy', facts('behind', { worktrees: [here, { ...here, path: '/tree' }] })),
		without: () => only('home-busy', facts('behind', { worktrees: [here, { path: '/tree' }] })),
		expected: [
			{ code: 'home-busy', level: 'ask', details: { ref: main, worktree: '/tree', operation: 'second-checkout' } },
		],
	},
	'home-dirty': {
		found: () => only('home-dirty', facts('behind', { worktrees: [{ ...here, dirtyFiles: 4 }] })),
		without: () => only('home-dirty', facts('behind', { worktrees: [here, { path: '/tree', dirtyFiles: 4 }] })),
		expected: [{ code: 'home-dirty', level: 'note', details: { worktree: '/home', files: 4 } }],
	},
	'runs-code': {
		found: () => only('runs-code', facts('behind', { worktrees: [here], findings: running('runs-on-checkout') })),
		without: () => [
			...only('runs-code', facts('behind', { findings: running('runs-on-checkout') })),
			...only('runs-code', facts('behind', { worktrees: [here], findings: running('windows-name') })),
		],
		expected: [{ code: 'runs-code', level: 'ask', details: { ref: main, files: ['.husky/x'] } }],
	},
	'name-clash': {
		found: () => clash('Main', true),
		without: () => [...clash('Main', false), ...clash('other', true)],
		expected: [{ code: 'name-clash', level: 'ask', details: { ref: 'refs/heads/Main' } }],
	},
	'name-clash, folder': {
		found: () => clash('main/x', false),
		without: () => clash('mainx', false),
		expected: [{ code: 'name-clash', level: 'ask', details: { ref: 'refs/heads/main/x' } }],
	},
	'name-clash, one ref twice': {
		found: () => only('name-clash', facts('behind'), [move(), move()]),
		without: () => only('name-clash', facts('behind'), [move()]),
		expected: [{ code: 'name-clash', level: 'ask', details: { ref: main } }],
	},
	'epoch-changed': session('epoch-changed', { epochChanged: true }, { session: 'alpha' }),
	'branch-gone': session(
		'branch-gone',
		{ goneBranches: ['a', 'b\u001b'] },
		{ session: 'alpha', branches: ['a', 'b\ufffd'] },
	),
	'session-dirty': session('session-dirty', { changedFiles: 3 }, { files: 3, captured: 'yes' }),
	'session-busy': session('session-busy', { inProgress: 'rebase' }, { operation: 'rebase' }),
	'not-captured': session('not-captured', { captured: false, changedFiles: 2 }, { files: 2 }),
	'not-quiet': session('not-quiet', { quiet: false }, {}),
	'incomplete-history': session('incomplete-history', { shallow: true }, { kinds: ['shallow clone'] }),
	'incomplete-history, partial': session('incomplete-history', { partial: true }, { kinds: ['partial clone'] }),
	'content-missing': session('content-missing', { missing: 5 }, { session: 'alpha', missing: 5 }),
	'no-session-branch': {
		found: () => only('no-session-branch', planFacts(), []),
		without: () => only('no-session-branch', planFacts({ session: { worktreeOfHome: true } }), []),
		expected: [{ code: 'no-session-branch', level: 'note', details: {} }],
	},
	'known-as-merged': {
		found: () => only('known-as-merged', knownWork(2, 'refs/remotes/origin/main'), []),
		without: () => [
			...only('known-as-merged', knownWork(0, null), []),
			...only('known-as-merged', knownWork(null, null), []),
		],
		expected: [
			{
				code: 'known-as-merged',
				level: 'note',
				details: { branch: 'x\ufffdy', commits: 3, known: 2, target: 'origin/main', how: 'squashed' },
			},
		],
	},
	'other-session-last': {
		found: () => lastSync('beta'),
		without: () => [
			...lastSync('alpha'),
			...lastSync('local/alpha'),
			...lastSync(null),
			...lastSync('beta', branchRequest),
		],
		expected: [{ code: 'other-session-last', level: 'note', details: { last: 'beta' } }],
	},
};

function only(code: WarningCode, facts: PlanFacts, refs: readonly RefChange[] = [move()]): unknown[] {
	return guard(facts, branchRequest, refs).filter((warning) => warning.code === code);
}

function session(code: WarningCode, change: FactsOptions['session'], details: object): (typeof rules)[string] {
	return {
		found: () => only(code, facts('behind', { session: change ?? {} })),
		without: () => only(code, facts('behind')),
		expected: [{ code, level: 'note', details }],
	};
}

function knownWork(known: number | null, target: string | null): PlanFacts {
	const how = target === null ? null : 'squashed';
	return planFacts({ branches: [{ name: 'x\u001by', oid: 's', known: { commits: 3, known, target, how } }] });
}

function lastSync(lastSync: string | null, request = overwriteRequest): unknown[] {
	return guard(facts('behind', { lastSync }), request, []);
}

function inWay(files: readonly string[] | null): NonNullable<FactsOptions['branches']>[number] {
	return { name: 'main', oid: 's', inTheWay: new Map(files === null ? [] : [[main, files]]) };
}

function running(code: 'runs-on-checkout' | 'windows-name'): PlanFacts['findings'] {
	return [{ code, level: 'warn', path: '.husky/x', detail: '' }];
}

function clash(name: string, ignoreCase: boolean): unknown[] {
	const ref = `refs/heads/${name}`;
	return only('name-clash', facts('behind', { ignoreCase }), [move({ ref, from: null, action: 'create' })]);
}

/** The same facts with no word about the working tree that the branch is checked out in. */
function forgotten(facts: PlanFacts): PlanFacts {
	return { ...facts, home: { ...facts.home, worktrees: [] } };
}

describe('the guard', () => {
	for (const [name, rule] of Object.entries(rules)) {
		it(`warns: ${name}`, () => {
			assert.deepStrictEqual({ found: rule.found(), without: rule.without() }, { found: rule.expected, without: [] });
		});
	}

	it('says nothing of a quiet session and a branch that is new or stays', () => {
		const quiet = facts('diverged', { worktrees: [here], findings: running('runs-on-checkout') });
		const changes = [
			move({ ref: 'refs/heads/new', from: null, action: 'create' }),
			move({ to: 'h', action: 'keep' }),
			move({ to: 'h', action: 'overwrite' }),
		];
		assert.deepStrictEqual(
			changes.map((change) => guard(quiet, overwriteRequest, [change])),
			[[], [], []],
		);
	});

	it('is not told by a name of the action, an unknown commit, a removal, or a ref that is no branch', () => {
		const bad: [PlanFacts, Partial<RefChange>][] = [
			[facts('diverged'), { action: 'keep' }],
			[facts('diverged'), { action: 'create', from: null }],
			[facts('diverged'), { action: 'merge' }],
			[facts('behind'), { to: 'elsewhere' }],
			[facts('behind'), { to: null }],
			[facts('behind'), { ref: 'refs/tags/v1', from: null }],
			[facts('behind'), { ref: 'refs/remotes/origin/main', from: 'x' }],
			[
				facts('behind', {
					branches: [{ name: 'main', oid: 's', relations: new Map([[main, { ...relation('behind'), ahead: 1 }]]) }],
				}),
				{},
			],
		];
		assert.deepStrictEqual(
			bad.map(([facts, change]) => only('overwrites-commits', facts, [move(change)]).length),
			bad.map(() => 1),
		);
	});

	it('asks for every change that takes a commit from a branch or a file from a tree, whoever planned it', () => {
		const actions: readonly RefAction[] = ['create', 'fast-forward', 'merge', 'overwrite', 'files', 'keep'];
		const change = fc.record({ ref: fc.nat(20), to: fc.nat(9), action: fc.constantFrom(...actions) });
		let dangers = 0;
		fc.assert(
			fc.property(scenes, fc.array(change, { minLength: 1, maxLength: 3 }), ({ facts, history, request }, wild) => {
				const names = [...facts.home.branches.keys(), 'refs/heads/new'];
				const changes = wild.map(({ ref, to, action }) => {
					const name = names[ref % names.length]!;
					const source = facts.session.branches[to % Math.max(1, facts.session.branches.length)];
					const from = facts.home.branches.get(name)?.oid ?? null;
					return move({ ref: name, from, to: to === 9 || source === undefined ? 'c0' : source.oid, action });
				});
				const asked = guard(facts, request, changes).filter(({ level }) => level === 'ask');
				const asks = (code: WarningCode, ref: string): boolean =>
					asked.some((warning) => warning.code === code && warning.details['ref'] === ref);
				for (const { ref, from, to } of changes) {
					const lost = from !== null && [...history.get(from)!].some((oid) => !history.get(to!)!.has(oid));
					const trees = facts.home.worktrees.filter(({ branch }) => branch === ref);
					if (lost) {
						dangers += 1;
						assert.ok(asks('overwrites-commits', ref), `${ref} to ${to}`);
					}
					if (from !== to && trees.length > 0) {
						const source = facts.session.branches.find((branch) => branch.oid === to && branch.relations.has(ref));
						const files = source?.inTheWay.get(ref);
						assert.ok(files?.length === 0 || asks('dirty-in-way', ref));
						assert.ok(trees.every(({ inProgress }) => inProgress === null) || asks('home-busy', ref));
						assert.ok(trees.every(({ path }) => path === facts.home.here) || asks('checked-out-elsewhere', ref));
					}
				}
			}),
			{ seed: 21, numRuns: 2000 },
		);
		assert.ok(dangers > 300, `${dangers} dangerous changes are too few to tell`);
	}).timeout(30_000);

	it('protects by patterns, in which a star stands for any text', () => {
		const asks = (pattern: string, name: string, ignoreCase = false): boolean => {
			const ref = `refs/heads/${name}`;
			const facts = planFacts({ home: { [name]: 'h' }, ignoreCase, config: { protectedBranches: [pattern] } });
			return only('protected-branch', facts, [move({ ref })]).length > 0;
		};
		assert.deepStrictEqual(
			{
				yes: [
					asks('main', 'main'),
					asks('*', 'a/b'),
					asks('release/*', 'release/1/2'),
					asks('*-x-*', 'a-x-b'),
					asks('ab*ba', 'abba'),
					asks('Main', 'main', true),
				],
				no: [
					asks('main', 'main2'),
					asks('m.in', 'main'),
					asks('release/*', 'release'),
					asks('ab*ba', 'aba'),
					asks('a*b*c', 'ac'),
					asks('Main', 'main'),
				],
			},
			{ yes: [true, true, true, true, true, true], no: [false, false, false, false, false, false] },
		);
	});

	it('names no more than a few files, and all of them safely', () => {
		const files = Array.from({ length: 50 }, (_, index) => `\u001b${index}`);
		const [found] = only('dirty-in-way', facts('behind', { worktrees: [here], branches: [inWay(files)] })) as [
			{ details: { files: string[] } },
		];
		assert.deepStrictEqual(
			[found.details.files.length, found.details.files[0], found.details.files.at(-1)],
			[21, '\ufffd0', '… (50 in all)'],
		);
	});
});
