import * as fc from 'fast-check';
import type { HomeWorktree, PlanFacts, RefChange, SessionBranch, SyncRequest } from '../../src/core/model/plan.js';
import type { Relation } from '../../src/core/model/relation.js';
import { homeRefsOf } from '../../src/core/sync/naming.js';

/** The request of a plain `homeport sync`. */
export const branchRequest: SyncRequest = { strategy: 'branch', direction: 'home', branch: null, from: null };
export const overwriteRequest: SyncRequest = { ...branchRequest, strategy: 'overwrite' };

/** What a test says of the facts; everything else is quiet, clean and empty. */
export interface FactsOptions {
	readonly session?: Partial<Omit<PlanFacts['session'], 'branches'>>;
	readonly branches?: readonly (Partial<SessionBranch> & Pick<SessionBranch, 'name' | 'oid'>)[];
	/** Home branches by short name. */
	readonly home?: Readonly<Record<string, string>>;
	readonly worktrees?: readonly Partial<HomeWorktree>[];
	readonly here?: string | null;
	readonly ignoreCase?: boolean;
	readonly lastSync?: string | null;
	readonly config?: Partial<PlanFacts['config']>;
	readonly forecast?: PlanFacts['forecast'];
	readonly files?: PlanFacts['files'];
	readonly findings?: PlanFacts['findings'];
}

/** Facts for a plan, from what matters to the test. */
export function planFacts(options: FactsOptions = {}): PlanFacts {
	const worktrees = (options.worktrees ?? []).map((worktree) => ({
		path: '/home',
		branch: null,
		inProgress: null,
		dirtyFiles: 0,
		...worktree,
	}));
	return {
		session: {
			id: 'local/alpha',
			name: 'alpha',
			agent: 'claude',
			worktreeOfHome: false,
			epoch: 'epoch-1',
			epochChanged: false,
			goneBranches: [],
			inProgress: null,
			changedFiles: 0,
			captured: true,
			quiet: true,
			missing: 0,
			shallow: false,
			partial: false,
			...options.session,
			branches: (options.branches ?? []).map((branch, index) => ({
				isHead: index === 0,
				fresh: 1,
				relations: new Map(),
				inTheWay: new Map(),
				rewound: false,
				...branch,
			})),
		},
		home: {
			branches: new Map(
				Object.entries(options.home ?? {}).map(([name, oid]) => {
					const ref = `refs/heads/${name}`;
					return [ref, { oid, worktree: worktrees.find((worktree) => worktree.branch === ref)?.path ?? null }];
				}),
			),
			worktrees,
			here: options.here === undefined ? '/home' : options.here,
			ignoreCase: options.ignoreCase ?? false,
			lastSync: options.lastSync ?? null,
		},
		config: {
			headTemplate: '{agent}/{session}',
			otherTemplate: '{agent}/{session}-{branch}',
			protectedBranches: [],
			...options.config,
		},
		forecast: options.forecast ?? null,
		files: options.files ?? null,
		findings: options.findings ?? [],
	};
}

/** A relation of the kind, with counts that fit it. */
export function relation(kind: Relation['kind']): Relation {
	const ahead = kind === 'ahead' || kind === 'diverged' || kind === 'unrelated' ? 2 : 0;
	const behind = kind === 'behind' || kind === 'diverged' || kind === 'unrelated' || kind === 'missing' ? 3 : 0;
	return { kind, ahead, behind, unpushed: ahead === 0 ? 0 : 1, onlyHome: [] };
}

/** The commits that each commit of a small random history reaches, itself included, by oid. */
export type History = ReadonlyMap<string, ReadonlySet<string>>;

/** A request over facts that are true of one random history. */
export interface Scene {
	readonly history: History;
	readonly facts: PlanFacts;
	readonly request: SyncRequest;
}

