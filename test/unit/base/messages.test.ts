import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { clusterWords } from '../../../src/core/base/clusterMessages.js';
import { HomeportError } from '../../../src/core/base/errors.js';
import type { ErrorCode } from '../../../src/core/base/errors.js';
import type { Face } from '../../../src/core/base/text.js';
import { describeError, describedErrorCodes } from '../../../src/core/base/messages.js';

describe('words for errors', () => {
	it('exist for every code of the union, and for no other', () => {
		const source = readFileSync('src/core/base/errors.ts', 'utf8');
		const unions = [...source.matchAll(/export type \w*ErrorCode =([^;]*);/g)].map((match) => match[1]).join('');
		const codes = [...unions.matchAll(/'([a-z-]+)'/g)].map((match) => match[1]!);
		assert.ok(codes.length > 20);
		assert.deepStrictEqual([...describedErrorCodes].sort(), codes.sort());
	});

	it('of clusters are explained one by one in docs/kubernetes.md', () => {
		const rows = [...readFileSync('docs/kubernetes.md', 'utf8').matchAll(/^\| `([a-z-]+)` +\| (.+?) +\| .+ \|$/gm)];
		assert.deepStrictEqual(rows.map(([, code = '']) => code).sort(), Object.keys(clusterWords).sort());
		for (const [, code, shown = ''] of rows) {
			const { message } = describeError(new HomeportError(code as ErrorCode, { path: '/k', folder: '/f' }), 'cli');
			let rest = message;
			for (const part of shown.split('…').map((one) => one.trim())) {
				assert.ok(rest.includes(part), `${message} is not: ${shown}`);
				rest = rest.slice(rest.indexOf(part) + part.length);
			}
		}
	});

	it('say what happened, what was kept and what to do, with the facts in them', () => {
		assert.deepStrictEqual(
			[
				new HomeportError('session-ambiguous', { name: 'alpha', candidates: ['local/alpha', 'x/alpha'] }),
				new HomeportError('usage', { what: 'The session has no branch "x"' }),
				new HomeportError('git-failed', { command: 'fetch', exitCode: 128, stderr: 'fatal: a\nfatal: b\n' }),
				new HomeportError('cancelled'),
				new TypeError('boom'),
			].map((error) => describeError(error, 'cli')),
			[
				{
					message: '"alpha" stands for more than one session: local/alpha, x/alpha.',
					next: 'Name the one that is meant in full, as `backend/scope/name`.',
				},
				{ message: 'The session has no branch "x".', next: 'See `homeport --help`.' },
				{
					message: 'git fetch failed (exit code 128): fatal: a; fatal: b',
					next: 'Put right what git names, then try again. What was fetched before is kept under refs/homeport.',
				},
				{ message: 'Cancelled. Nothing is half done, and what came home before is kept.', next: null },
				{
					message: 'Something went wrong inside Homeport: boom. What came home before is kept.',
					next: '`homeport doctor` shows the state of this home; please report this with what it prints.',
				},
			],
		);
	});

	it('of a git that is missing or old say whether it is that of the session', () => {
		const of = (code: ErrorCode, details: object): unknown =>
			describeError(new HomeportError(code, { ...details }), 'ui').message;
		assert.deepStrictEqual(
			[
				of('git-missing', { dir: '/x' }),
				of('git-missing', { reason: 'there is none' }),
				of('git-too-old', { found: '2.20', needed: '2.38' }),
				of('git-too-old', { reason: '2.20.1' }),
			],
			[
				'git could not be started. Nothing of yours was changed.',
				'git cannot be used in the session: there is none. Nothing of yours was changed.',
				'git 2.20 is too old: 2.38 or newer is needed. Nothing of yours was changed.',
				'git 2.20.1 in the session is too old: 2.31 or newer is needed there. Nothing of yours was changed.',
			],
		);
	});

	it('of a folder that cannot be added are about that folder, not about home', () => {
		const of = (code: ErrorCode, details: object): unknown =>
			describeError(new HomeportError(code, { ...details }), 'cli');
		assert.deepStrictEqual(
			[
				of('not-a-repository', { path: '/x', folder: '/x', reason: '/x is no folder' }),
				of('not-a-repository', { path: '/x' }),
				of('session-exists', { session: 'alpha', folder: '/x' }),
				of('session-exists', { session: 'alpha', folder: '/x', home: '/h' }),
				of('session-exists', { session: 'alpha', path: '/x' }),
			],
			[
				{
					message: 'This folder cannot be a session: /x is no folder. Nothing of yours was changed.',
					next: 'Name the top folder of the repository that the agent works in, or make one there with `git init`.',
				},
				{
					message: '/x is not inside a git repository.',
					next: 'Go to the repository that the work should come home to, or name it with `--repo DIR`.',
				},
				{
					message: '/x is the session "alpha" already. It was left as it is.',
					next: 'Use it by that name, or take it out of its home first, with `homeport remove alpha`.',
				},
				{
					message: '/x is the session "alpha" already, of the home /h. It was left as it is.',
					next: 'Use it by that name, or take it out of its home first, with `homeport remove alpha`.',
				},
				{
					message: 'There is a session "alpha" already, for /x. It was left as it is.',
					next: 'Choose another name, or take the old one out with `homeport remove alpha`.',
				},
			],
		);
	});

	it('name the session in commands where it is known, as one word of a shell', () => {
		const next = (code: ErrorCode, session: string): string =>
			describeError(new HomeportError(code, { session }), 'cli').next ?? '';
		const codes = ['session-unreachable', 'session-missing', 'session-damaged', 'refused'] as const;
		assert.deepStrictEqual(
			[...codes.map((code) => next(code, 'local/alpha')), next('confirmation-needed', 'alpha')].filter(
				(text) => text.includes('SESSION') || !text.includes('alpha'),
			),
			[],
		);
		assert.match(next('session-missing', 'a; b'), /`homeport remove 'a; b'`/);
		assert.match(describeError(new HomeportError('session-missing'), 'cli').next ?? '', /`homeport ledger SESSION`/);
	});

	it('name commands on the command line alone', () => {
		const named = (face: Face): string[] =>
			(describedErrorCodes as readonly ErrorCode[]).filter((code) => {
				const { message, next } = describeError(new HomeportError(code, { next: 'Use `--from`' }), face);
				return /`homeport |`--/.test(`${message} ${next ?? ''}`);
			});
		assert.ok(named('cli').length > 10);
		assert.deepStrictEqual(named('ui'), []);
	});

	it('never carry control characters, whatever the details are', () => {
		const code = fc.constantFrom(...(describedErrorCodes as readonly ErrorCode[]));
		const face = fc.constantFrom('cli' as const, 'ui' as const);
		const key = fc.constantFrom('what', 'reason', 'next', 'session', 'name', 'path', 'stderr', 'candidates', 'command');
		const hostile = fc.constantFrom('\u001b[31m', '\n', '\u202e', '$&', '{}', '\u0000', '`$(id)`');
		const value = fc.oneof(
			hostile,
			fc.string({ unit: 'binary' }),
			fc.array(fc.oneof(hostile, fc.string())),
			fc.anything(),
		);
		fc.assert(
			fc.property(code, face, fc.dictionary(key, value), (code, face, details) => {
				const { message, next } = describeError(new HomeportError(code, details), face);
				assert.match(message, /\S/);
				assert.doesNotMatch(`${message}${next ?? ''}`, /[\p{Cc}\u202a-\u202e]|undefined|\[object/u);
			}),
			{ seed: 20_260_101, numRuns: 300 },
		);
	});
});
