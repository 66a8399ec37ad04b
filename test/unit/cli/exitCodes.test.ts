import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { HomeportError } from '../../../src/core/base/errors.js';
import type { ErrorCode } from '../../../src/core/base/errors.js';
import type { SyncOutcome } from '../../../src/core/model/report.js';
import { combinedExitCode, exitCodeOfError, exitCodeOfResult } from '../../../src/cli/exitCodes.js';
import type { ExitCode } from '../../../src/cli/exitCodes.js';
import { asks, plan, runOver, session } from '../../support/memoryHome.js';

describe('exit codes', () => {
	it('have one for each error', () => {
		const of = (...codes: ErrorCode[]): ExitCode[] => codes.map((code) => exitCodeOfError(new HomeportError(code)));
		assert.deepStrictEqual(
			{
				usage: of('usage', 'session-unknown', 'session-ambiguous', 'operation-unknown'),
				refused: of('refused', 'blocked', 'confirmation-needed'),
				unreachable: of('session-unreachable', 'session-missing'),
				lock: of('lock-held'),
				interrupted: of('cancelled'),
				failed: of('git-failed', 'state-damaged', 'changed-meanwhile', 'not-supported', 'lock-lost', 'internal'),
				foreign: exitCodeOfError(new TypeError('x')),
			},
			{
				usage: [2, 2, 2, 2],
				refused: [3, 3, 3],
				unreachable: [4, 4],
				lock: [5],
				interrupted: [130],
				failed: [1, 1, 1, 1, 1, 1],
				foreign: 1,
			},
		);
	});

	it('of a result follow its outcome, and the error behind a failure', () => {
		const of = (outcome: SyncOutcome, code?: ErrorCode): ExitCode =>
			exitCodeOfResult({ outcome, error: code === undefined ? null : new HomeportError(code) });
		assert.deepStrictEqual(
			[
				of('synced'),
				of('up-to-date'),
				of('refused'),
				of('blocked'),
				of('failed'),
				of('unreachable'),
				of('failed', 'lock-held'),
				of('failed', 'cancelled'),
				of('failed', 'session-unreachable'),
				of('unreachable', 'timed-out'),
				of('failed', 'usage'),
				of('failed', 'refused'),
			],
			[0, 0, 3, 3, 1, 4, 5, 130, 4, 4, 1, 1],
		);
	});

	it('of several sessions are the first that occurs of 130, 1, 4, 5, 3, 0', () => {
		const rank: Readonly<Record<ExitCode, number>> = { 130: 0, 1: 1, 2: 1, 4: 2, 5: 3, 3: 4, 0: 5 };
		const ranked = [130, 1, 4, 5, 3, 0];
		fc.assert(
			fc.property(fc.array(fc.constantFrom<ExitCode>(0, 1, 2, 3, 4, 5, 130), { maxLength: 8 }), (codes) => {
				const expected = ranked[Math.min(5, ...codes.map((code) => rank[code]))];
				assert.equal(combinedExitCode(codes), expected);
			}),
			{ seed: 20_261_120, numRuns: 300 },
		);
	});

	it('of a sync of several sessions come from all of them, and one that fails stops no other', async () => {
		const sessions = ['ok', 'asking', 'away', 'broken', 'locked'].map((name) => session(name));
		const plans = {
			asking: plan(session('asking'), { warnings: asks }),
			away: new HomeportError('session-unreachable'),
			broken: new HomeportError('git-failed'),
			locked: new HomeportError('lock-held'),
		};
		const codeOf = async (...names: string[]): Promise<number> =>
			(await runOver({ sessions, plans }, ['sync', ...names])).code;
		assert.deepStrictEqual(
			[
				await codeOf('ok'),
				await codeOf('ok', 'asking'),
				await codeOf('asking', 'locked'),
				await codeOf('locked', 'away', 'ok'),
				await codeOf('asking', 'away', 'locked', 'broken', 'ok'),
			],
			[0, 3, 5, 4, 1],
		);
		const ran = await runOver({ sessions, plans }, ['sync', '--all', '--json']);
		const documents = ran.json() as { session: string; outcome: string; error?: { code: string } }[];
		assert.deepStrictEqual(
			documents.map(({ session, outcome, error }) => [session, outcome, error?.code]),
			[
				['local/ok', 'synced', undefined],
				['local/asking', 'refused', undefined],
				['local/away', 'unreachable', 'session-unreachable'],
				['local/broken', 'failed', 'git-failed'],
				['local/locked', 'failed', 'lock-held'],
			],
		);
	});

	it('are 130 once interrupted; sessions that were not begun are left', async () => {
		const interruption = new AbortController();
		const ran = await runOver(
			{ sessions: [session('a'), session('b')], onSync: () => interruption.abort() },
			['sync', 'a', 'b', '--json'],
			{ signal: interruption.signal },
		);
		const [document, ...others] = ran.json() as { session: string; error: { code: string } }[];
		assert.deepStrictEqual(
			[ran.code, document?.session, document?.error.code, others],
			[130, 'local/a', 'cancelled', []],
		);
	});

	it('are 130 too where the interruption came when all was done', async () => {
		assert.equal((await runOver({}, ['list'], { signal: AbortSignal.abort() })).code, 130);
	});
});