/** The facts for the same session over other refs of home. */
export function factsOver(scene: Scene, home: ReadonlyMap<string, string>): PlanFacts {
	const { facts, history, request } = scene;
	const branches = new Map(
		[...home].map(([ref, oid]) => {
			const worktree = facts.home.worktrees.find((worktree) => worktree.branch === ref)?.path ?? null;
			return [ref, { oid, worktree: facts.home.branches.get(ref)?.worktree ?? worktree }] as const;
		}),
	);
	const bare = { ...facts, home: { ...facts.home, branches } };
	const refs = homeRefsOf(bare, request);
	const reached = new Set([...home.values()].flatMap((oid) => [...history.get(oid)!]));
	const sessionBranches = facts.session.branches.map((branch, index) => ({
		...branch,
		fresh: [...history.get(branch.oid)!].filter((oid) => !reached.has(oid)).length,
		relations: new Map(refs[index]!.map((ref) => [ref, relationOf(history, home.get(ref)!, branch.oid)])),
	}));
	return { ...bare, session: { ...facts.session, branches: sessionBranches } };
}

/** Home's refs as these changes leave them. */
export function afterwards(facts: PlanFacts, refs: readonly RefChange[]): Map<string, string> {
	const home = new Map([...facts.home.branches].map(([ref, { oid }]) => [ref, oid]));
	for (const change of refs) {
		if (change.action !== 'keep' && change.to !== null) {
			home.set(change.ref, change.to);
		}
	}
	return home;
}

function relationOf(history: History, home: string, session: string): Relation {
	const [ours, theirs] = [history.get(home)!, history.get(session)!];
	const ahead = [...ours].filter((oid) => !theirs.has(oid)).length;
	const behind = [...theirs].filter((oid) => !ours.has(oid)).length;
	const unrelated = ahead === ours.size && behind === theirs.size;
	const kind = unrelated
		? 'unrelated'
		: ahead > 0
			? behind > 0
				? 'diverged'
				: 'ahead'
			: behind > 0
				? 'behind'
				: 'equal';
	return { kind, ahead, behind, unpushed: Math.floor(ahead / 2), onlyHome: [] };
}

const homeNames = [
	'main',
	'x',
	'claude',
	'claude/alpha',
	'claude/alpha-2',
	'claude/alpha-3',
	'claude/alpha-x',
	'claude/alpha-main',
	'claude/alpha/deep',
	'claude-alpha',
	'Claude/alpha',
	'claude/ALPHA',
	'claude/alpha-\u00e9',
	'claude/alpha-e\u0301',
];
const sessionNames = ['main', 'x', '2', 'x y', 'x-y', 'alpha/deep', 'detached', '--x', 'e\u0301', null];
const operations = [null, null, null, null, null, null, 'merge', 'rebase', 'bisect'] as const;
const commits = 8;

