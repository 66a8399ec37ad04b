import { HomeportError } from '../../src/core/base/errors.js';
import type { Homeport } from '../../src/core/homeport.js';
import type { Overlap } from '../../src/core/model/overlap.js';
import type { PatchSeries } from '../../src/core/model/patches.js';
import type { Plan } from '../../src/core/model/plan.js';
import { changesHome } from '../../src/core/model/plan.js';
import type { Check, ForgetPlan, LedgerEntry, LockStatus, Operation, UndoResult } from '../../src/core/model/report.js';
import type { SessionStatus, SyncResult } from '../../src/core/model/report.js';
import type { Session } from '../../src/core/model/session.js';
import type { Warning } from '../../src/core/model/warning.js';
import { unaccepted } from '../../src/core/model/warning.js';
import { runCli } from '../../src/cli/program.js';
import type { Terminal } from '../../src/cli/terminal.js';

/** What a home without git holds. A plan or result that is an error is thrown. */
export interface MemoryState {
	readonly sessions?: readonly (Session & { readonly branch?: string })[];
	readonly elsewhere?: number;
	readonly plans?: Readonly<Record<string, Plan | Error>>;
	readonly statuses?: readonly SessionStatus[];
	readonly ledger?: readonly LedgerEntry[];
	readonly operations?: readonly Operation[];
	readonly undo?: (Omit<UndoResult, 'outcome' | 'operation' | 'kind'> & Partial<Pick<UndoResult, 'kind'>>) | Error;
	/** How a rescue ends; with nothing new by default. */
	readonly rescue?: 'synced' | 'up-to-date';
	/** What `patches` makes; without an output folder it hands two pieces over. */
	readonly series?: readonly PatchSeries[];
	/** What `overlap` finds; every session is unseen by default. */
	readonly overlap?: Overlap;
	readonly forget?: ForgetPlan;
	readonly lock?: LockStatus;
	readonly checks?: readonly Check[];
	/** Called when a session's sync begins. */
	readonly onSync?: (session: Session) => void;
}

export const oidA = 'a'.repeat(40);
export const oidB = 'b'.repeat(40);

export function session(name: string, parts: Partial<Session> = {}): Session {
	return {
		id: `local/${name}`,
		name,
		backend: 'local',
		scope: '',
		agent: 'claude',
		state: 'running',
		reason: null,
		workspace: `/work/${name}`,
		gitDir: null,
		storage: name,
		home: '/home/x',
		worktreeOfHome: false,
		...parts,
	};
}

export function plan(of: Session, parts: Partial<Plan> = {}): Plan {
	return {
		session: of.id,
		request: { strategy: 'branch', direction: 'home', branch: null, from: null },
		refs: [
			{
				ref: `refs/heads/claude/${of.name}`,
				from: null,
				to: oidA,
				action: 'create',
				source: 'main',
				worktree: null,
				gained: 2,
				lost: 0,
				lostCommits: [],
			},
		],
		warnings: [],
		findings: [],
		epoch: 'epoch-1',
		...parts,
	};
}

export const asks: readonly Warning[] = [
	{
		code: 'overwrites-commits',
		level: 'ask',
		details: { ref: 'refs/heads/main', lost: 1 },
	},
	{ code: 'protected-branch', level: 'ask', details: { ref: 'refs/heads/main', pattern: 'main' } },
	{ code: 'session-dirty', level: 'note', details: { files: 2 } },
];

