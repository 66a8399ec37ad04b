import type { Sequence } from './model/commands.js';
import { type Short, sequenceOf } from './model/directed.js';

/** One place of the source to change; `find` occurs there exactly once. */
export interface Edit {
	readonly file: string;
	readonly find: string;
	readonly replace: string;
}

/** A deliberate bug, and the sequences in which the invariants of the property must find it. */
export interface Mutant {
	readonly name: string;
	readonly edits: readonly Edit[];
	readonly sequences: readonly Sequence[];
}

const git = 'src/core/git/';
const sync = 'src/core/sync/';
const operations = 'src/core/operations/';
const observeScript = `${git}session/observe.sh`;

// The first number of a Homeport step points at the session: below 0.6 alpha, else beta. A third number below 0.6
// accepts what is asked.
const alpha = 0;
const beta = 0.9;
const commitAlpha: Short = ['alpha', 'commit', 0, 0.4, 0.5, 0.1];
const commitTracked: Short = ['alpha', 'commit', 0, 0.01, 0.5, 0.1];
const commitBeta: Short = ['beta', 'commit', 0, 0.4, 0.5, 0.1];
const rescueAlpha: Short = ['homeport', 'rescue', alpha];
const rescueBeta: Short = ['homeport', 'rescue', beta];
const syncAlpha: Short = ['homeport', 'sync', alpha, 0, 0.1];
const syncBeta: Short = ['homeport', 'sync', beta, 0, 0.1];
/** Overwrites home's `main` with the session's branch, and accepts everything. */
const overwriteMain = (session: number): Short => ['homeport', 'overwrite', session, 0.4, 0.1];
const overwriteUnasked: Short = ['homeport', 'overwrite', alpha, 0.4, 0.7];
const mergeIntoMain: Short = ['homeport', 'merge', alpha, 0.4, 0.1, 0, 0.1, 0.9];
/** Sets the agent's branch to home's, and accepts nothing. */
const pushOverwriting: Short = ['homeport', 'push', alpha, 0, 0.7, 0.7];
const editTracked: Short = ['alpha', 'edit', 0.1, 0.01, 0.3, 0.9];
const resetAlpha: Short = ['alpha', 'reset-hard', 0.5];
const collectAlpha: Short = ['alpha', 'expire-and-gc'];
const commitHome: Short = ['home', 'commit', 0, 0, 0, 0.9];

const killsOf = (step: string, count: number, before: readonly Short[]): Sequence[] =>
	Array.from({ length: count }, (_, index) =>
		sequenceOf(...before, ['homeport', step, alpha, (index + 0.5) / count, 0, 0.1]),
	);

