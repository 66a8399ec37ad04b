import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { judgeSuite, readReport } from './count.mjs';
import { temporaryRoot } from './temporary.mjs';

/**
 * Runs one suite in a process group of its own and returns what it counts for. `argv(report)` is its command line, told
 * where to write its counts. After `limitMs`, when `signal` is raised, and at the end, all that it started is ended.
 * With `sealed` it gets an empty HOME and a TMPDIR of its own, and can leave nothing behind in the user's.
 */
export async function runSuite({ name, argv, cwd, env, limitMs, sealed = false, output = 'inherit', signal }) {
	const folder = mkdtempSync(join(temporaryRoot(), 'hp-test-'));
	try {
		const report = join(folder, 'report.json');
		const [command, ...args] = argv(report);
		const options = { cwd, env: sealed ? seal(env, folder) : env, stdio: ['ignore', output, output], detached: true };
		const ending = await run(command, args, options, limitMs, signal);
		return judgeSuite(name, ending, readReport(report));
	} finally {
		removeAll(folder);
	}
}

/**
 * Runs test files two at a time, each in a process of its own, and returns what they count for together. A process that
 * has loaded all of them is so large that every git it starts costs many times as much. What a file says is printed when
 * it has ended.
 */
export async function runFiles({ name, ...common }, files, argv) {
	const waiting = [...files];
	const results = [];
	const work = async () => {
		for (let file = waiting.shift(); file !== undefined && !common.signal?.aborted; file = waiting.shift()) {
			results.push(await runAside({ ...common, name: file, argv: (report) => argv(file, report), sealed: true }));
		}
	};
	await Promise.all([work(), work()]);
	const sum = (key) => results.reduce((total, result) => total + result[key], 0);
	const problems = results.flatMap((result) => (result.problem === null ? [] : [`${result.name} ${result.problem}`]));
	return {
		name,
		passes: sum('passes'),
		failures: sum('failures'),
		pending: sum('pending'),
		failed: results.flatMap(({ name: file, failed }) => failed.map((text) => `${file}: ${text}`)),
		problem: problems.length === 0 ? null : problems.join('; '),
	};
}

/** Runs one suite beside others: what it says is printed when it has ended, with the time that it took. */
export async function runAside(suite) {
	const folder = mkdtempSync(join(temporaryRoot(), 'hp-said-'));
	const said = openSync(join(folder, 'output'), 'w+');
	const began = performance.now();
	const result = await runSuite({ ...suite, output: said });
	closeSync(said);
	const seconds = Math.round((performance.now() - began) / 1000);
	process.stdout.write(`${readFileSync(join(folder, 'output'), 'utf8')}${suite.name}: ${seconds} s\n`);
	removeAll(folder);
	return result;
}

function run(command, args, options, limitMs, signal) {
	return new Promise((resolve) => {
		let timedOut = false;
		const child = spawn(command, args, options);
		const end = () => endGroup(child.pid);
		const timer = setTimeout(() => {
			timedOut = true;
			end();
		}, limitMs);
		signal?.addEventListener('abort', end);
		const settle = (ending) => {
			clearTimeout(timer);
			signal?.removeEventListener('abort', end);
			end();
			resolve({ code: null, signal: null, timedOut, ...ending });
		};
		child.once('error', (error) => settle({ error }));
		child.once('exit', (code, killedBy) => settle({ code, signal: killedBy }));
	});
}

function endGroup(pid) {
	try {
		if (pid !== undefined) {
			process.kill(-pid, 'SIGKILL');
		}
	} catch {
		// Nobody is left in it.
	}
}

function seal(env, folder) {
	const home = join(folder, 'home');
	const temporary = join(folder, 'tmp');
	mkdirSync(home);
	mkdirSync(temporary);
	const kept = Object.entries(env).filter(([name]) => !/^(XDG_|GIT_)/.test(name));
	return { ...Object.fromEntries(kept), HOME: home, TMPDIR: temporary };
}

function removeAll(folder) {
	try {
		rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
	} catch (error) {
		process.stderr.write(`${folder} could not be removed: ${error.message}\n`);
	}
}