/** A home that keeps to the facade's promises over the given state; `calls` tells what was asked of it. */
export function memoryHome(state: MemoryState, calls: string[] = []): Homeport {
	const sessions = state.sessions ?? [];
	const planOf = (of: Session): Plan => {
		const found = state.plans?.[of.name] ?? plan(of);
		if (found instanceof Error) {
			throw found;
		}
		return found;
	};
	const find = (nameOrId: string): Session => {
		const found = sessions.filter(({ id, name }) => id === nameOrId || name === nameOrId);
		if (found.length > 1) {
			throw new HomeportError('session-ambiguous', { session: nameOrId, candidates: found.map(({ id }) => id) });
		}
		if (found[0] === undefined) {
			throw new HomeportError('session-unknown', { session: nameOrId });
		}
		return found[0];
	};
	const result = (of: Plan, accepted: readonly string[], outcome: SyncResult['outcome']): SyncResult => ({
		session: of.session,
		outcome,
		refs: of.refs,
		warnings: of.warnings.map((warning) => ({ ...warning, accepted: accepted.includes(warning.code) })),
		findings: of.findings,
		operation: outcome === 'synced' ? 'op-1' : null,
		ledger: oidB,
		error: null,
	});
	return {
		root: '/home/x',
		// A home in memory has no objects.
		contents: undefined as never,
		list: async () => ({
			sessions: sessions.map((listed) => ({ ...listed, branch: listed.branch ?? null, seen: null })),
			elsewhere: state.elsewhere ?? 0,
			listed: [],
			problems: [],
		}),
		contexts: async () => ({ current: null, chosen: [], known: [] }),
		find: async (nameOrId) => find(nameOrId),
		add: async (name, path, agent) => {
			calls.push(`add ${name} ${path} ${agent}`);
			return session(name, { workspace: path, agent });
		},
		remove: async (nameOrId, options) => {
			const found = find(nameOrId);
			if (options?.dryRun !== true) {
				calls.push(`remove ${nameOrId}`);
			}
			return found;
		},
		status: async (of) => (state.statuses ?? []).filter((status) => of.some(({ id }) => id === status.session)),
		attach: () => Promise.reject(new HomeportError('not-supported')),
		log: () => Promise.reject(new HomeportError('not-supported')),
		conflicts: async () => [],
		settleConflicts: async () => undefined,
		plan: async (of) => planOf(of),
		planDetails: async () => [],
		branchChoices: async () => ({ home: [], checkedOut: null, suggested: 'branch' }),
		sync: async (of, _request, decide, options) => {
			state.onSync?.(of);
			if (options?.signal?.aborted === true) {
				throw new HomeportError('cancelled');
			}
			const made = planOf(of);
			options?.onProgress?.({ session: of.id, phase: 'fetch' });
			if (made.findings.some((finding) => finding.level === 'block')) {
				return result(made, [], 'blocked');
			}
			const decision = await decide(made);
			const accepted = decision.proceed ? decision.accepted : [];
			if (!decision.proceed || unaccepted(made.warnings, new Set(accepted)).length > 0) {
				return result(made, accepted, 'refused');
			}
			calls.push(`sync ${of.id} ${accepted.join(',')}`.trim());
			return result(made, accepted, changesHome(made) ? 'synced' : 'up-to-date');
		},
		rescue: async (of) => ({
			...result({ ...planOf(of), refs: [] }, [], state.rescue ?? 'up-to-date'),
			operation: null,
		}),
		patches: async (of, request, take) => {
			calls.push(`patches ${of.id} ${JSON.stringify(request)}`);
			if (request.output === null && !request.dryRun) {
				take('From ');
				take('mail\n');
			}
			return { session: of.id, series: state.series ?? [], nothingUncommitted: false, missing: 0 };
		},
		serve: async (of) => {
			calls.push(`serve ${of.id}`);
		},
		overlap: async (ids) => state.overlap ?? { sides: [], pairs: [], order: [], unseen: ids },
		ledger: async (_id, limit) => (state.ledger ?? []).slice(0, limit),
		operations: async (limit) => [...(state.operations ?? [])].slice(0, limit),
		operation: async (id) => {
			const found = state.operations?.find((operation) => operation.id === id);
			if (found === undefined) {
				throw new HomeportError('operation-unknown', { operation: id });
			}
			return found;
		},
		continueMerge: async () => {
			throw new HomeportError('operation-unknown', { id: '' });
		},
		undo: async (_id, { accepted, dryRun }) => {
			const found = state.undo ?? new HomeportError('nothing-to-undo');
			if (found instanceof Error) {
				throw found;
			}
			const undo = { kind: 'undo' as const, ...found };
			const warnings = undo.warnings.map((warning) => ({ ...warning, accepted: accepted.includes(warning.code) }));
			if (dryRun === true) {
				return { ...undo, warnings, operation: null, outcome: 'planned' };
			}
			if (unaccepted(warnings, new Set(accepted)).length > 0) {
				return { ...undo, warnings, operation: null, outcome: 'refused' };
			}
			calls.push(`undo ${accepted.join(',')}`.trim());
			return { ...undo, warnings, operation: 'op-2', outcome: 'done' };
		},
		forgetPlan: async (of) => state.forget ?? { session: of, entries: 0, lastCopies: [] },
		forget: async (of, scope, confirmation) => {
			calls.push(`forget ${of} ${JSON.stringify(scope)} ${confirmation}`);
			return state.forget ?? { session: of, entries: 0, lastCopies: [] };
		},
		lockStatus: async () => state.lock ?? freeLock,
		breakLock: async () => {
			calls.push('breakLock');
			if (state.lock?.owner === 'alive') {
				throw new HomeportError('lock-held', { pid: state.lock.pid, host: state.lock.host });
			}
			return freeLock;
		},
		doctor: async () => [...(state.checks ?? [])],
		watch: () => ({ dispose: () => undefined }),
		dispose: () => undefined,
	};
}

const freeLock: LockStatus = { held: false, pid: null, host: null, owner: 'unknown', ageSeconds: null, purpose: null };

/** What one run of the command line wrote, and what it did to its home. */
export interface Ran {
	readonly code: number;
	readonly out: string;
	readonly err: string;
	readonly calls: readonly string[];
	/** The questions that were asked. */
	readonly questions: readonly string[];
	/** Stdout as the one JSON document. */
	json(): unknown;
}

export interface RunOptions {
	/** What the user types, question by question; with it, stdin and stderr are terminals. */
	readonly answers?: readonly string[];
	readonly signal?: AbortSignal;
	readonly terminal?: Partial<Terminal>;
}

/** Runs the command line in this process over a home in memory. */
export async function runOver(state: MemoryState, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
	const calls: string[] = [];
	const questions: string[] = [];
	const answers = [...(options.answers ?? [])];
	const written = { out: '', err: '' };
	const interactive = options.answers !== undefined;
	const code = await runCli(argv, {
		terminal: {
			env: {},
			cwd: '/cwd',
			interactive,
			stdoutIsTerminal: interactive,
			stderrIsTerminal: interactive,
			width: undefined,
			out: (text) => {
				written.out += text;
			},
			err: (text) => {
				written.err += text;
			},
			ask: async (question) => {
				questions.push(question);
				return answers.shift() ?? null;
			},
			...options.terminal,
		},
		openHome: async ({ repo, lockWaitSeconds }) => {
			calls.push(`open ${repo} ${lockWaitSeconds}`);
			return memoryHome(state, calls);
		},
		signal: options.signal ?? new AbortController().signal,
		version: '1.2.3',
	});
	return { code, ...written, calls, questions, json: () => JSON.parse(written.out) as unknown };
}
