import { strict as assert } from 'node:assert';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { openHome } from '../../src/core/homeport.js';
import { runCli } from '../../src/cli/program.js';
import { type EngineFixture, engineFixture } from '../support/engineFixture.js';

describe('syncing several sessions', function () {
	this.timeout(60_000);
	let fixture: EngineFixture;

	beforeEach(async () => {
		fixture = await engineFixture(async ({ home, git }) => {
			await git(home, 'config', 'user.name', 'Somebody');
			await git(home, 'config', 'user.email', 'somebody@example.org');
		});
		await fixture.git(fixture.folder, 'clone', '-q', fixture.home, join(fixture.folder, 'second'));
		await fixture.add('alpha', fixture.session);
		await fixture.add('beta', join(fixture.folder, 'second'));
	});

	afterEach(() => fixture.dispose());

	/** Runs the command line on a terminal where a person gives these answers. */
	const cli = async (argv: readonly string[], answers: string[]) => {
		const written = { out: '', err: '' };
		const questions: string[] = [];
		const code = await runCli(argv, {
			terminal: {
				env: fixture.env,
				cwd: fixture.home,
				interactive: true,
				stdoutIsTerminal: false,
				stderrIsTerminal: false,
				width: undefined,
				out: (text) => void (written.out += text),
				err: (text) => void (written.err += text),
				ask: async (question) => {
					questions.push(question);
					return answers.shift() ?? null;
				},
			},
			openHome,
			signal: new AbortController().signal,
			version: '0',
		});
		return { code, ...written, questions };
	};

	it('takes no yes for what an earlier session made of the plan', async () => {
		const { home, session, folder, commit, git } = fixture;
		const alpha = await commit(session, 'A1', { 'a.txt': 'a\n' });
		await commit(join(folder, 'second'), 'B1', { 'b.txt': 'b\n' });
		await commit(home, 'H1', { 'h.txt': 'h\n' });
		const ran = await cli(['sync', '--all', '--strategy', 'overwrite', '--json'], ['y', 'y', 'y', 'y']);
		const results = JSON.parse(ran.out) as { session: string; outcome: string }[];
		assert.deepStrictEqual(
			[ran.code, results.map(({ session, outcome }) => [session, outcome]), await git(home, 'rev-parse', 'main')],
			[
				3,
				[
					['local/alpha', 'synced'],
					['local/beta', 'refused'],
				],
				alpha,
			],
		);
		assert.ok(ran.questions.every((question) => question.includes('for 2 sessions (local/alpha, local/beta)')));
		assert.match(ran.err, /^local\/beta: its plan has changed since it was shown/m);
		assert.equal(new Set(ran.questions).size, ran.questions.length);
	});

	it('merges first what asks nothing, and lets no session stop another', async () => {
		const { home, session, folder, commit, git } = fixture;
		await commit(session, 'A1', { 'base.txt': 'alpha\n' });
		await commit(join(folder, 'second'), 'B1', { 'b.txt': 'b\n' });
		await git(folder, 'clone', '-q', home, join(folder, 'third'));
		await fixture.add('gamma', join(folder, 'third'));
		await rm(join(folder, 'third/.git/objects'), { recursive: true });
		await commit(home, 'H1', { 'base.txt': 'home\n' });
		const ran = await cli(['sync', 'gamma', 'alpha', 'beta', '--strategy', 'merge', '--json'], ['n']);
		const results = JSON.parse(ran.out) as { session: string; outcome: string }[];
		assert.deepStrictEqual(
			results.map(({ session, outcome }) => [session, outcome]),
			[
				['local/gamma', 'failed'],
				['local/alpha', 'refused'],
				['local/beta', 'synced'],
			],
		);
		assert.deepStrictEqual(ran.questions, ['Accept merge-conflict for 1 session (local/alpha)? [y/N] ']);
		assert.match(ran.err, /^no plan for local\/gamma: .*$\n^order: local\/beta, local\/alpha \(/m);
		assert.equal(ran.code, 1);
	});
});
