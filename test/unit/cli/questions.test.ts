import assert from 'node:assert/strict';
import { HomeportError } from '../../../src/core/base/errors.js';
import { asks, oidA, plan, runOver, session } from '../../support/memoryHome.js';
import type { MemoryState, Ran, RunOptions } from '../../support/memoryHome.js';

const alpha = session('alpha');
const asking: MemoryState = { sessions: [alpha], plans: { alpha: plan(alpha, { warnings: asks }) } };
const forgetting: MemoryState = {
	sessions: [alpha],
	forget: { session: alpha.id, entries: 3, lastCopies: [{ oid: oidA, subject: 'the only copy' }] },
};

function changes(ran: Ran): readonly string[] {
	return ran.calls.filter((call) => !call.startsWith('open'));
}

describe('questions of the command line', () => {
	it('are not asked without a terminal: refused with 3, and the codes to accept are listed', async () => {
		const ran = await runOver(asking, ['sync', 'alpha']);
		const half = await runOver(asking, ['sync', 'alpha', '--accept', 'protected-branch']);
		assert.deepStrictEqual(
			[ran, half].map((one) => [one.code, one.questions, changes(one)]),
			[
				[3, [], []],
				[3, [], []],
			],
		);
		assert.match(ran.err, /To accept: --accept overwrites-commits,protected-branch\n$/);
		assert.match(half.err, /To accept: --accept overwrites-commits\n$/);
	});

	it('are not asked for notes, nor for codes that were accepted', async () => {
		const options = { answers: [] };
		const note = { sessions: [alpha], plans: { alpha: plan(alpha, { warnings: asks.slice(2) }) } };
		const noted = await runOver(note, ['sync', 'alpha'], options);
		const accepted = await runOver(
			asking,
			['sync', 'alpha', '--accept', 'overwrites-commits,protected-branch'],
			options,
		);
		assert.deepStrictEqual(
			[noted, accepted].map(({ code, questions }) => [code, questions]),
			[
				[0, []],
				[0, []],
			],
		);
	});

	it('are asked once for each code, under the plan', async () => {
		const ran = await runOver(asking, ['sync', 'alpha'], { answers: ['y', 'YES'] });
		assert.deepStrictEqual(
			[ran.code, ran.questions.map((question) => question.split('?')[0]), changes(ran)],
			[
				0,
				['Accept overwrites-commits', 'Accept protected-branch'],
				['sync local/alpha overwrites-commits,protected-branch'],
			],
		);
		assert.match(ran.err, /plan for local\/alpha:[^]*claude\/alpha/);
	});

	it('end with the first no, and with the end of input', async () => {
		const no = await runOver(asking, ['sync', 'alpha'], { answers: ['n', 'y'] });
		const ended = await runOver(asking, ['sync', 'alpha'], { answers: [] });
		assert.deepStrictEqual(
			[no, ended].map((ran) => [ran.code, ran.questions.length, changes(ran)]),
			[
				[3, 1, []],
				[3, 1, []],
			],
		);
	});

	it('of several sessions are asked once for each code, under all plans; a no refuses those it concerns alone', async () => {
		const [beta, gamma, delta] = [session('beta'), session('gamma'), session('delta')];
		const state: MemoryState = {
			sessions: [alpha, beta, gamma, delta],
			plans: {
				alpha: plan(alpha, { warnings: asks }),
				beta: plan(beta, { warnings: asks.slice(1) }),
				gamma: new HomeportError('session-unreachable'),
			},
		};
		const mixed = await runOver(state, ['sync', '--all', '--json'], { answers: ['n', 'y'] });
		assert.deepStrictEqual(mixed.questions, [
			'Accept overwrites-commits for 1 session (local/alpha)? [y/N] ',
			'Accept protected-branch for 1 session (local/beta)? [y/N] ',
		]);
		assert.deepStrictEqual(
			[mixed.code, changes(mixed), (mixed.json() as { outcome: string }[]).map(({ outcome }) => outcome)],
			[4, ['sync local/delta', 'sync local/beta protected-branch'], ['refused', 'synced', 'unreachable', 'synced']],
		);
		assert.match(
			mixed.err,
			/plan for local\/alpha:[^]*plan for local\/delta:[^]*no plan for local\/gamma[^]*order: local\/delta, local\/beta, local\/alpha/,
		);
		const both = await runOver(state, ['sync', 'alpha', 'beta'], { answers: ['y', 'y'] });
		assert.deepStrictEqual(
			[both.code, both.questions.length, changes(both)],
			[0, 2, ['sync local/beta protected-branch', 'sync local/alpha overwrites-commits,protected-branch']],
		);
		const silent = await runOver(state, ['sync', 'alpha', 'beta', 'delta', '--accept', 'protected-branch']);
		assert.deepStrictEqual(
			[silent.code, silent.questions, changes(silent)],
			[3, [], ['sync local/delta protected-branch', 'sync local/beta protected-branch']],
		);
	});

	it('end with 130 when interrupted', async () => {
		const interruption = new AbortController();
		const options: RunOptions = {
			answers: [],
			signal: interruption.signal,
			terminal: {
				ask: async () => {
					interruption.abort();
					return null;
				},
			},
		};
		const ran = await runOver(asking, ['sync', 'alpha', '--json'], options);
		const { error } = ran.json() as { error: { code: string } };
		assert.deepStrictEqual([ran.code, error.code, changes(ran)], [130, 'cancelled', []]);
	});

	it('of an undo are asked the same way', async () => {
		const undo = { undoes: 'op-1', refs: [], warnings: [{ ...asks[0]!, accepted: false }] };
		const refused = await runOver({ undo }, ['undo']);
		const yes = await runOver({ undo }, ['undo'], { answers: ['y'] });
		const accepted = await runOver({ undo }, ['undo', '--accept', 'overwrites-commits']);
		const planned = await runOver({ undo }, ['undo', '--dry-run']);
		assert.deepStrictEqual(
			[refused, yes, accepted, planned].map((ran) => [ran.code, changes(ran)]),
			[
				[3, []],
				[0, ['undo overwrites-commits']],
				[0, ['undo overwrites-commits']],
				[0, []],
			],
		);
		assert.match(refused.err, /To accept: --accept overwrites-commits\n$/);
	});

	it('of forget want the name typed, or accepted by name where there is no terminal', async () => {
		const forget = (argv: readonly string[], answers?: readonly string[]): Promise<Ran> =>
			runOver(forgetting, ['forget', 'alpha', ...argv], answers === undefined ? {} : { answers });
		const done = ['forget local/alpha {} alpha'];
		const rans = [
			await forget([]),
			await forget(['--accept', 'forget:beta']),
			await forget(['--accept', 'forget:alpha']),
			await forget(['--accept', 'forget:local/alpha']),
			await forget([], ['y']),
			await forget([], ['alpha ']),
			await forget(['--dry-run', '--accept', 'forget:alpha']),
		];
		assert.deepStrictEqual(
			rans.map((ran) => [ran.code, changes(ran)]),
			[
				[3, []],
				[3, []],
				[0, done],
				[0, done],
				[3, []],
				[0, done],
				[0, []],
			],
		);
		assert.deepStrictEqual(rans[0]!.questions, []);
		assert.match(rans[0]!.err, /the only copy[^]*--accept forget:alpha/);
		const refused = await runOver(forgetting, ['forget', 'alpha', '--json']);
		const { code, details } = (refused.json() as { error: { code: string; details: { accept: unknown } } }).error;
		assert.deepStrictEqual([code, details.accept], ['confirmation-needed', ['forget:alpha']]);
	});

	it('of forget pass the narrowing on, dates in ISO 8601', async () => {
		const scoped = async (...argv: string[]): Promise<string | undefined> =>
			changes(await runOver(forgetting, ['forget', 'alpha', '--accept', 'forget:alpha', ...argv]))[0];
		assert.deepStrictEqual(
			[await scoped('--path', 'secret.txt'), await scoped('--before', '2026-11-20')],
			[
				'forget local/alpha {"path":"secret.txt"} alpha',
				'forget local/alpha {"before":"2026-11-20T00:00:00.000Z"} alpha',
			],
		);
	});
});
