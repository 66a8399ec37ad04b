import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Disposable } from '../../../../src/core/base/disposable.js';
import { createLocalBackend } from '../../../../src/core/backends/local/localBackend.js';
import type { LocalBackend } from '../../../../src/core/backends/local/localBackend.js';
import { registryPath } from '../../../../src/core/backends/local/registry.js';
import { isHomeportError } from '../../../../src/core/base/errors.js';
import type { Session } from '../../../../src/core/model/session.js';

describe('the local backend', function () {
	this.timeout(20_000);
	let folder: string;
	let home: string;
	let backend: LocalBackend;
	let env: NodeJS.ProcessEnv;

	const git = (...args: string[]): unknown => execFileSync('git', ['-c', 'init.defaultBranch=main', ...args]);
	const at = (...names: string[]): string => join(folder, ...names);
	const add = (name: string, path = at(name)): Promise<Session> => backend.add({ name, path, agent: 'claude', home });

	beforeEach(async () => {
		folder = await realpath(await mkdtemp(join(tmpdir(), 'homeport-local-')));
		home = at('home');
		env = { XDG_CONFIG_HOME: at('config'), PATH: process.env['PATH'] };
		backend = createLocalBackend({ env });
		git('init', '-q', home);
		git('-C', home, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '--allow-empty', '-m', 'x');
	});

	afterEach(async () => {
		await rm(folder, { recursive: true, force: true });
	});

	it('lists registered folders of every home, and what they are', async () => {
		git('clone', '-q', home, at('alpha'));
		git('-C', home, 'worktree', 'add', '-q', at('tree'));
		const added = [await add('alpha'), await add('tree')];
		const listed = await backend.list();
		const session = {
			id: 'local/alpha',
			name: 'alpha',
			backend: 'local',
			scope: '',
			agent: 'claude',
			state: 'running',
			reason: null,
			workspace: at('alpha'),
			gitDir: at('alpha', '.git'),
			storage: listed[0]?.storage,
			home,
			worktreeOfHome: false,
		};
		const wanted = [
			session,
			{
				...session,
				id: 'local/tree',
				name: 'tree',
				workspace: at('tree'),
				gitDir: join(home, '.git', 'worktrees', 'tree'),
				storage: listed[1]?.storage,
				worktreeOfHome: true,
			},
		];
		assert.deepStrictEqual([added, listed], [wanted, wanted]);
	});

	it('says of each folder what is wrong with it, and lists the others', async () => {
		const names = ['fine', 'gone', 'emptied', 'fifo', 'moved', 'redirected', 'tree'];
		for (const name of names) {
			git(...(name === 'tree' ? ['-C', home, 'worktree', 'add', '-q'] : ['clone', '-q', home]), at(name));
			await add(name);
		}
		await rm(at('gone'), { recursive: true });
		await rm(at('emptied', '.git'), { recursive: true });
		await rm(at('fifo', '.git'), { recursive: true });
		execFileSync('mkfifo', [at('fifo', '.git')]);
		await rename(at('moved'), at('elsewhere'));
		await symlink(at('elsewhere'), at('moved'));
		await rename(at('redirected', '.git'), at('redirected', 'other'));
		await writeFile(at('redirected', '.git'), `gitdir: ${join(home, '.git')}\n`);
		await rename(at('tree'), at('copy'));
		await symlink(at('copy'), at('tree'));
		const sessions = await backend.list();
		assert.deepStrictEqual(
			sessions.map(({ name, state, reason, gitDir }) => [name, state, reason === null, gitDir]),
			names.map((name, index) => [
				name,
				['running', 'missing', 'missing', 'error', 'error', 'error', 'error'][index],
				index === 0,
				name === 'tree' ? join(home, '.git', 'worktrees', 'tree') : at(name, '.git'),
			]),
		);
	});

	it('lists sessions of a home that is gone', async () => {
		git('clone', '-q', home, at('alpha'));
		await add('alpha');
		await rm(home, { recursive: true });
		assert.deepStrictEqual(
			(await backend.list()).map((session) => [session.state, session.home, session.worktreeOfHome]),
			[['running', home, false]],
		);
	});

	it('runs a command in the folder, and says where there is none', async () => {
		git('clone', '-q', home, at('alpha'));
		const session = await add('alpha');
		const stream = await backend.exec(session, ['git', 'rev-parse', '--show-toplevel']);
		const output = await text(stream.stdout);
		const status = await stream.status;
		await rm(at('alpha'), { recursive: true });
		await assert.rejects(backend.exec(session, ['true']), (error) => isHomeportError(error, 'session-missing'));
		assert.deepStrictEqual([output, status], [`${at('alpha')}\n`, { code: 0, signal: null }]);
	});

	it('fails to list a damaged registry once, and when cancelled', async () => {
		await mkdir(at('config', 'homeport'), { recursive: true });
		await writeFile(registryPath(env), '{"sessions":[{"name":"../x"}]}');
		await assert.rejects(backend.list(), (error) => isHomeportError(error, 'state-damaged'));
		await assert.rejects(backend.list(AbortSignal.abort()), (error) => isHomeportError(error, 'cancelled'));
		assert.deepStrictEqual(await backend.list(), []);
	});

	it('tells of sessions that come, change and go, and of nothing once disposed', async () => {
		git('clone', '-q', home, at('alpha'));
		git('clone', '-q', home, at('beta'));
		await add('alpha');
		const watching = await watch();
		const idle = await watch();
		idle.dispose();
		idle.dispose();
		await add('beta');
		await watching.heard(1);
		await writeFile(registryPath(env), '{ damaged');
		await watching.warned();
		await assert.rejects(backend.list(), (error) => isHomeportError(error, 'state-damaged'));
		await watching.heard(3);
		const witness = await watch();
		await backend.add({ name: 'alpha', path: at('alpha'), agent: 'codex', home });
		await watching.heard(4);
		await witness.heard(1);
		watching.dispose();
		await backend.remove('alpha');
		await witness.heard(2);
		witness.dispose();
		assert.deepStrictEqual(
			[watching.seen, idle.seen, witness.seen],
			[
				['added beta claude', 'removed alpha claude', 'removed beta claude', 'added alpha codex'],
				[],
				['added alpha codex', 'removed alpha codex'],
			],
		);
	});

	interface Watching extends Disposable {
		readonly seen: readonly string[];
		heard(count: number): Promise<void>;
		warned(): Promise<void>;
	}

	/** Watches, and has looked once when it returns. */
	async function watch(): Promise<Watching> {
		const seen: string[] = [];
		const events = new EventEmitter();
		const logged: string[] = [];
		const logger = {
			log: (level: string) => {
				logged.push(level);
				events.emit(level);
			},
		};
		const ready = once(events, 'debug');
		const watching = createLocalBackend({ env, logger }).watch((change) => {
			seen.push(`${change.kind} ${change.session.name} ${change.session.agent}`);
			events.emit('seen');
		});
		await ready;
		return {
			seen,
			heard: async (count) => {
				while (seen.length < count) {
					await once(events, 'seen');
				}
			},
			warned: async () => {
				while (!logged.includes('warn')) {
					await once(events, 'warn');
				}
			},
			dispose: () => watching.dispose(),
		};
	}
});
