import assert from 'node:assert/strict';
import { memoryHome, plan, runOver, session } from '../../support/memoryHome.js';
import type { MemoryState } from '../../support/memoryHome.js';
import { runCli } from '../../../src/cli/program.js';
import { HomeportError } from '../../../src/core/base/errors.js';
import { describedWarningCodes } from '../../../src/core/model/words.js';

const one: MemoryState = { sessions: [session('alpha')] };

async function failure(argv: readonly string[], state: MemoryState = one): Promise<unknown> {
	const ran = await runOver(state, [...argv, '--json']);
	const { error } = ran.json() as { error: { code: string } };
	return [ran.code, error.code, ran.calls.filter((call) => !call.startsWith('open'))];
}

describe('arguments of the command line', () => {
	it('that cannot be understood end with 2, and nothing is done', async () => {
		const wrong = [
			['nonsense'],
			['list', '--nonsense'],
			['sync'],
			['sync', 'alpha', '--all'],
			['rescue'],
			['plan'],
			['plan', 'alpha', 'beta'],
			['sync', 'alpha', '--strategy', 'nonsense'],
			['sync', 'alpha', '--direction', 'up'],
			['sync', 'alpha', '--on-conflict', 'nonsense'],
			['sync', 'alpha', '--reason', 'nonsense'],
			['sync', 'alpha', '--branch'],
			['sync', 'alpha', '--accept', ''],
			['sync', 'alpha', '--accept', 'runs-code,'],
			['list', '--wait', 'soon'],
			['list', '--wait', '-1'],
			['log', '--limit', '0'],
			['forget', 'alpha', '--before', 'yesterday'],
			['forget', 'alpha', '--path', 'a', '--before', '2026-01-01'],
			['add', 'alpha', '/work/alpha', '--dry-run'],
			['lock'],
			['sync', 'gamma'],
			['show', 'op-9'],
		];
		for (const argv of wrong) {
			const code = ['gamma', 'op-9'].includes(argv[1] ?? '') ? 'named' : 'usage';
			const [exit, error, calls] = (await failure(argv)) as [number, string, string[]];
			assert.deepStrictEqual([argv, exit, error === 'usage' ? 'usage' : 'named', calls], [argv, 2, code, []]);
		}
	});

	it('that accept a code of no command are told the codes of this one, before anything is done', async () => {
		const told = async (...argv: string[]): Promise<unknown> => {
			const ran = await runOver(one, argv);
			return [ran.code, ran.out, ran.calls, /The codes are: (.*)\.$/m.exec(ran.err)?.[1]];
		};
		const codes = describedWarningCodes.join(', ');
		assert.deepStrictEqual(
			[
				await told('sync', 'alpha', '--accept', 'overwrites-comits'),
				await told('sync', 'alpha', '--accept', 'runs-code,forget:alpha'),
				await told('plan', 'alpha', '--accept', 'tpyo'),
				await told('undo', '--accept', 'all'),
				await told('forget', 'alpha', '--accept', 'runs-code'),
				await told('forget', 'alpha', '--accept', 'forget'),
				await told('forget', 'alpha', '--accept', 'forget:'),
			],
			[codes, codes, codes, codes, 'forget:SESSION', 'forget:SESSION', 'forget:SESSION'].map((of) => [2, '', [], of]),
		);
		assert.equal((await runOver(one, ['sync', 'alpha', '--accept', codes])).code, 0);
	});

	it('that name more than one session end with 2 and list the candidates', async () => {
		const twins: MemoryState = {
			sessions: [session('alpha'), session('alpha', { id: 'container/podman/alpha', backend: 'container' })],
		};
		const ran = await runOver(twins, ['sync', 'alpha']);
		const json = (await runOver(twins, ['sync', 'alpha', '--json'])).json();
		assert.deepStrictEqual(
			[ran.code, ran.out, ['local/alpha', 'container/podman/alpha'].map((id) => ran.err.includes(id))],
			[2, '', [true, true]],
		);
		assert.deepStrictEqual((json as { error: { details: unknown } }).error.details, {
			session: 'alpha',
			candidates: ['local/alpha', 'container/podman/alpha'],
		});
		assert.equal((await runOver(twins, ['sync', 'container/podman/alpha'])).code, 0);
	});

	it('reach the home: folder and seconds for the lock, before and after the command', async () => {
		const opened = async (...argv: string[]): Promise<string | undefined> => (await runOver(one, argv)).calls[0];
		assert.deepStrictEqual(
			[
				await opened('list'),
				await opened('--repo', '/r', 'list', '--wait', '0'),
				await opened('lock', 'status', '--repo', '/r', '--wait', '2.5'),
			],
			['open /cwd 5', 'open /r 0', 'open /r 2.5'],
		);
	});

	it('of clusters are taken, and change nothing for folders', async () => {
		const ran = await runOver(one, [
			'list',
			'--all-contexts',
			'--any-home',
			'--kubeconfig=/k',
			'--context=c',
			'--namespace=n',
		]);
		assert.equal(ran.code, 0);
	});

	it('of a sync become the request', async () => {
		const requests: unknown[] = [];
		const home = memoryHome(one);
		for (const argv of [
			['sync', 'alpha'],
			['pull', 'alpha', '--strategy', 'overwrite', '--branch', 'main', '--from', 'work', '--reason', 'manual'],
		]) {
			await runCli(argv, {
				terminal: quiet,
				openHome: async () => ({
					...home,
					sync: async (of, request, decide) => {
						requests.push(request);
						await decide(plan(of));
						throw new HomeportError('cancelled');
					},
				}),
				signal: new AbortController().signal,
				version: '0',
			});
		}
		assert.deepStrictEqual(requests, [
			{ strategy: 'branch', direction: 'home', branch: null, from: null },
			{ strategy: 'overwrite', direction: 'home', branch: 'main', from: 'work' },
		]);
	});

	it('ask for help with 0, for the version with 0, and for nothing with 2', async () => {
		const help = await runOver({}, ['sync', '--help']);
		const version = await runOver({}, ['--version']);
		const nothing = await runOver({}, []);
		assert.deepStrictEqual(
			[help.code, help.out.includes('--strategy'), help.out.includes('--accept'), help.err],
			[0, true, true, ''],
		);
		assert.deepStrictEqual([version.code, version.out, nothing.code, nothing.out], [0, '1.2.3\n', 2, '']);
		assert.match(nothing.err, /Usage: homeport/);
	});
});

const quiet = {
	env: {},
	cwd: '/cwd',
	interactive: false,
	stdoutIsTerminal: false,
	stderrIsTerminal: false,
	width: undefined,
	out: () => undefined,
	err: () => undefined,
	ask: async () => null,
};
