import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { pidState } from '../../src/core/base/process.js';

interface SuiteResult {
	readonly name: string;
	readonly passes: number;
	readonly failures: number;
	readonly pending: number;
	readonly failed: readonly string[];
	readonly problem: string | null;
}

interface Scripts {
	runSuite(options: {
		readonly name: string;
		readonly argv: (report: string) => readonly string[];
		readonly cwd: string;
		readonly env: NodeJS.ProcessEnv;
		readonly limitMs: number;
		readonly sealed?: boolean;
		readonly output?: 'inherit' | 'ignore';
		readonly signal?: AbortSignal;
	}): Promise<SuiteResult>;
	countLine(results: readonly SuiteResult[]): string;
}

const root = process.cwd();
const script = (name: string): Promise<unknown> => import(pathToFileURL(resolve(root, 'scripts', name)).href);

describe('test runner', () => {
	let folder: string;
	let scripts: Scripts;

	before(async () => {
		const [suite, count] = await Promise.all([script('suite.mjs'), script('count.mjs')]);
		scripts = { ...(suite as Scripts), ...(count as Scripts) };
	});

	beforeEach(async () => {
		folder = await mkdtemp(join(tmpdir(), 'homeport-runner-'));
	});

	afterEach(() => rm(folder, { recursive: true, force: true }));

	const run = (
		argv: (report: string) => readonly string[],
		more: { limitMs?: number; sealed?: boolean; signal?: AbortSignal } = {},
	): Promise<SuiteResult> =>
		scripts.runSuite({
			name: 'suite',
			argv,
			cwd: folder,
			env: process.env,
			limitMs: 60_000,
			output: 'ignore',
			...more,
		});
	const runNode = (source: string, more = {}): Promise<SuiteResult> =>
		run(() => [process.execPath, '-e', source], more);
	const runMocha = async (source: string): Promise<SuiteResult> => {
		const file = join(folder, 'a.test.js');
		await writeFile(file, source);
		return run((report) => [
			process.execPath,
			resolve(root, 'node_modules/mocha/bin/mocha.js'),
			'--no-config',
			'--reporter',
			resolve(root, 'scripts/countingReporter.cjs'),
			'--reporter-option',
			`report=${report}`,
			file,
		]);
	};

	// What failed is compared by its title alone; the rest is a stack.
	const shown = (suite: SuiteResult): SuiteResult => ({
		...suite,
		failed: suite.failed.map((text) => text.split('\n')[0] ?? ''),
	});
	const result = (
		passes: number,
		failures: number,
		pending: number,
		problem: string | null,
		failed: readonly string[] = [],
	): SuiteResult => ({
		name: 'suite',
		passes,
		failures,
		pending,
		failed,
		problem,
	});

	it('counts what passed, failed and was skipped, and says what failed', async () => {
		const source = `
			it('one', () => {}); it('two', () => {}); it.skip('three', () => {});
			it('four', () => { throw new Error('meant to fail'); });`;
		assert.deepStrictEqual(shown(await runMocha(source)), result(2, 1, 1, null, ['four']));
	});

	it('counts a hook that failed', async () => {
		const source = `describe('a', () => { before(() => { throw new Error('meant to fail'); }); it('b', () => {}); });`;
		assert.deepStrictEqual(shown(await runMocha(source)), result(0, 1, 0, null, ['a "before all" hook for "b"']));
	});

	it('takes a crash for a failure, and keeps what passed before it', async () => {
		const source = `it('one', () => {}); it('two', () => { process.kill(process.pid, 'SIGKILL'); return new Promise(() => {}); });`;
		assert.deepStrictEqual(await runMocha(source), result(1, 1, 0, 'was ended by SIGKILL'));
	});

	it('takes a test that ends the process for a failure', async () => {
		const source = `it('one', () => {}); it('two', () => process.exit(0)); it('three', () => {});`;
		assert.deepStrictEqual(await runMocha(source), result(1, 1, 0, 'ended before its tests did, with exit code 0'));
	});

	it('takes a suite without tests for a failure', async () => {
		assert.deepStrictEqual(await runMocha(''), result(0, 1, 0, 'ran no test'));
	});

	it('takes a file that does not load for a failure', async () => {
		assert.deepStrictEqual(
			await runMocha(`it('one', () => {}); throw new Error('meant to fail');`),
			result(0, 1, 0, 'reported nothing, and ended with exit code 1'),
		);
	});

	it('takes a failure that no test had for a failure', async () => {
		const report = JSON.stringify({ passes: 1, failures: 0, pending: 0 });
		const source = `fs.writeFileSync(process.argv[1], '${report}'); process.exit(3)`;
		assert.deepStrictEqual(
			await run((path) => [process.execPath, '-e', source, path]),
			result(1, 1, 0, 'ended with exit code 3 though no test failed'),
		);
	});

	it('believes no report that makes no sense', async () => {
		const reports = ['', '[]', '{"passes":1,"failures":-1,"pending":0}', '{"passes":"7","failures":0,"pending":0}'];
		const results = await Promise.all(
			reports.map((text) =>
				run((report) => [process.execPath, '-e', `fs.writeFileSync(process.argv[1], process.argv[2])`, report, text]),
			),
		);
		assert.deepStrictEqual(
			results,
			reports.map(() => result(0, 1, 0, 'reported nothing, and ended with exit code 0')),
		);
	});

	it('ends what hangs', async () => {
		assert.deepStrictEqual(
			await runNode('setInterval(() => {}, 1000)', { limitMs: 300 }),
			result(0, 1, 0, 'did not end in time'),
		);
	});

	it('ends what it is told to end', async () => {
		const controller = new AbortController();
		const running = runNode('setInterval(() => {}, 1000)', { signal: controller.signal });
		controller.abort();
		assert.deepStrictEqual(await running, result(0, 1, 0, 'was ended by SIGKILL'));
	});

	it('says what could not be started', async () => {
		const { problem } = await run(() => [join(folder, 'nothing')]);
		assert.match(problem ?? '', /^could not be started: .*ENOENT/);
	});

	it('leaves nothing running', async () => {
		const pidFile = join(folder, 'pid');
		await runNode(`
			const child = child_process.spawn('sleep', ['600'], { stdio: 'inherit' });
			child.unref();
			fs.writeFileSync(${JSON.stringify(pidFile)}, String(child.pid));`);
		const pid = Number(await readFile(pidFile, 'utf8'));
		while ((await pidState(pid, null)) === 'alive') {
			await readdir(folder);
		}
	});

	it('lets a sealed suite leave nothing behind', async () => {
		const seen = join(folder, 'seen');
		await mkdir(seen);
		await runNode(
			`const { HOME, TMPDIR, XDG_CONFIG_HOME = 'none' } = process.env;
			fs.writeFileSync(HOME + '/left', ''); fs.writeFileSync(os.tmpdir() + '/left', '');
			fs.writeFileSync(${JSON.stringify(join(seen, 'env'))}, [HOME, TMPDIR, XDG_CONFIG_HOME].join('\\n'));`,
			{ sealed: true },
		);
		const [home = '', temporary = '', config] = (await readFile(join(seen, 'env'), 'utf8')).split('\n');
		assert.ok(home !== process.env['HOME'] && temporary !== process.env['TMPDIR']);
		await assert.rejects(readdir(home), { code: 'ENOENT' });
		await assert.rejects(readdir(temporary), { code: 'ENOENT' });
		assert.deepStrictEqual(config, 'none');
	});

	it('prints the sum as its last line', () => {
		assert.deepStrictEqual(
			[
				scripts.countLine([]),
				scripts.countLine([result(3, 0, 0, null), result(4, 1, 0, 'x')]),
				scripts.countLine([result(3, 0, 2, null), result(0, 1, 0, 'x')]),
			],
			['0 passed, 0 failed', '7 passed, 1 failed', '3 passed, 1 failed, 2 skipped'],
		);
	});
});