/** Every mixture of relations, checkouts, dirty files, operations, names and strategies. */
export const scenes: fc.Arbitrary<Scene> = fc
	.record({
		parents: fc.array(fc.tuple(fc.nat(99), fc.nat(99)), { minLength: commits, maxLength: commits }),
		usual: fc.array(fc.tuple(fc.constantFrom('claude/alpha', 'main'), fc.nat(commits - 3)), { maxLength: 4 }),
		others: fc.array(fc.tuple(fc.constantFrom(...homeNames), fc.nat(commits - 1)), { maxLength: 5 }),
		session: fc.uniqueArray(
			fc.record({
				name: fc.constantFrom(...sessionNames),
				at: fc.integer({ min: 1, max: commits - 1 }),
				rewound: fc.boolean(),
			}),
			{ selector: ({ name }) => name, maxLength: 5 },
		),
		worktrees: fc.array(
			fc.record({
				branch: fc.option(fc.nat(1)),
				inProgress: fc.constantFrom(...operations),
				dirtyFiles: fc.nat(2),
				known: fc.integer({ min: 0, max: 5 }),
			}),
			{ minLength: 2, maxLength: 2 },
		),
		inTheWay: fc.array(fc.constantFrom<readonly string[] | null>([], [], [], [], ['f'], null), {
			minLength: 9,
			maxLength: 9,
		}),
		ignoreCase: fc.boolean(),
		here: fc.constantFrom('/home', '/home', '/tree', null),
		finding: fc.constantFrom('none', 'none', 'none', 'warn', 'block'),
		worktreeOfHome: fc.integer({ min: 0, max: 9 }).map((value) => value === 0),
		strategy: fc.constantFrom('branch' as const, 'overwrite' as const),
		branch: fc.constantFrom(null, null, 'main', 'main', 'claude/alpha', 'claude/alpha-x', 'new'),
		from: fc.option(fc.nat(9), { freq: 1 }),
		templates: fc.constantFrom(
			undefined,
			undefined,
			{ otherTemplate: '{agent}/{session}/{branch}' },
			{ headTemplate: 'x' },
		),
	})
	.map((made) => {
		const history = historyOf(made.parents);
		const home: Record<string, string> = {};
		for (const [name, at] of [...made.usual, ...made.others]) {
			if (Object.keys(home).every((other) => !clash(name, other, made.ignoreCase))) {
				home[name] = `c${at}`;
			}
		}
		const names = ['claude/alpha', 'main', ...Object.keys(home)].filter((name) => name in home);
		const worktrees = made.worktrees.map(({ branch, inProgress, dirtyFiles }, index) => ({
			path: index === 0 ? '/home' : '/tree',
			branch: branch === null || names.length === 0 ? null : `refs/heads/${names[(branch + index) % names.length]!}`,
			inProgress,
			dirtyFiles,
		}));
		const bare = planFacts({
			home,
			worktrees,
			here: made.here,
			ignoreCase: made.ignoreCase,
			session: { worktreeOfHome: made.worktreeOfHome },
			branches: made.session.map(({ name, at, rewound }) => ({ name, oid: `c${at}`, rewound })),
			config: { protectedBranches: ['ma*'], ...made.templates },
			findings: made.finding === 'none' ? [] : [{ code: 'runs-on-open', level: made.finding, path: 'p', detail: '' }],
		});
		const known = worktrees.filter((_, index) => made.worktrees[index]!.known > 0);
		const checkedOut = [...new Set(worktrees.flatMap(({ branch }) => (branch === null ? [] : [branch])))];
		const branches = bare.session.branches.map((branch) => ({
			...branch,
			inTheWay: new Map(
				checkedOut.flatMap((ref, number) => {
					const files = made.inTheWay[(Number(branch.oid.slice(1)) + number * 4) % made.inTheWay.length];
					return files === null || files === undefined ? [] : [[ref, files] as const];
				}),
			),
		}));
		const named = made.from === null ? null : (branches[made.from % Math.max(1, branches.length)]?.name ?? null);
		const scene: Scene = {
			history,
			facts: { ...bare, session: { ...bare.session, branches }, home: { ...bare.home, worktrees: known } },
			request: { strategy: made.strategy, direction: 'home', branch: made.branch, from: named },
		};
		const refs = new Map(Object.entries(home).map(([name, oid]) => [`refs/heads/${name}`, oid]));
		return { ...scene, facts: factsOver(scene, refs) };
	});

function historyOf(parents: readonly (readonly number[])[]): History {
	const history = new Map<string, Set<string>>();
	for (const [index, of] of parents.entries()) {
		// The first parent is any commit before or, once in a while, none; a second one is rare.
		const [first, second] = [of[0]! % (index + 1), of[1]! % (4 * index + 1)];
		const before = [first, second].filter((parent) => parent < index);
		const reached = before.flatMap((parent) => [...history.get(`c${parent}`)!]);
		history.set(`c${index}`, new Set([`c${index}`, ...reached]));
	}
	return history;
}

/** True when two branch names cannot stand beside each other; written apart from the code under test. */
export function clash(a: string, b: string, ignoreCase: boolean): boolean {
	const fold = (name: string): string[] => (ignoreCase ? name.toUpperCase() : name).normalize('NFC').split('/');
	const [x, y] = [fold(a), fold(b)];
	const shared = x.findIndex((part, index) => part !== y[index]);
	return shared === -1 || shared >= y.length || (ignoreCase && folderSpeltTwice(a, b));
}

function folderSpeltTwice(a: string, b: string): boolean {
	const [x, y] = [a.split('/').slice(0, -1), b.split('/').slice(0, -1)];
	const apart = x.findIndex((part, index) => part !== y[index]);
	return apart !== -1 && x[apart]!.toUpperCase() === y[apart]?.toUpperCase();
}