/** Every deliberate bug, by name. */
export const mutants: readonly Mutant[] = [
	{
		name: 'ledger-keeps-nothing',
		edits: [
			{
				file: `${sync}ledger.ts`,
				find: 'previous: head?.oid ?? null,\n\t\ttips,',
				replace: 'previous: head?.oid ?? null,\n\t\ttips: [],',
			},
		],
		sequences: [sequenceOf(commitAlpha, rescueAlpha)],
	},
	{
		name: 'ledger-keeps-what-no-other-ref-has',
		edits: [
			{
				file: `${git}history.ts`,
				find: "git.text(['rev-list', '--stdin'], { input: `${unique.join('\\n')}\\n^${from}\\n` });",
				replace: "git.text(['rev-list', '--stdin', '--not', '--all'], { input: `${unique.join('\\n')}\\n` });",
			},
		],
		sequences: [
			sequenceOf(
				rescueAlpha,
				commitAlpha,
				syncAlpha,
				rescueBeta,
				['beta', 'checkout', 0],
				syncAlpha,
				commitAlpha,
				rescueAlpha,
				['homeport', 'forget', beta],
				['home', 'expire-and-gc'],
			),
			sequenceOf(commitHome, commitHome, syncAlpha, commitHome, syncBeta),
		],
	},
	{
		name: 'ledger-without-the-entry-before',
		edits: [{ file: `${sync}ledger.ts`, find: 'previous: head?.oid ?? null,', replace: 'previous: null,' }],
		sequences: [sequenceOf(commitAlpha, rescueAlpha, resetAlpha, collectAlpha, rescueAlpha)],
	},
	{
		name: 'same-as-last-always',
		edits: [
			{
				file: `${sync}ledger.ts`,
				find: 'return JSON.stringify(sortKeys(seen)) === JSON.stringify(sortKeys(last));',
				replace: 'return seen !== null && last !== null;',
			},
		],
		sequences: [sequenceOf(rescueAlpha, commitAlpha, rescueAlpha)],
	},
	{
		name: 'same-as-last-never',
		edits: [
			{
				file: `${sync}ledger.ts`,
				find: 'return JSON.stringify(sortKeys(seen)) === JSON.stringify(sortKeys(last));',
				replace: 'return seen === null && last === null;',
			},
		],
		sequences: [sequenceOf(['homeport', 'rescue-twice', alpha])],
	},
	{
		name: 'epoch-ignored',
		edits: [
			{
				file: `${sync}facts.ts`,
				find: 'before !== null && before.entry.epoch === observation.epoch;',
				replace: 'before !== null;',
			},
		],
		sequences: [
			sequenceOf(commitAlpha, ['alpha', 'create-branch', 0, 0.4], rescueAlpha, ['alpha', 'renew'], syncAlpha),
		],
	},
	{
		name: 'capture-without-untracked',
		edits: [{ file: observeScript, find: '--untracked-files=all', replace: '--untracked-files=no' }],
		sequences: [sequenceOf(['alpha', 'edit', 0.6, 0, 0.1, 0.9], rescueAlpha)],
	},
	{
		name: 'capture-without-staged',
		edits: [
			{
				file: observeScript,
				find: 'if [ "$index_tree" != "$head_tree" ]; then parents=',
				replace: 'if false; then parents=',
			},
		],
		sequences: [sequenceOf(['alpha', 'stage', 0, 0.01, 0.1, 0.3, 0.2], rescueAlpha)],
	},
	{
		name: 'capture-without-executable-bit',
		edits: [{ file: observeScript, find: 'override core.safecrlf false', replace: 'override core.fileMode false' }],
		sequences: [sequenceOf(['alpha', 'edit', 0.999, 0.2, 0, 0.9], rescueAlpha)],
	},
	{
		name: 'capture-without-links',
		edits: [{ file: observeScript, find: 'if (kind != "8" && kind != "a")', replace: 'if (kind != "8")' }],
		sequences: [sequenceOf(['alpha', 'edit', 0.7, 0.34, 0, 0.9], rescueAlpha)],
	},
	{
		name: 'capture-with-a-fresh-index-time',
		edits: [
			{
				file: observeScript,
				find: 'ln "$1" "$run/index" 2>/dev/null || cp -p "$1" "$run/index"',
				replace: 'cp "$1" "$run/index"',
			},
		],
		sequences: [sequenceOf(['homeport', 'same-second', alpha])],
	},
	{
		name: 'capture-writes-into-the-session',
		edits: [
			{
				file: observeScript,
				find: 'export GIT_OBJECT_DIRECTORY="$run/objects" GIT_ALTERNATE_OBJECT_DIRECTORIES="$common_dir/objects"',
				replace: ':',
			},
		],
		sequences: [sequenceOf(editTracked, rescueAlpha)],
	},
	{
		name: 'stashes-but-the-first-dropped',
		edits: [
			{
				file: observeScript,
				find: 'git rev-list --walk-reflogs --ignore-missing refs/stash',
				replace: 'git rev-list --walk-reflogs --max-count=1 --ignore-missing refs/stash',
			},
		],
		sequences: [sequenceOf(editTracked, ['alpha', 'stash', 0.1], editTracked, ['alpha', 'stash', 0.1], rescueAlpha)],
	},
	{
		name: 'reflog-only-tips-ignored',
		edits: [
			{
				file: `${git}session/look.ts`,
				find: "reflog: tipsOf(fieldOf(refs, 'others')).filter((oid) => !named.has(oid)),",
				replace: 'reflog: [],',
			},
		],
		sequences: [sequenceOf(commitAlpha, resetAlpha, rescueAlpha)],
	},
	{
		name: 'detached-head-ignored',
		edits: [
			{
				file: `${git}session/look.ts`,
				find: 'if (head.branch === null && head.oid !== null &&',
				replace: "if (head.branch === '' && head.oid !== null &&",
			},
			{
				file: 'src/core/model/observation.ts',
				find: 'if (observation.head.oid !== null) {',
				replace: "if (observation.head.oid === '') {",
			},
		],
		sequences: [sequenceOf(['alpha', 'detach', 0], commitAlpha, rescueAlpha)],
	},
	{
		name: 'run-dropped-before-the-fetch',
		edits: [
			{
				file: `${sync}rescue.ts`,
				find: 'const { observation, ledger, findings } = await adoptObserved(',
				replace: 'await dropRun(exec, look.run!);\n\t\tconst { observation, ledger, findings } = await adoptObserved(',
			},
		],
		sequences: [sequenceOf(editTracked, rescueAlpha)],
	},
	{
		name: 'adoption-without-the-pack',
		edits: [
			{
				file: `${git}adopt.ts`,
				find: "for (const suffix of ['.pack', '.rev', '.idx']) {",
				replace: "for (const suffix of ['.rev']) {",
			},
		],
		sequences: [sequenceOf(commitAlpha, rescueAlpha)],
	},
	{
		name: 'apply-without-verifying-the-base',
		edits: [
			{ file: `${operations}perform.ts`, find: 'await verifyBase(home, work.refs);', replace: 'void verifyBase;' },
		],
		sequences: [sequenceOf(syncAlpha, commitAlpha, ['homeport', 'sync-meddled', alpha, 0, 0.1, 0.2])],
	},
	{
		name: 'refs-moved-without-the-old-value',
		edits: [
			{ file: `${operations}perform.ts`, find: 'await verifyBase(home, work.refs);', replace: 'void verifyBase;' },
			{
				file: `${operations}apply.ts`,
				find: '`update ${change.ref}\\0${change.to}\\0${change.from ?? zero}\\0`',
				replace: '`update ${change.ref}\\0${change.to}\\0\\0`',
			},
		],
		sequences: [
			sequenceOf(['home', 'create-branch', 0.2, 0], commitAlpha, ['homeport', 'sync-meddled', alpha, 0, 0.1, 0.7]),
		],
	},
	{
		name: 'overwrite-does-not-ask',
		edits: [
			{
				file: `${sync}guard.ts`,
				find: "warning('overwrites-commits', 'ask', {",
				replace: "warning('overwrites-commits', 'note', {",
			},
			{
				file: `${sync}guard.ts`,
				find: "warning('protected-branch', 'ask'",
				replace: "warning('protected-branch', 'note'",
			},
			{ file: `${sync}guard.ts`, find: "rewrites ? 'ask' : 'note'", replace: "'note'" },
		],
		sequences: [sequenceOf(commitHome, commitAlpha, overwriteUnasked)],
	},
	{
		name: 'diverged-taken-for-behind',
		edits: [
			{
				file: `${sync}planParts.ts`,
				find: "return branch.relations.get(ref)?.kind === 'behind';",
				replace: "return ['behind', 'diverged'].includes(branch.relations.get(ref)?.kind ?? '');",
			},
		],
		sequences: [sequenceOf(commitAlpha, syncAlpha, ['home', 'checkout', 0], commitHome, commitAlpha, syncAlpha)],
	},
	{
		name: 'files-in-the-way-ignored',
		edits: [
			{
				file: `${git}worktree.ts`,
				find: 'return [...inWay].sort().map(readable);',
				replace: 'return [...inWay].filter(() => false).map(readable);',
			},
		],
		sequences: [sequenceOf(commitTracked, ['home', 'edit', 0, 0.01, 0.1], overwriteMain(alpha))],
	},
	{
		name: 'trees-moved-by-force',
		edits: [
			{
				file: `${git}worktree.ts`,
				find: "'read-tree', '-m', '-u', from, to",
				replace: "'read-tree', '--reset', '-u', to",
			},
		],
		sequences: [sequenceOf(commitAlpha, ['home', 'edit', 0, 0.05, 0.1], overwriteMain(alpha))],
	},
	{
		name: 'undo-ignores-what-was-built-on',
		edits: [{ file: `${operations}undo.ts`, find: 'if (now !== change.to) {', replace: "if (now === '') {" }],
		sequences: [
			sequenceOf(
				commitAlpha,
				syncAlpha,
				['home', 'create-branch', 0.2, 0],
				commitAlpha,
				overwriteMain(alpha),
				commitHome,
				['homeport', 'undo', 0.9, 0.9],
			),
		],
	},
	{
		name: 'snapshot-without-untracked',
		edits: [
			{
				file: `${operations}snapshot.ts`,
				find: "'-t', '-m', '-d', '-o', '--exclude-standard'",
				replace: "'-t', '-m', '-d'",
			},
		],
		sequences: [sequenceOf(commitAlpha, ['home', 'edit', 0.6, 0, 0.1], syncAlpha)],
	},
	{
		name: 'operation-log-keeps-nothing',
		edits: [
			{
				file: `${operations}log.ts`,
				find: 'tips.filter((oid) => oid !== null),',
				replace: 'tips.filter((oid) => oid === null),',
			},
		],
		sequences: [sequenceOf(commitHome, commitAlpha, overwriteMain(alpha))],
	},
	{
		name: 'forget-takes-what-another-session-has',
		edits: [
			{
				file: `${sync}forget.ts`,
				find: "!ref.startsWith('refs/homeport/operations') &&",
				replace: "!ref.startsWith('refs/homeport/') &&",
			},
		],
		sequences: [
			sequenceOf(rescueAlpha, commitAlpha, rescueAlpha, ['beta', 'tag', 0], ['homeport', 'forget', alpha]),
			sequenceOf(
				commitHome,
				['alpha', 'renew'],
				['beta', 'renew'],
				rescueAlpha,
				rescueBeta,
				['home', 'reset-hard'],
				['homeport', 'forget', alpha],
			),
		],
	},
	{
		name: 'recovery-skipped',
		edits: [
			{
				file: `${sync}context.ts`,
				find: 'await recoverOperation(context.home, context.logger, context.askSession);',
				replace: 'void recoverOperation;',
			},
		],
		sequences: killsOf('kill-overwrite', 16, [commitAlpha, rescueAlpha]),
	},
	{
		name: 'recovery-takes-all-for-done',
		edits: [
			{
				file: `${operations}recover.ts`,
				find: 'now[index] === change.to);',
				replace: 'now[index] !== null || change.to !== null);',
			},
		],
		sequences: killsOf('kill-overwrite', 16, [commitAlpha, rescueAlpha]),
	},
	{
		name: 'merge-without-home',
		edits: [{ file: `${git}integrate.ts`, find: "'-p', onto, '-p', source", replace: "'-p', source" }],
		sequences: [sequenceOf(commitHome, commitAlpha, mergeIntoMain)],
	},
	{
		name: 'push-overwrites-unasked',
		edits: [
			{
				file: `${sync}planPush.ts`,
				find: "warning('overwrites-session', 'ask'",
				replace: "warning('overwrites-session', 'note'",
			},
		],
		sequences: [sequenceOf(commitHome, commitAlpha, pushOverwriting)],
	},
	{
		name: 'commits-of-beta-under-alpha',
		edits: [
			{
				file: `${sync}ledger.ts`,
				find: 'return ledgerPrefix + sessionRefName(sessionId);',
				replace: "return `${ledgerPrefix}${sessionRefName(sessionId).replace('beta', 'alpha')}`;",
			},
		],
		sequences: [sequenceOf(commitAlpha, commitBeta, rescueAlpha, rescueBeta)],
	},
];
