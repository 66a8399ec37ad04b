import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { isHomeportError } from '../../../src/core/base/errors.js';
import { type Homeport, openHome } from '../../../src/core/homeport.js';
import { type EngineFixture, engineFixture } from '../../support/engineFixture.js';
import { recordLongRun } from '../../support/longFigures.js';
import {
	acceptAll,
	doOperation,
	instantAt,
	type Measured,
	nothingRunsIn,
	type Operation,
	type OperationName,
	requestOf,
	runJob,
	startWorker,
	type Worker,
} from '../../support/killer.js';

const execFileAsync = promisify(execFile);
const isLong = process.env['HOMEPORT_LONG'] === '1';
const kills = isLong ? 500 : 25;
const operations: readonly OperationName[] = [
	'rescue',
	'create',
	'fast-forward',
	'overwrite',
	'merge',
	'exclude',
	'undo',
	'forget',
	'add',
	'push',
];

/** Branches, tags, HEAD, index and working tree of home and of the session, and whether the session is registered. */
interface State {
	readonly refs: string;
	readonly head: string;
	readonly index: string;
	readonly files: Readonly<Record<string, string>>;
	readonly registered: string;
	readonly session: string;
}

const refFormat = '%(refname) %(objectname) %(tree) %(parent)';

const numbered = (text: string): Record<string, string> =>
	Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`many/${index}.txt`, `${text} ${index}\n`]));

describe('a process killed at any instant', function () {
	this.timeout(0);

	for (const name of operations) {
		it(`${name}: leaves the old state or the new one, and the next command needs no help (${kills} kills)`, async () => {
			const fixture = await engineFixture(async ({ home, write }) => {
				await write(home, { ...numbered('old'), 'dirty.txt': 'clean\n', 'staged.txt': 'clean\n' });
			});
			try {
				const problems = await killOften(fixture, name);
				if (isLong) {
					recordLongRun({
						what: `kills of \`${name}\``,
						amount: kills,
						result: problems.length === 0 ? 'the old state or the new one, the next start clean' : 'failed',
					});
				}
				assert.deepStrictEqual(problems, []);
			} finally {
				await fixture.dispose();
			}
		});
	}

	for (const lock of [
		'packed-refs.lock',
		'refs/homeport/operations.lock',
		'refs/homeport/ledger/local/alpha.lock',
		'refs/homeport/sessions/local/alpha/heads/main.lock',
	]) {
		it(`a git killed before has left ${lock}: rescue, sync, undo and forget need no help`, async () => {
			const fixture = await engineFixture();
			try {
				const { home, session, homeport } = fixture;
				await fixture.commit(session, 'A1', { 'first.txt': 'first\n' });
				await fixture.add('alpha', session);
				const ended: string[] = [];
				for (const name of ['rescue', 'create', 'undo', 'forget'] as const) {
					const path = join(home, '.git', lock);
					mkdirSync(dirname(path), { recursive: true });
					writeFileSync(path, '');
					await doOperation(homeport, { name, session }).then(
						() => ended.push('done'),
						(error: unknown) => ended.push(`${name}: ${String(error)} ${JSON.stringify(error)}`),
					);
					rmSync(path, { force: true });
				}
				assert.deepStrictEqual(ended, ['done', 'done', 'done', 'done']);
			} finally {
				await fixture.dispose();
			}
		});
	}
});

async function killOften(fixture: EngineFixture, name: OperationName): Promise<string[]> {
	const { folder, home } = fixture;
	const env = { ...fixture.env, TMPDIR: join(folder, 'tmp'), NODE_COMPILE_CACHE: join(folder, 'compiled') };
	const operation: Operation = { name, session: fixture.session };
	mkdirSync(env.TMPDIR);
	await prepare(fixture, name);
	rmSync(join(home, '.git/hooks'), { recursive: true });
	mkdirSync(join(folder, 'template'));
	await execFileAsync('cp', ['-a', home, join(folder, 'user'), fixture.session, join(folder, 'template')]);
	const reset = async (): Promise<void> => {
		rmSync(home, { recursive: true });
		rmSync(join(folder, 'user'), { recursive: true });
		const parts = ['home', 'user'];
		if (name === 'push') {
			rmSync(fixture.session, { recursive: true });
			parts.push('session');
		}
		await execFileAsync('cp', ['-a', ...parts.map((part) => join(folder, 'template', part)), folder]);
	};
	const before = await stateOf(fixture);
	const ledger = await ledgerOf(fixture);
	const measured = await measure(fixture, env, operation);
	const known = { before, after: await stateOf(fixture), ledgers: [ledger, await ledgerOf(fixture)] };
	const problems: string[] = [];
	let next: Worker = startWorker(env);
	let cutOff = 0;
	for (let kill = 0; kill < kills; kill += 1) {
		const worker = next;
		await reset();
		const instant = instantAt(measured, (kill + 0.5) / kills, kill % 6 < 3);
		const ended = await runJob(worker, { repo: home, env, operation, kill: instant });
		cutOff += ended === null ? 1 : 0;
		next = startWorker(env);
		await nothingRunsInHome(fixture);
		const told = await examine(fixture, env, operation, known, kill % 3 === 0).catch((error: unknown) => [
			error instanceof Error ? `${String(error.stack)} ${JSON.stringify(error)}` : String(error),
		]);
		problems.push(...told.map((problem) => `kill ${kill} ${JSON.stringify(instant)}: ${problem}`));
	}
	next.child.kill('SIGKILL');
	assert.ok(cutOff > 0, 'no kill came before the end of the operation');
	return problems;
}

/** Brings home and session into the state that the operation starts from. */
async function prepare(fixture: EngineFixture, name: OperationName): Promise<void> {
	const { home, session } = fixture;
	await fixture.git(home, 'branch', 'other');
	await fixture.git(home, 'tag', 'tagged');
	await fixture.git(session, 'rm', '-q', '-r', 'many');
	const first = await fixture.commit(session, 'A1', { 'first.txt': 'first\n' });
	if (name !== 'add') {
		await fixture.add('alpha', session);
	}
	const alpha = name === 'add' ? null : await fixture.homeport.find('alpha');
	if (name === 'push') {
		await fixture.git(home, 'fetch', '-q', session, 'main');
		await fixture.git(home, 'merge', '-q', '--ff-only', 'FETCH_HEAD');
		await fixture.commit(home, 'H1', numbered('pushed'));
		return;
	}
	if (name === 'fast-forward') {
		await fixture.homeport.rescue(alpha!);
		await fixture.git(home, 'switch', '-q', '-c', 'claude/alpha', first);
	}
	const news = Object.fromEntries(Object.entries(numbered('new')).map(([path, text]) => [`new/${path}`, text]));
	await fixture.commit(session, 'A2', { ...news, 'base.txt': 'theirs\n' });
	await fixture.write(session, { 'work.txt': 'not committed\n' });
	if (name === 'merge') {
		await fixture.git(home, 'config', 'user.name', 'User');
		await fixture.git(home, 'config', 'user.email', 'user@localhost');
		await fixture.commit(home, 'H1', { 'home.txt': 'home\n' });
	}
	await fixture.write(home, { 'dirty.txt': 'mine\n', 'staged.txt': 'mine\n', 'untracked/own.txt': 'mine\n' });
	await fixture.git(home, 'add', 'staged.txt');
	if (alpha !== null && name !== 'rescue') {
		await fixture.homeport.rescue(alpha);
	}
	if (name === 'undo' || name === 'forget') {
		await fixture.homeport.sync(alpha!, requestOf(name), acceptAll);
	}
	if (name === 'forget') {
		await fixture.homeport.undo(null, { accepted: [] });
	}
}

async function measure(fixture: EngineFixture, env: NodeJS.ProcessEnv, operation: Operation): Promise<Measured> {
	const measured = await runJob(startWorker(env), { repo: fixture.home, env, operation, kill: null });
	await nothingRunsInHome(fixture);
	return measured!;
}

async function nothingRunsInHome({ folder }: EngineFixture): Promise<void> {
	await nothingRunsIn(`${folder}/`);
}

async function examine(
	fixture: EngineFixture,
	env: NodeJS.ProcessEnv,
	operation: Operation,
	known: { before: State; after: State; ledgers: readonly string[] },
	bySync: boolean,
): Promise<string[]> {
	age(join(fixture.folder, 'user'));
	const { name } = operation;
	const problems: string[] = [];
	const expect = async (what: string, ...states: readonly State[]): Promise<void> => {
		const found = await stateOf(fixture);
		if (!states.some((state) => sameText(state, found))) {
			problems.push(`${what}: ${difference(states[0]!, found)}`);
		}
	};
	const homeport = await openHome({ repo: fixture.home, env });
	if (name === 'add') {
		await expect('before the next command', known.before, known.after);
		await addAgain(homeport, operation);
		await expect('after adding again', known.after);
	} else if (name === 'rescue' || name === 'forget') {
		await expect('before the next command', known.before);
		const ledger = await ledgerOf(fixture);
		const whole = known.ledgers[0] === ledger || known.ledgers[1] === ledger || (name === 'rescue' && ledger !== '');
		problems.push(...(whole ? [] : [`the ledger is neither the old one nor the new one: ${ledger}`]));
	}
	if (bySync && name === 'forget') {
		await homeport.forget('local/alpha', {}, 'alpha').catch((error: unknown) => {
			assert.ok(isHomeportError(error, 'session-unknown'), String(error));
		});
		problems.push(...((await ledgerOf(fixture)) === '' ? [] : ['the ledger was not forgotten']));
	} else if (bySync && name !== 'add') {
		const again: OperationName = name === 'undo' ? 'overwrite' : name;
		await doOperation(homeport, { ...operation, name: again });
		await expect('after the same sync', name === 'undo' ? known.before : known.after);
	} else if (name !== 'add') {
		const planned = await undoAll(homeport, true);
		await expect('after the recovery', known.before, known.after);
		if (name !== 'rescue' && name !== 'forget') {
			assert.equal(await undoAll(homeport, false), planned);
			await expect('after the undo', name === 'undo' ? known.after : known.before);
		}
	}
	const fsck = await execFileAsync('git', ['fsck', '--connectivity-only', '--no-dangling', '--no-progress'], {
		cwd: fixture.home,
		env: fixture.env,
	}).catch((error: unknown) => ({ stdout: '', stderr: String(error) }));
	problems.push(...[fsck.stdout, fsck.stderr].filter((text) => text !== '').map((text) => `fsck: ${text}`));
	const left = [
		...leftovers(fixture.folder, 'home'),
		// Only a look at the session meets what a look left there.
		...(bySync && name !== 'forget' ? leftovers(fixture.folder, 'user').filter(isNotOfManifest) : []),
	];
	return left.length === 0 ? problems : [...problems, `left behind: ${left.join(', ')}`];
}

async function addAgain(homeport: Homeport, operation: Operation): Promise<void> {
	await doOperation(homeport, operation).catch((error: unknown) => {
		assert.ok(isHomeportError(error, 'session-exists'), String(error));
	});
	const synced = await homeport.rescue(await homeport.find('alpha'));
	assert.deepStrictEqual({ outcome: synced.outcome, error: synced.error }, { outcome: 'synced', error: null });
}

async function undoAll(homeport: Homeport, dryRun: boolean): Promise<string> {
	return homeport.undo(null, { accepted: [], dryRun }).then(
		({ undoes, outcome }) => {
			assert.equal(outcome, dryRun ? 'planned' : 'done');
			return undoes;
		},
		(error: unknown) => {
			assert.ok(isHomeportError(error, 'nothing-to-undo'), String(error));
			return '';
		},
	);
}

async function stateOf({ folder, home, session, git }: EngineFixture): Promise<State> {
	const [refs, index, sessionRefs, sessionIndex] = await Promise.all([
		git(home, 'for-each-ref', `--format=${refFormat}`, 'refs/heads', 'refs/tags', 'refs/stash'),
		git(home, 'ls-files', '-s'),
		git(session, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads'),
		git(session, 'ls-files', '-s'),
	]);
	const registry = join(folder, 'user/config/homeport/sessions.json');
	return {
		// A merge commit has the time at which it was made.
		refs: refs.replace(/ [0-9a-f]+ (?=[0-9a-f]+ [0-9a-f]+ [0-9a-f]+$)/gm, ' '),
		index,
		session: JSON.stringify([sessionRefs, sessionIndex, filesOf(session)]),
		head: readFileSync(join(home, '.git/HEAD'), 'utf8'),
		files: filesOf(home),
		registered: existsSync(registry) ? readFileSync(registry, 'utf8').replace(/"addedAt": ".*"/, '') : '',
	};
}

function filesOf(folder: string): Record<string, string> {
	return Object.fromEntries(
		walk(folder)
			.filter((path) => !/^(?:\.git|\.claude\/sync)\//.test(relative(folder, path)))
			.map((path) => [relative(folder, path), readFileSync(path, 'utf8')]),
	);
}

async function ledgerOf({ home, git }: EngineFixture): Promise<string> {
	return git(home, 'for-each-ref', '--format=%(objectname)', 'refs/homeport/ledger');
}

function walk(folder: string): string[] {
	return readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => !entry.isDirectory())
		.map((entry) => join(entry.parentPath, entry.name))
		.sort();
}

function leftovers(folder: string, part: string): string[] {
	return readdirSync(join(folder, part), { recursive: true, withFileTypes: true })
		.map((entry) => relative(folder, join(entry.parentPath, entry.name)))
		.filter((path) =>
			// Objects that git did not finish are for its own gc to remove.
			/\.lock(?:\.json|\.claim-[0-9-]+)?$|pack\/tmp_|\.keep$|\.new-|\/quarantine\/|\/index-\d|\.homeport-\d+|\/run\./.test(
				path,
			),
		);
}

// A sync that finds all at home already writes no manifest; who writes the next one takes the lock over and
// sweeps.
function isNotOfManifest(path: string): boolean {
	return !/sync-manifest\.json\.(?:lock|new-)/.test(path);
}

// A lock of a state file is stale after ten seconds, a capture's folder after two hours; they need not be waited for.
function age(folder: string): void {
	for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
		if (entry.isDirectory() && /\.lock$|^run\./.test(entry.name)) {
			const path = join(entry.parentPath, entry.name);
			const old = statSync(path).mtimeMs / 1000 - 3 * 3600;
			utimesSync(path, old, old);
		}
	}
}

function sameText(one: State, other: State): boolean {
	return JSON.stringify(one) === JSON.stringify(other);
}

function difference(expected: State, found: State): string {
	try {
		assert.deepStrictEqual(found, expected);
		return '';
	} catch (error) {
		return error instanceof Error ? error.message.slice(0, 400) : String(error);
	}
}
